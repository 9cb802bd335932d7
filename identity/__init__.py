"""Who someone is, how sure we are, what they may do, and whom we may tell. Knows no web."""
