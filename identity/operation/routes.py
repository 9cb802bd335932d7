"""The manual route: an operator says that a register is not to be asked, and officers go on by the paper.

While a register is off every question to it is answered as "does not answer", at once instead of after a wait.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from identity.audit import Actor, Event, record
from identity.base import Base, Refused
from identity.turns import take_turns

LONGEST_REASON = 200


class Register(StrEnum):
    """What can be switched."""

    POPULATION = "population"
    IMMIGRATION = "immigration"


class RegisterRoute(Base):
    """One register. Without a row it is asked."""

    __tablename__ = "register_route"

    register: Mapped[str] = mapped_column(String(20), primary_key=True)
    is_manual: Mapped[bool]
    reason: Mapped[str] = mapped_column(String(LONGEST_REASON))
    set_by: Mapped[UUID | None]
    set_at: Mapped[datetime]


def routes(db: Session) -> dict[Register, RegisterRoute]:
    """The registers that were ever switched."""
    return {Register(row.register): row for row in db.scalars(select(RegisterRoute))}


def manual(db: Session) -> frozenset[Register]:
    """Those that are not to be asked now."""
    return frozenset(register for register, row in routes(db).items() if row.is_manual)


def set_route(
    db: Session, register: Register, is_manual: bool, reason: str, actor: Actor, *, now: datetime
) -> RegisterRoute:
    """Switch one. Refused "route-reason" without one, "route-stands" when it is so already."""
    if not reason.strip():
        raise Refused("route-reason", field="reason")
    take_turns(db, hashlib.sha256(register.encode()).digest())
    row = db.scalar(select(RegisterRoute).where(RegisterRoute.register == register.value).with_for_update())
    if (row.is_manual if row else False) == is_manual:
        raise Refused("route-stands")
    if row is None:
        row = RegisterRoute(register=register.value)
        db.add(row)
    row.is_manual, row.reason, row.set_by, row.set_at = (
        is_manual,
        reason.strip()[:LONGEST_REASON],
        actor.account_id,
        now,
    )
    record(db, Event.REGISTER_ROUTE_SET, actor, now=now, register=register.value, manual=is_manual)
    return row
