"""What a death closes: the account, and every application that is open. Of the relatives, only guardians are told."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from identity.account import Account, AccountState, find_account_of
from identity.application.death import end_applications_of
from identity.audit import Actor
from identity.guardians import guardians_of
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
    end_applications_of(db, person.personal_number or "", person, actor, now=now)
    for row in guardians_of(db, person.id, now=now):
        guardian = find_account_of(db, row.guardian_id)
        if guardian is not None and guardian.state != AccountState.CLOSED:
            tell(db, guardian, CLOSED_BY_DEATH, now=now, name=account.display_name)
