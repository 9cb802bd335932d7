"""Who learns: a person with an e-ID under a keyed pseudonym, or somebody without one who holds a slip of one day.

Somebody with a slip is counted like everybody else and can be linked later, by the slip's code and their own account
(or a help code at the team's table). After the link both are one learner.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import cast
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, String, bindparam, func, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from identity.audit import Actor, Event, record
from identity.base import Base, Keyed, Refused, new_id
from identity.deadlines import rule, today_in_vietnam
from identity.helping.waiting import first_name
from identity.learner_key import learner_key
from identity.person import Person
from identity.sealed import Sealed, add, vault
from identity.statements import Prepared
from identity.writing import insert_into

SLIP_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
SLIP_LENGTH = 8
"""40 random bits, found by digest and only by people who are signed in and slowed down."""


class Learner(Keyed, Base):
    """One who learns. `key` is the person's pseudonym; without one it is a slip. The first name is for trainers."""

    __tablename__ = "learner"

    key: Mapped[bytes | None] = mapped_column(LargeBinary(32), unique=True)
    name_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    slip_digest: Mapped[bytes | None] = mapped_column(LargeBinary(32), unique=True)
    slip_day: Mapped[date | None]
    slip_label: Mapped[str | None] = mapped_column(String(20))
    linked_to: Mapped[UUID | None] = mapped_column(ForeignKey("learner.id"), index=True)
    linked_at: Mapped[datetime | None]
    unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("unit.id"))
    age_band: Mapped[str | None] = mapped_column(String(12))
    made_at: Mapped[datetime]

    name = Sealed(str)

    @property
    def is_slip(self) -> bool:
        return self.key is None


@dataclass(frozen=True, slots=True)
class Slip:
    """A slip just made; its code is shown once."""

    learner_id: UUID
    code: str
    label: str


def learner_of(db: Session, person_id: UUID, *, now: datetime) -> Learner:
    """The learner that a person is, made at the first need."""
    found = find_learner(db, person_id)
    if found is not None:
        return found
    person, row_id = db.get_one(Person, person_id), new_id()
    values = {
        "id": row_id,
        "key": learner_key(db, person_id),
        "name_sealed": vault(db).seal("learner.name_sealed", row_id, first_name(person.full_name or "").encode()),
        "unit_id": person.unit_id,
        "age_band": person.age_band,
        "made_at": now,
    }
    # two devices of one person may come at once: the second takes what the first has made
    db.execute(insert_into(db, Learner).values(**values).on_conflict_do_nothing())
    return db.scalars(select(Learner).where(Learner.key == values["key"])).one()


def find_learner(db: Session, person_id: UUID) -> Learner | None:
    """The learner that a person is, if they have begun."""
    return db.scalar(select(Learner).where(Learner.key == learner_key(db, person_id)))


def make_slip(db: Session, by: Actor, *, now: datetime, unit_id: UUID, label: str, age_band: str | None = None) -> Slip:
    """A learner without e-ID, for one day. The label is a number on the list, never a name. Audited."""
    code = "".join(secrets.choice(SLIP_LETTERS) for _ in range(SLIP_LENGTH))
    row = Learner(
        slip_digest=_digest(db, code),
        slip_day=today_in_vietnam(now),
        slip_label=label,
        unit_id=unit_id,
        age_band=age_band,
        made_at=now,
    )
    add(db, row)
    db.flush()
    record(db, Event.SLIP_MADE, by, now=now, subject=("learner", row.id))
    return Slip(row.id, f"{code[:4]} {code[4:]}", label)


def find_slip(db: Session, code: str, *, now: datetime) -> Learner | None:
    """Whose slip this is, on its own day only."""
    query = select(Learner).where(Learner.slip_digest == _digest(db, code), Learner.linked_to.is_(None))
    return db.scalar(query.where(Learner.slip_day == today_in_vietnam(now)))


def link_slip(db: Session, learner: Learner, code: str, by: Actor, *, now: datetime) -> UUID:
    """What was done with the slip is the learner's from now on. One link a slip. Audited."""
    today = today_in_vietnam(now)
    since = today - timedelta(days=rule("slip_link_days", today))
    linked = db.scalar(
        update(Learner)
        .where(Learner.slip_digest == _digest(db, code), Learner.linked_to.is_(None), Learner.slip_day >= since)
        .values(linked_to=learner.id, linked_at=now)
        .returning(Learner.id)
        .execution_options(synchronize_session=False)
    )
    if linked is None:
        raise Refused("slip-unknown", field="slip")
    record(db, Event.SLIP_LINKED, by, now=now, subject=("learner", learner.id), slip=str(linked))
    return linked


def same_learner(db: Session, learner_id: UUID) -> set[UUID]:
    """The learner and all slips that became theirs."""
    root = root_of(db, learner_id)
    return {row.id for row in _SAME.all(db, root=root)}


def root_of(db: Session, learner_id: UUID) -> UUID:
    """The learner as counted: what a slip was linked to, else itself."""
    row = _ROOT.one(db, learner=learner_id)
    return learner_id if row is None else cast(UUID, row.root)


def learners(db: Session, ids: Collection[UUID]) -> dict[UUID, Learner]:
    """Several at once, by id."""
    return {row.id: row for row in db.scalars(select(Learner).where(Learner.id.in_(ids)))}


def _digest(db: Session, code: str) -> bytes:
    return vault(db).digest("training-slip", "".join(code.split()).replace("-", "").upper())


_ROOT = Prepared(
    select(func.coalesce(Learner.linked_to, Learner.id).label("root")).where(Learner.id == bindparam("learner"))
)
_SAME = Prepared(select(Learner.id).where(or_(Learner.id == bindparam("root"), Learner.linked_to == bindparam("root"))))
