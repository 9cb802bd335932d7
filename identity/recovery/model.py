"""What is kept of a recovery: which rung, who asked, who agreed, when it opens; and whom an account trusts."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from identity.base import Base, Keyed
from identity.sealed import Sealed


class Rung(StrEnum):
    """The rungs of the ladder, in the order in which they are offered (enrolment: recovery)."""

    DEVICE = "device"
    CODE = "code"
    CONTACT = "contact"
    COUNTER = "counter"


class Recovery(Keyed, Base):
    """One way back in. Asked for an unknown number it has no account and goes nowhere, but looks and costs the same."""

    __tablename__ = "recovery"
    __table_args__ = (
        Index(None, "account_id", "begun_at"),
        CheckConstraint("finished_at IS NULL OR (opens_at IS NOT NULL AND finished_at >= opens_at)", name="waited"),
        CheckConstraint("finished_at IS NULL OR cancelled_at IS NULL", name="one_end"),
    )

    rung: Mapped[str] = mapped_column(String(10))
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    return_digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    word_digest: Mapped[bytes | None] = mapped_column(LargeBinary(32), index=True)
    """What the contact types: the person says it to them, so that nobody agrees to a stranger's request."""
    code_digest: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    """The recovery code that was shown; used up when the phone is proved."""
    begun_at: Mapped[datetime]
    told_at: Mapped[datetime | None]
    code_wanted_at: Mapped[datetime | None] = mapped_column(index=True)
    challenge_id: Mapped[UUID | None]
    phone_at: Mapped[datetime | None]
    opens_at: Mapped[datetime | None]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    cancelled_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    by_account_id: Mapped[UUID | None]
    """The officer of the counter."""
    locale: Mapped[str] = mapped_column(String(10))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    totp_secret_sealed: Mapped[bytes | None]
    totp_step: Mapped[int | None]
    passkey_sealed: Mapped[bytes | None]
    sheet_sealed: Mapped[bytes | None]

    totp_secret = Sealed(str)
    passkey: Sealed[dict[str, Any]] = Sealed(dict)
    """Made by a device in place of an app; empty when the device that opened the first rung is enough."""
    sheet: Sealed[dict[str, Any]] = Sealed(dict)

    def is_alive(self, now: datetime) -> bool:
        return self.cancelled_at is None and self.finished_at is None and self.expires_at > now

    def is_open(self, now: datetime) -> bool:
        """Whether new keys may be set: the wait is over, and nobody has stopped it."""
        return self.is_alive(now) and self.opens_at is not None and self.opens_at <= now


class CoSignature(Base):
    """A trusted contact says: it is them."""

    __tablename__ = "recovery_co_signature"

    recovery_id: Mapped[UUID] = mapped_column(ForeignKey("recovery.id"), primary_key=True)
    contact_account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    signed_at: Mapped[datetime]


class TrustedContact(Keyed, Base):
    """Whom an account trusts with its recovery. Chosen by number, counts some weeks after the contact has agreed.

    A number that belongs to nobody is kept alike: whoever chooses must not learn who has an account.
    """

    __tablename__ = "trusted_contact"
    __table_args__ = (Index(None, "account_id", "ended_at"), Index(None, "contact_account_id", "ended_at"))

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    contact_account_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    number_sealed: Mapped[bytes]
    chosen_at: Mapped[datetime]
    told_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    number = Sealed(str)
