"""Conflicts of interest: an officer says of whom they are not the officer, once and for good.

Law on Anti-Corruption 36/2018/QH14, Art. 23, and Decree 59/2019/ND-CP, Art. 29: whoever has an interest in a matter
says so and is kept out of it. A declaration names a file, or a relative by number before any file is there; from then
on the files of that person, and those that person sends as a guardian, are not handed out to the officer and do not
open. The number is found by its keyed index; itself it is sealed, for the day on which the index gets another key.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, exists, or_, select
from sqlalchemy.orm import Session

from identity.account import Account
from identity.application.known_numbers import indexes_of_person, numbers_of
from identity.application.model import Application
from identity.application.registered import bare, from_facts, key_of
from identity.application.ties import Conflict, is_tied
from identity.audit import Actor, Event, record
from identity.base import Refused
from identity.documents import COUNTRY_LETTERS
from identity.person import find_person_by_number
from identity.sealed import add, vault
from identity.turns import take_turns

TIES = ("self", "relative", "household", "business", "friendship", "quarrel")
"""What ties the officer to the person."""
LONGEST_LABEL = 80
PERSONAL_NUMBER = 12
"""Digits (Law on Identification 26/2023/QH15, Art. 12)."""


def declare(db: Session, application: Application, officer: Actor, tie: str, *, now: datetime) -> None:
    """On a file that the officer met: it leaves their queue at once, and whoever is next gets it."""
    _check_tie(tie)
    number = key_of(from_facts(application.record)) if application.record else None
    _keep(db, application.number_index, number, officer, tie, application.full_name or "", now=now)
    if application.held_by_id == officer.account_id:
        application.held_by_id = application.held_at = None
    record(db, Event.CONFLICT_DECLARED, officer, now=now, subject=application.subject, tie=tie)


def declare_person(db: Session, officer: Actor, number: str, tie: str, label: str, *, now: datetime) -> None:
    """A relative, whether they have applied or not: by their number, or `KOR:M12345678` for a passport.

    Of somebody who is known here every number counts: a foreigner's own as well as the passport of their files.
    """
    _check_tie(tie)
    if not label.strip():
        raise Refused("conflict-label", field="label")
    if len(label) > LONGEST_LABEL:
        raise Refused("note-too-long", field="label", most=LONGEST_LABEL)
    key = number_key(number)
    indexes = {one: vault(db).blind("application.number", one) for one in _all_numbers(db, key)}
    for one, index in indexes.items():
        _keep(db, index, one, officer, tie, label.strip() if one == key else "", now=now)
    found = list(indexes.values())
    theirs = or_(Application.number_index.in_(found), Application.guardian_index.in_(found))
    held = select(Application).where(theirs, Application.held_by_id == officer.account_id)
    for application in db.scalars(held):
        application.held_by_id = application.held_at = None
    subject = ("account", officer.account_id) if officer.account_id else None
    record(db, Event.CONFLICT_DECLARED, officer, now=now, subject=subject, tie=tie)


def conflicts_of(db: Session, account_id: UUID) -> list[Conflict]:
    """What an officer declared, the newest first, a person once."""
    query = select(Conflict).where(Conflict.officer_id == account_id, Conflict.label_sealed.is_not(None))
    return list(db.scalars(query.order_by(Conflict.declared_at.desc(), Conflict.id.desc())))


def has_conflict(db: Session, application: Application, account_id: UUID | None) -> bool:
    """Whether this officer declared to be tied to the applicant, or to the guardian who applies."""
    return is_tied(db, account_id, *application.tied_by)


def check_no_conflict(db: Session, application: Application, officer: Actor) -> None:
    """Refused "conflict-declared"; the attempt is recorded."""
    if has_conflict(db, application, officer.account_id):
        raise Refused("conflict-declared", audited=True)


def check_no_tie(db: Session, officer: Actor, *people: UUID | None) -> None:
    """For desks that work on accounts and not on files. Refused "conflict-declared"; the attempt is recorded."""
    numbers = [index for person in people if person is not None for index in indexes_of_person(db, person)]
    if is_tied(db, officer.account_id, *numbers):
        raise Refused("conflict-declared", audited=True)


def check_not_own_account(db: Session, officer: Actor, account: Account) -> None:
    """Nobody acts on their own account, or on one of somebody they declared to be tied to.

    Refused "own-file" or "conflict-declared", and the attempt is recorded.
    """
    own = db.get(Account, officer.account_id) if officer.account_id else None
    same_person = own is not None and own.person_id is not None and own.person_id == account.person_id
    if officer.account_id == account.id or same_person:
        raise Refused("own-file", audited=True)
    check_no_tie(db, officer, account.person_id)


def not_in_conflict(account_id: UUID | BindParameter[UUID] | None) -> ColumnElement[bool]:
    """For queries over files: those that the officer may see."""
    theirs = or_(Conflict.number_index == Application.number_index, Conflict.number_index == Application.guardian_index)
    return ~exists().where(Conflict.officer_id == account_id, theirs)


def number_key(typed: str) -> str:
    """A personal number, or a passport with the three letters of its country first, as files are kept under."""
    number = bare(typed)
    if number.isdigit() and len(number) == PERSONAL_NUMBER:
        return number
    if len(number) < 6 or not number[:COUNTRY_LETTERS].isalpha():
        raise Refused("conflict-number", field="number")
    return f"{number[:COUNTRY_LETTERS]}:{number[COUNTRY_LETTERS:]}"


def _all_numbers(db: Session, key: str) -> list[str]:
    """The one that was typed first."""
    person = find_person_by_number(db, key)
    return list(dict.fromkeys([key, *(numbers_of(db, person.id) if person else [])]))


def _check_tie(tie: str) -> None:
    if tie not in TIES:
        raise Refused("reason-missing", field="tie")


def _keep(
    db: Session, index: bytes, number: str | None, officer: Actor, tie: str, label: str, *, now: datetime
) -> None:
    """Said twice it is one declaration."""
    take_turns(db, officer.account_id.bytes if officer.account_id else None)
    known = select(Conflict.id).where(Conflict.officer_id == officer.account_id, Conflict.number_index == index)
    if db.scalar(known) is None and officer.account_id is not None:
        row = Conflict(officer_id=officer.account_id, number_index=index, tie=tie, declared_at=now)
        add(db, row, number=number, label=label[:LONGEST_LABEL] or None)
        db.flush()
