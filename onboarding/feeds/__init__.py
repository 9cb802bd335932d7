"""Figures for programs of other bodies: one table of rows, a small writer for each format, and what is pushed to whom.

Nothing here counts: every number is one of `onboarding.figures.published`.
"""
