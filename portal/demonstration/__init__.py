"""Separate processes that play the outside world in a demonstration. They import nothing of ours."""
