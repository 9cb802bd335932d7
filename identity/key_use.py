"""Which version of each key writes and which other one counts, and since when: one row a purpose, in the database.

The keys themselves are never here. Without a row the newest encryption key seals and the first of the others is used;
the migration writes the rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from identity.base import Base
from identity.sealed import vault
from identity.vault import Purpose, Use

LOOK_SECONDS = 10.0
"""How often a process reads again which keys are in use."""
SETTLE = timedelta(seconds=90)
"""After so long every process has read it, and what it began before has ended."""


class Stage(StrEnum):
    """How far a turn is."""

    RESTS = "rests"
    BOTH = "both"
    """The newer key counts too; the older one still writes."""
    TURNED = "turned"
    """The newer key writes; the older one still counts."""
    FILLING = "filling"
    """A job writes what is left of the older key anew."""
    WAITING = "waiting"
    """What is left of the older key runs out by itself."""


class KeyUse(Base):
    """One purpose: `version` writes, `other` counts besides."""

    __tablename__ = "key_use"

    purpose: Mapped[str] = mapped_column(String(20), primary_key=True)
    version: Mapped[int]
    other: Mapped[int | None]
    stage: Mapped[str] = mapped_column(String(10))
    since: Mapped[datetime]


def read_uses(db: Session) -> Mapping[Purpose, Use]:
    """What the vault needs to know."""
    rows = db.execute(select(KeyUse.purpose, KeyUse.version, KeyUse.other))
    return {Purpose(row.purpose): Use(row.version, row.other) for row in rows}


def all_uses(db: Session, *, now: datetime) -> list[KeyUse]:
    """Every purpose as it stands; one that was never turned has no row yet and rests."""
    rows = {row.purpose: row for row in db.scalars(select(KeyUse))}
    return [rows.get(purpose) or _unturned(db, purpose, now) for purpose in Purpose]


def use_for_change(db: Session, purpose: Purpose, *, now: datetime) -> KeyUse:
    """The row of a purpose, held until the end of the transaction."""
    row = db.scalar(select(KeyUse).where(KeyUse.purpose == purpose).with_for_update())
    if row is None:
        row = _unturned(db, purpose, now)
        db.add(row)
        db.flush()
    return row


def settle_uses(db: Session, *, now: datetime) -> None:
    """Write down which keys are used, so that one that is made later is used by nobody before it is turned to."""
    for purpose in Purpose:
        use_for_change(db, purpose, now=now)


def _unturned(db: Session, purpose: Purpose, now: datetime) -> KeyUse:
    version = vault(db).version(purpose)
    return KeyUse(purpose=purpose.value, version=version, other=None, stage=Stage.RESTS.value, since=now)
