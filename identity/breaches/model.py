"""The breach register: what happened to personal data, to how many, what was done, who was told when.

Law 91/2025/QH15 Art. 23, Decree 356/2025/ND-CP Art. 28-29: the authority within 72 hours of finding it (form 08); the
people too where biometric or location data are concerned; the file is kept for at least 5 years.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from identity.base import Base, Keyed
from identity.sealed import Sealed


class Category(StrEnum):
    """Kinds of personal data, as the law weighs them."""

    NAME = "name"
    NUMBER = "number"
    CONTACT = "contact"
    DOCUMENT = "document"
    PORTRAIT = "portrait"
    BIOMETRIC = "biometric"
    LOCATION = "location"
    SIGN_IN = "sign-in"
    USE = "use"


PEOPLE_MUST_KNOW = frozenset({Category.BIOMETRIC, Category.LOCATION})
"""With these the people concerned are told within the same time (Decree 356/2025/ND-CP Art. 29)."""
CAUSES = ("attack", "loss", "mistake", "insider", "provider", "unknown")


class Breach(Keyed, Base):
    """One breach. Words are sealed; in clear stay kinds, numbers and clocks."""

    __tablename__ = "breach"
    __table_args__ = (Index(None, "closed_at", "notice_by"),)

    number: Mapped[str] = mapped_column(String(40), unique=True)
    version: Mapped[int] = mapped_column(default=1)
    cause: Mapped[str] = mapped_column(String(12))
    categories: Mapped[str] = mapped_column(String(120))
    """Names of `Category` with spaces between."""
    people: Mapped[int]
    """How many are concerned, as far as is known."""
    what_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    measures_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    advice_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    why_late_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    conclusion_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    happened_at: Mapped[datetime | None]
    found_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    recorded_by_id: Mapped[UUID]
    notice_by: Mapped[datetime]
    warned_at: Mapped[datetime | None]
    authority_told_at: Mapped[datetime | None]
    authority_reference: Mapped[str | None] = mapped_column(String(60))
    authority_told_by_id: Mapped[UUID | None]
    everybody_at: Mapped[datetime | None]
    """When it was said that everybody is concerned."""
    named_all_at: Mapped[datetime | None]
    telling_since: Mapped[datetime | None]
    told_all_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    closed_by_id: Mapped[UUID | None]

    what = Sealed(str)
    measures = Sealed(str)
    advice = Sealed(dict[str, str])
    """By language: what the people concerned should do."""
    why_late = Sealed(str)
    """Stands in a notice that leaves after its time."""
    conclusion = Sealed(str)

    __mapper_args__ = {"version_id_col": version}

    @property
    def kinds(self) -> list[str]:
        return self.categories.split()

    @property
    def people_must_know(self) -> bool:
        return bool(PEOPLE_MUST_KNOW & set(self.kinds))

    def is_late(self, now: datetime) -> bool:
        """Whether the authority, or the people where they must know, were not told in time."""
        waits = self.authority_told_at is None or (self.people_must_know and self.told_all_at is None)
        return self.closed_at is None and waits and now > self.notice_by

    @property
    def was_late(self) -> bool:
        """Whether the authority, or the people where they must know, were told after the time for it."""
        told = (self.authority_told_at, self.told_all_at if self.people_must_know else None)
        return any(at is not None and at > self.notice_by for at in told)


class BreachPerson(Base):
    """Somebody concerned, and when they were told."""

    __tablename__ = "breach_person"
    __table_args__ = (Index(None, "breach_id", "told_at"),)

    breach_id: Mapped[UUID] = mapped_column(ForeignKey("breach.id"), primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True, index=True)
    added_at: Mapped[datetime]
    told_at: Mapped[datetime | None]


class BreachApplicant(Base):
    """Somebody concerned who has an application and no account, and when they were told."""

    __tablename__ = "breach_applicant"
    __table_args__ = (Index(None, "breach_id", "told_at"),)

    breach_id: Mapped[UUID] = mapped_column(ForeignKey("breach.id"), primary_key=True)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"), primary_key=True, index=True)
    added_at: Mapped[datetime]
    told_at: Mapped[datetime | None]
