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

from sqlalchemy import ColumnElement, false, or_, select
from sqlalchemy.orm import Session

from identity.account import Account, Ground, Kind, find_account, find_account_of
from identity.application import Application, State
from identity.application.queue import numbered
from identity.application.registered import bare
from identity.audit import Actor, AuditEvent, Event, record
from identity.base import Refused
from identity.locks import grounds_of
from identity.rights.effects import USES
from identity.rights.model import RightKind, RightsRequest
from identity.rights.owner import OF_APPLICANTS, Owner, check_not_own_data, has_no_account, owner_of, subject_of
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


def look_up(db: Session, officer: Actor, number: str, *, now: datetime) -> Owner:
    """Whose data it is about: the account of this number or paper, else the newest application under it, or under this
    dossier number. On record, its holder sees it. Refused "counter-unknown"."""
    owner = _find_account(db, number) or _find_application(db, number)
    if owner is None:
        raise Refused("counter-unknown", field="number")
    check_not_own_data(db, officer, owner)
    seen = Event.APPLICATION_VIEWED if isinstance(owner, Application) else Event.ACCOUNT_LOOKED_UP
    record(db, seen, officer, now=now, subject=subject_of(owner), purpose="data-rights")
    return owner


def _find_account(db: Session, number: str) -> Account | None:
    """By its own number, or by a paper of a file that led to it."""
    account = find_account(db, bare(number))
    if account is not None:
        return account if account.kind == Kind.RESIDENT else None
    led = _newest(db, *numbered(db, number))
    people = {one.person_id for one in led if one.person_id is not None}
    return find_account_of(db, people.pop()) if len(people) == 1 else None


def _find_application(db: Session, number: str) -> Application | None:
    """One without an account; those that were emptied lie under no number any more."""
    found = _newest(db, *numbered(db, number), Application.dossier_number == number.strip().upper())
    return next((one for one in found if has_no_account(one)), None)


def _newest(db: Session, *either: ColumnElement[bool]) -> list[Application]:
    newest = select(Application).where(or_(false(), *either))
    return list(db.scalars(newest.order_by(Application.submitted_at.desc(), Application.id.desc())))


def take_in(db: Session, owner: Owner, asked: Asked, officer: Actor, *, now: datetime) -> RightsRequest:
    """Keep it, with the paper before the words. Refused "rights-about", "rights-words", "rights-paper",
    "rights-not-dead", "rights-needs-account", "rights-asked-before"."""
    check_not_own_data(db, officer, owner)
    words, paper = asked.words.strip(), " ".join(asked.paper.split())
    if asked.kind in ABOUT and asked.about not in ABOUT[asked.kind]:
        raise Refused("rights-about", field="about")
    if asked.kind in IN_WORDS and not words:
        raise Refused("rights-words", field="words")
    if asked.asker is not Asker.HOLDER and not paper:
        raise Refused("rights-paper", field="paper")
    if asked.asker is Asker.HEIR and not _is_dead(db, owner, now=now):
        raise Refused("rights-not-dead", field="asker")
    if isinstance(owner, Application) and asked.kind not in OF_APPLICANTS:
        raise Refused("rights-needs-account", field="kind")
    about = asked.about if asked.kind in ABOUT else ""
    said = "\n".join(part for part in (paper[:LONGEST_PAPER], words) if part)
    try:
        return ask(db, owner, asked.kind, officer, about=about, words=said, now=now, asker=asked.asker.value)
    except Refused as refusal:
        if refusal.code == "rights-already-open":
            raise Refused("rights-asked-before", field="kind") from None
        raise


def _is_dead(db: Session, owner: Owner, *, now: datetime) -> bool:
    """Whether the death is on record."""
    if isinstance(owner, Application):
        return owner.state == State.DECEASED
    return Ground.DEATH in {one.ground for one in grounds_of(db, owner, now=now)}


def taken_in(db: Session, row: RightsRequest) -> tuple[Asker, UUID | None] | None:
    """Who asked at a counter, and which officer took it in; None for a request of somebody signed in."""
    kind, owner_id = subject_of(owner_of(db, row))
    event = db.scalars(
        select(AuditEvent).where(
            AuditEvent.subject_kind == kind,
            AuditEvent.subject_id == owner_id,
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
