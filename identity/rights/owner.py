"""Whose data a request is about: the holder of an account, or whoever applied and has none yet or never will.

The rights are the person's (Law 91/2025/QH15), and an application that is open, was refused or withdrawn holds their
data as an account does. Once it is issued, the account answers for it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from identity.account import Account, get_account
from identity.application import Application, State, notices
from identity.application.conflicts import check_not_own_account
from identity.application.review import check_not_own
from identity.audit import Actor
from identity.rights.model import RightKind, RightsRequest
from identity.telling import tell

Owner = Account | Application
OF_APPLICANTS = (RightKind.ACCESS, RightKind.RECTIFY, RightKind.ERASE)
"""What may be asked for without an account: the one use that rests on consent, to be helped, ends by its own button."""


def owner_of(db: Session, row: RightsRequest) -> Owner:
    """Who asked."""
    return get_account(db, row.account_id) if row.account_id else db.get_one(Application, row.application_id)


def subject_of(owner: Owner) -> tuple[str, UUID]:
    """How the audit names it."""
    return owner.subject if isinstance(owner, Application) else ("account", owner.id)


def name_of(owner: Owner) -> str:
    """What the desk calls it; of a file that was emptied its number is left."""
    if isinstance(owner, Application):
        return owner.full_name or owner.dossier_number
    return owner.display_name or ""


def has_no_account(application: Application) -> bool:
    """Whether requests go by the application."""
    return application.state != State.ISSUED


def check_not_own_data(db: Session, officer: Actor, owner: Owner) -> None:
    """Nobody works on their own data, or on those of somebody they are tied to. Refused "own-file",
    "conflict-declared", and the attempt is recorded."""
    if isinstance(owner, Application):
        check_not_own(db, owner, officer)
    else:
        check_not_own_account(db, officer, owner)


def tell_owner(db: Session, owner: Owner, notice: str, *, now: datetime, **facts: Any) -> None:
    """On every way there is; an applicant hears it on those they chose, in words that send nobody to an account."""
    if isinstance(owner, Application):
        notices.tell(db, owner, f"applicant-{notice}", now=now, **facts)
    else:
        tell(db, owner, notice, now=now, **facts)
