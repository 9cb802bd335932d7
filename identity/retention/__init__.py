"""What is kept how long, and purging what is over (dated rules; the report says what went, how many and when)."""
