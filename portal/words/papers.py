"""What the papers of a person are called."""

from __future__ import annotations

from typing import Any

from identity.person import DocumentKind
from portal.language import _l

PAPERS: dict[str, Any] = {
    DocumentKind.CITIZEN_CARD: _l("Identity card"),
    DocumentKind.PASSPORT: _l("Passport"),
    DocumentKind.RESIDENCE_CARD: _l("Residence card"),
}
