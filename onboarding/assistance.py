"""Records of help: what a member did, where and when. Taken in once, however often they are sent; never changed.

The client names the record (UUID): the same content again is *known*, other content under the same name a *conflict*.
A correction is a new record that supersedes the old one. The database refuses UPDATE and DELETE.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from identity.audit import Actor, Event, record
from identity.base import Base, Refused
from identity.deadlines import VIETNAM, rule, today_in_vietnam
from identity.helping import present_help_code
from identity.sealed import Sealed, vault
from identity.staff import RoleName
from onboarding.entry import Entry, check_entry
from onboarding.team import Membership, membership


class AssistanceEvent(Base):
    """One record of help. Unit and team are those of its day; `pseudonym` only when the person gave a help code.

    An activation from `outcome_from` until `outcome_until` is an outcome of this help (rule `helped_outcome_days`). The
    code is good all day, so the span begins with the day: people often activate minutes before the record is written.
    """

    __tablename__ = "assistance_event"
    __table_args__ = (
        Index(None, "account_id", "happened_at"),
        Index(None, "unit_id", "happened_at"),
        Index(None, "team_id", "happened_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    team_id: Mapped[UUID] = mapped_column(ForeignKey("team.id"))
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    happened_at: Mapped[datetime]
    received_at: Mapped[datetime]
    outcome_from: Mapped[datetime]
    outcome_until: Mapped[datetime]
    task: Mapped[str] = mapped_column(String(40))
    procedure: Mapped[str | None] = mapped_column(String(40))
    mode: Mapped[str] = mapped_column(String(20))
    authorised: Mapped[bool]
    result: Mapped[str] = mapped_column(String(20))
    obstacle: Mapped[str | None] = mapped_column(String(20))
    minutes: Mapped[int]
    age_band: Mapped[str | None] = mapped_column(String(12))
    sex: Mapped[str | None] = mapped_column(String(1))
    traits: Mapped[list[str]] = mapped_column(JSON)
    note_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    pseudonym: Mapped[bytes | None] = mapped_column(LargeBinary(32), index=True)
    supersedes: Mapped[UUID | None] = mapped_column(ForeignKey("assistance_event.id"), unique=True)

    note = Sealed(str)


class State(StrEnum):
    """What became of a record that was sent."""

    SAVED = "saved"
    KNOWN = "known"
    CONFLICT = "conflict"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Taken:
    """The answer for one record; `refusal` says why it was refused and at which field."""

    state: State
    refusal: Refused | None = None


def take_in(db: Session, account_id: UUID, entry: Entry, *, now: datetime) -> Taken:
    """Take in one record of this member. A refusal is a result: a wrong help code stays counted."""
    digest = _digest(db, account_id, entry)
    known = _known(db, entry.id, digest)
    if known is not None:
        return known
    try:
        check_entry(entry, now=now)
        member = _membership_then(db, account_id, entry)
        _check_original(db, member, entry)
        pseudonym = _pseudonym(db, account_id, entry, now)
    except Refused as refusal:
        return Taken(State.REFUSED, refusal)
    if not _insert(db, _row(db, member, entry, digest, pseudonym, now)):
        return _known(db, entry.id, digest) or Taken(State.REFUSED, Refused("assistance-superseded"))
    actor = Actor(account_id, RoleName.LEAD if member.is_lead else RoleName.MEMBER)
    record(db, Event.ASSISTANCE_LOGGED, actor, now=now, subject=("assistance", entry.id), task=entry.task.value)
    return Taken(State.SAVED)


def _known(db: Session, id_: UUID, digest: bytes) -> Taken | None:
    stored = db.scalar(select(AssistanceEvent.digest).where(AssistanceEvent.id == id_))
    if stored is None:
        return None
    return Taken(State.KNOWN if stored == digest else State.CONFLICT)


def _membership_then(db: Session, account_id: UUID, entry: Entry) -> Membership:
    member = membership(db, account_id, on=today_in_vietnam(entry.happened_at))
    if member is None:
        raise Refused("not-a-member-then", field="happened_at")
    return member


def _check_original(db: Session, member: Membership, entry: Entry) -> None:
    if entry.supersedes is None:
        return
    original = db.get(AssistanceEvent, entry.supersedes)
    if original is None or original.account_id != member.account_id:
        raise Refused("assistance-not-yours")
    if db.scalar(select(AssistanceEvent.id).where(AssistanceEvent.supersedes == entry.supersedes)) is not None:
        raise Refused("assistance-superseded")


def _pseudonym(db: Session, account_id: UUID, entry: Entry, now: datetime) -> bytes | None:
    """Whom the code stands for; a correction without a code keeps the person of the original."""
    if not entry.help_code:
        original = db.get(AssistanceEvent, entry.supersedes) if entry.supersedes else None
        return original.pseudonym if original is not None else None
    presented = present_help_code(db, account_id, entry.help_code, on=today_in_vietnam(entry.happened_at), now=now)
    if presented.blocked:
        raise Refused("help-code-blocked", field="help_code")
    if presented.pseudonym is None:
        raise Refused("help-code-unknown", field="help_code")
    return presented.pseudonym


def _row(
    db: Session, member: Membership, entry: Entry, digest: bytes, pseudonym: bytes | None, now: datetime
) -> dict[str, Any]:
    day = today_in_vietnam(entry.happened_at)
    note = vault(db).seal("assistance_event.note_sealed", entry.id, entry.note.encode()) if entry.note else None
    return {
        "id": entry.id,
        "digest": digest,
        "account_id": member.account_id,
        "team_id": member.team_id,
        "unit_id": member.unit_id,
        "happened_at": entry.happened_at,
        "received_at": now,
        "outcome_from": datetime.combine(day, time(), VIETNAM),
        "outcome_until": entry.happened_at + timedelta(days=rule("helped_outcome_days", day)),
        "task": entry.task.value,
        "procedure": entry.procedure or None,
        "mode": entry.mode.value,
        "authorised": entry.authorised,
        "result": entry.result.value,
        "obstacle": None if entry.obstacle is None else entry.obstacle.value,
        "minutes": entry.minutes,
        "age_band": None if entry.age_band is None else entry.age_band.value,
        "sex": None if entry.sex is None else entry.sex.value,
        "traits": sorted(entry.traits),
        "note_sealed": note,
        "pseudonym": pseudonym,
        "supersedes": entry.supersedes,
    }


def _insert(db: Session, row: dict[str, Any]) -> bool:
    """False when the name, or the record that it corrects, was taken in the meantime."""
    dialect = postgresql if db.get_bind().dialect.name == "postgresql" else sqlite
    statement = dialect.insert(AssistanceEvent).values(**row).on_conflict_do_nothing().returning(AssistanceEvent.id)
    return db.execute(statement).one_or_none() is not None


def _digest(db: Session, account_id: UUID, entry: Entry) -> bytes:
    """Keyed digest of member and content: the content itself may be guessable."""
    values = {name: getattr(entry, name) for name in Entry.__dataclass_fields__}
    values["traits"] = sorted(entry.traits)
    content = orjson.dumps({"account": account_id, **values}, option=orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z)
    return vault(db).digest("assistance", content.decode())
