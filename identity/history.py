"""What a person may see of their own record: who looked at it, who received from it, and how the account was used.

Usage history is the holder's to see and kept 5 years (Decree 69/2024/ND-CP Art. 28).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol, cast
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Integer,
    Select,
    Table,
    Uuid,
    bindparam,
    func,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from identity.application import Application
from identity.audit import AuditEvent, Event
from identity.paging import count_pages
from identity.places import Office
from identity.session import SignInSession
from identity.statements import Prepared

A_PAGE = 25
LOOKS = (
    Event.ACCOUNT_LOOKED_UP,
    Event.APPLICATION_VIEWED,
    Event.REGISTER_LOOKED_UP,
    Event.WORKLIST_VIEWED,
    Event.GUIDANCE_VIEWED,
    Event.OUTREACH_PHONE_SHOWN,
    Event.TOKENS_ISSUED,
    Event.RIGHTS_VIEWED,
    Event.LOCK_REQUEST_VIEWED,
    Event.HOTLINE_LOOKED_UP,
    Event.HOTLINE_CALLED_BACK,
)
"""Somebody saw, or was told, something about the person."""
USES = (
    Event.SIGNED_IN,
    Event.SIGN_IN_FAILED,
    Event.PASSWORD_CHANGE_FAILED,
    Event.SIGNED_OUT,
    Event.SESSION_ENDED,
    Event.SESSION_DISOWNED,
    Event.PASSWORD_CHANGED,
    Event.TOTP_CHANGED,
    Event.TOTP_REMOVED,
    Event.RECOVERY_ASKED,
    Event.RECOVERY_FAILED,
    Event.RECOVERY_CODE_USED,
    Event.QR_SIGN_IN_APPROVED,
    Event.QR_SIGN_IN_REFUSED,
    Event.SMS_FACTOR_ADDED,
    Event.SMS_FACTOR_REMOVED,
    Event.CONTACT_CHOSEN,
    Event.CONTACT_CONFIRMED,
    Event.CONTACT_ENDED,
    Event.RECOVERY_CO_SIGNED,
    Event.RECOVERY_STOPPED,
    Event.RECOVERY_AT_COUNTER,
    Event.ACCOUNT_RECOVERED,
    Event.CONTACT_CHANGED,
    Event.GUARDIAN_CONFIRMED,
    Event.GUARDIAN_REFUSED,
    Event.HELP_AGREED,
    Event.HELP_WITHDRAWN,
    Event.HELP_CODE_MADE,
    Event.PURPOSE_AGREED,
    Event.PURPOSE_STOPPED,
    Event.PASSKEY_ADDED,
    Event.PASSKEY_REMOVED,
    Event.RECOVERY_CODES_MADE,
    Event.ACCOUNT_ACTIVATED,
    Event.ACCOUNT_LOCKED,
    Event.ACCOUNT_UNLOCKED,
    Event.CODE_REPLAYED,
    Event.REFRESH_REUSED,
    Event.EXPORT_ASKED,
    Event.EXPORT_OPENED,
    Event.RIGHTS_REQUESTED,
    Event.RIGHTS_TAKEN_BACK,
    Event.RIGHTS_ANSWERED,
    Event.DATA_ERASED,
    Event.USE_RESTRICTED,
    Event.RESTRICTION_LIFTED,
    Event.CONSENT_GIVEN,
    Event.CONSENT_WITHDRAWN,
)
"""The account was used, or its protection changed."""


class Seen(Protocol):
    """As much of an audit event as its subject sees."""

    id: UUID
    at: datetime
    name: str
    actor_id: UUID | None
    actor_role: str
    subject_id: UUID | None
    facts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Shown:
    """One page of events, the newest first. `page` is the last one when a later one was asked for."""

    events: list[Seen]
    page: int
    pages: int


def looks_at(db: Session, account_id: UUID, person_id: UUID | None, *, page: int = 1) -> Shown:
    """Who looked at this person's file; what the person did is left out."""
    return _a_page(db, _LOOKS, page, account=account_id, person=person_id)


def uses_of(db: Session, account_id: UUID, person_id: UUID | None, *, now: datetime, page: int = 1) -> Shown:
    """How the account was used; a lock only planned (last day of a document) has not happened."""
    shown = _a_page(db, _USES, page, account=account_id, person=person_id)
    return replace(shown, events=[event for event in shown.events if began(event) <= now])


