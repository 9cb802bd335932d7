"""Administrative units, valid in time, and the offices that receive applications."""

from identity.places.loading import load_units
from identity.places.offices import Office, OfficeKind, office_of_home, offices_for
from identity.places.reach import Reach, in_reach, reached
from identity.places.units import (
    Unit,
    UnitDesignation,
    UnitKind,
    UnitSuccession,
    UnitType,
    ancestors,
    find_units,
    line_of,
    successors,
    type_on,
    unit_by_code,
    units_within,
)

__all__ = [
    "Office",
    "OfficeKind",
    "Reach",
    "Unit",
    "UnitDesignation",
    "UnitKind",
    "UnitSuccession",
    "UnitType",
    "ancestors",
    "find_units",
    "in_reach",
    "line_of",
    "load_units",
    "office_of_home",
    "offices_for",
    "reached",
    "successors",
    "type_on",
    "unit_by_code",
    "units_within",
]
