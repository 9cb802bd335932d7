"""Finding the one case that a caller speaks of. Nothing is listed, and each look is on record for its holder to see.

A caller names a number, a dossier, the code of the receipt or a phone; each is looked up by its blind index. An agent
who looks up more than calls can explain is warned, and then stopped (`hotline` in the rules).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, false, func, or_, select
from sqlalchemy.orm import Session

from identity.account import Account, Kind, find_account, find_account_of
from identity.application import Application, find_by_code
from identity.application.conflicts import check_no_conflict, check_no_tie
from identity.application.queue import numbered
from identity.application.registered import bare
from identity.audit import Actor, AuditEvent, Event, record
from identity.base import Refused
from identity.deadlines import rule, today_in_vietnam
from identity.documents.phones import normalise_phone
from identity.hotline.model import HotlineCall
from identity.hotline.questions import draw
from identity.person import find_person_by_phone
from identity.sealed import vault
from identity.turns import take_turns

LOOKS = (Event.HOTLINE_LOOKED_UP, Event.HOTLINE_MISSED)


class Way(StrEnum):
    """What the caller names."""

    NUMBER = "number"
    DOSSIER = "dossier"
    CODE = "code"
    PHONE = "phone"


def open_call(db: Session, agent: Actor, way: Way, text: str, *, now: datetime) -> HotlineCall | Refused:
    """The call about what was found; "hotline-nobody" is a result, because the look counts all the same.

    Refused "hotline-many", "own-file", "conflict-declared".
    """
    assert agent.account_id is not None
    take_turns(db, agent.account_id.bytes)
    _count_look(db, agent, now)
    account, application = _find(db, way, text)
    if account is None and application is None:
        record(db, Event.HOTLINE_MISSED, agent, now=now, by=way.value)
        return Refused("hotline-nobody", field="text")
    _check_not_own(db, agent, account, application)
    life = timedelta(minutes=_rule(now)["call_minutes"])
    call = HotlineCall(
        answered_by_id=agent.account_id,
        account_id=account.id if account else None,
        application_id=application.id if application else None,
        found_by=way.value,
        opened_at=now,
        expires_at=now + life,
        questions=" ".join(draw(db, account, application, _rule(now)["questions"], now=now, told=text)),
    )
    db.add(call)
    record(db, Event.HOTLINE_LOOKED_UP, agent, now=now, subject=subject_of(call), by=way.value)
    return call


def find_call(db: Session, call_id: UUID, agent: Actor, *, now: datetime) -> HotlineCall:
    """The agent's own call while it goes on. Refused "hotline-call-over"."""
    call = db.get(HotlineCall, call_id)
    if call is None or call.answered_by_id != agent.account_id or not call.is_open(now):
        raise Refused("hotline-call-over")
    return call


def subject_of(call: HotlineCall) -> tuple[str, UUID]:
    """Whom the audit names."""
    if call.account_id is not None:
        return ("account", call.account_id)
    assert call.application_id is not None
    return ("application", call.application_id)


def looks_of(db: Session, agent_id: UUID, *, since: datetime) -> int:
    """How often this agent looked somebody up, whether anybody was found or not."""
    names = [event.value for event in LOOKS]
    query = select(func.count()).where(AuditEvent.actor_id == agent_id, AuditEvent.at > since)
    return db.scalar(query.where(AuditEvent.name.in_(names))) or 0


def is_warned(db: Session, agent_id: UUID, *, now: datetime) -> bool:
    """Whether the agent is near the limit."""
    limits = _rule(now)
    return looks_of(db, agent_id, since=now - timedelta(hours=limits["lookup_hours"])) >= limits["warn_lookups"]


def _rule(now: datetime) -> dict[str, int]:
    found: dict[str, int] = rule("hotline", today_in_vietnam(now))
    return found


def _count_look(db: Session, agent: Actor, now: datetime) -> None:
    assert agent.account_id is not None
    limits = _rule(now)
    looks = looks_of(db, agent.account_id, since=now - timedelta(hours=limits["lookup_hours"]))
    if looks >= limits["most_lookups"]:
        raise Refused("hotline-many", audited=True)
    if looks + 1 == limits["warn_lookups"]:
        record(db, Event.HOTLINE_WARNED, agent, now=now, subject=("account", agent.account_id), looks=looks + 1)


def _find(db: Session, way: Way, text: str) -> tuple[Account | None, Application | None]:
    if way is Way.NUMBER:
        return _by_number(db, text)
    if way is Way.PHONE:
        return _by_phone(db, normalise_phone(text, field="text"))
    if way is Way.CODE:
        application = find_by_code(db, text)
    else:
        application = db.scalar(select(Application).where(Application.dossier_number == text.strip().upper()))
    return _account_of(db, application), application


def _by_number(db: Session, typed: str) -> tuple[Account | None, Application | None]:
    """A number of ours, or of a paper as it is printed: a passport bears no number of ours."""
    account = find_account(db, bare(typed))
    if account is not None and account.kind != Kind.RESIDENT:
        account = None
    if account is not None and account.person_id is not None:
        return account, _newest(db, Application.person_id == account.person_id)
    application = _newest(db, or_(false(), *numbered(db, typed)))
    return account or _account_of(db, application), application


def _by_phone(db: Session, phone: str) -> tuple[Account | None, Application | None]:
    person = find_person_by_phone(db, phone)
    if person is not None:
        return find_account_of(db, person.id), _newest(db, Application.person_id == person.id)
    application = _newest(db, Application.phone_index == vault(db).blind("application.phone", phone))
    return _account_of(db, application), application


def _newest(db: Session, which: ColumnElement[bool]) -> Application | None:
    return db.scalar(select(Application).where(which).order_by(Application.submitted_at.desc()).limit(1))


def _account_of(db: Session, application: Application | None) -> Account | None:
    return find_account_of(db, application.person_id) if application and application.person_id else None


def _check_not_own(db: Session, agent: Actor, account: Account | None, application: Application | None) -> None:
    own = db.get(Account, agent.account_id)
    person = account.person_id if account else application.person_id if application else None
    if own is not None and own.person_id is not None and own.person_id == person:
        raise Refused("own-file", audited=True)
    check_no_tie(db, agent, person)
    if application is not None:
        check_no_conflict(db, application, agent)
