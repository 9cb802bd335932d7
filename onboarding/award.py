"""Awards: one for each skill that a witness confirmed and one for all five; given once, revocable, checkable by code.

Nobody decides to give one: it follows from the checks that stand. The code on the certificate leads to the public
page; it shows the holder's first name only when the holder agreed.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from datetime import datetime
from enum import StrEnum
from typing import cast
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Table, Uuid, bindparam, func, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from identity.audit import SYSTEM, Actor, Event, record
from identity.base import Base, Keyed, Refused, new_id
from identity.statements import Prepared
from identity.turns import is_free
from identity.writing import write_unless_there
from onboarding.award_key import ensure_key
from onboarding.skills import current_skills

ALL_FIVE = "all-five"
CODE_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
CODE_LENGTH = 16
LIST_LENGTH = 131_072
"""Entries of the status list at the least: they keep a holder in a crowd (W3C Bitstring Status List 1.0, section 6.1).

It doubles where it fills up; every award has its place in it for good.
"""
OF_THE_LIST = b"awrd"
TRIES = 8
"""A code or an index that is taken is drawn again."""
OPEN = text("revoked_at IS NULL")


class RevokedFor(StrEnum):
    """Why an award no longer counts."""

    CORRECTED = "corrected"
    MISTAKEN = "mistaken"
    MISUSED = "misused"
    REQUESTED = "requested"


class Award(Keyed, Base):
    """One award. `status_index` is its bit in the status list, drawn at random so that it tells nothing."""

    __tablename__ = "award"
    __table_args__ = (
        Index("uq_award_open", "learner_id", "achievement", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
    )

    code: Mapped[str] = mapped_column(String(16), unique=True)
    learner_id: Mapped[UUID] = mapped_column(ForeignKey("learner.id"), index=True)
    achievement: Mapped[str] = mapped_column(String(40))
    version: Mapped[int]
    team_id: Mapped[UUID] = mapped_column(ForeignKey("team.id"), index=True)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    given_at: Mapped[datetime]
    status_index: Mapped[int] = mapped_column(unique=True)
    shows_name: Mapped[bool]
    revoked_at: Mapped[datetime | None]
    revoked_for: Mapped[str | None] = mapped_column(String(12))

    @property
    def spaced_code(self) -> str:
        return " ".join(self.code[start : start + 4] for start in range(0, CODE_LENGTH, 4))


def award_what_is_due(
    db: Session,
    learner_id: UUID,
    held: Mapping[str, datetime],
    team_id: UUID,
    unit_id: UUID,
    by: Actor | None,
    *,
    now: datetime,
) -> list[UUID]:
    """Give an award for each skill held (with the moment its check came), and for all five together. Audited.

    Giving twice gives one. What a member took back is given anew only for a check that came since.
    """
    rows = _ALL.all(db, learner=learner_id)
    has = {row.achievement for row in rows if row.revoked_at is None}
    fallen = {row.achievement: row.revoked_at for row in rows if row.revoked_for not in (None, RevokedFor.CORRECTED)}
    due = {skill for skill, at in held.items() if at >= fallen.get(skill, at)}
    if due >= {skill.code for skill in current_skills().skills}:
        last = max(held.values())
        due |= {ALL_FIVE} if last >= fallen.get(ALL_FIVE, last) else set()
    ensure_key(db, now=now)
    given = []
    for achievement in sorted(due - has):
        award_id = _give(db, learner_id, achievement, team_id, unit_id, now)
        if award_id is not None:
            subject = ("learner", learner_id)
            record(db, Event.AWARD_GIVEN, by or SYSTEM, now=now, subject=subject, achievement=achievement)
            given.append(award_id)
    return given


def withdraw_what_fell(db: Session, learner_id: UUID, held: set[str], why: RevokedFor, *, now: datetime) -> None:
    """After a correction: awards that no check bears any more are revoked."""
    complete = held >= {skill.code for skill in current_skills().skills}
    for award in awards_of(db, [learner_id]):
        bears = complete if award.achievement == ALL_FIVE else award.achievement in held
        if award.revoked_at is None and not bears:
            revoke(db, award, why, SYSTEM, now=now)


def revoke(db: Session, award: Award, why: RevokedFor, by: Actor, *, now: datetime) -> None:
    """From now on the award does not count; it never comes back. Audited; revoking twice changes nothing.

    What was seen by mistake bears no award for all five either.
    """
    revoked = db.scalar(
        update(Award)
        .where(Award.id == award.id, Award.revoked_at.is_(None))
        .values(revoked_at=now, revoked_for=why.value)
        .returning(Award.id)
        .execution_options(synchronize_session="fetch")
    )
    if revoked is not None:
        record(db, Event.AWARD_REVOKED, by, now=now, subject=("learner", award.learner_id), why=why.value)
        if why is RevokedFor.MISTAKEN and award.achievement != ALL_FIVE:
            whole = select(Award).where(Award.learner_id == award.learner_id, Award.achievement == ALL_FIVE)
            for one in db.scalars(whole.where(Award.revoked_at.is_(None))):
                revoke(db, one, why, by, now=now)


def find_award(db: Session, code: str) -> Award | None:
    """The award with this code, however it is written."""
    typed = "".join(letter for letter in code.upper() if letter in CODE_LETTERS)
    return db.scalar(select(Award).where(Award.code == typed)) if len(typed) == CODE_LENGTH else None


def get_own_award(db: Session, award_id: UUID, learner_ids: Collection[UUID]) -> Award:
    """An award of this learner; refused when it is somebody else's."""
    award = db.get(Award, award_id)
    if award is None or award.learner_id not in learner_ids:
        raise Refused("award-unknown")
    return award


