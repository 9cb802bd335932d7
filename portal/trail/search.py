"""The auditor's search: by event, role, time, and the id of who acted or is concerned. Each search is an event."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from flask import Response, request
from sqlalchemy import Select, or_, select

from identity import audit
from identity.account import Kind
from identity.audit import SYSTEM, VISITOR, AuditEvent, Event
from identity.deadlines import VIETNAM, today_in_vietnam
from identity.seals import unsealed_tail
from identity.staff import RoleName
from portal.database import db
from portal.pages import page
from portal.security import guarded, me, staff, writes
from portal.services import now
from portal.trail import blueprint

AUDITORS = ("auditor",)
A_PAGE = 50
ROLES = (*(role.value for role in RoleName), *(kind.value for kind in Kind), "client", VISITOR.role, SYSTEM.role)
"""As whom anybody or anything acts."""


@blueprint.get("/search")
@guarded(staff(*AUDITORS))
@writes
def search() -> Response:
    wanted, wrong = _wanted()
    asked = bool(request.args) and not wrong
    rows = list(db.scalars(_matching(wanted).limit(A_PAGE + 1))) if asked else []
    if asked:
        visitor = me()
        assert visitor is not None
        said = {name: str(value) for name, value in wanted.items()}
        audit.record(db, Event.AUDIT_SEARCHED, visitor.acting_as(*AUDITORS), now=now(), found=len(rows), **said)
    unsealed, oldest = unsealed_tail(db, now=now())
    return page(
        "trail/search.html",
        rows=rows[:A_PAGE],
        following=rows[A_PAGE - 1].id if len(rows) > A_PAGE else None,
        wrong=wrong,
        names=[event.value for event in Event],
        roles=ROLES,
        typed=request.args,
        asked=asked,
        unsealed=unsealed,
        oldest=oldest,
    )


def _wanted() -> tuple[dict[str, Any], set[str]]:
    """What is asked for, and the names of what cannot be read."""
    readers = {
        "name": lambda text: Event(text).value,
        "role": _role,
        "who": UUID,
        "since": _day,
        "until": _day,
        "before": UUID,
    }
    wanted, wrong = {}, set()
    for name, reader in readers.items():
        typed = request.args.get(name, "").strip()
        if not typed:
            continue
        try:
            wanted[name] = reader(typed)
        except ValueError:
            wrong.add(name)
    return wanted, wrong


def _matching(wanted: dict[str, Any]) -> Select[AuditEvent]:
    query = select(AuditEvent).order_by(AuditEvent.id.desc())
    tests = {
        "name": lambda value: AuditEvent.name == value,
        "role": lambda value: AuditEvent.actor_role == value,
        "who": lambda value: or_(AuditEvent.actor_id == value, AuditEvent.subject_id == value),
        "since": lambda value: AuditEvent.at >= _begin(value),
        "until": lambda value: AuditEvent.at < _begin(value + timedelta(days=1)),
        "before": lambda value: AuditEvent.id < value,
    }
    return query.where(*(tests[name](value) for name, value in wanted.items()))


def _role(text: str) -> str:
    """One that there is: a name typed here would stand in the record for ever."""
    if text not in ROLES:
        raise ValueError(text)
    return text


def _day(text: str) -> Any:
    found = datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a day, not a moment
    if not 2000 <= found.year <= today_in_vietnam(now()).year + 1:
        raise ValueError(text)
    return found


def _begin(day: Any) -> datetime:
    return datetime.combine(day, time(), VIETNAM)
