"""Who acts for whom: children under 14 and wards (Decree 69/2024/ND-CP Art. 7, 10, 11, 14).

The authority over a child ends by itself with the day before the fourteenth birthday, Vietnam time. The last day is
noted on the ward's account like the last day of a paper, so that the gate shuts on time with no job to run late.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.account import Account, Act, Ground, check_may, find_account_of
from identity.audit import SYSTEM, Actor, Event, record
from identity.base import Refused
from identity.deadlines import birthday, rule, today_in_vietnam
from identity.guardians.model import Guardianship
from identity.levels import level_of
from identity.locks import note_paper
from identity.person import Person
from identity.sealed import add

NOTE = "guardianship"
"""Under this name the last day of the authority stands among the papers of the ward's account."""
GUARDIANS_LEVEL = 2
WITHOUT_END = date(9999, 12, 31)


class Basis(StrEnum):
    """What shows the guardianship."""

    REGISTER = "register"
    PAPER = "paper"


def check_guardian(db: Session, account_id: UUID, *, now: datetime) -> Account:
    """The account of somebody who may act for another: its gate is open and its holder has level 2 today.

    Refused "guardian-level", and what the gate refuses.
    """
    standing = check_may(db, account_id, Act.CHANGE, now=now)
    if standing.person_id is None or level_of(db, standing.person_id, now=now) < GUARDIANS_LEVEL:
        raise Refused("guardian-level")
    return db.get_one(Account, account_id)


def is_of_age(birth_date: date, *, now: datetime) -> bool:
    """Whether no guardian is needed any more, by the dated rule `own_account_age`."""
    today = today_in_vietnam(now)
    return today >= birthday(birth_date, int(rule("own_account_age", today)))


def last_day_for(birth_date: date, paper_ends_on: date | None, *, now: datetime) -> date:
    """The last day of an authority: the day before the birthday of the dated rule for a child, else the paper's."""
    today = today_in_vietnam(now)
    of_age = birthday(birth_date, int(rule("own_account_age", today)))
    ends = paper_ends_on or WITHOUT_END
    return min(of_age - timedelta(days=1), ends) if today < of_age else ends


@dataclass(frozen=True, slots=True)
class Shown:
    """What a guardianship rests on: register or paper, its last day, who looked at it, and where it lies."""

    basis: Basis
    ends_on: date
    by_account_id: UUID | None = None
    application_id: UUID | None = None
    file_id: UUID | None = None


def begin(db: Session, account: Account, guardian_id: UUID, shown: Shown, *, now: datetime) -> Guardianship:
    """The holder of `account` has a guardian from now on; an older one of the same two people is replaced."""
    assert account.person_id is not None
    for row in _rows(db, Guardianship.ward_id == account.person_id, Guardianship.guardian_id == guardian_id):
        row.ended_at = now
    row = Guardianship(
        ward_id=account.person_id,
        guardian_id=guardian_id,
        basis=shown.basis.value,
        began_at=now,
        by_account_id=shown.by_account_id,
        application_id=shown.application_id,
        file_id=shown.file_id,
    )
    add(db, row, ends_on=shown.ends_on)
    note_paper(db, account, NOTE, Ground.HAND_OVER, shown.ends_on, now=now)
    about = ("account", account.id)
    record(db, Event.GUARDIANSHIP_BEGUN, SYSTEM, now=now, subject=about, basis=shown.basis.value)
    return row


def end(db: Session, row: Guardianship, actor: Actor, *, now: datetime) -> None:
    """Over before its day (a court, a death). When the last one goes, the account waits to be taken over."""
    row.ended_at = now
    account = find_account_of(db, row.ward_id)
    db.flush()
    if account is None:
        return
    record(db, Event.GUARDIANSHIP_ENDED, actor, now=now, subject=("account", account.id))
    if not guardians_of(db, row.ward_id, now=now):
        yesterday = today_in_vietnam(now) - timedelta(days=1)
        note_paper(db, account, NOTE, Ground.HAND_OVER, yesterday, now=now)


def guardians_of(db: Session, ward_id: UUID, *, now: datetime) -> list[Guardianship]:
    """Who may act for this person today."""
    return [row for row in _rows(db, Guardianship.ward_id == ward_id) if _holds(row, now)]


def wards_of(db: Session, guardian_id: UUID, *, now: datetime) -> list[Guardianship]:
    """For whom this person may act today."""
    return [row for row in _rows(db, Guardianship.guardian_id == guardian_id) if _holds(row, now)]


def past_wards_of(db: Session, guardian_id: UUID, *, now: datetime) -> list[Guardianship]:
    """For whom this person's time is over, and who have not taken their account over yet."""
    return [row for row in _rows(db, Guardianship.guardian_id == guardian_id) if not _holds(row, now)]


def has_guardian(account: Account) -> bool:
    """Whether somebody confirms each use of this account. Past the last day the gate is shut anyway."""
    return NOTE in (account.papers_end or {})


def reach_wards_at(db: Session, guardian: Person, *, former_mail: str | None, now: datetime) -> None:
    """Where a guardian is reached from now on, the wards are reached too, unless they have phone or mail of theirs."""
    for row in wards_of(db, guardian.id, now=now):
        ward = db.get_one(Person, row.ward_id)
        if ward.phone_index is None:
            ward.phone = guardian.phone
        if former_mail is not None and ward.email == former_mail:
            ward.email = guardian.email


def _holds(row: Guardianship, now: datetime) -> bool:
    return row.ends_on is not None and row.ends_on >= today_in_vietnam(now)


def _rows(db: Session, *conditions: object) -> list[Guardianship]:
    query = select(Guardianship).where(Guardianship.ended_at.is_(None), *conditions)  # type: ignore[arg-type]
    return list(db.scalars(query.order_by(Guardianship.began_at)))
