"""A request about personal data from somebody who cannot sign in: an officer takes it in, person and paper at hand.

The rights are the person's (Law 91/2025/QH15), and not those of whoever has an account open: papers end, accounts are
locked or closed, guardians and heirs have none. The clocks run as for any request. The officer who took it in does not
answer it, so that nobody erases or learns anything on one officer's word.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.account import Account, Ground, Kind, find_account
from identity.application.conflicts import check_not_own_account
from identity.audit import Actor, AuditEvent, Event, record
from identity.base import Refused
from identity.locks import grounds_of
from identity.rights.effects import USES
from identity.rights.model import RightKind, RightsRequest
from identity.rights.requests import ask

WRONG = ("name", "birth_date", "sex", "nationality", "address", "document", "other")
"""What may be said to be wrong."""
ABOUT = {RightKind.RECTIFY: WRONG, RightKind.OBJECT: USES}
IN_WORDS = frozenset({RightKind.ACCESS, RightKind.RECTIFY})
LONGEST_PAPER = 80


class Asker(StrEnum):
    """Who stands at the counter."""

    HOLDER = "holder"
    REPRESENTATIVE = "representative"
    """A guardian, or whoever has a power of attorney."""
    HEIR = "heir"


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for, by whom, and the paper that shows who asks."""

    kind: RightKind
    asker: Asker
    about: str = ""
    words: str = ""
    paper: str = ""


def look_up(db: Session, officer: Actor, number: str, *, now: datetime) -> Account:
    """The account that it is about. On record, its holder sees it. Refused "counter-unknown"."""
    account = find_account(db, number)
    if account is None or account.kind != Kind.RESIDENT:
        raise Refused("counter-unknown", field="number")
    check_not_own_account(db, officer, account)
    record(db, Event.ACCOUNT_LOOKED_UP, officer, now=now, subject=("account", account.id), purpose="data-rights")
    return account


def take_in(db: Session, account: Account, asked: Asked, officer: Actor, *, now: datetime) -> RightsRequest:
    """Keep it, with the paper before the words. Refused "rights-about", "rights-words", "rights-paper",
    "rights-not-dead", "rights-asked-before"."""
    check_not_own_account(db, officer, account)
    words, paper = asked.words.strip(), " ".join(asked.paper.split())
    if asked.kind in ABOUT and asked.about not in ABOUT[asked.kind]:
        raise Refused("rights-about", field="about")
    if asked.kind in IN_WORDS and not words:
        raise Refused("rights-words", field="words")
    if asked.asker is not Asker.HOLDER and not paper:
        raise Refused("rights-paper", field="paper")
    if asked.asker is Asker.HEIR and Ground.DEATH not in {one.ground for one in grounds_of(db, account, now=now)}:
        raise Refused("rights-not-dead", field="asker")
    about = asked.about if asked.kind in ABOUT else ""
    said = "\n".join(part for part in (paper[:LONGEST_PAPER], words) if part)
    try:
        return ask(db, account, asked.kind, officer, about=about, words=said, now=now, asker=asked.asker.value)
    except Refused as refusal:
        if refusal.code == "rights-already-open":
            raise Refused("rights-asked-before", field="kind") from None
        raise


def taken_in(db: Session, row: RightsRequest) -> tuple[Asker, UUID | None] | None:
    """Who asked at a counter, and which officer took it in; None for a request of somebody signed in."""
    event = db.scalars(
        select(AuditEvent).where(
            AuditEvent.subject_kind == "account",
            AuditEvent.subject_id == row.account_id,
            AuditEvent.name == Event.RIGHTS_REQUESTED.value,
            AuditEvent.at == row.made_at,
        )
    ).first()
    asker = event.facts.get("asker") if event is not None and event.facts.get("kind") == row.kind else None
    return None if event is None or asker is None else (Asker(asker), event.actor_id)


def check_may_answer(db: Session, row: RightsRequest, officer: Actor) -> None:
    """Refused "rights-four-eyes" to whoever took it in."""
    found = taken_in(db, row)
    if found is not None and found[1] == officer.account_id:
        raise Refused("rights-four-eyes", audited=True)
