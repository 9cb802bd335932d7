"""The record of an application, one line an event, for the officer who works on it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from identity.audit import Event, events_about
from identity.deadlines import today_in_vietnam
from portal.language import _, _l, moment, ngettext
from portal.words.events import EVENTS

MOST = 300

ROLES: dict[str, Any] = {
    "receiving_officer": _l("receiving officer"),
    "approving_officer": _l("approving officer"),
    "supervisor": _l("supervisor of an office"),
    "visitor": _l("the applicant"),
    "resident": _l("the applicant"),
    "system": _l("the system"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One event: what happened, and by whom and when."""

    text: str
    detail: str


def events_of(db: Session, application_id: UUID) -> Sequence[Any]:
    """What happened to this application, newest first."""
    return events_about(db, ("application", application_id), limit=MOST)


def timeline(events: Sequence[Any], names: Mapping[UUID | None, str]) -> list[Line]:
    """A line an event, with the names of those who acted; one a day for an officer who opened it again and again."""
    looks = Counter(_look(event) for event in events if event.name == Event.APPLICATION_VIEWED)
    lines, shown = [], set()
    for event in events:
        if event.name == Event.APPLICATION_VIEWED:
            if _look(event) in shown:
                continue
            shown.add(_look(event))
        lines.append(Line(_text(event, looks), f"{_who(event, names)} · {moment(event.at)}"))
    return lines


def _look(event: Any) -> tuple[UUID | None, date]:
    return event.actor_id, today_in_vietnam(event.at)


def _text(event: Any, looks: Mapping[tuple[UUID | None, date], int]) -> str:
    if event.name == Event.APPLICATION_VIEWED:
        return ngettext(
            "Application or its files opened", "Application or its files opened %(num)s times", looks[_look(event)]
        )
    return str(EVENTS.get(event.name, event.name))


def _who(event: Any, names: Mapping[UUID | None, str]) -> str:
    role = str(ROLES.get(event.actor_role, event.actor_role))
    name = names.get(event.actor_id) if event.actor_id else None
    return _("%(name)s, %(role)s", name=name, role=role) if name else role[:1].upper() + role[1:]
