"""What stands inside a detail of the copy of one's data, and what of a row is for the file alone."""

from __future__ import annotations

from typing import Any

from portal.language import _l
from portal.words.copy_names import COLUMNS

IN_A_DETAIL: dict[str, Any] = {
    "document_number": _l("Number of the paper"),
    "passport_number": _l("Passport number"),
    "residence_card": _l("Residence card number"),
    "guardianship_until": _l("Guardianship until"),
    "earlier_number": _l("Earlier number"),
    "unit_code": _l("Code of the commune"),
    "card_number": _l("Identity card number"),
    "card_issued_on": _l("Identity card issued on"),
    "card_expires_on": _l("Identity card valid until"),
    "passport_expires_on": _l("Passport valid until"),
    "residence_kind": _l("Kind of residence card"),
    "residence_category": _l("Category of residence"),
    "residence_expires_on": _l("Residence card valid until"),
    "has_biometrics": _l("Face and fingerprints held"),
    "is_dead": _l("Recorded as dead"),
    "guardian_number": _l("Number of the guardian"),
    "reasons": _l("Reasons"),
    "language": _l("Language"),
    "title": _l("Title"),
    "label": _l("Title"),
    "lasts": _l("How long it lasts"),
    "host": _l("Address of the site"),
    "days": _l("Days"),
    "day": _l("Day"),
    "office": _l("Office"),
    "count": _l("How many"),
    "by": _l("How"),
    "way": _l("Way"),
    "ways": _l("Ways"),
    "part": _l("Part"),
    "items": _l("Items"),
    "client": _l("Service"),
    "changed": _l("What changed"),
    "stage": _l("Which step"),
    "step": _l("Which step"),
    "desk": _l("Desk"),
    "role": _l("Role"),
    "files": _l("Pictures"),
    "error": _l("What went wrong"),
    "phone_changed": _l("Phone changed"),
    "until_on": _l("Until"),
    "until_at": _l("Until"),
    "citizen_card": _l("Identity card"),
    "passport": _l("Passport"),
    "guardianship": _l("Guardianship"),
    **COLUMNS,
}
"""What stands inside a detail that has parts (what was typed, what the register answered, what a message said)."""
FILE_ONLY = frozenset(
    {
        "aal", "acr", "attempts", "audience", "binding", "bound_to", "code_challenge", "code_expires_at",
        "code_used_at", "content", "dpop_jkt", "full_name_folded", "gave_up_at", "generation", "id", "lane",
        "last_error", "leased_until", "linked_to", "nonce", "open_for", "photo", "redirect_uri", "resources", "seat",
        "sector", "sign_count", "status_index", "supersedes", "transports",
    }
)  # fmt: skip
"""How the portal works inside, of no use to a reader; and pictures."""


def is_pointer(column: str) -> bool:
    """Whether it only says which other row a row belongs to; of people the page says "you" or "staff"."""
    return column.endswith("_id") and column not in COLUMNS
