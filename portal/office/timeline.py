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

MOST = 300

WORDS: dict[str, Any] = {
    Event.REGISTER_LOOKED_UP: _l("The register was asked"),
    Event.APPLICATION_STARTED: _l("Application started online"),
    Event.APPLICATION_SUBMITTED: _l("Application sent online"),
    Event.APPLICATION_RECEIVED: _l("Receipt acknowledged"),
    Event.APPLICATION_SUPPLEMENT_REQUESTED: _l("Supplement asked for; the clock stopped"),
    Event.APPLICATION_RESUBMITTED: _l("What was asked for has arrived"),
    Event.APPLICATION_CAPTURED: _l("Portrait and fingerprints taken at the counter"),
    Event.APPLICATION_MATCHED: _l("The register compared the fingerprints"),
    Event.COMPARED_BY_HAND: _l("Compared by hand with the original, because the register was away"),
    Event.HAND_MATCH_CONFIRMED: _l("The comparison by hand was confirmed by a second person"),
    Event.HAND_MATCH_CHECKED: _l("The register answered about the comparison by hand"),
    Event.APPLICATION_APPROVED: _l("Approved"),
    Event.APPLICATION_REFUSED: _l("Refused"),
    Event.APPLICATION_ISSUED: _l("Account issued, notice sent"),
    Event.APPLICATION_WITHDRAWN: _l("Withdrawn by the applicant"),
    Event.APPLICATION_ABANDONED: _l("Closed: the applicant did not answer in time"),
    Event.APPLICATION_ENDED_BY_DEATH: _l("Closed: a death was recorded"),
    Event.APPOINTMENT_BOOKED: _l("Appointment booked"),
    Event.APPOINTMENT_MOVED: _l("Appointment moved to another time"),
    Event.APPOINTMENT_CANCELLED: _l("Appointment cancelled"),
    Event.APPOINTMENT_KEPT: _l("Came to the appointment"),
    Event.APPOINTMENT_MISSED: _l("Did not come to the appointment"),
    Event.COUNTER_SECRET_RENEWED: _l("New activation slip handed over"),
    Event.DUPLICATE_FOUND: _l("May belong to a person who is known already"),
    Event.EARLIER_NUMBER_NAMED: _l("An earlier number of the applicant named an account"),
    Event.APPLICATION_OVERDUE: _l("The deadline passed; the applicant got an apology"),
    Event.APPEAL_FILED: _l("The applicant appealed"),
    Event.APPEAL_TAKEN_BACK: _l("The appeal was taken back"),
    Event.APPEAL_UPHELD: _l("Appeal heard: the refusal stands"),
    Event.APPEAL_OVERTURNED: _l("Appeal heard: the refusal fell, open again"),
    Event.ATTEMPT_REFUSED: _l("An attempt was refused"),
    Event.CASE_TAKEN: _l("Taken by an officer"),
    Event.CASE_HANDED_BACK: _l("Handed back for another officer"),
    Event.CONFLICT_DECLARED: _l("An officer declared a conflict of interest"),
    Event.OFFICE_TASK_OPENED: _l("Drawn or marked to be looked at by another officer"),
    Event.OFFICE_TASK_DONE: _l("Looked at by another officer"),
    Event.GLASS_ASKED: _l("An officer of another office asked to open this application"),
    Event.GLASS_ANSWERED: _l("The wish of another office to open this application was answered"),
    Event.GLASS_LAPSED: _l("The wish of another office to open this application ended without an answer"),
    Event.SUPERVISOR_WARNED: _l("The supervisors of the office were told that the date was missed"),
}
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
    return str(WORDS.get(event.name, event.name))


def _who(event: Any, names: Mapping[UUID | None, str]) -> str:
    role = str(ROLES.get(event.actor_role, event.actor_role))
    name = names.get(event.actor_id) if event.actor_id else None
    return _("%(name)s, %(role)s", name=name, role=role) if name else role[:1].upper() + role[1:]
