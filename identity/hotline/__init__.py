"""The hotline desk: an agent finds one case, verifies the caller by rule, and does the few things a call may do."""
