"""The pages of the office, one file each; importing them puts them on the blueprint."""

from portal.office import (
    appointments,
    case,
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
    "appointments",
    "case",
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
