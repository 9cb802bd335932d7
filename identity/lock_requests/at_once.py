"""What needs no second officer: the holder at the counter, and a death that the register says.

A lock on the holder's own request ends at once after checking (Decree 69/2024/ND-CP Art. 15). A death in the
population register closes the account by itself; a death certificate alone takes two officers (`receive`, `decide`).
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from identity.account import Account, AccountState, Ground
from identity.application.conflicts import check_not_own_account
from identity.audit import SYSTEM, Actor, Event, record
from identity.base import Refused
from identity.freeze import OWNER, lift
from identity.lock_requests.closing import close_for_death
from identity.lock_requests.decide import LOCK_ENDED, OPEN_AGAIN
from identity.locks import grounds_of, unlock
from identity.telling import tell

REGISTER = "population-register"
PURPOSE = "death"


def open_for_holder(db: Session, account: Account, officer: Actor, *, now: datetime) -> None:
    """The officer has seen the holder and the original. Ends what the holder asked for, and nothing else.

    Refused "own-file", "lock-not-there".
    """
    check_not_own_account(db, officer, account)
    ended = unlock(db, account, Ground.OWN_REQUEST, OWNER, officer, now=now)
    lifted = lift(db, account.id, officer, now=now)
    if not (ended or lifted):
        raise Refused("lock-not-there")
    db.flush()
    tell(db, account, LOCK_ENDED if grounds_of(db, account, now=now) else OPEN_AGAIN, now=now)


def settle_death(db: Session, account: Account, is_dead: bool, officer: Actor = SYSTEM, *, now: datetime) -> bool:
    """What the register said about this person, asked by an officer or by the daily look. True if it closed now."""
    facts = {"purpose": PURPOSE, "outcome": "dead" if is_dead else "not-dead"}
    record(db, Event.REGISTER_LOOKED_UP, officer, now=now, subject=("account", account.id), **facts)
    if not is_dead or account.state == AccountState.CLOSED:
        return False
    close_for_death(db, account, officer, REGISTER, now=now)
    return True
