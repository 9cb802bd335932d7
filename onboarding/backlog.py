"""Records that reached the server and cannot count yet: corrections before their original, records of who has left.

Phones send in any order, so a correction may come first; it waits, visibly, and is taken in with its original. What a
former member did while still a member is not lost either: it waits until the coordinator has looked at it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import fields
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import ColumnElement, ForeignKey, Index, LargeBinary, String, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from identity.account import Account
from identity.audit import Actor, Event, record
from identity.base import Base, Refused
from identity.deadlines import rule, today_in_vietnam
from identity.sealed import Sealed, vault
from identity.writing import insert_into
from onboarding.catalogue import AgeBand, Mode, Obstacle, Result, Sex, Task, Trait
from onboarding.entry import Entry
from onboarding.event import Arrival, AssistanceEvent, add_event
from onboarding.team import membership_then


class HeldFor(StrEnum):
    """Why a record waits."""

    ORIGINAL = "original"
    """The record that it corrects has not come yet."""
    MEMBER_LEFT = "member-left"
    """Its writer is no member any more."""


class Settled(StrEnum):
    """What became of it."""

    TAKEN = "taken"
    REFUSED = "refused"


class HeldRecord(Base):
    """A record in waiting. `content` is the record without its help code, which was resolved when it came."""

    __tablename__ = "assistance_held"
    __table_args__ = (Index(None, "unit_id", "settled_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    team_id: Mapped[UUID] = mapped_column(ForeignKey("team.id"))
    held_for: Mapped[str] = mapped_column(String(20))
    waits_for: Mapped[UUID | None] = mapped_column(index=True)
    happened_at: Mapped[datetime]
    received_at: Mapped[datetime]
    clock_skew: Mapped[int | None]
    pseudonym: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    content_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    settled_at: Mapped[datetime | None]
    settled_as: Mapped[str | None] = mapped_column(String(20))

    content = Sealed(str)

    @property
    def entry(self) -> Entry:
        return _entry(orjson.loads(self.content or "{}"))


def hold(db: Session, entry: Entry, arrival: Arrival, held_for: HeldFor) -> bool:
    """Let a checked record wait. False when its name was taken in the meantime."""
    content = _content(entry)
    values = {
        "id": entry.id,
        "digest": arrival.digest,
        "account_id": arrival.member.account_id,
        "unit_id": arrival.member.unit_id,
        "team_id": arrival.member.team_id,
        "held_for": held_for.value,
        "waits_for": entry.supersedes if held_for is HeldFor.ORIGINAL else None,
        "happened_at": entry.happened_at,
        "received_at": arrival.received_at,
        "clock_skew": arrival.clock_skew,
        "pseudonym": arrival.pseudonym,
        "content_sealed": vault(db).seal("assistance_held.content_sealed", entry.id, content),
    }
    statement = insert_into(db, HeldRecord).values(**values).on_conflict_do_nothing().returning(HeldRecord.id)
    return db.execute(statement).one_or_none() is not None


def settle_corrections(db: Session, account_id: UUID, *, now: datetime) -> set[UUID]:
    """Take in this member's waiting corrections whose original has come, chains of them too; those taken in."""
    taken: set[UUID] = set()
    while ready := _ready(db, account_id):
        for held in ready:
            if _settle(db, held, now=now):
                taken.add(held.id)
    return taken


def admit(db: Session, held: HeldRecord, by: Actor, *, now: datetime) -> None:
    """The coordinator lets the record of a former member count, as soon as what it corrects is there. Audited."""
    _check_open(held)
    record(db, Event.HELD_RECORD_ADMITTED, by, now=now, subject=("assistance", held.id))
    held.held_for, held.waits_for = HeldFor.ORIGINAL, held.entry.supersedes
    db.flush()
    if held.waits_for is None and not _settle(db, held, now=now):
        raise Refused("assistance-superseded")
    settle_corrections(db, held.account_id, now=now)


def turn_away(db: Session, held: HeldRecord, by: Actor, *, now: datetime) -> None:
    """The coordinator does not. The record is kept and counts nowhere, nor does a correction of it. Audited."""
    _check_open(held)
    turned = [held]
    for one in turned:
        one.settled_at, one.settled_as = now, Settled.REFUSED
        record(db, Event.HELD_RECORD_TURNED_AWAY, by, now=now, subject=("assistance", one.id))
        turned += _waiting_for(db, one)


def is_turned_away(db: Session, id_: UUID) -> bool:
    """Whether a record of this name came and does not count: a correction of it would wait in vain."""
    held = db.get(HeldRecord, id_)
    return held is not None and held.settled_as == Settled.REFUSED


def get_held(db: Session, id_: UUID, unit_ids: Collection[UUID]) -> HeldRecord:
    """A former member's record that waits in these units; whoever else decides about it waits."""
    held = db.scalar(select(HeldRecord).where(HeldRecord.id == id_).with_for_update())
    if held is None or held.unit_id not in unit_ids or held.held_for != HeldFor.MEMBER_LEFT:
        raise Refused("not-found")
    return held


