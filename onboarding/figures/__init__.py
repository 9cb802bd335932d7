"""Indicators: what is counted, for which time and place, and how much of it may be published."""
