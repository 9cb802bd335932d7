"""Deaths that the population register reports: looked for once a day, and each closes account and applications."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from identity.account import AccountState, Kind, find_account
from identity.audit import SYSTEM
from identity.deadlines import today_in_vietnam
from identity.lock_requests.at_once import settle_death
from identity.lock_requests.closing import end_acts_of
from identity.person import find_person_by_number

LOOK_BACK = timedelta(days=30)
"""Deaths are recorded late; who was closed already is passed over."""


def since(now: datetime) -> date:
    """From which day on to ask the register."""
    return today_in_vietnam(now) - LOOK_BACK


def close_the_dead(db: Session, numbers: Iterable[str], *, now: datetime) -> int:
    """Close the accounts of these personal numbers, and end applications of whoever has none yet.

    Returns how many accounts were open until now.
    """
    closed = 0
    for number in sorted(numbers):
        end_acts_of(db, number, find_person_by_number(db, number), SYSTEM, now=now)
        account = find_account(db, number)
        if account is not None and account.kind == Kind.RESIDENT and account.state != AccountState.CLOSED:
            closed += settle_death(db, account, True, now=now)
    return closed
