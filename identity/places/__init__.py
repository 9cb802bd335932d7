"""Administrative units, valid in time, and the offices that receive applications."""

from identity.places.loading import load_units, made_of
from identity.places.offices import Office, OfficeKind, office_of_home, offices_for
from identity.places.reach import COUNTRY, Reach, in_reach, reached
from identity.places.search import find_unit, find_units
from identity.places.units import (
    Unit,
    UnitDesignation,
    UnitKind,
    UnitSuccession,
    UnitType,
    ancestors,
    line_of,
    successors,
    type_on,
    unit_by_code,
    units_within,
)

__all__ = [
    "COUNTRY",
    "Office",
    "OfficeKind",
    "Reach",
    "Unit",
    "UnitDesignation",
    "UnitKind",
    "UnitSuccession",
    "UnitType",
    "ancestors",
    "find_unit",
    "find_units",
    "in_reach",
    "line_of",
    "load_units",
    "made_of",
    "office_of_home",
    "offices_for",
    "reached",
    "successors",
    "type_on",
    "unit_by_code",
    "units_within",
]
