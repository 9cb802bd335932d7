"""For those who search the record: whom or what they name, and what staff and applications in it are called.

Residents are found by their number (its keyed index) and stay ids in the answers: who checks on staff has no need of
residents' names.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import false, or_, select
from sqlalchemy.orm import Session

from identity.account import Account, Kind, find_account, find_account_of
from identity.application import Application
from identity.application.queue import numbered
from identity.application.registered import bare
from identity.person import find_person_by_number
from identity.staff.directory import find_staff

MOST = 20
"""Members of staff of one name; beyond, more of the name is asked for."""


def ids_named(db: Session, text: str, *, now: datetime) -> set[UUID]:
    """The ids under which entries stand: of an id, an application's number, a resident's number, or staff.

    A resident's number stands for the person, the account and every application. Empty when nothing is known.
    """
    try:
        return {UUID(text)}
    except ValueError:
        pass
    file = db.scalar(select(Application.id).where(Application.dossier_number == text))
    if file is not None:
        return {file}
    return _of_resident(db, text) or _of_staff(db, text, now)


def _of_resident(db: Session, text: str) -> set[UUID]:
    person = find_person_by_number(db, bare(text))
    whose = numbered(db, text)
    if person is None:
        return set(db.scalars(select(Application.id).where(or_(false(), *whose))))
    account = find_account_of(db, person.id)
    files = select(Application.id).where(or_(*whose, Application.person_id == person.id))
    return {person.id, *db.scalars(files), *([account.id] if account is not None else [])}


def _of_staff(db: Session, text: str, now: datetime) -> set[UUID]:
    account = find_account(db, text)
    if account is not None:
        return {account.id}
    found, count = find_staff(db, text, now=now, limit=MOST)
    return {one.id for one in found} if count <= MOST else set()


def staff_called(db: Session, ids: Collection[UUID]) -> dict[UUID, str]:
    """Name and sign-in name of the staff among `ids`."""
    staff = select(Account).where(Account.id.in_(ids), Account.kind == Kind.STAFF)
    return {account.id: f"{account.display_name} ({account.login})" for account in db.scalars(staff)}


def files_called(db: Session, ids: Collection[UUID]) -> dict[UUID, str]:
    """The numbers of the applications among `ids`."""
    files = select(Application.id, Application.dossier_number).where(Application.id.in_(ids))
    return {row.id: row.dossier_number for row in db.execute(files)}
