"""The papers that were certified once and are kept, so that nobody has to bring or type them again.

A paper counts as long as the evidence that rests on it, and until a newer one of its kind is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from identity.deadlines import today_in_vietnam
from identity.evidence import evidence_of
from identity.person import DocumentKind, documents_of

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
    is_replaced: bool
    """A newer one of its kind is kept: this one counts no more, whatever its last day."""
    is_valid: bool


def certified_papers(db: Session, person_id: UUID, *, now: datetime) -> list[Paper]:
    """Every paper that is kept, those that still count first, the newest first."""
    proofs, today = evidence_of(db, person_id), today_in_vietnam(now)
    papers: list[Paper] = []
    newer: dict[str, datetime] = {}
    for paper in reversed(documents_of(db, person_id)):
        replaced_at = newer.get(paper.kind)
        newer[paper.kind] = paper.added_at
        kind = EVIDENCE_OF.get(DocumentKind(paper.kind), paper.kind)
        dates = [
            proof.obtained_at
            for proof in proofs
            if proof.kind == kind
            and proof.obtained_at >= paper.added_at
            and (replaced_at is None or proof.obtained_at < replaced_at)
        ]
        ends, is_replaced = paper.expires_on, replaced_at is not None
        valid = not is_replaced and (ends is None or ends >= today)
        certified_at = max(dates, default=None)
        papers.append(Paper(paper.kind, paper.number or "", paper.issued_by, ends, certified_at, is_replaced, valid))
    return sorted(papers, key=lambda paper: paper.is_valid, reverse=True)
