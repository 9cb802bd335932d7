"""Relying parties that others wrote (npm): certified clients in Node, a client of the browser in Chromium."""
