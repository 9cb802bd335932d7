"""The papers that were certified once and are kept, so that nobody has to bring or type them again.

A paper counts as long as the evidence that rests on it; a new application takes its values from here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from identity.deadlines import today_in_vietnam
from identity.evidence import evidence_of
from identity.person import DocumentKind, Person, documents_of

EVIDENCE_OF = {
    DocumentKind.CITIZEN_CARD: "citizen-card",
    DocumentKind.PASSPORT: "passport",
    DocumentKind.RESIDENCE_CARD: "residence-card",
}


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper. `certified_at` is when it last became evidence; None when it was noted and never certified."""

    kind: str
    number: str
    issued_by: str
    expires_on: date | None
    certified_at: datetime | None
    is_valid: bool


def certified_papers(db: Session, person_id: UUID, *, now: datetime) -> list[Paper]:
    """Every paper that is kept, those that still count first, the newest first."""
    proofs = evidence_of(db, person_id)
    today, papers = today_in_vietnam(now), []
    for paper in documents_of(db, person_id):
        kind = EVIDENCE_OF.get(DocumentKind(paper.kind), paper.kind)
        dates = [proof.obtained_at for proof in proofs if proof.kind == kind and proof.obtained_at >= paper.added_at]
        ends = paper.expires_on
        valid = ends is None or ends >= today
        papers.append(Paper(paper.kind, paper.number or "", paper.issued_by, ends, max(dates, default=None), valid))
    return sorted(papers, key=lambda paper: paper.is_valid, reverse=True)


def known_values(db: Session, person_id: UUID, *, now: datetime) -> dict[str, str]:
    """What a new application of this person need not ask again: values of the person and of papers that still count.

    Names: full_name, birth_date (ISO), personal_number, phone, email, and for each paper its kind with `_number`.
    """
    person = db.get_one(Person, person_id)
    values = {
        "full_name": person.full_name,
        "birth_date": person.birth_date.isoformat() if person.birth_date else None,
        "personal_number": person.personal_number,
        "phone": person.phone,
        "email": person.email,
        "nationality": person.nationality,
    }
    for paper in reversed(certified_papers(db, person_id, now=now)):
        if paper.is_valid:
            values[f"{paper.kind}_number"] = paper.number
    return {name: value for name, value in values.items() if value}
