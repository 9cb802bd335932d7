"""What is kept of an activation: what was reached on any device, and each sitting with its own proofs."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from identity.base import Base, Keyed
from identity.sealed import Sealed


class Activation(Keyed, Base):
    """The activation of one account. Nothing here is of use before it is finished: the account learns it then."""

    __tablename__ = "activation"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), unique=True)
    code_digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    made_at: Mapped[datetime]
    wrong_proofs: Mapped[int] = mapped_column(default=0)
    password_hash: Mapped[str | None] = mapped_column(String(200))
    totp_secret_sealed: Mapped[bytes | None]
    totp_step: Mapped[int | None]
    passkey_sealed: Mapped[bytes | None]
    recovery_sealed: Mapped[bytes | None]
    finished_at: Mapped[datetime | None]

    totp_secret = Sealed(str)
    passkey: Sealed[dict[str, Any]] = Sealed(dict)
    """Made by the person's own device in place of an app (`identity.activation.device`)."""
    recovery: Sealed[dict[str, Any]] = Sealed(dict)

    @property
    def has_second_factor(self) -> bool:
        """Whether an app has shown a right code, or a device has made its key."""
        return self.totp_step is not None or self.passkey_sealed is not None


class ActivationVisit(Keyed, Base):
    """One sitting at one browser: the code was right there; the phone and the second proof follow."""

    __tablename__ = "activation_visit"

    activation_id: Mapped[UUID] = mapped_column(ForeignKey("activation.id"), index=True)
    token_digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    begun_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    challenge_id: Mapped[UUID | None]
    phone_at: Mapped[datetime | None]
    proved_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
