"""A person whom a member cannot help further is referred to a desk, with consent, and followed until it is closed."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKey, Index, LargeBinary, String, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from identity.account import Account
from identity.audit import Actor, Event, record
from identity.base import Base, Keyed, Refused, new_id
from identity.deadlines import rule, today_in_vietnam
from identity.sealed import Sealed, vault
from onboarding.free_text import personal_words
from onboarding.team import Membership


class Desk(StrEnum):
    """Who goes on from here."""

    WARD_POLICE = "ward-police"
    IMMIGRATION = "immigration"
    ONE_STOP = "one-stop"
    OPERATOR_SHOP = "operator-shop"
    HELPLINE = "helpline"


class ReferralState(StrEnum):
    """Where a referral stands."""

    SENT = "sent"
    ACCEPTED = "accepted"
    CLOSED = "closed"


class ReferralOutcome(StrEnum):
    """How it ended."""

    SOLVED = "solved"
    NOT_SOLVED = "not-solved"
    NOT_COME = "not-come"
    WITHDRAWN = "withdrawn"
    """The person no longer agrees."""


class Referral(Keyed, Base):
    """`contact` is how the desk reaches the person, who agreed to pass it on; it is wiped when the referral closes."""

    __tablename__ = "referral"
    __table_args__ = (Index(None, "unit_id", "state"),)

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    desk: Mapped[str] = mapped_column(String(20))
    task: Mapped[str] = mapped_column(String(40))
    obstacle: Mapped[str | None] = mapped_column(String(20))
    note_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    contact_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    made_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(12))
    accepted_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(String(12))

    note = Sealed(str)
    contact = Sealed(str)


def refer(
    db: Session, member: Membership, desk: Desk, task: str, by: Actor, *, now: datetime, **details: str | bool
) -> Referral:
    """Refer somebody. Details: obstacle, note (no names, no numbers), contact, agreed (to pass the contact on)."""
    note, contact = str(details.get("note", "")), str(details.get("contact", ""))
    if not details.get("agreed"):
        raise Refused("referral-not-agreed", field="agreed")
    found = personal_words(note)
    if found is not None:
        raise Refused(f"note-has-{found.kind}", field="note", words=found.words)
    id_, sealed = new_id(), vault(db)
    referral = Referral(
        id=id_,
        account_id=member.account_id,
        unit_id=member.unit_id,
        desk=desk,
        task=task,
        obstacle=details.get("obstacle") or None,
        note_sealed=sealed.seal("referral.note_sealed", id_, note.encode()) if note else None,
        contact_sealed=sealed.seal("referral.contact_sealed", id_, contact.encode()) if contact else None,
        made_at=now,
        state=ReferralState.SENT,
    )
    db.add(referral)
    record(db, Event.REFERRAL_MADE, by, now=now, subject=("referral", id_), desk=desk.value)
    return referral


def accept(db: Session, referral: Referral, by: Actor, *, now: datetime) -> None:
    """The desk has it. Audited."""
    if referral.state != ReferralState.SENT:
        raise Refused("changed-meanwhile")
    referral.state, referral.accepted_at = ReferralState.ACCEPTED, now
    record(db, Event.REFERRAL_ACCEPTED, by, now=now, subject=("referral", referral.id))


def close(db: Session, referral: Referral, outcome: ReferralOutcome, by: Actor, *, now: datetime) -> None:
    """It is over; how to reach the person is forgotten. Audited."""
    if referral.state == ReferralState.CLOSED:
        raise Refused("changed-meanwhile")
    referral.state, referral.closed_at, referral.outcome = ReferralState.CLOSED, now, outcome
    referral.contact_sealed = referral.note_sealed = None
    record(db, Event.REFERRAL_CLOSED, by, now=now, subject=("referral", referral.id), outcome=outcome.value)


def get_referral(db: Session, id_: UUID, unit_ids: Collection[UUID]) -> Referral:
    """A referral of these units."""
    referral = db.scalar(select(Referral).where(Referral.id == id_).with_for_update())
    if referral is None or referral.unit_id not in unit_ids:
        raise Refused("not-found")
    return referral


def withdraw_referral(db: Session, id_: UUID, by: Actor, *, now: datetime) -> None:
    """The person told the member who referred them that they no longer agree. Audited, and forgotten as by `close`."""
    referral = db.scalar(select(Referral).where(Referral.id == id_).with_for_update())
    if referral is None or referral.account_id != by.account_id:
        raise Refused("not-found")
    close(db, referral, ReferralOutcome.WITHDRAWN, by, now=now)


def open_referrals(
    db: Session, unit_ids: Collection[UUID], *, limit: int | None = None, offset: int = 0
) -> list[tuple[Referral, str]]:
    """What is not closed in these units, with the name of the member who referred, the oldest first."""
    query = select(Referral, Account).join(Account, Account.id == Referral.account_id).where(*_open(unit_ids))
    rows = db.execute(query.order_by(Referral.made_at, Referral.id).limit(limit).offset(offset))
    return [(referral, account.display_name or "") for referral, account in rows]


def count_open(db: Session, unit_ids: Collection[UUID]) -> int:
    """How many they are."""
    return db.scalar(select(func.count()).select_from(Referral).where(*_open(unit_ids))) or 0


def referrals_by(db: Session, account_id: UUID, *, limit: int = 30) -> list[Referral]:
    """The member's own, the newest first: all that are open, and after them the last that were closed."""
    query = select(Referral).where(Referral.account_id == account_id)
    query = query.order_by(Referral.made_at.desc(), Referral.id.desc())
    closed = Referral.state == ReferralState.CLOSED
    return [*db.scalars(query.where(~closed)), *db.scalars(query.where(closed).limit(limit))]


def is_late(referral: Referral, *, now: datetime) -> bool:
    """Whether nobody has closed it within the days of rule `referral_days`."""
    days = rule("referral_days", today_in_vietnam(referral.made_at))
    return referral.state != ReferralState.CLOSED and now - referral.made_at > timedelta(days=days)


def _open(unit_ids: Collection[UUID]) -> tuple[ColumnElement[bool], ...]:
    return Referral.unit_id.in_(unit_ids), Referral.state != ReferralState.CLOSED
