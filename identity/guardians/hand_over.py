"""The end of a guardian's authority: the account waits, shut, until its holder takes it over.

Nothing has to run on the day: the gate opens the last day each time it is asked (`Ground.HAND_OVER`). A job only tells
both, some days before and on the day; a late job is a late letter, never an open door.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from identity import once
from identity.account import Account, AccountState, ended_papers, find_account_of
from identity.audit import Actor, Event, record
from identity.credentials.passkey import Passkey
from identity.credentials.recovery import FreezeCode, RecoveryCode
from identity.credentials.sms_factor import SmsFactor
from identity.deadlines import rule, today_in_vietnam
from identity.guardians.guardianship import NOTE
from identity.guardians.model import Guardianship
from identity.jobs import enqueue_once
from identity.locks import take_away
from identity.person import Person, set_phone
from identity.telling import tell

JOB = "hand-overs"
SOON, TODAY, DONE = "hand-over-soon", "hand-over-today", "account-handed-over"
BATCH = 100
ENDS_TOO: list[Callable[[Session, Account, datetime], None]] = []
"""What else ends when a young person takes the account over: `identity.recovery` and `identity.rights` add theirs."""


def is_handed_over(account: Account, *, now: datetime) -> bool:
    """Whether a guardian's authority over this account has ended and its holder has not taken it over yet."""
    return any(ended.paper == NOTE for ended in ended_papers(account.papers_end or {}, now))


def take_over(db: Session, account: Account, person: Person, phone: str, mail: str | None, *, now: datetime) -> None:
    """The holder's own from here on: own phone and mail, and an activation that sets secrets nobody else has seen.

    Everything by which the guardian could get in is gone; the caller makes the activation code.
    """
    take_away(db, account.id, now=now)
    for end in ENDS_TOO:
        end(db, account, now)
    for held in (Passkey, SmsFactor, RecoveryCode, FreezeCode):
        db.execute(delete(held).where(held.account_id == account.id).execution_options(synchronize_session=False))
    account.password_hash = account.totp_secret_sealed = account.totp_step = None
    was_active = {"active_since": account.activated_at.isoformat()} if account.activated_at else {}
    account.state, account.activated_at = AccountState.ISSUED.value, None
    account.papers_end = {paper: end for paper, end in (account.papers_end or {}).items() if paper != NOTE}
    set_phone(db, person, phone)
    person.email = mail
    about = ("account", account.id)
    record(db, Event.ACCOUNT_HANDED_OVER, Actor(account.id, account.kind), now=now, subject=about, **was_active)
    for row in db.scalars(select(Guardianship).where(Guardianship.ward_id == person.id)):
        guardian = find_account_of(db, row.guardian_id)
        if guardian is not None and row.ended_at is None:
            tell(db, guardian, DONE, now=now, name=account.display_name)
        row.ended_at = row.ended_at or now


def start_the_days_hand_overs(db: Session, *, now: datetime) -> None:
    """Ask for today's job once, by whichever worker comes first."""
    today = today_in_vietnam(now).isoformat()
    enqueue_once(db, JOB, today, {"day": today}, lasting=timedelta(days=2), now=now)


def tell_some(db: Session, cursor: dict[str, Any] | None, *, now: datetime) -> dict[str, Any] | None:
    """Tell the next families; returns where to go on, or None at the end."""
    after = UUID(cursor["after"]) if cursor else UUID(int=0)
    query = select(Guardianship).where(Guardianship.ended_at.is_(None), Guardianship.id > after)
    rows = list(db.scalars(query.order_by(Guardianship.id).limit(BATCH)))
    for row in rows:
        _tell(db, row, now=now)
    return {"after": str(rows[-1].id)} if len(rows) == BATCH else None


def _tell(db: Session, row: Guardianship, *, now: datetime) -> None:
    assert row.ends_on is not None
    today = today_in_vietnam(now)
    first_day = row.ends_on + timedelta(days=1)
    left = (first_day - today).days
    if left not in (0, *rule("hand_over_notice_days", today)):
        return
    ward, guardian = find_account_of(db, row.ward_id), find_account_of(db, row.guardian_id)
    if ward is None or not once.spend(db, JOB, f"{row.id}:{today}", expires_at=now + timedelta(days=2)):
        return
    facts: dict[str, Any] = {"name": ward.display_name, "changes_on": first_day.isoformat()}
    notice = SOON if left else TODAY
    tell(db, ward, notice, now=now, ways=() if guardian else None, **facts)
    if guardian is not None:
        tell(db, guardian, notice, now=now, **facts)
