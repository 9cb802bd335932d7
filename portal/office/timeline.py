"""The record of an application, one line an event, for the officer who works on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from identity.account import Account
from identity.audit import AuditEvent, Event, events_about
from portal.language import _, _l, moment

WORDS: dict[str, Any] = {
    Event.REGISTER_LOOKED_UP: _l("The register was asked"),
    Event.APPLICATION_STARTED: _l("Application started online"),
    Event.APPLICATION_SUBMITTED: _l("Application sent online"),
    Event.APPLICATION_RECEIVED: _l("Receipt acknowledged"),
    Event.APPLICATION_SUPPLEMENT_REQUESTED: _l("Supplement asked for; the clock stopped"),
    Event.APPLICATION_RESUBMITTED: _l("Supplement sent by the applicant"),
    Event.APPLICATION_CAPTURED: _l("Portrait and fingerprints taken at the counter"),
    Event.APPLICATION_MATCHED: _l("The register compared the fingerprints"),
    Event.APPLICATION_APPROVED: _l("Approved"),
    Event.APPLICATION_REFUSED: _l("Refused"),
    Event.APPLICATION_ISSUED: _l("Account issued, notice sent"),
    Event.APPLICATION_WITHDRAWN: _l("Withdrawn by the applicant"),
    Event.APPLICATION_VIEWED: _l("Application opened"),
    Event.DUPLICATE_FOUND: _l("May belong to a person who is known already"),
    Event.APPLICATION_OVERDUE: _l("The deadline passed; the applicant got an apology"),
    Event.ATTEMPT_REFUSED: _l("An attempt was refused"),
}
ROLES: dict[str, Any] = {
    "receiving_officer": _l("receiving officer"),
    "approving_officer": _l("approving officer"),
    "visitor": _l("the applicant"),
    "resident": _l("the applicant"),
    "system": _l("the system"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One event: what happened, and by whom and when."""

    text: str
    detail: str


def timeline(db: Session, application_id: UUID) -> list[Line]:
    """What happened to this application, newest first."""
    events = events_about(db, ("application", application_id))
    names = _names(db, {event.actor_id for event in events if event.actor_id})
    return [Line(_text(event), f"{_who(event, names)} · {moment(event.at)}") for event in events]


def _text(event: AuditEvent) -> str:
    words = str(WORDS.get(event.name, event.name))
    score = event.facts.get("score")
    return _("%(what)s: %(score)s of 100", what=words, score=score) if score is not None else words


def _who(event: AuditEvent, names: Mapping[UUID, str]) -> str:
    role = str(ROLES.get(event.actor_role, event.actor_role))
    name = names.get(event.actor_id) if event.actor_id else None
    return _("%(name)s, %(role)s", name=name, role=role) if name else role[:1].upper() + role[1:]


def _names(db: Session, accounts: set[UUID]) -> dict[UUID, str]:
    found = ((account_id, db.get(Account, account_id)) for account_id in accounts)
    return {account_id: account.display_name or "" for account_id, account in found if account is not None}
