"""Deciding a request within two working days, and carrying it out in the same moment (Decree 69/2024/ND-CP).

Two officers: who received or examined it does not decide. A refusal is in writing with its reason, and the holder is
told of it as of a lock. What is granted happens in the transaction of the decision: a lock ends sessions, tokens and
pending grants and tells the services; an opened lock leaves the other grounds alone.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from identity.account import Account, Ground
from identity.application.conflicts import check_not_own_account
from identity.audit import Actor, Event, record
from identity.base import Refused
from identity.credentials.codes import clean_code, new_code
from identity.lock_requests.closing import close_for_death
from identity.lock_requests.model import LockRequest, RequestState, Wish, reasons_for
from identity.lock_requests.receive import LONGEST
from identity.locks import grounds_of, lock, undo_close, unlock
from identity.paper_key import ensure_paper_key
from identity.sealed import vault
from identity.telling import tell

DECIDES = "approving_officer"
GROUPS = 4
LOCKED, LOCK_ENDED, OPEN_AGAIN = "account-locked-by-decision", "account-lock-ended", "account-open-again"
TURNED_DOWN = "lock-request-refused"


def decide(
    db: Session,
    row: LockRequest,
    officer: Actor,
    *,
    granted: bool,
    reason: str | None = None,
    words: str = "",
    now: datetime,
) -> None:
    """Grant or refuse; of those who try at once one wins.

    Refused "approver-only", "lock-four-eyes", "own-file", "lock-request-moved", "lock-reason", "lock-not-there".
    """
    account = db.get_one(Account, row.account_id)
    _check(db, row, account, officer)
    if not granted and reason not in reasons_for(row.wish):
        raise Refused("lock-reason", field="reason")
    ensure_paper_key(db, now=now)
    code = new_code(GROUPS)
    row.state = (RequestState.GRANTED if granted else RequestState.REFUSED).value
    row.reason = None if granted else reason
    row.answer, row.code = words.strip()[:LONGEST] or None, code
    row.code_digest, row.open_digest = code_digest(db, code), None
    row.decided_at, row.decided_by_id = now, officer.account_id
    db.flush()  # the version says who was first, before anything is locked or opened
    facts = {"number": row.number, "wish": row.wish, "ground": row.ground, "late": now > row.decide_by}
    event = Event.LOCK_REQUEST_GRANTED if granted else Event.LOCK_REQUEST_REFUSED
    record(db, event, officer, now=now, subject=("account", account.id), reason=row.reason, **facts)
    if granted:
        _carry_out(db, row, account, officer, now)
    else:
        tell(db, account, TURNED_DOWN, now=now, number=row.number)


def code_digest(db: Session, code: str) -> bytes:
    """Under what the code of a decision is found."""
    return vault(db).digest("lock-decision", clean_code(code))


def _check(db: Session, row: LockRequest, account: Account, officer: Actor) -> None:
    if officer.role != DECIDES:
        raise Refused("approver-only", audited=True)
    if officer.account_id in (row.received_by_id, row.forwarded_by_id):
        raise Refused("lock-four-eyes", audited=True)
    check_not_own_account(db, officer, account)
    if row.state != RequestState.FORWARDED:
        raise Refused("lock-request-moved")


def _carry_out(db: Session, row: LockRequest, account: Account, officer: Actor, now: datetime) -> None:
    ground = Ground(row.ground)
    if row.wish == Wish.LOCK:
        _lock(db, row, account, ground, officer, now)
        return
    source = row.ends_source or ""
    ended = (
        undo_close(db, account, source, officer, now=now)
        if ground is Ground.DEATH
        else unlock(db, account, ground, source, officer, now=now)
    )
    if not ended:
        raise Refused("lock-not-there")
    db.flush()
    tell(db, account, LOCK_ENDED if grounds_of(db, account, now=now) else OPEN_AGAIN, now=now, number=row.number)


def _lock(db: Session, row: LockRequest, account: Account, ground: Ground, officer: Actor, now: datetime) -> None:
    if ground is Ground.DEATH:
        close_for_death(db, account, officer, row.number, now=now)
        return
    lock(db, account, ground, row.number, officer, now=now)
    tell(db, account, LOCKED, now=now, number=row.number)