def held_records(
    db: Session, unit_ids: Collection[UUID], *, limit: int | None = None, offset: int = 0
) -> list[tuple[HeldRecord, str]]:
    """What waits for the coordinator of these units, with the name of who left, the oldest first."""
    query = select(HeldRecord, Account).join(Account, Account.id == HeldRecord.account_id)
    query = query.where(*_waits(unit_ids, HeldFor.MEMBER_LEFT)).order_by(HeldRecord.received_at, HeldRecord.id)
    return [(held, account.display_name or "") for held, account in db.execute(query.limit(limit).offset(offset))]


def count_held(db: Session, unit_ids: Collection[UUID]) -> int:
    """How many they are."""
    return _count(db, *_waits(unit_ids, HeldFor.MEMBER_LEFT))


def count_lost(db: Session, unit_ids: Collection[UUID], *, now: datetime) -> int:
    """Corrections whose original has not come within the days of rule `correction_wait_days`."""
    before = now - timedelta(days=rule("correction_wait_days", today_in_vietnam(now)))
    return _count(db, *_waits(unit_ids, HeldFor.ORIGINAL), HeldRecord.received_at < before)


def waiting_of(db: Session, account_id: UUID) -> list[HeldRecord]:
    """The member's own records in waiting."""
    query = select(HeldRecord).where(HeldRecord.account_id == account_id, HeldRecord.settled_at.is_(None))
    return list(db.scalars(query.order_by(HeldRecord.received_at, HeldRecord.id)))


def _waits(unit_ids: Collection[UUID], held_for: HeldFor) -> tuple[ColumnElement[bool], ...]:
    return HeldRecord.unit_id.in_(unit_ids), HeldRecord.settled_at.is_(None), HeldRecord.held_for == held_for


def _count(db: Session, *wanted: ColumnElement[bool]) -> int:
    return db.scalar(select(func.count()).select_from(HeldRecord).where(*wanted)) or 0


def _ready(db: Session, account_id: UUID) -> list[HeldRecord]:
    query = (
        select(HeldRecord)
        .join(AssistanceEvent, AssistanceEvent.id == HeldRecord.waits_for)
        .where(HeldRecord.account_id == account_id, HeldRecord.settled_at.is_(None))
        .order_by(HeldRecord.happened_at, HeldRecord.id)
        .with_for_update(of=HeldRecord)
    )
    return list(db.scalars(query))


def _waiting_for(db: Session, held: HeldRecord) -> list[HeldRecord]:
    """Corrections of this record that wait, whatever they wait for."""
    query = select(HeldRecord).where(HeldRecord.account_id == held.account_id, HeldRecord.settled_at.is_(None))
    return [one for one in db.scalars(query.with_for_update()) if one.entry.supersedes == held.id]


def _settle(db: Session, held: HeldRecord, *, now: datetime) -> bool:
    """Take one in. Refused for good when its original belongs to somebody else or was corrected already."""
    entry = held.entry
    original = db.get(AssistanceEvent, entry.supersedes) if entry.supersedes else None
    member = membership_then(db, held.account_id, on=today_in_vietnam(held.happened_at))
    is_ours = original is None or original.account_id == held.account_id
    taken = False
    if member is not None and is_ours:
        pseudonym = held.pseudonym or (original.pseudonym if original is not None else None)
        taken = add_event(db, entry, Arrival(member, held.digest, pseudonym, held.received_at, held.clock_skew))
    held.settled_at, held.settled_as = now, Settled.TAKEN if taken else Settled.REFUSED
    db.flush()
    return taken


def _check_open(held: HeldRecord) -> None:
    if held.settled_at is not None:
        raise Refused("changed-meanwhile")


def _content(entry: Entry) -> bytes:
    values = {field.name: getattr(entry, field.name) for field in fields(entry) if field.name != "help_code"}
    values["traits"] = sorted(entry.traits)
    return orjson.dumps(values)


def _entry(values: dict[str, Any]) -> Entry:
    return Entry(
        id=UUID(values["id"]),
        happened_at=datetime.fromisoformat(values["happened_at"]),
        task=Task(values["task"]),
        mode=Mode(values["mode"]),
        result=Result(values["result"]),
        minutes=values["minutes"],
        obstacle=Obstacle(values["obstacle"]) if values["obstacle"] else None,
        procedure=values["procedure"],
        authorised=values["authorised"],
        age_band=AgeBand(values["age_band"]) if values["age_band"] else None,
        sex=Sex(values["sex"]) if values["sex"] else None,
        traits=frozenset(Trait(trait) for trait in values["traits"]),
        note=values["note"],
        supersedes=UUID(values["supersedes"]) if values["supersedes"] else None,
        village_id=UUID(values["village_id"]) if values["village_id"] else None,
        delegation_id=UUID(values["delegation_id"]) if values.get("delegation_id") else None,
        drops_note=values.get("drops_note", False),
    )
