"""Asking for a pause without a proof: one look, one row and one job for every number there is or is not.

Anybody may ask about anybody, so nothing may tell a known number from an unknown one, the time of the answer neither.
The worker does what follows, within seconds: the pause itself, and word to the owner.
"""

from __future__ import annotations

from datetime import datetime
from math import ceil
from uuid import UUID

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from identity import jobs
from identity.account import Account, get_account, login_index
from identity.audit import VISITOR
from identity.base import Base, Keyed, Refused
from identity.credentials.throttle import Bucket, network_of, take_try
from identity.freeze import ANYBODY, pause_once

JOB = "pauses"
A_STEP = 50


class PauseWish(Keyed, Base):
    """One request that the worker has not seen yet. `account_id` is empty when the number is nobody's."""

    __tablename__ = "pause_wish"

    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    asked_at: Mapped[datetime]


def pause(db: Session, login: str, address: str, *, now: datetime) -> Refused | None:
    """No new sign-in and no change for a day, unless it was asked for within the week; nobody is told whether."""
    wait = take_try(db, [Bucket("pause", network_of(address))], now=now)
    if wait is not None:
        return Refused("sign-in-wait", seconds=ceil(wait.total_seconds()))
    account_id = db.scalar(select(Account.id).where(Account.login_index == login_index(db, login)))
    db.add(PauseWish(account_id=account_id, asked_at=now))
    jobs.enqueue(db, JOB, {}, now=now)
    return None


def pause_some(db: Session, cursor: object, *, now: datetime) -> None:
    """The worker's step. Wishes go when they were seen; in the order of accounts, so that two workers never wait."""
    waiting = select(PauseWish).order_by(PauseWish.account_id, PauseWish.id).limit(A_STEP)
    for wish in db.scalars(waiting.with_for_update(skip_locked=True)).all():
        if wish.account_id is not None:
            pause_once(db, get_account(db, wish.account_id), ANYBODY, VISITOR, now=now)
        db.delete(wish)
        db.flush()