def offices_of(db: Session, events: Iterable[Seen]) -> dict[UUID, Office]:
    """The office where each file lay that was looked at, by the file: where somebody sits, never who it was."""
    files = {event.subject_id for event in events if event.name == Event.APPLICATION_VIEWED}
    if not files:
        return {}
    query = select(Application.id, Office).join(Office, Office.id == Application.office_id)
    return {row.id: row.Office for row in db.execute(query.where(Application.id.in_(files)))}


def browsers_of(db: Session, account_id: UUID, events: Iterable[Seen]) -> dict[UUID, SignInSession]:
    """In which browser each sign-in was, by the event: the session that it opened, or renewed last."""
    signed_in = [event for event in events if event.name == Event.SIGNED_IN]
    if not signed_in:
        return {}
    moments = [event.at for event in signed_in]
    query = select(SignInSession).where(SignInSession.account_id == account_id)
    rows = db.scalars(query.where(or_(SignInSession.created_at.in_(moments), SignInSession.auth_time.in_(moments))))
    found = {moment: row for row in rows for moment in (row.auth_time, row.created_at)}
    return {event.id: found[event.at] for event in signed_in if event.at in found}


def began(event: Seen) -> datetime:
    """When it took effect."""
    since = event.facts.get("since") if event.name == Event.ACCOUNT_LOCKED else None
    return datetime.fromisoformat(since) if since else event.at


def concerns(db: Session, event: AuditEvent, account_id: UUID, person_id: UUID | None) -> bool:
    """Whether an event is about this account, its person or one of the person's files, or was done by the account."""
    if {event.actor_id, event.subject_id} & ({account_id, person_id} - {None}):
        return True
    file = db.get(Application, event.subject_id) if event.subject_kind == "application" else None
    return file is not None and file.person_id is not None and file.person_id == person_id


def _a_page(db: Session, which: tuple[Prepared, Prepared], page: int, **whose: UUID | None) -> Shown:
    """Everything is counted only where there is more than is shown: most people have one page."""
    newest, count = which
    found = newest.all(db, most=page * A_PAGE + 1, **whose)
    total = len(found)
    if total > A_PAGE:
        total = count.all(db, **whose)[0].events
    pages = count_pages(total, A_PAGE)
    page = min(page, pages)
    return Shown(list(found[(page - 1) * A_PAGE : page * A_PAGE]), page, pages)


def _events(names: tuple[Event, ...], *but: ColumnElement[bool]) -> tuple[Prepared, Prepared]:
    """Those about the account, its person, or one of the person's files, by name; and how many there are.

    A branch for each, so that each is read along the index by subject and time, the newest first.
    """
    person = bindparam("person", type_=Uuid())
    files = select(_FILE.c.id).where(_FILE.c.person_id == person)
    about = {
        "account": _EVENT.c.subject_id == _ACCOUNT,
        "person": _EVENT.c.subject_id == person,
        "application": _EVENT.c.subject_id.in_(files),
    }
    named = or_(*(_EVENT.c.name == name.value for name in names))
    branches = [
        select(*(_EVENT.c[name] for name in SHOWN)).where(_EVENT.c.subject_kind == kind, whose, named, *but)
        for kind, whose in about.items()
    ]
    newest = union_all(*(select(_newest(branch).subquery()) for branch in branches)).subquery()
    every = union_all(*(branch.with_only_columns(_EVENT.c.id) for branch in branches)).subquery()
    return Prepared(_newest(select(newest))), Prepared(select(func.count().label("events")).select_from(every))


def _newest(found: Select[Any]) -> Select[Any]:
    columns = found.selected_columns
    return found.order_by(columns.at.desc(), columns.id.desc()).limit(bindparam("most", type_=Integer()))


SHOWN = ("id", "at", "name", "actor_id", "actor_role", "subject_id", "facts")
_EVENT, _FILE = cast(Table, AuditEvent.__table__), cast(Table, Application.__table__)
_ACCOUNT: BindParameter[UUID] = bindparam("account", type_=Uuid())
_BY_OTHERS = or_(_EVENT.c.actor_id.is_(None), _EVENT.c.actor_id != _ACCOUNT, _EVENT.c.name == Event.TOKENS_ISSUED.value)
_LOOKS, _USES = _events(LOOKS, _BY_OTHERS), _events(USES)
