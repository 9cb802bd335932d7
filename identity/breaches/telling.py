"""Telling the people concerned: in batches by the worker, each once. Holders of accounts hear on every way there is and
in the inbox, applicants without one where their file says (`concerned`). Where the inbox cannot be opened now, the SMS
carries the advice.

A worker that dies between two batches has told whom it marked; the next goes on with the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from identity import jobs
from identity.account import Account, AccountState, Act, Kind, check_may, get_account
from identity.application import Application, State, notices
from identity.audit import SYSTEM, Actor, Event, record
from identity.base import Refused
from identity.breaches.concerned import Concerned, concerned_by, find_concerned
from identity.breaches.model import Breach, BreachApplicant, BreachPerson
from identity.breaches.record import check_open
from identity.deadlines import today_in_vietnam
from identity.telling import tell

JOB = "breach-notices"
NOTICE, IN_FULL, TO_APPLICANT = "breach-notice", "breach-notice-in-full", "applicant-breach-notice"
BATCH = 100
NAMING = 500


def name_people(db: Session, row: Breach, numbers: Iterable[str], officer: Actor, *, now: datetime) -> list[str]:
    """Add whoever has these numbers; returns those that nobody has. Who is named twice is told once."""
    _check_may_name(row)
    found = {number: find_concerned(db, number) for number in dict.fromkeys(numbers)}
    people = {one.id: one for one in found.values() if one is not None}
    _add(db, row, people.values(), now)
    record(db, Event.BREACH_PEOPLE_NAMED, officer, now=now, subject=("breach", row.id), people=len(people))
    return [number for number, one in found.items() if one is None]


def name_everybody(db: Session, row: Breach, officer: Actor, *, now: datetime) -> None:
    """Every account is concerned, and everybody who applied and has none; the worker writes them down."""
    _check_may_name(row)
    if row.everybody_at is not None:
        return
    row.everybody_at = now
    record(db, Event.BREACH_PEOPLE_NAMED, officer, now=now, subject=("breach", row.id), people="everybody")
    jobs.enqueue(db, JOB, {"breach": str(row.id)}, now=now)


def start_telling(db: Session, row: Breach, officer: Actor, *, now: datetime) -> None:
    """From now on the worker tells them; nobody is added any more. Refused "breach-nobody", "breach-no-advice"."""
    _check_may_name(row)
    if not (row.advice or {}).get("vi") or not (row.advice or {}).get("en"):
        raise Refused("breach-no-advice")
    if row.everybody_at is None and people_of(db, row)[0] == 0:
        raise Refused("breach-nobody")
    row.telling_since = now
    db.flush()
    jobs.enqueue(db, JOB, {"breach": str(row.id)}, now=now)


def people_of(db: Session, row: Breach) -> tuple[int, int]:
    """How many are named, and how many of them were told."""
    named = told = 0
    for kind in (BreachPerson, BreachApplicant):
        query = select(func.count(), func.count(kind.told_at)).where(kind.breach_id == row.id)
        some, of_them = db.execute(query).one()
        named, told = named + some, told + of_them
    return named, told


def tell_some(db: Session, cursor: Mapping[str, Any] | None, *, now: datetime) -> dict[str, Any] | None:
    """The worker's step: one batch of whichever breach waits; returns where to go on, or None when none does."""
    naming = db.scalar(_waiting(Breach.everybody_at.is_not(None), Breach.named_all_at.is_(None)))
    if naming is not None:
        return _name_batch(db, naming, cursor, now)
    telling = db.scalar(_waiting(Breach.telling_since.is_not(None), Breach.told_all_at.is_(None)))
    if telling is None:
        return None
    _tell_batch(db, telling, now)
    return {"telling": str(telling.id)}


def _name_batch(db: Session, row: Breach, cursor: Mapping[str, Any] | None, now: datetime) -> dict[str, Any]:
    """The accounts first, then the files without one."""
    begun = cursor if cursor is not None and cursor.get("naming") == str(row.id) else {"after": str(UUID(int=0))}
    after, of_files = UUID(begun["after"]), bool(begun.get("files"))
    find, most = (_files_after, BATCH) if of_files else (_accounts_after, NAMING)
    found = list(db.scalars(find(after).limit(most)))
    concerned = (concerned_by(db, one) if isinstance(one, Application) else one for one in found)
    _add(db, row, [one for one in concerned if one is not None], now)
    is_last = len(found) < most
    if is_last and of_files:
        row.named_all_at = now
    after = UUID(int=0) if is_last else found[-1].id
    return {"naming": str(row.id), "after": str(after), "files": of_files or is_last}


