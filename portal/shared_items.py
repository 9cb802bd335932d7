"""How the items that a person may share are called, on the consent page and in the account."""

from __future__ import annotations

from typing import Any

from portal.language import _l

ITEM_NAMES: dict[str, Any] = {
    "name": _l("Full name"),
    "birthdate": _l("Date of birth"),
    "nationality": _l("Nationality"),
    "identity_number": _l("Identification number"),
    "ial": _l("Result of verification"),
    "phone_number": _l("Phone number"),
    "address": _l("Registered address"),
    "offline_access": _l("Stay connected"),
}
