"""A request on paper about an account, taken in, examined and decided by the domain's own verbs."""

from __future__ import annotations

from sqlalchemy import select

from identity.account import Account, Ground
from identity.audit import SYSTEM, Actor
from identity.lock_requests.decide import decide
from identity.lock_requests.model import LockRequest, Wish
from identity.lock_requests.receive import Asked, Paper, forward, receive
from identity.places import Unit
from identity.staff import give_role, hire

COURT = Paper("Tòa án nhân dân khu vực 1", "12/2026/QĐ-TA", "Phong tỏa theo Điều 114")


def a_unit(db):
    return db.scalars(select(Unit.id).where(Unit.kind == "commune").order_by(Unit.code).limit(1)).one()


def an_officer_of_locks(db, now, role="approving_officer", name="khoa") -> Actor:
    account = hire(db, f"{name}.{role}", "Cán bộ Khoá", now=now)
    db.flush()
    give_role(db, account.id, role, a_unit(db), SYSTEM, now=now)
    return Actor(account.id, role)


def officers(db, now) -> tuple[Actor, Actor]:
    """Who receives, and who decides."""
    return an_officer_of_locks(db, now, "receiving_officer"), an_officer_of_locks(db, now)


def received(db, account: Account, officer, now, ground=Ground.AUTHORITY, paper=COURT, ends_source=None) -> LockRequest:
    wish = Wish.OPEN if ends_source else Wish.LOCK
    row = receive(db, account, a_unit(db), Asked(wish, ground, ends_source), paper, officer, now=now)
    db.flush()
    return row


def carried_out(
    db, account: Account, people, now, ground=Ground.AUTHORITY, paper=COURT, ends_source=None
) -> LockRequest:
    """Received by one, granted by the other."""
    row = received(db, account, people[0], now, ground, paper, ends_source)
    forward(db, row, people[0], now=now)
    decide(db, row, people[1], granted=True, now=now)
    return row
