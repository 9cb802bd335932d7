"""The rows behind a warning, as they are now, and whether they have been corrected since it was found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, aliased

from identity.account import get_account
from onboarding.assistance import AssistanceEvent
from onboarding.catalogue import ACTIVATION_TASKS, Result
from onboarding.figures.facts import facts_of
from onboarding.figures.periods import after
from onboarding.records import day_span, with_outcome
from onboarding.warnings.model import FigureWarning, Kind

MOST_ROWS = 100


@dataclass(frozen=True, slots=True)
class Row:
    """A record of help behind a warning: who wrote it, of what, and whether it was replaced since."""

    event: AssistanceEvent
    member: str
    activated_at: datetime | None
    is_corrected: bool


def rows_behind(db: Session, warning: FigureWarning) -> list[Row]:
    """Records of a burst, of the last days of a bunched month, and claims that the system did not see come true."""
    query = _records(warning)
    if query is None:
        return []
    later = aliased(AssistanceEvent)
    corrected = exists().where(later.supersedes == AssistanceEvent.id)
    in_order = query.add_columns(corrected).order_by(AssistanceEvent.happened_at, AssistanceEvent.id)
    return [
        Row(event, get_account(db, event.account_id).display_name or "", activated_at, bool(is_corrected))
        for event, activated_at, _is_known, is_corrected in db.execute(in_order.limit(MOST_ROWS))
    ]


def was_corrected(db: Session, warning: FigureWarning) -> bool:
    """Whether what was found is no longer so: another number in the figures, or one of the records replaced since.

    A silent team has nothing to correct until it writes something.
    """
    if warning.kind in {Kind.OUTLIER, Kind.JUMP}:
        return _number_now(db, warning) != int(warning.facts["number"])
    later = aliased(AssistanceEvent)
    replaced = exists().where(later.supersedes == AssistanceEvent.id, later.received_at >= warning.found_at)
    query = _records(warning)
    if query is not None:
        return db.execute(query.where(replaced).limit(1)).first() is not None
    since = date.fromisoformat(warning.facts["since"]) + timedelta(days=1)
    wrote = AssistanceEvent.team_id == warning.team_id, AssistanceEvent.happened_at >= day_span(since)[0]
    return bool(db.scalar(select(func.count()).select_from(AssistanceEvent).where(*wrote)))


def _number_now(db: Session, warning: FigureWarning) -> int:
    facts = warning.facts
    first = date.fromisoformat(facts.get("week") or facts["day"])
    end = first + timedelta(days=7 if "week" in facts else 1)
    found = facts_of(db, warning.indicator or "", [warning.unit_id], first, end).get(warning.unit_id)
    return 0 if found is None else int(getattr(found, facts["part"]))


def _records(warning: FigureWarning) -> Any:
    """The query for them; None where no records are behind it."""
    event, facts = AssistanceEvent, warning.facts
    query = with_outcome(superseded=True).where(event.team_id == warning.team_id)
    if warning.kind == Kind.BURST:
        query = query.where(event.account_id == UUID(facts["account"]))
        return query.where(event.happened_at.between(_moment(facts["from"]), _moment(facts["until"])))
    if warning.kind == Kind.BUNCHING:
        end = after(date.fromisoformat(f"{facts['month']}-01"), 1)
        return query.where(
            event.happened_at >= day_span(end - timedelta(days=3))[0], event.happened_at < day_span(end)[0]
        )
    if warning.kind == Kind.UNCONFIRMED:
        claimed = query.selected_columns.is_known, event.task.in_(ACTIVATION_TASKS), event.result == Result.DONE
        in_time = event.happened_at >= _moment(facts["from"]), event.outcome_until < _moment(facts["until"])
        return query.where(*claimed, *in_time)
    return None


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
