"""What proves who someone is: what, how strong, since when, until when, and by whom (architecture, invariant 4)."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from identity.base import Base, Keyed


class EvidenceKind(StrEnum):
    """Every sort of proof there is."""

    REGISTER = "register"
    """The population or immigration register confirmed the data."""
    CITIZEN_CARD = "citizen-card"
    PASSPORT = "passport"
    RESIDENCE_CARD = "residence-card"
    IN_PERSON = "in-person"
    """The person stood before an officer with the document."""
    BIOMETRICS = "biometrics"
    """Portrait and fingerprints matched with the register."""


class Strength(StrEnum):
    """How much a proof carries."""

    FAIR = "fair"
    STRONG = "strong"
    SUPERIOR = "superior"


STRENGTH = {
    EvidenceKind.REGISTER: Strength.STRONG,
    EvidenceKind.CITIZEN_CARD: Strength.STRONG,
    EvidenceKind.PASSPORT: Strength.STRONG,
    EvidenceKind.RESIDENCE_CARD: Strength.FAIR,
    EvidenceKind.IN_PERSON: Strength.STRONG,
    EvidenceKind.BIOMETRICS: Strength.SUPERIOR,
}


class Evidence(Keyed, Base):
    """One proof. Never changed: a renewed document is a new row."""

    __tablename__ = "evidence"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    strength: Mapped[str] = mapped_column(String(10))
    obtained_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    by_account_id: Mapped[UUID | None]
    """The officer who obtained it; none when a register answered by itself."""
    application_id: Mapped[UUID | None]


def add_evidence(
    db: Session,
    person_id: UUID,
    kind: EvidenceKind,
    *,
    now: datetime,
    expires_at: datetime | None = None,
    by_account_id: UUID | None = None,
    application_id: UUID | None = None,
) -> Evidence:
    """Add a proof; its strength follows from its kind."""
    evidence = Evidence(
        person_id=person_id,
        kind=kind.value,
        strength=STRENGTH[kind].value,
        obtained_at=now,
        expires_at=expires_at,
        by_account_id=by_account_id,
        application_id=application_id,
    )
    db.add(evidence)
    return evidence


def evidence_of(db: Session, person_id: UUID) -> list[Evidence]:
    """Every proof about the person, the oldest first."""
    return list(db.scalars(select(Evidence).where(Evidence.person_id == person_id).order_by(Evidence.obtained_at)))
