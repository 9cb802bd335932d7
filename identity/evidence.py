"""What proves who someone is: what, how strong, since when, until when, and by whom (architecture, invariant 4)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from identity.base import Base, Keyed
from identity.deadlines import end_of_day, today_in_vietnam
from identity.sealed import Sealed
from identity.writing import write_rows


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
    """One proof. Never changed: a renewed document is a new row, and one that turned out to be none ends, as does a
    visit by which nobody saw who holds the account now."""

    __tablename__ = "evidence"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    strength: Mapped[str] = mapped_column(String(10))
    obtained_at: Mapped[datetime]
    ends_on_sealed: Mapped[bytes | None]
    """The last day of the document behind it: sealed, because a citizen's card ends on a birthday."""
    by_account_id: Mapped[UUID | None]
    """The officer who obtained it; none when a register answered by itself."""
    application_id: Mapped[UUID | None]

    ends_on = Sealed(date)

    @property
    def expires_at(self) -> datetime | None:
        """The end of its last day in Vietnam; None for a proof that does not end."""
        return None if self.ends_on is None else end_of_day(self.ends_on)


class Proof(NamedTuple):
    """What is added: of which kind, until which day, and by which officer."""

    kind: EvidenceKind
    ends_on: date | None = None
    by_account_id: UUID | None = None


def add_evidence(
    db: Session, person_id: UUID, kind: EvidenceKind, *, now: datetime, ends_on: date | None = None
) -> None:
    """Add a proof; its strength follows from its kind."""
    add_proofs(db, person_id, [Proof(kind, ends_on)], now=now)


def add_proofs(
    db: Session, person_id: UUID, proofs: Iterable[Proof], *, now: datetime, application_id: UUID | None = None
) -> None:
    """Add what one application, if it was one, proved."""
    rows = [
        (
            Evidence(
                person_id=person_id,
                kind=proof.kind.value,
                strength=STRENGTH[proof.kind].value,
                obtained_at=now,
                by_account_id=proof.by_account_id,
                application_id=application_id,
            ),
            {"ends_on": proof.ends_on},
        )
        for proof in proofs
    ]
    write_rows(db, rows)


def evidence_of(db: Session, person_id: UUID) -> list[Evidence]:
    """Every proof about the person, the oldest first."""
    return list(db.scalars(select(Evidence).where(Evidence.person_id == person_id).order_by(Evidence.obtained_at)))


def end_evidence(
    db: Session, person_id: UUID, kind: EvidenceKind, application_id: UUID | None = None, *, now: datetime
) -> None:
    """What this application proved, or every one, is no proof any more: it ended before today."""
    yesterday = today_in_vietnam(now) - timedelta(days=1)
    for one in evidence_of(db, person_id):
        if one.kind == kind and application_id in (None, one.application_id):
            one.ends_on = yesterday
