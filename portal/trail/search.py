"""The auditor's search: by event, role, time, and who acted or is concerned. Each search is an event.

Who is asked for by sign-in name, name, number or id, and stands in the record of searches by id alone.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from flask import Response, request
from sqlalchemy import Select, or_, select

from identity import audit
from identity.audit import AuditEvent, Event
from identity.auditing import files_called, ids_named, staff_called
from identity.deadlines import VIETNAM, today_in_vietnam
from identity.oidc.clients import client_names
from identity.seals import unsealed_tail
from portal.database import db
from portal.language import _l, in_our_language
from portal.pages import page
from portal.security import guarded, me, staff, writes
from portal.services import now
from portal.trail import blueprint
from portal.words import entry
from portal.words.events import EVENTS
from portal.words.roles import ACTORS

AUDITORS = ("auditor",)
A_PAGE = 50
UNREADABLE = _l("This cannot be read. Check it.")
UNKNOWN = _l("Nobody and nothing is known under this, or too many members of staff. Type the whole name or number.")


@blueprint.get("/search")
@guarded(staff(*AUDITORS))
@writes
def search() -> Response:
    wanted, wrong = _wanted()
    missed = wanted.get("who") == set()
    if missed:
        wrong["who"] = UNKNOWN
    asked = bool(request.args) and not wrong
    rows = list(db.scalars(_matching(wanted).limit(A_PAGE + 1))) if asked else []
    if asked or missed:
        visitor = me()
        assert visitor is not None
        said = {name: _noted(value) for name, value in wanted.items()}
        audit.record(db, Event.AUDIT_SEARCHED, visitor.acting_as(*AUDITORS), now=now(), found=len(rows), **said)
    unsealed, oldest = unsealed_tail(db, now=now())
    return page(
        "trail/search.html",
        rows=rows[:A_PAGE],
        following=rows[A_PAGE - 1].id if len(rows) > A_PAGE else None,
        wrong=wrong,
        events=EVENTS,
        actors=ACTORS,
        subjects=entry.SUBJECTS,
        facts=entry.facts,
        called=_called(rows),
        typed=request.args,
        asked=asked,
        unsealed=unsealed,
        oldest=oldest,
    )


def _called(rows: list[AuditEvent]) -> dict[UUID, str]:
    """What staff, applications and services are called; residents stay ids."""
    ids = entry.ids_in(rows)
    services = {key: in_our_language(name) for key, name in client_names(db).items() if key in ids}
    return {**services, **files_called(db, ids), **staff_called(db, ids)}


def _noted(value: Any) -> str | list[str]:
    """As the record keeps it: ids, never what was typed."""
    if not isinstance(value, set):
        return str(value)
    ids = sorted(map(str, value)) or [entry.NOBODY]
    return ids[0] if len(ids) == 1 else ids


def _wanted() -> tuple[dict[str, Any], dict[str, Any]]:
    """What is asked for, and what is wrong with what cannot be read."""
    readers = {
        "name": lambda text: Event(text).value,
        "role": _role,
        "who": lambda text: ids_named(db, text, now=now()),
        "since": _day,
        "until": _day,
        "before": UUID,
    }
    wanted: dict[str, Any] = {}
    wrong: dict[str, Any] = {}
    for name, reader in readers.items():
        typed = request.args.get(name, "").strip()
        if not typed:
            continue
        try:
            wanted[name] = reader(typed)
        except ValueError:
            wrong[name] = UNREADABLE
    return wanted, wrong


def _matching(wanted: dict[str, Any]) -> Select[AuditEvent]:
    query = select(AuditEvent).order_by(AuditEvent.id.desc())
    tests = {
        "name": lambda value: AuditEvent.name == value,
        "role": lambda value: AuditEvent.actor_role == value,
        "who": lambda value: or_(AuditEvent.actor_id.in_(value), AuditEvent.subject_id.in_(value)),
        "since": lambda value: AuditEvent.at >= _begin(value),
        "until": lambda value: AuditEvent.at < _begin(value + timedelta(days=1)),
        "before": lambda value: AuditEvent.id < value,
    }
    return query.where(*(tests[name](value) for name, value in wanted.items()))


def _role(text: str) -> str:
    """One that there is: a name typed here would stand in the record for ever."""
    if text not in ACTORS:
        raise ValueError(text)
    return text


def _day(text: str) -> Any:
    found = datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a day, not a moment
    if not 2000 <= found.year <= today_in_vietnam(now()).year + 1:
        raise ValueError(text)
    return found


def _begin(day: Any) -> datetime:
    return datetime.combine(day, time(), VIETNAM)
