"""What a death closes: the account, every application that is open, and every guardianship of the dead.

Of the relatives, only guardians and wards are told. A child or ward who has no other guardian cannot use the account
until a new one applies (Civil Code 91/2015/QH13, Art. 54: the commune appoints one), so the office looks after it.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from identity.account import Account, AccountState, find_account_of
from identity.application.death import end_applications_of
from identity.application.model import Application
from identity.application.tasks import Kind, open_task
from identity.audit import Actor
from identity.guardians import guardians_of
from identity.guardians.ending import end_for_death
from identity.locks import close
from identity.person import Person
from identity.telling import tell

CLOSED_BY_DEATH = "ward-closed-by-death"


def close_for_death(db: Session, account: Account, actor: Actor, source: str, *, now: datetime) -> None:
    """`source` says who reports it: the register, or the number of the request with the certificate.

    Whoever was a child's or ward's guardian reads why the account is closed; nobody else is left to be told.
    """
    close(db, account, actor, now=now, source=source)
    person = db.get(Person, account.person_id) if account.person_id else None
    if person is None:
        return
    end_acts_of(db, person.personal_number or "", person, actor, now=now)
    for row in guardians_of(db, person.id, now=now):
        guardian = find_account_of(db, row.guardian_id)
        if guardian is not None and guardian.state != AccountState.CLOSED:
            tell(db, guardian, CLOSED_BY_DEATH, now=now, name=account.display_name)


def end_acts_of(db: Session, number: str, person: Person | None, actor: Actor, *, now: datetime) -> None:
    """What the dead applied for, and for whom they acted; `person` is whom we know by the number."""
    end_applications_of(db, number, person, actor, now=now)
    for row in end_for_death(db, person.id, actor, now=now) if person is not None else ():
        file = db.get(Application, row.application_id) if row.application_id else None
        if file is not None:
            open_task(db, file, Kind.NO_GUARDIAN, now=now)
