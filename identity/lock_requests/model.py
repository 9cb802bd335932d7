"""A request on paper (form TK03) to lock an account or to end a lock, from its receipt to the decision."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from identity.account import Ground
from identity.base import Base, Keyed
from identity.sealed import Sealed


class Wish(StrEnum):
    """What is asked for."""

    LOCK = "lock"
    OPEN = "open"


class RequestState(StrEnum):
    """Where a request is."""

    RECEIVED = "received"
    FORWARDED = "forwarded"
    GRANTED = "granted"
    REFUSED = "refused"


OPEN = frozenset({RequestState.RECEIVED, RequestState.FORWARDED})
ON_PAPER = (Ground.AUTHORITY, Ground.DEATH, Ground.TERMS, Ground.CARD_WITHDRAWN)
"""Grounds that somebody asks for on paper, and that two officers decide about. The end of a paper is no decision."""
ENDED_ON_PAPER = (*ON_PAPER, Ground.HOLD)
"""What a request may end: a hold that an officer let stand, too, else whoever comes later stays shut out for good."""
GOES_ON = "ground-goes-on"
REASONS = ("not-competent", "no-basis", "other-person", "not-original", GOES_ON)
"""Why a request is refused; its sentence is the portal's."""


def reasons_for(wish: str) -> tuple[str, ...]:
    """Those that may be true: a ground goes on only where somebody asks for its end."""
    return tuple(reason for reason in REASONS if wish == Wish.OPEN or reason != GOES_ON)


class LockRequest(Keyed, Base):
    """One request with its two clocks. Its number is the source of the lock that it brings about."""

    __tablename__ = "lock_request"
    __table_args__ = (Index(None, "unit_id", "state", "decide_by"),)

    number: Mapped[str] = mapped_column(String(40), unique=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    open_digest: Mapped[bytes | None] = mapped_column(LargeBinary(32), unique=True)
    """What is asked by whom, while it is open: the same paper is not taken in twice."""
    wish: Mapped[str] = mapped_column(String(8))
    ground: Mapped[str] = mapped_column(String(20))
    ends_source: Mapped[str | None] = mapped_column(String(40))
    """Whose lock shall end, when one shall."""
    authority_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    paper_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    words_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    answer_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    code_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    code_digest: Mapped[bytes | None] = mapped_column(LargeBinary(32), unique=True)
    """The code of the decision on paper, by which anybody who holds it can check it."""
    state: Mapped[str] = mapped_column(String(12))
    version: Mapped[int] = mapped_column(default=1)
    received_at: Mapped[datetime]
    received_by_id: Mapped[UUID | None]
    forward_by: Mapped[datetime]
    forwarded_at: Mapped[datetime | None]
    forwarded_by_id: Mapped[UUID | None]
    decide_by: Mapped[datetime]
    decided_at: Mapped[datetime | None] = mapped_column(index=True)
    decided_by_id: Mapped[UUID | None]
    reason: Mapped[str | None] = mapped_column(String(20))

    authority = Sealed(str)
    paper = Sealed(str)
    words = Sealed(str)
    answer = Sealed(str)
    code = Sealed(str)

    __mapper_args__ = {"version_id_col": version}

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def next_due(self) -> datetime:
        """The clock that runs now."""
        return self.forward_by if self.state == RequestState.RECEIVED else self.decide_by

    def is_late(self, now: datetime) -> bool:
        return self.is_open and now > self.next_due