def awards_of(db: Session, learner_ids: Collection[UUID]) -> list[Award]:
    """A learner's awards, revoked ones too, in the order in which they were given."""
    query = select(Award).where(Award.learner_id.in_(learner_ids))
    return list(db.scalars(query.order_by(Award.given_at, Award.id)))


def revoked_indexes(db: Session, *, until: datetime | None = None) -> list[int]:
    """The bits that are set in the status list."""
    query = select(Award.status_index).where(Award.revoked_at.is_not(None))
    return list(db.scalars(query if until is None else query.where(Award.revoked_at <= until)))


def list_length(db: Session) -> int:
    """How many entries the status list has: as many as its last award needs, in whole doublings."""
    last, length = db.scalar(select(func.max(Award.status_index))) or 0, LIST_LENGTH
    while length <= last:
        length *= 2
    return length


def _give(db: Session, learner_id: UUID, achievement: str, team_id: UUID, unit_id: UUID, now: datetime) -> UUID | None:
    """The new award's id; None when there is one already, also one given at this very moment."""
    for grown in range(TRIES):  # the fuller the list, the more often it is drawn twice as long
        award_id, place = new_id(), secrets.randbelow(LIST_LENGTH << grown)
        if not is_free(db, OF_THE_LIST + place.to_bytes(4, "big")):
            continue
        values = {
            "id": award_id,
            "code": "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH)),
            "learner_id": learner_id,
            "achievement": achievement,
            "version": current_skills().version,
            "team_id": team_id,
            "unit_id": unit_id,
            "given_at": now,
            "status_index": place,
            "shows_name": False,
        }
        if write_unless_there(db, (_TABLE, values)):
            return award_id
        if achievement in {row.achievement for row in _OPEN.all(db, learner=learner_id)}:
            break
    return None


_TABLE = cast(Table, Award.__table__)
_OF_LEARNER = Award.learner_id == bindparam("learner", type_=Uuid())
_ALL = Prepared(
    select(Award.achievement, Award.revoked_at, Award.revoked_for).where(_OF_LEARNER).order_by(Award.given_at, Award.id)
)
_OPEN = Prepared(select(Award.achievement).where(_OF_LEARNER, Award.revoked_at.is_(None)))
