"""Telling the people concerned: in batches by the worker, each once, on every way there is and in the inbox.

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
from identity.account import Account, AccountState, Kind, find_account, get_account
from identity.audit import SYSTEM, Actor, Event, record
from identity.base import Refused
from identity.breaches.model import Breach, BreachPerson
from identity.breaches.record import check_open
from identity.deadlines import today_in_vietnam
from identity.telling import tell

JOB = "breach-notices"
NOTICE = "breach-notice"
BATCH = 100
NAMING = 500


def name_people(db: Session, row: Breach, numbers: Iterable[str], officer: Actor, *, now: datetime) -> list[str]:
    """Add the holders of these numbers; returns those that nobody has. Who is named twice is told once."""
    _check_may_name(row)
    unknown, found = [], []
    for number in dict.fromkeys(numbers):
        account = find_account(db, number)
        if account is None or account.kind != Kind.RESIDENT:
            unknown.append(number)
        else:
            found.append(account.id)
    _add(db, row, found, now)
    record(db, Event.BREACH_PEOPLE_NAMED, officer, now=now, subject=("breach", row.id), people=len(found))
    return unknown


def name_everybody(db: Session, row: Breach, officer: Actor, *, now: datetime) -> None:
    """Every account is concerned; the worker writes them down."""
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
    query = select(func.count(), func.count(BreachPerson.told_at)).where(BreachPerson.breach_id == row.id)
    named, told = db.execute(query).one()
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
    begun = cursor is not None and cursor.get("naming") == str(row.id)
    after = UUID(cursor["after"]) if begun and cursor else UUID(int=0)
    query = select(Account.id).where(Account.kind == Kind.RESIDENT.value, Account.state != AccountState.CLOSED.value)
    found = list(db.scalars(query.where(Account.id > after).order_by(Account.id).limit(NAMING)))
    _add(db, row, found, now)
    if len(found) < NAMING:
        row.named_all_at = now
    return {"naming": str(row.id), "after": str(found[-1] if found else after)}


def _tell_batch(db: Session, row: Breach, now: datetime) -> None:
    waits = select(BreachPerson).where(BreachPerson.breach_id == row.id, BreachPerson.told_at.is_(None))
    people = list(db.scalars(waits.order_by(BreachPerson.account_id).limit(BATCH).with_for_update(skip_locked=True)))
    for person in people:
        account = get_account(db, person.account_id)
        advice = (row.advice or {}).get(account.locale.split("-")[0]) or (row.advice or {}).get("en", "")
        tell(db, account, NOTICE, now=now, number=row.number, advice=advice, found_on=today_in_vietnam(row.found_at))
        person.told_at = now
    db.flush()
    named, told = people_of(db, row)
    if named == told and row.told_all_at is None:
        row.told_all_at = now
        record(db, Event.BREACH_PEOPLE_TOLD, SYSTEM, now=now, subject=("breach", row.id), people=told)


def _add(db: Session, row: Breach, accounts: list[UUID], now: datetime) -> None:
    insert = postgresql.insert if db.get_bind().dialect.name == "postgresql" else sqlite.insert
    rows = [{"breach_id": row.id, "account_id": account, "added_at": now} for account in accounts]
    if rows:
        db.execute(insert(BreachPerson).on_conflict_do_nothing(), rows)


def _waiting(*which: Any) -> Select[Any]:
    """A breach that another worker has in hand is left to it."""
    oldest = select(Breach).where(Breach.closed_at.is_(None), *which).order_by(Breach.recorded_at)
    return oldest.limit(1).with_for_update(skip_locked=True)


def _check_may_name(row: Breach) -> None:
    check_open(row)
    if row.telling_since is not None:
        raise Refused("breach-telling-already")
