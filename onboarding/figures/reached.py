"""Adults reached: helped, or at a session, whichever came first; one person is one.

Help and training know people by pseudonyms of their own, and no row leads from one to the other. While a day is counted
the portal's keys do: from somebody helped to their learner, and from a learner to the consent, which keeps a pseudonym
of the learner's. A slip that nobody linked to an account is nobody known, and counts beside.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, Select, bindparam, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from identity.helping import HelpConsent
from identity.learner_key import learner_key, learner_pseudonym
from onboarding.assistance import AssistanceEvent
from onboarding.attendance import Attendance, AttendanceWithdrawal
from onboarding.catalogue import AgeBand
from onboarding.figures.tally import BEGINS, Params, on_day
from onboarding.learner import Learner

CHILDREN = (AgeBand.UNDER_14, AgeBand.FROM_14)
SOME: BindParameter[Any] = bindparam("some", expanding=True)
MOST = 1000
"""Values of `SOME` in one statement."""


@dataclass(frozen=True, slots=True)
class First:
    """When and where something was first true of somebody; `who` is the person of help, the key of a learner."""

    at: datetime
    unit: UUID
    who: Any


def is_adult(row: Any) -> Any:
    """Unless the record says otherwise: most say nothing about age."""
    return or_(row.age_band.is_(None), row.age_band.not_in(CHILDREN))


def stands(row: Any) -> ColumnElement[bool]:
    """Whether no other record corrects it."""
    later = aliased(AssistanceEvent)
    return ~exists().where(later.supersedes == row.id)


def count_reached(db: Session, helped: Collection[First], params: Params) -> Counter[UUID]:
    """By place: who of those that were helped for the first time, or came to a session for the first time, is new."""
    newly = _newly_trained(db, params)
    slips = Counter(first.unit for first in newly if first.who is None)
    trained = {first.who: first for first in newly if first.who is not None}
    by_index = {learner_pseudonym(db, key): key for key in trained}
    for index in _found(db, _helped_before(), by_index, params):
        del trained[by_index[index]]
    by_key = {learner_key(db, first.who): first for first in helped}
    for key in _found(db, _trained_before(), by_key, params):
        del by_key[key]
    first = by_key | {key: one for key, one in trained.items() if key not in by_key or one.at < by_key[key].at}
    return slips + Counter(one.unit for one in first.values())


def _newly_trained(db: Session, params: Params) -> Collection[First]:
    """Learners whose first session is of the day; a slip that became somebody's is theirs."""
    found: dict[UUID, First] = {}
    for root, key, at, unit in db.execute(_trained(), params):
        found.setdefault(root, First(at, unit, key))
    return found.values()


@cache
def _trained() -> Select[Any, Any, Any, Any]:
    row, learner, root = Attendance, aliased(Learner), aliased(Learner)
    query = select(root.id, root.key, row.happened_at, row.unit_id).join(learner, learner.id == row.learner_id)
    query = query.join(root, root.id == func.coalesce(learner.linked_to, learner.id))
    query = query.where(on_day(row.happened_at), is_adult(row), _was_there(row), ~_came_before(root))
    return query.order_by(row.happened_at, row.id)


@cache
def _trained_before() -> Select[bytes | None]:
    """The keys of those of `SOME` who came to a session before the day."""
    return select(Learner.key).where(Learner.key.in_(SOME), _came_before(Learner))


@cache
def _helped_before() -> Select[bytes | None]:
    """The indexes of those of `SOME` who were helped before the day."""
    earlier = aliased(AssistanceEvent)
    there_was = exists().where(
        earlier.pseudonym == HelpConsent.pseudonym, earlier.happened_at < BEGINS, is_adult(earlier), stands(earlier)
    )
    return select(HelpConsent.learner_pseudonym).where(HelpConsent.learner_pseudonym.in_(SOME), there_was)


def _came_before(root: Any) -> ColumnElement[bool]:
    earlier, same = aliased(Attendance), aliased(Learner)
    return exists().where(
        earlier.learner_id == same.id,
        or_(same.id == root.id, same.linked_to == root.id),
        earlier.happened_at < BEGINS,
        is_adult(earlier),
        _was_there(earlier),
    )


def _was_there(row: Any) -> ColumnElement[bool]:
    return ~exists().where(AttendanceWithdrawal.attendance_id == row.id)


def _found(db: Session, query: Select[Any], values: Collection[bytes], params: Params) -> Iterator[bytes]:
    ordered = list(values)
    for at in range(0, len(ordered), MOST):
        yield from db.scalars(query, {**params, "some": ordered[at : at + MOST]}).all()
