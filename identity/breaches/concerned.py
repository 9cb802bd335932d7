"""Whom a number names: the holder of an account, or whoever applied and has none (yet, or at all).

Personal data of an open, refused or withdrawn application are data of a person as those of an account are (Decree
356/2025/ND-CP Art. 29). Somebody with both is the holder; somebody with several files is reached as the newest says.
"""

from __future__ import annotations

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from identity.account import Account, Kind, find_account, find_account_of
from identity.application import Application, notices
from identity.application.eligibility import find_registered
from identity.application.queue import numbered
from identity.application.registered import from_facts

Concerned = Account | Application


def find_concerned(db: Session, number: str) -> Concerned | None:
    """By the number of the person, of a passport or residence card, or of an application; None when nobody has it."""
    account = find_account(db, number)
    if account is not None:
        return account if account.kind == Kind.RESIDENT else None
    named = or_(Application.dossier_number == number, *numbered(db, number))
    newest = select(Application).where(named).order_by(Application.submitted_at.desc(), Application.id.desc())
    found = db.scalars(newest.limit(1)).one_or_none()
    return None if found is None else concerned_by(db, found)


def concerned_by(db: Session, application: Application) -> Concerned | None:
    """Whom this file is about. None once it was emptied and nobody is known any more, or nothing says where they are.

    The files of one person have one number, or, where a foreign resident's passport is new, name, birth date and phone.
    """
    if not application.full_name_folded:
        return None
    account = _account_of(db, application)
    if account is not None:
        return account
    alike = and_(Application.same_index == application.same_index, Application.phone_index == application.phone_index)
    theirs = or_(Application.number_index == application.number_index, alike)
    files = select(Application).where(theirs).order_by(Application.submitted_at.desc(), Application.id.desc())
    return next((one for one in db.scalars(files) if notices.own_ways(one)), None)


def _account_of(db: Session, application: Application) -> Account | None:
    person_id = application.person_id
    if person_id is None and application.record:
        known = find_registered(db, from_facts(application.record))
        person_id = known.id if known is not None else None
    return find_account_of(db, person_id) if person_id is not None else None
