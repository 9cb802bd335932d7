"""Reading records of help with what the system knows of their outcome. Superseded records do not count."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, and_, case, exists, select
from sqlalchemy.orm import Session, aliased

from identity.base import Refused
from identity.deadlines import VIETNAM, rule, today_in_vietnam
from identity.helping import Outcome, beside_outcome, outcome_of
from onboarding.assistance import AssistanceEvent
from onboarding.backlog import HeldRecord
from onboarding.catalogue import ACTIVATION_TASKS, Result


class Standing(StrEnum):
    """What a record says against what the system knows."""

    CONFIRMED = "confirmed"
    """The person activated in the days that count."""
    WAITING = "waiting"
    """Claimed done with a help code; the system could see the activation and has not (yet)."""
    CLAIMED = "claimed"
    """Claimed done; the system has no way to see it."""
    BLOCKED = "blocked"
    REFERRED = "referred"


@dataclass(frozen=True, slots=True)
class Record:
    """A record of help and where it stands. `activated_at` only when the activation is an outcome of this help."""

    event: AssistanceEvent
    standing: Standing
    activated_at: datetime | None


def records_of_day(db: Session, account_id: UUID, day: date) -> list[Record]:
    """The member's own records of one Vietnamese day, the newest first."""
    begins, ends = day_span(day)
    query = with_outcome().where(
        AssistanceEvent.account_id == account_id,
        AssistanceEvent.happened_at >= begins,
        AssistanceEvent.happened_at < ends,
    )
    return [_record(row) for row in db.execute(query.order_by(AssistanceEvent.happened_at.desc()))]


def get_record(db: Session, id_: UUID, account_id: UUID) -> Record:
    """One record of this member; somebody else's is not found."""
    query = with_outcome(superseded=True).where(AssistanceEvent.id == id_, AssistanceEvent.account_id == account_id)
    row = db.execute(query).one_or_none()
    if row is None:
        raise Refused("not-found")
    return _record(row)


def outcome_behind(db: Session, event: AssistanceEvent) -> Outcome | None:
    """What the system knows of the person whose help code stands in the record: issued, activated, used."""
    return None if event.pseudonym is None else outcome_of(db, event.pseudonym)


def done_under(db: Session, delegation_id: UUID) -> list[AssistanceEvent]:
    """What was done on somebody's behalf under one authorisation, as the person sees it, the newest first."""
    query = select(AssistanceEvent).where(AssistanceEvent.delegation_id == delegation_id, ~is_superseded())
    return list(db.scalars(query.order_by(AssistanceEvent.happened_at.desc(), AssistanceEvent.id)))


def was_used(outcome: Outcome) -> bool:
    """Whether the account was used within the days that count after its activation (rule `helped_outcome_days`)."""
    if outcome.activated_at is None or outcome.used_at is None:
        return False
    days = rule("helped_outcome_days", today_in_vietnam(outcome.activated_at))
    return outcome.used_at <= outcome.activated_at + timedelta(days=days)


def correction_of(db: Session, id_: UUID) -> UUID | None:
    """The record that supersedes this one."""
    return db.scalar(select(AssistanceEvent.id).where(AssistanceEvent.supersedes == id_))


def with_outcome(
    *, superseded: bool = False, known_before: datetime | None = None
) -> Select[AssistanceEvent, datetime | None, bool]:
    """Records with the activation that counts as their outcome, if there is one, and whether it can be known.

    It cannot without a help code, nor once the consent was withdrawn: such a record is neither claimed nor confirmed.
    `known_before`: as it all stood at that moment, with records, corrections and outcomes that had come by then.
    """
    query: Select[Any]
    query, known = beside_outcome(select(AssistanceEvent), AssistanceEvent.pseudonym)
    counts = and_(
        known.activated_at.between(AssistanceEvent.outcome_from, AssistanceEvent.outcome_until),
        AssistanceEvent.task.in_(ACTIVATION_TASKS),
    )
    if known_before is not None:
        counts = and_(counts, known.activated_at < known_before)
    query = query.add_columns(
        case((counts, known.activated_at)).label("activated_at"), known.is_known.label("is_known")
    )
    query = query if known_before is None else query.where(counted_before(known_before))
    return query if superseded else query.where(~is_superseded(known_before=known_before))


def counted_before(moment: datetime, record: Any = AssistanceEvent) -> Any:
    """Whether the record counted by that moment: a record that was held counts from the moment it was settled."""
    settled_later = exists().where(HeldRecord.id == record.id, HeldRecord.settled_at >= moment)
    return and_(record.received_at < moment, ~settled_later)


def is_superseded(*, known_before: datetime | None = None) -> Any:
    """Whether a later record corrects this one; `known_before`: whether it did so by then."""
    later = aliased(AssistanceEvent)
    corrects = exists().where(later.supersedes == AssistanceEvent.id)
    return corrects if known_before is None else corrects.where(counted_before(known_before, later))


def in_units(unit_ids: Collection[UUID]) -> Any:
    """Records of these units."""
    return AssistanceEvent.unit_id.in_(unit_ids)


def day_span(day: date) -> tuple[datetime, datetime]:
    """First moment of a Vietnamese day, and of the next."""
    begins = datetime.combine(day, time(), VIETNAM).astimezone(UTC)
    return begins, begins + timedelta(days=1)


def _record(row: Row[AssistanceEvent, datetime | None, bool]) -> Record:
    event, activated_at, is_known = row
    return Record(event, _standing(event, activated_at, is_known=is_known), activated_at)


def _standing(event: AssistanceEvent, activated_at: datetime | None, *, is_known: bool) -> Standing:
    if activated_at is not None:
        return Standing.CONFIRMED
    if event.result != Result.DONE:
        return Standing(event.result)
    checkable = is_known and event.task in ACTIVATION_TASKS
    return Standing.WAITING if checkable else Standing.CLAIMED
