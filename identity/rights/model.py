"""A request about one's own data, and the copy of everything that is held (Law 91/2025/QH15, Decree 356/2025/ND-CP)."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, deferred, mapped_column

from identity.base import Base, Keyed
from identity.sealed import Sealed


class RightKind(StrEnum):
    """What may be asked for. A copy of the data needs nobody's answer (`DataExport`)."""

    ACCESS = "access"
    """A question that the copy does not answer."""
    RECTIFY = "rectify"
    RESTRICT = "restrict"
    OBJECT = "object"
    WITHDRAW = "withdraw"
    ERASE = "erase"


class RequestState(StrEnum):
    """Where a request is."""

    OPEN = "open"
    TAKEN = "taken"
    GRANTED = "granted"
    PARTLY = "partly"
    REFUSED = "refused"
    TAKEN_BACK = "taken-back"


OPEN = frozenset({RequestState.OPEN, RequestState.TAKEN})
ANSWERS = frozenset({RequestState.GRANTED, RequestState.PARTLY, RequestState.REFUSED})
REASONS: dict[RequestState, tuple[str, ...]] = {
    RequestState.GRANTED: ("done", "sent-to-register"),
    RequestState.PARTLY: ("kept-by-law", "sent-to-register"),
    RequestState.REFUSED: ("already-right", "not-ours", "needs-proof", "kept-by-law", "rests-on-law"),
}
"""Why the answer is what it is; its sentence is the portal's."""


class RightsRequest(Keyed, Base):
    """One request with its two clocks, of an account or of an application without one; `open_for` is that one while the
    request is open: one of a kind at a time."""

    __tablename__ = "rights_request"
    __table_args__ = (
        Index("uq_rights_request_open", "open_for", "kind", unique=True),
        Index(None, "unit_id", "state", "due_at"),
    )

    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"), index=True)
    application_id: Mapped[UUID | None] = mapped_column(ForeignKey("application.id"), index=True)
    unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("unit.id"))
    open_for: Mapped[UUID | None]
    kind: Mapped[str] = mapped_column(String(12))
    about: Mapped[str] = mapped_column(String(40), default="")
    """Which item is wrong, or which use is objected to; a name of a closed list."""
    words_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(String(12))
    version: Mapped[int] = mapped_column(default=1)
    made_at: Mapped[datetime]
    acknowledge_by: Mapped[datetime]
    due_at: Mapped[datetime]
    taken_at: Mapped[datetime | None]
    taken_by_id: Mapped[UUID | None]
    answered_at: Mapped[datetime | None] = mapped_column(index=True)
    answered_by_id: Mapped[UUID | None]
    reason: Mapped[str | None] = mapped_column(String(20))
    answer_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)

    words = Sealed(str)
    answer = Sealed(str)

    __mapper_args__ = {"version_id_col": version}

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    def is_late(self, now: datetime) -> bool:
        """Whether one of its clocks has run out."""
        return self.is_open and now > (self.acknowledge_by if self.state == RequestState.OPEN else self.due_at)


class DataExport(Keyed, Base):
    """A copy of everything that is held about a person, as JSON; its content goes after some days."""

    __tablename__ = "data_export"
    __table_args__ = (Index(None, "account_id", "asked_at"),)

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    pending_for: Mapped[UUID | None] = mapped_column(unique=True)
    """The account while it is being made: a second click asks for nothing."""
    asked_at: Mapped[datetime]
    ready_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None] = mapped_column(index=True)
    size: Mapped[int] = mapped_column(default=0)
    content_sealed: Mapped[bytes | None] = deferred(mapped_column(LargeBinary))

    content = Sealed(bytes)


class Restriction(Keyed, Base):
    """From `since` on the person's data are used for nothing that rests on consent, until they lift it."""

    __tablename__ = "restriction"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    since: Mapped[datetime]
    ended_at: Mapped[datetime | None]
