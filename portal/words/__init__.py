"""What codes of the domain are called on pages of more slices than one; a slice keeps its own in `words.py`."""
