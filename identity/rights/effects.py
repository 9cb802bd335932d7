"""What happens when a request is granted. Nothing here touches what a register holds (Decree 69/2024/ND-CP Art. 8)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from identity import purposes
from identity.account import Account
from identity.application import Application
from identity.audit import SYSTEM, Actor
from identity.base import Refused
from identity.consent import consents_of
from identity.consent import withdraw as withdraw_consent
from identity.guardians.hand_over import ENDS_TOO
from identity.helping import withdraw_help
from identity.oidc.grants import revoke_for_client
from identity.person import Person
from identity.rights.erasing import erase, erase_application, may_erase
from identity.rights.model import RightKind
from identity.rights.owner import Owner
from identity.rights.restriction import restrict

USES = ("helping", "survey", "research", "services")
"""What rests on consent and can be objected to."""
Effect = Callable[..., None]


def end_use(db: Session, account: Account, use: str, actor: Actor, *, now: datetime) -> None:
    """The consents behind one use end, and with them what it may hold."""
    person = db.get(Person, account.person_id) if account.person_id else None
    if use == "helping" and person is not None:
        withdraw_help(db, person, now=now, actor=actor)
    elif use == "services":
        for client_id in consents_of(db, account.id):
            withdraw_consent(db, account.id, client_id, actor=actor, now=now)
            revoke_for_client(db, account.id, client_id, now=now)
    else:
        purposes.stop(db, account.id, use, actor, now=now)


def _end_every_use(db: Session, account: Account, _about: str, actor: Actor, *, now: datetime) -> None:
    for use in USES:
        end_use(db, account, use, actor, now=now)


def end_at_hand_over(db: Session, account: Account, now: datetime) -> None:
    """What a guardian agreed to was theirs to say while it lasted (Law 91/2025/QH15: consent is the person's own, or
    the representative's): who takes the account over is asked afresh. Their tokens ended with their sessions."""
    _end_every_use(db, account, "", SYSTEM, now=now)


def _restrict(db: Session, account: Account, about: str, actor: Actor, *, now: datetime) -> None:
    _end_every_use(db, account, about, actor, now=now)
    restrict(db, account.id, actor, now=now)


def _end_one_use(db: Session, account: Account, about: str, actor: Actor, *, now: datetime) -> None:
    if about in USES:
        end_use(db, account, about, actor, now=now)


def _erase(db: Session, account: Account, _about: str, actor: Actor, *, now: datetime) -> None:
    erase(db, account, actor, now=now)


def _nothing(*_parts: Any, now: datetime) -> None:
    """The answer is all there is: the register corrects itself, a question is answered in words."""


EFFECTS: Mapping[RightKind, Effect] = {
    RightKind.ACCESS: _nothing,
    RightKind.RECTIFY: _nothing,
    RightKind.RESTRICT: _restrict,
    RightKind.OBJECT: _end_one_use,
    RightKind.WITHDRAW: _end_every_use,
    RightKind.ERASE: _erase,
}


def grant(db: Session, owner: Owner, kind: RightKind, about: str, actor: Actor, *, now: datetime) -> None:
    """What was asked for happens. Without an account nothing rests on consent that a request could end."""
    if isinstance(owner, Account):
        EFFECTS[kind](db, owner, about, actor, now=now)
    elif kind is RightKind.ERASE:
        erase_application(db, owner, actor, now=now)


def check_may_grant(owner: Owner, kind: RightKind, *, now: datetime) -> None:
    """Refused "rights-nothing-may-go" while an application is open, or its refusal may still be appealed."""
    if kind is RightKind.ERASE and isinstance(owner, Application) and not may_erase(owner, now=now):
        raise Refused("rights-nothing-may-go", field="answer")


ENDS_TOO.append(end_at_hand_over)
