"""A guardianship that ends before its day: an officer has the paper that says so, and both are told; or the guardian
died, as the register or a certificate says.

Civil Code 91/2015/QH13, Art. 60 to 62: a guardian is changed, or a guardianship ends, and a paper shows why.
The former guardian gets in no more: sessions end, messages to the ward no longer go to that phone, and without another
guardian the account waits, shut, to be taken over.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from identity.account import Account, Kind, find_account, find_account_of
from identity.audit import Actor, Event, record
from identity.base import Refused
from identity.guardians.guardianship import end, guardians_of, reach_wards_at, wards_of
from identity.guardians.model import Guardianship
from identity.locks import take_away
from identity.person import Person
from identity.sealed import vault
from identity.telling import tell, ways_to

TO_GUARDIAN, TO_WARD, GUARDIAN_DIED = "guardianship-ended", "ward-without-guardian", "ward-guardian-died"
SHORTEST, LONGEST = 3, 80


class EndedFor(StrEnum):
    """Why it ends."""

    COURT = "court"
    DEATH = "death"
    CHANGED = "changed"
    MISTAKEN = "mistaken"


def look_up_ward(db: Session, officer: Actor, number: str, *, now: datetime) -> Account:
    """The account of a ward. On record, its holder sees it. Refused "ward-unknown", also without a guardian."""
    account = find_account(db, number)
    is_resident = account is not None and account.kind == Kind.RESIDENT and account.person_id is not None
    if account is None or account.person_id is None or not is_resident:
        raise Refused("ward-unknown", field="number")
    if not guardians_of(db, account.person_id, now=now):
        raise Refused("ward-unknown", field="number")
    record(db, Event.ACCOUNT_LOOKED_UP, officer, now=now, subject=("account", account.id))
    return account


def end_by_paper(
    db: Session, row_id: UUID, reason: EndedFor, paper: str, officer: Actor, *, now: datetime
) -> Guardianship:
    """End it. Of sixteen at once one ends it; Refused "guardianship-ended", "guardianship-paper", "own-file"."""
    paper = " ".join(paper.split())
    if not SHORTEST <= len(paper) <= LONGEST:
        raise Refused("guardianship-paper", field="paper")
    row = db.get(Guardianship, row_id)
    if row is None or row.ended_at is not None:
        raise Refused("guardianship-ended")
    _check_not_own(db, row, officer)
    _win(db, row, reason, paper, officer, now)
    guardian, ward = find_account_of(db, row.guardian_id), find_account_of(db, row.ward_id)
    if guardian is not None:
        tell(db, guardian, TO_GUARDIAN, now=now, name=ward.display_name if ward else "")
    _end(db, row, ward, officer, TO_WARD, now=now)
    return row


def end_for_death(db: Session, guardian_id: UUID, actor: Actor, *, now: datetime) -> list[Guardianship]:
    """The guardian died: every guardianship of theirs ends. Returns those of wards whom nobody acts for any more."""
    rows = wards_of(db, guardian_id, now=now)
    for row in rows:
        row.ended_for, row.ended_by_id = EndedFor.DEATH.value, actor.account_id
        _end(db, row, find_account_of(db, row.ward_id), actor, GUARDIAN_DIED, now=now)
    return [row for row in rows if not guardians_of(db, row.ward_id, now=now)]


def _end(db: Session, row: Guardianship, ward: Account | None, actor: Actor, notice: str, *, now: datetime) -> None:
    """Nobody is in the ward's account any more, and messages to the ward no longer go to the former guardian."""
    end(db, row, actor, now=now)
    if ward is not None:
        take_away(db, ward.id, now=now)
        _leave_the_guardians_addresses(db, row, now)
        tell(db, ward, notice, now=now, ways=ways_to(db, ward), name=ward.display_name)


def _win(db: Session, row: Guardianship, reason: EndedFor, paper: str, officer: Actor, now: datetime) -> None:
    sealed = vault(db).seal("guardianship.ended_paper_sealed", row.id, paper.encode())
    won = db.execute(
        update(Guardianship)
        .where(Guardianship.id == row.id, Guardianship.ended_at.is_(None))
        .values(ended_at=now, ended_for=reason.value, ended_by_id=officer.account_id, ended_paper_sealed=sealed)
        .returning(Guardianship.id)
        .execution_options(synchronize_session=False)
    ).scalar_one_or_none()
    if won is None:
        raise Refused("guardianship-ended")
    db.refresh(row)


def _leave_the_guardians_addresses(db: Session, row: Guardianship, now: datetime) -> None:
    """Without a phone or mail of their own a ward was reached at the guardian's; now at another's, or nowhere."""
    ward, mail = db.get_one(Person, row.ward_id), db.get_one(Person, row.guardian_id).email
    if ward.phone_index is None:
        ward.phone = None
    for other in guardians_of(db, row.ward_id, now=now):
        reach_wards_at(db, db.get_one(Person, other.guardian_id), former_mail=mail, now=now)
    if ward.email == mail:
        ward.email = None


def _check_not_own(db: Session, row: Guardianship, officer: Actor) -> None:
    own = db.get(Account, officer.account_id) if officer.account_id else None
    if own is not None and own.person_id in (row.guardian_id, row.ward_id):
        raise Refused("own-file", audited=True)
