"""Consent for one purpose at a time, apart from services and from being helped (Law 91/2025/QH15 Art. 9).

Silence is no consent and nothing is ticked beforehand. What was agreed to are the words shown: each version of a text
stays in `data/purposes.json`, and the answer keeps which one it was and in which language.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, String, func, insert, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from identity.audit import Actor, Event, record
from identity.base import Base, Keyed, Refused, new_id
from identity.deadlines import today_in_vietnam
from identity.rights.restriction import is_restricted
from identity.turns import take_turns

STANDING = text("withdrawn_at IS NULL")
TEXTS = Path(__file__).parent / "data" / "purposes.json"


class PurposeConsent(Keyed, Base):
    """One yes. It is never changed but for its end; a new yes is a new row."""

    __tablename__ = "purpose_consent"
    __table_args__ = (
        Index(
            "uq_purpose_consent_standing",
            "account_id",
            "purpose",
            unique=True,
            sqlite_where=STANDING,
            postgresql_where=STANDING,
        ),
    )

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    purpose: Mapped[str] = mapped_column(String(30))
    version: Mapped[int]
    words: Mapped[dict[str, Any]] = mapped_column(JSON)
    """Language, title and text as shown."""
    agreed_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a person may agree to, in one version of its words. `words`: language → title and text."""

    name: str
    version: int
    words: Mapping[str, Mapping[str, str]]


def purposes(on: date) -> list[Purpose]:
    """Every purpose there is on that day, in its newest words."""
    newest: dict[str, Purpose] = {}
    for row in sorted(_texts(), key=lambda row: int(row["version"])):
        if row["from"] <= on.isoformat():
            newest[row["purpose"]] = Purpose(row["purpose"], row["version"], row["words"])
    return list(newest.values())


def agree(
    db: Session, account_id: UUID, purpose: str, version: int, language: str, actor: Actor, *, now: datetime
) -> None:
    """The person says yes to these very words. Refused "words-changed" when newer ones count, "use-restricted"."""
    take_turns(db, account_id.bytes)
    shown = next((one for one in purposes(today_in_vietnam(now)) if one.name == purpose), None)
    if shown is None or shown.version != version or language not in shown.words:
        raise Refused("words-changed")
    if is_restricted(db, account_id):
        raise Refused("use-restricted")
    if has_agreed(db, account_id, purpose):
        return
    words = {"language": language, **shown.words[language]}
    db.execute(
        insert(PurposeConsent).values(
            id=new_id(), account_id=account_id, purpose=purpose, version=version, words=words, agreed_at=now
        )
    )
    subject = ("account", account_id)
    record(db, Event.PURPOSE_AGREED, actor, now=now, subject=subject, purpose=purpose, version=version)


def stop(db: Session, account_id: UUID, purpose: str | None, actor: Actor, *, now: datetime) -> bool:
    """The person takes the consent back (every one when `purpose` is None). Twice is once."""
    standing = update(PurposeConsent).where(
        PurposeConsent.account_id == account_id, PurposeConsent.withdrawn_at.is_(None)
    )
    if purpose is not None:
        standing = standing.where(PurposeConsent.purpose == purpose)
    ended = db.scalars(
        standing.values(withdrawn_at=now).returning(PurposeConsent.purpose).execution_options(synchronize_session=False)
    ).all()
    for name in ended:
        record(db, Event.PURPOSE_STOPPED, actor, now=now, subject=("account", account_id), purpose=name)
    return bool(ended)


def has_agreed(db: Session, account_id: UUID, purpose: str) -> bool:
    """Whether the person may be asked or counted for this purpose now."""
    standing = select(PurposeConsent.id).where(
        PurposeConsent.account_id == account_id,
        PurposeConsent.purpose == purpose,
        PurposeConsent.withdrawn_at.is_(None),
    )
    return db.scalar(standing) is not None


def purpose_consents(db: Session, account_id: UUID) -> list[PurposeConsent]:
    """Every yes of this account, also those taken back, the newest first."""
    query = select(PurposeConsent).where(PurposeConsent.account_id == account_id)
    return list(db.scalars(query.order_by(PurposeConsent.agreed_at.desc(), PurposeConsent.id.desc())))


@dataclass(frozen=True, slots=True)
class Standing:
    """How many agree to a version now, and how many have taken it back."""

    agree: int
    taken_back: int


def versions() -> list[tuple[Purpose, date]]:
    """Every version there ever was, and from which day it was shown; by purpose, the newest first."""
    rows = sorted(_texts(), key=lambda row: (row["purpose"], -int(row["version"])))
    return [(Purpose(row["purpose"], row["version"], row["words"]), date.fromisoformat(row["from"])) for row in rows]


def standing_by_version(db: Session) -> dict[tuple[str, int], Standing]:
    """Figures by purpose and version: who agreed twice counts for each time."""
    columns = PurposeConsent.purpose, PurposeConsent.version
    taken_back = func.count(PurposeConsent.withdrawn_at)
    query = select(*columns, func.count() - taken_back, taken_back).group_by(*columns)
    return {(name, version): Standing(agree, back) for name, version, agree, back in db.execute(query)}


@lru_cache(maxsize=1)
def _texts() -> list[dict[str, Any]]:
    return list(json.loads(TEXTS.read_text(encoding="utf-8"))["texts"])
