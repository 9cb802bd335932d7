"""What can be counted once only: whose account was used is seen from sessions, and those go after some years.

The days on which such accounts count keep the number that was counted while the sessions were there; a count from
scratch must not say less than was known. Everything else that figures are counted from stays.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from uuid import UUID

from sqlalchemy import Select, bindparam, exists, select
from sqlalchemy.orm import Session

from identity.account import Account
from identity.application.model import Application
from identity.base import UTC_DateTime
from identity.retention.run import gone_before
from onboarding.figures.model import UNALLOCATED, IndicatorFact
from onboarding.figures.registry import counted
from onboarding.figures.tally import Counts, on_day, params_of

USED = "used"
SESSIONS = "sessions"
"""The rule by which they are purged."""


def use_gone_before(db: Session) -> datetime | None:
    """Sessions that began before this are gone: the use of accounts that were active by then is not counted anew."""
    return gone_before(db, SESSIONS)


def with_kept(db: Session, day: date, counts: Counts, parents: Mapping[UUID, UUID | None]) -> Counts:
    """The counts of a day; where sessions are gone, of use at least what was counted in each place before."""
    gone = use_gone_before(db)
    if gone is None or not any(db.scalar(one, {**params_of(day), "gone": gone}) for one in _of_old_accounts()):
        return counts
    return {**counts, USED: counts[USED] | _held(db, day, parents)}


@cache
def _of_old_accounts() -> tuple[Select[bool], ...]:
    """Whether an account that counts on the day was active before: on the day itself, or when level 2 came."""
    was_active = Account.activated_at < bindparam("gone", type_=UTC_DateTime())
    raised = select(Application.id).join(Account, Account.person_id == Application.person_id)
    on_issue = raised.where(on_day(Application.closed_at), was_active, Account.kind == "resident")
    return select(exists().where(on_day(Account.activated_at), was_active)), select(on_issue.exists())


def _held(db: Session, day: date, parents: Mapping[UUID, UUID | None]) -> Counter[UUID]:
    """What was counted in each commune, where applicants live, and in none; places above are sums."""
    code = next(one.code for one in counted() if one.numerator.measure == USED)
    row = IndicatorFact
    query = select(row.unit_id, row.numerator).where(row.indicator == code, row.kind == "day", row.starts == day)
    rows = db.execute(query.where(row.replaced_at.is_(None)))
    return Counter({unit: number for unit, number in rows if parents.get(unit) or unit == UNALLOCATED})
