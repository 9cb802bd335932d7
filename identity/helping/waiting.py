"""People whose account is issued and who have not activated it: who may be offered help, and why they are stuck.

Helpers get a first name, a masked phone and a pseudonym, of people who agreed; everybody else is counted, never named.
Every look is recorded with the person as its subject, so that the person sees it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, case, func, literal, select, true
from sqlalchemy.orm import Session

from identity.account import Account
from identity.audit import Actor, AuditEvent, Event, record
from identity.base import Refused
from identity.deadlines import today_in_vietnam
from identity.documents import masked_phone, normalise_phone
from identity.either_key import each
from identity.helping.consent import HelpConsent
from identity.names import fold
from identity.person import Person
from identity.sealed import vault

_LIVING = select(Person.unit_id, func.count())
WINDOW_OVER = {"step": "code", "reason": "activation-window-over"}
"""What stands in the way once the window is over, tried or not: no code is taken any more (`account.check_may`)."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One person to help. `days_left` is below zero past the window; `step` and `reason`: `WINDOW_OVER`, else those of
    the last failure."""

    pseudonym: bytes
    first_name: str
    masked_phone: str
    unit_id: UUID | None
    kind: str
    issued_at: datetime
    days_left: int | None
    step: str | None
    reason: str | None


def waiting_people(
    db: Session,
    unit_ids: Collection[UUID],
    actor: Actor,
    *,
    now: datetime,
    limit: int,
    offset: int = 0,
    among: ColumnElement[bool] | None = None,
) -> list[Waiting]:
    """Those of the units who agreed to be helped, the most pressing first. The view is recorded for each of them.

    `among`: a further condition on `HelpConsent`, or on `Person`.
    """
    query = _agreed(unit_ids, now, among).order_by(Account.activate_by, Account.id)
    rows = db.execute(query.limit(limit).offset(offset)).all()
    for row in rows:
        record(db, Event.WORKLIST_VIEWED, actor, now=now, subject=("person", row.Person.id))
    return [_waiting(row, now) for row in rows]


def count_waiting(db: Session, unit_ids: Collection[UUID], *, among: ColumnElement[bool] | None = None) -> int:
    """How many agreed to be helped and wait."""
    return db.scalar(_who_agreed(select(func.count()), unit_ids, among)) or 0


def phone_of_waiting(
    db: Session, pseudonym: bytes, unit_ids: Collection[UUID], actor: Actor, *, now: datetime
) -> str | None:
    """The number of one of them, for somebody who calls; None as in `find_waiting`. Recorded with the person."""
    row = db.execute(_agreed(unit_ids, now).where(HelpConsent.pseudonym == pseudonym)).one_or_none()
    if row is None:
        return None
    record(db, Event.OUTREACH_PHONE_SHOWN, actor, now=now, subject=("person", row.Person.id))
    return str(row.Person.phone or "")


def find_waiting(
    db: Session,
    pseudonym: bytes,
    unit_ids: Collection[UUID],
    actor: Actor,
    *,
    now: datetime,
) -> Waiting | None:
    """One of them; None outside the units, after activation, or when the consent is gone. The view is recorded."""
    row = db.execute(_agreed(unit_ids, now).where(HelpConsent.pseudonym == pseudonym)).one_or_none()
    if row is None:
        return None
    record(db, Event.GUIDANCE_VIEWED, actor, now=now, subject=("person", row.Person.id))
    return _waiting(row, now)


def waiting_by_place(db: Session, unit_ids: Collection[UUID]) -> dict[UUID, int]:
    """How many agreed to be helped and wait, by the unit in which they live."""
    agreed = HelpConsent.withdrawn_at.is_(None)
    return _by_place(db, _LIVING.join(HelpConsent, HelpConsent.person_id == Person.id).where(agreed), unit_ids)


def all_waiting_by_place(db: Session, unit_ids: Collection[UUID]) -> dict[UUID, int]:
    """How many wait, agreed or not, by the unit in which they live. Whose account was closed waits no more."""
    return _by_place(db, _LIVING, unit_ids)


def _by_place(db: Session, living: Any, unit_ids: Collection[UUID]) -> dict[UUID, int]:
    query = living.join(Account, Account.person_id == Person.id).where(*_still_waiting(unit_ids))
    found = db.execute(query.group_by(Person.unit_id))
    return {unit_id: number for unit_id, number in found if unit_id is not None}


def what_is_in_the_way(*, now: datetime) -> ColumnElement[str]:
    """`Waiting.reason` (NULL: no step has failed and there is time), for a condition of `among`."""
    return _in_the_way("reason", now)


def known_as(db: Session, text: str) -> ColumnElement[bool]:
    """Whoever has this number, or a name with all these words, without marks and in any order; for `among`.

    Whole words: syllables are short, and who looks for "An" does not mean "Lan".
    """
    try:
        return Person.phone_index.in_(each(vault(db).blind("person.phone", normalise_phone(text))))
    except Refused:
        name = literal(" ") + Person.full_name_folded + " "
        return and_(true(), *(name.contains(f" {word} ", autoescape=True) for word in fold(text).split()))


@dataclass(frozen=True, slots=True)
class WaitingCount:
    """People who wait for one reason (None: not known), and how many of them agreed to be helped."""

    reason: str | None
    people: int
    agreed: int


def waiting_by_reason(db: Session, unit_ids: Collection[UUID], *, now: datetime) -> list[WaitingCount]:
    """All who wait in the units, agreed or not, by what stands in their way (`Waiting.reason`)."""
    reason = _in_the_way("reason", now)
    per_person = (
        select(reason.label("reason"), HelpConsent.id.label("consent_id"))
        .select_from(Account)
        .join(Person, Person.id == Account.person_id)
        .outerjoin(
            HelpConsent,
            (HelpConsent.person_id == Person.id) & HelpConsent.withdrawn_at.is_(None),
        )
        .where(*_still_waiting(unit_ids))
        .subquery()
    )
    rows = db.execute(
        select(per_person.c.reason, func.count(), func.count(per_person.c.consent_id))
        .group_by(per_person.c.reason)
        .order_by(func.count().desc(), per_person.c.reason)
    )
    return [WaitingCount(*row) for row in rows]


def _agreed(unit_ids: Collection[UUID], now: datetime, among: ColumnElement[bool] | None = None) -> Select[Any]:
    step, reason = _in_the_way("step", now).label("step"), _in_the_way("reason", now).label("reason")
    found: Select[Any] = _who_agreed(select(Person, HelpConsent, Account, step, reason), unit_ids, among)
    return found


def _who_agreed(query: Any, unit_ids: Collection[UUID], among: ColumnElement[bool] | None) -> Any:
    return (
        query.select_from(Person)
        .join(HelpConsent, HelpConsent.person_id == Person.id)
        .join(Account, Account.person_id == Person.id)
        .where(HelpConsent.withdrawn_at.is_(None), *_still_waiting(unit_ids), true() if among is None else among)
    )


def _still_waiting(unit_ids: Collection[UUID]) -> tuple[ColumnElement[bool], ...]:
    return (
        Account.kind == "resident",
        Account.state == "issued",
        Person.unit_id.in_(unit_ids),
    )


def _in_the_way(fact: str, now: datetime) -> ColumnElement[str]:
    return case((Account.activate_by <= now, WINDOW_OVER[fact]), else_=_last_failure(fact))


def _last_failure(fact: str) -> ColumnElement[str]:
    return (
        select(AuditEvent.facts[fact].as_string())
        .where(AuditEvent.subject_kind == "account", AuditEvent.subject_id == Account.id)
        .where(AuditEvent.name == Event.ACTIVATION_STEP_FAILED.value)
        .order_by(AuditEvent.at.desc(), AuditEvent.id.desc())
        .limit(1)
        .correlate(Account)
        .scalar_subquery()
    )


def _waiting(row: Row[Person, HelpConsent, Account, str, str], now: datetime) -> Waiting:
    person, consent, account, step, reason = row
    left = None
    if account.activate_by is not None:
        left = (today_in_vietnam(account.activate_by) - today_in_vietnam(now)).days
    return Waiting(
        pseudonym=consent.pseudonym or b"",
        first_name=first_name(person.full_name or ""),
        masked_phone=masked_phone(person.phone or ""),
        unit_id=person.unit_id,
        kind=person.kind,
        issued_at=account.issued_at,
        days_left=left,
        step=step,
        reason=reason,
    )


def first_name(full_name: str) -> str:
    """What people are called by: the last word of a Vietnamese name, and of a name as the passport prints it."""
    return full_name.split()[-1] if full_name.split() else ""
