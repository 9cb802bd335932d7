"""Sheets of paper: the same template is a page to print in the browser and, where Pango is at hand, a PDF.

`paper` is the answer of a view, `press` the program that sets the type. The press is a process of its own for each
sheet: the portal stays small, and what goes wrong with type never takes a request handler with it.
"""
