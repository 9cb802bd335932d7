"""The pages of the office, one file each; importing them puts them on the blueprint."""

from portal.office import (
    appeals,
    appointments,
    calendar,
    case,
    complaints,
    counter,
    decision,
    files,
    queue,
    recovery,
    refused,
    slip,
    steps,
    supplement,
)

__all__ = [
    "appeals",
    "appointments",
    "calendar",
    "case",
    "complaints",
    "counter",
    "decision",
    "files",
    "queue",
    "recovery",
    "refused",
    "slip",
    "steps",
    "supplement",
]
