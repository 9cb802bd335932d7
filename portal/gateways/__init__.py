"""Real implementations of what is outside us."""
