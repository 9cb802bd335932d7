"""Units and offices as the reader calls them."""

from __future__ import annotations

from typing import Any

from identity.places import Office
from identity.places.units import title_of
from portal.language import of_two


def unit_title(unit: Any) -> str:
    """The official name with its type, of a unit or of a row with its `type` and `name`."""
    return title_of(unit, in_english=of_two() == "en")


def office_name(office: Office) -> str:
    """As the sign at the door says it, or in English."""
    return office.name if of_two() == "vi" else office.english_name
