"""Warnings: what looks odd in the figures, each with an owner and a last day; resolved by a lesson or a correction."""

from onboarding.warnings.model import DATA_KINDS, FigureWarning, FigureWarningStep, Kind, State, Step
from onboarding.warnings.reading import (
    Warning,
    count_open,
    count_seen,
    get_warning,
    lessons_of,
    open_warnings,
    warnings_seen,
)

__all__ = [
    "DATA_KINDS",
    "FigureWarning",
    "FigureWarningStep",
    "Kind",
    "State",
    "Step",
    "Warning",
    "count_open",
    "count_seen",
    "get_warning",
    "lessons_of",
    "open_warnings",
    "warnings_seen",
]
