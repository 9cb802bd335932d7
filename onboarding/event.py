"""The stored record of help. Written once, never changed: a correction is a new record that supersedes the old one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from identity.audit import Actor, Event, record
from identity.base import Base
from identity.deadlines import VIETNAM, rule, today_in_vietnam
from identity.sealed import Sealed, vault
from identity.staff import RoleName
from identity.writing import insert_into
from onboarding.catalogue import Mode
from onboarding.entry import Entry
from onboarding.team import Membership


class AssistanceEvent(Base):
    """One record of help. Unit, village and team are those of its day; `pseudonym` only with a help code.

    An activation from `outcome_from` until `outcome_until` is an outcome of this help (rule `helped_outcome_days`). The
    code is good all day, so the span begins with the day: people often activate minutes before the record is written.
    `clock_skew` is by how many seconds the phone's clock ran ahead of the server's when it sent; None when it agreed.
    """

    __tablename__ = "assistance_event"
    __table_args__ = (
        Index(None, "happened_at"),
        Index(None, "account_id", "happened_at"),
        Index(None, "unit_id", "happened_at"),
        Index(None, "team_id", "happened_at"),
        Index(None, "pseudonym", "happened_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    team_id: Mapped[UUID] = mapped_column(ForeignKey("team.id"))
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    village_id: Mapped[UUID | None] = mapped_column(ForeignKey("unit.id"))
    happened_at: Mapped[datetime]
    received_at: Mapped[datetime]
    clock_skew: Mapped[int | None]
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
    pseudonym: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    supersedes: Mapped[UUID | None] = mapped_column(ForeignKey("assistance_event.id"), unique=True)
    delegation_id: Mapped[UUID | None] = mapped_column(ForeignKey("delegation.id"), index=True)

    note = Sealed(str)


@dataclass(frozen=True, slots=True)
class Arrival:
    """What the server knows of a record that its writer does not say."""

    member: Membership
    digest: bytes
    pseudonym: bytes | None
    received_at: datetime
    clock_skew: int | None = None


def add_event(db: Session, entry: Entry, arrival: Arrival) -> bool:
    """Store a checked record, audited. False when its name, or the record it corrects, was taken in the meantime."""
    values = _row(db, entry, arrival)
    statement = insert_into(db, AssistanceEvent).values(**values).on_conflict_do_nothing().returning(AssistanceEvent.id)
    if db.execute(statement).one_or_none() is None:
        return False
    member = arrival.member
    actor = Actor(member.account_id, RoleName.LEAD if member.is_lead else RoleName.MEMBER)
    subject = ("assistance", entry.id)
    record(db, Event.ASSISTANCE_LOGGED, actor, now=arrival.received_at, subject=subject, task=entry.task.value)
    return True


def newest_of(db: Session, id_: UUID) -> AssistanceEvent | None:
    """The record that counts now, behind whatever corrections it had; None where nothing of that name is stored."""
    while (later := db.scalar(select(AssistanceEvent.id).where(AssistanceEvent.supersedes == id_))) is not None:
        id_ = later
    return db.get(AssistanceEvent, id_)


def _row(db: Session, entry: Entry, arrival: Arrival) -> dict[str, Any]:
    day = today_in_vietnam(entry.happened_at)
    words = entry.note or _kept_note(db, entry)
    note = vault(db).seal("assistance_event.note_sealed", entry.id, words.encode()) if words else None
    return {
        "id": entry.id,
        "digest": arrival.digest,
        "account_id": arrival.member.account_id,
        "team_id": arrival.member.team_id,
        "unit_id": arrival.member.unit_id,
        "village_id": entry.village_id,
        "happened_at": entry.happened_at,
        "received_at": arrival.received_at,
        "clock_skew": arrival.clock_skew,
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
        "pseudonym": arrival.pseudonym,
        "supersedes": entry.supersedes,
        "delegation_id": entry.delegation_id if entry.mode is Mode.ON_BEHALF else None,
    }


def _kept_note(db: Session, entry: Entry) -> str:
    """What a correction without a note of its own keeps."""
    if entry.supersedes is None or entry.drops_note:
        return ""
    original = db.get(AssistanceEvent, entry.supersedes)
    return (original.note or "") if original is not None else ""