def _accounts_after(after: UUID) -> Select[Any]:
    open_ones = (Account.kind == Kind.RESIDENT.value, Account.state != AccountState.CLOSED.value)
    return select(Account).where(*open_ones, Account.id > after).order_by(Account.id)


def _files_after(after: UUID) -> Select[Any]:
    return (
        select(Application)
        .where(Application.state != State.ISSUED.value, Application.id > after)
        .order_by(Application.id)
    )


def _tell_batch(db: Session, row: Breach, now: datetime) -> None:
    """Applicants first: whoever has an account by now is told as its holder."""
    waits = select(BreachApplicant).where(BreachApplicant.breach_id == row.id, BreachApplicant.told_at.is_(None))
    files = waits.order_by(BreachApplicant.application_id).limit(BATCH).with_for_update(skip_locked=True)
    for applicant in db.scalars(files).all():
        _tell_applicant(db, row, applicant, now)
    holders = select(BreachPerson).where(BreachPerson.breach_id == row.id, BreachPerson.told_at.is_(None))
    people = list(db.scalars(holders.order_by(BreachPerson.account_id).limit(BATCH).with_for_update(skip_locked=True)))
    for person in people:
        account = get_account(db, person.account_id)
        notice = NOTICE if _can_sign_in(db, account, now) else IN_FULL
        tell(db, account, notice, now=now, **_facts(row, account.locale))
        person.told_at = now
    db.flush()
    named, told = people_of(db, row)
    if named == told and row.told_all_at is None:
        row.told_all_at = now
        record(db, Event.BREACH_PEOPLE_TOLD, SYSTEM, now=now, subject=("breach", row.id), people=told)


def _can_sign_in(db: Session, account: Account, now: datetime) -> bool:
    """Whoever cannot never sees the inbox, and a mail address is nobody's duty: the SMS itself says what to do."""
    try:
        check_may(db, account.id, Act.SIGN_IN, now=now)
    except Refused:
        return False
    return True


def _tell_applicant(db: Session, row: Breach, applicant: BreachApplicant, now: datetime) -> None:
    """Once a person: not where an account or a newer file hears of it, nor whom nobody knows any more."""
    application = db.get_one(Application, applicant.application_id)
    found = concerned_by(db, application)
    if found is not application:
        _add(db, row, [found] if found is not None else [], now)
        db.delete(applicant)
        return
    notices.tell(db, application, TO_APPLICANT, now=now, **_facts(row, application.locale))
    applicant.told_at = now


def _facts(row: Breach, locale: str) -> dict[str, Any]:
    advice = (row.advice or {}).get(locale.split("-")[0]) or (row.advice or {}).get("en", "")
    return {"number": row.number, "advice": advice, "found_on": today_in_vietnam(row.found_at)}


def _add(db: Session, row: Breach, people: Iterable[Concerned], now: datetime) -> None:
    """Each once; whoever is there already stays as they are."""
    insert = postgresql.insert if db.get_bind().dialect.name == "postgresql" else sqlite.insert
    rows: dict[Any, list[dict[str, Any]]] = {BreachPerson: [], BreachApplicant: []}
    for one in people:
        kind, key = (
            (BreachApplicant, "application_id") if isinstance(one, Application) else (BreachPerson, "account_id")
        )
        rows[kind].append({"breach_id": row.id, key: one.id, "added_at": now})
    for kind, values in rows.items():
        if values:
            db.execute(insert(kind).on_conflict_do_nothing(), values)


def _waiting(*which: Any) -> Select[Any]:
    """A breach that another worker has in hand is left to it."""
    oldest = select(Breach).where(Breach.closed_at.is_(None), *which).order_by(Breach.recorded_at)
    return oldest.limit(1).with_for_update(skip_locked=True)


def _check_may_name(row: Breach) -> None:
    check_open(row)
    if row.telling_since is not None:
        raise Refused("breach-telling-already")
