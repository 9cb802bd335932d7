"""Taking a request in and forwarding it: within one working day it is examined (Decree 69/2024/ND-CP Art. 15, 29, 30).

Who asks is a competent authority (to lock, or to end its own lock), or an office with a paper in its hand: a death
certificate, a card that was withdrawn, a breach of the terms. Each brings a ground of its own, which opens by itself
again only when that very ground is ended.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.account import Account, Ground, Kind, find_account
from identity.application.conflicts import check_not_own_account
from identity.application.dossier import next_dossier_number
from identity.audit import Actor, Event, record
from identity.base import Refused
from identity.deadlines import calendar, end_of_day, rule, today_in_vietnam
from identity.lock_requests.model import ENDED_ON_PAPER, ON_PAPER, LockRequest, RequestState, Wish
from identity.locks import OpenGround, grounds_of
from identity.sealed import add, vault
from identity.turns import take_turns

SERIES = "TK03"
LONGEST = 2000


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for: a lock on a ground, or the end of one (whose, in `ends_source`)."""

    wish: Wish
    ground: Ground
    ends_source: str | None = None


@dataclass(frozen=True, slots=True)
class Paper:
    """What stands on the form: who asks, under which number of theirs, and why."""

    authority: str
    number: str
    words: str


def look_up(db: Session, number: str, officer: Actor, *, now: datetime) -> Account:
    """The account of this number, for an officer who holds a request about it. On record; Refused "counter-unknown"."""
    account = find_account(db, number)
    if account is None or account.kind != Kind.RESIDENT:
        raise Refused("counter-unknown", field="number")
    check_not_own_account(db, officer, account)
    record(db, Event.LOCK_REQUEST_VIEWED, officer, now=now, subject=("account", account.id))
    return account


def endable(db: Session, account: Account, *, now: datetime) -> list[OpenGround]:
    """The open grounds that a request can end; papers and pauses end by themselves, staff have a desk of their own."""
    return [one for one in grounds_of(db, account, now=now) if one.ground in ENDED_ON_PAPER]


def receive(
    db: Session,
    account: Account,
    unit_id: UUID,
    asked: Asked,
    paper: Paper,
    officer: Actor,
    *,
    now: datetime,
) -> LockRequest:
    """Take it in; its clocks begin. Refused "lock-ground", "lock-not-there", "lock-asked-already", "own-file"."""
    check_not_own_account(db, officer, account)
    _check(db, account, asked, now)
    digest = _digest(db, account, asked, paper)
    take_turns(db, digest)
    if db.scalar(select(LockRequest.id).where(LockRequest.open_digest == digest)) is not None:
        raise Refused("lock-asked-already", field="paper")
    forward_by = _by(now, "forward")
    row = LockRequest(
        number=next_dossier_number(db, SERIES, now=now),
        account_id=account.id,
        unit_id=unit_id,
        open_digest=digest,
        wish=asked.wish.value,
        ground=asked.ground.value,
        ends_source=asked.ends_source,
        state=RequestState.RECEIVED.value,
        received_at=now,
        received_by_id=officer.account_id,
        forward_by=forward_by,
        decide_by=_by(forward_by, "decide"),
    )
    add(db, row, authority=paper.authority.strip(), paper=paper.number.strip(), words=paper.words.strip()[:LONGEST])
    facts = {"wish": row.wish, "ground": row.ground, "number": row.number}
    record(db, Event.LOCK_REQUESTED, officer, now=now, subject=("account", account.id), **facts)
    return row


def forward(db: Session, row: LockRequest, officer: Actor, *, now: datetime) -> None:
    """Examined: form, original and competence were looked at. Refused "lock-request-moved"."""
    check_not_own_account(db, officer, db.get_one(Account, row.account_id))
    if row.state != RequestState.RECEIVED:
        raise Refused("lock-request-moved")
    row.state, row.forwarded_at, row.forwarded_by_id = RequestState.FORWARDED.value, now, officer.account_id
    row.decide_by = _by(now, "decide")
    facts = {"number": row.number, "late": now > row.forward_by}
    record(db, Event.LOCK_REQUEST_FORWARDED, officer, now=now, subject=("account", row.account_id), **facts)
    db.flush()


def _check(db: Session, account: Account, asked: Asked, now: datetime) -> None:
    if asked.ground not in (ENDED_ON_PAPER if asked.wish is Wish.OPEN else ON_PAPER):
        raise Refused("lock-ground", field="what")
    held = {(one.ground, one.source) for one in grounds_of(db, account, now=now)}
    if asked.wish is Wish.OPEN and (asked.ground.value, asked.ends_source) not in held:
        raise Refused("lock-not-there", field="what")
    is_dead = any(ground == Ground.DEATH for ground, _source in held)
    if asked.wish is Wish.LOCK and asked.ground is Ground.DEATH and is_dead:
        raise Refused("lock-closed-already", field="what")


def _by(start: datetime, step: str) -> datetime:
    """The end of the last working day that this step may take."""
    today = today_in_vietnam(start)
    return end_of_day(calendar().add_working_days(today, int(rule("lock_request_working_days", today)[step])))


def _digest(db: Session, account: Account, asked: Asked, paper: Paper) -> bytes:
    """The same paper of the same authority about the same account; case and spaces do not count."""
    words = " ".join(f"{paper.authority}|{paper.number}".casefold().split())
    what = f"{asked.wish.value}|{asked.ground.value}|{asked.ends_source or ''}"
    return vault(db).digest("lock-request", f"{account.id}|{what}|{words}")
