"""Consent to be helped by a community team: given, withdrawn, audited (Law 91/2025/QH15: explicit, withdrawable)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import cast
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKey, Index, LargeBinary, Table, delete, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from identity.audit import SYSTEM, Actor, Event, record
from identity.base import Base, Keyed, new_id
from identity.learner_key import learner_key, learner_pseudonym
from identity.person import Person
from identity.sealed import vault
from identity.writing import write_unless_there

OPEN = text("withdrawn_at IS NULL")
Ending = Callable[..., None]
ENDINGS: dict[str, Ending] = {}
"""What ends with a consent elsewhere: name → how. `onboarding.delegation` adds its own.

Called as `ending(db, pseudonym, actor, now=now)`, before the link goes.
"""


class HelpConsent(Keyed, Base):
    """One consent of one person. The pseudonym is wiped on withdrawal: nothing leads to the person any more.

    `learner_pseudonym` finds the learner that the person is, so that who was helped and trained is counted once.
    """

    __tablename__ = "help_consent"
    __table_args__ = (
        Index(
            "uq_help_consent_open",
            "person_id",
            unique=True,
            sqlite_where=OPEN,
            postgresql_where=OPEN,
        ),
    )

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    agreed_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    pseudonym: Mapped[bytes | None] = mapped_column(LargeBinary(32), unique=True)
    learner_pseudonym: Mapped[bytes | None] = mapped_column(LargeBinary(32), index=True)


class HelpCode(Keyed, Base):
    """A code of one day. Only its keyed digest is kept."""

    __tablename__ = "help_code"

    consent_id: Mapped[UUID] = mapped_column(ForeignKey("help_consent.id"), index=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    made_at: Mapped[datetime] = mapped_column(index=True)


def agree_to_help(db: Session, person: Person, *, now: datetime, actor: Actor = SYSTEM) -> None:
    """The person agrees to be helped. Agreeing twice changes nothing.

    The pseudonym depends on person and consent: one person is one helped person as long as the consent stands, and a
    consent given anew after a withdrawal does not revive what was unlinked.
    """
    consent_id = new_id()
    pseudonym = vault(db).derive("help-pseudonym", person.id.bytes, consent_id.bytes)
    # the row of the person may still be waiting in the session; the consent points at it
    db.flush()
    values = {
        "id": consent_id,
        "person_id": person.id,
        "agreed_at": now,
        "pseudonym": pseudonym,
        "learner_pseudonym": learner_pseudonym(db, learner_key(db, person.id)),
    }
    if not write_unless_there(db, (_CONSENTS, values)):
        return
    person.agreed_to_help_at = now
    record(db, Event.HELP_AGREED, actor, now=now, subject=("person", person.id))


def withdraw_help(db: Session, person: Person, *, now: datetime, actor: Actor) -> None:
    """The person no longer wants help: codes and what was allowed to helpers end, the link to past help is cut.

    The audit keeps the fact alone.
    """
    mine = select(HelpConsent.pseudonym).where(HelpConsent.person_id == person.id, HelpConsent.withdrawn_at.is_(None))
    for pseudonym in db.scalars(mine.with_for_update()).all():
        for ending in ENDINGS.values():
            ending(db, pseudonym, actor, now=now)
    withdrawn = db.scalars(
        update(HelpConsent)
        .where(HelpConsent.person_id == person.id, HelpConsent.withdrawn_at.is_(None))
        .values(withdrawn_at=now, pseudonym=None, learner_pseudonym=None)
        .returning(HelpConsent.id)
        .execution_options(synchronize_session=False)
    ).all()
    if not withdrawn:
        return
    db.execute(delete(HelpCode).where(HelpCode.consent_id.in_(withdrawn)))
    person.agreed_to_help_at = None
    record(db, Event.HELP_WITHDRAWN, actor, now=now, subject=("person", person.id))


def has_agreed(db: Session, person_id: UUID) -> bool:
    """Whether a consent of this person stands."""
    return bool(db.scalar(select(agreed_of(person_id))))


def agreed_of(person: UUID | ColumnElement[UUID]) -> ColumnElement[bool]:
    """The same as a column of a larger statement."""
    return select(HelpConsent.id).where(HelpConsent.person_id == person, HelpConsent.withdrawn_at.is_(None)).exists()


def find_open_consent(db: Session, person_id: UUID) -> UUID | None:
    """The consent that stands."""
    query = select(HelpConsent.id).where(HelpConsent.person_id == person_id, HelpConsent.withdrawn_at.is_(None))
    return db.scalar(query)


def person_behind(db: Session, pseudonym: bytes) -> UUID | None:
    """Whose pseudonym this is. For `identity` only: helpers never learn it."""
    return db.scalar(select(HelpConsent.person_id).where(HelpConsent.pseudonym == pseudonym))


def index_some(db: Session, after: UUID | None, most: int) -> UUID | None:
    """Give consents of an earlier release the learner's pseudonym, some at a time; the last, or None at the end."""
    query = select(HelpConsent).where(HelpConsent.learner_pseudonym.is_(None), HelpConsent.pseudonym.is_not(None))
    query = query.order_by(HelpConsent.id).limit(most)
    rows = db.scalars(query if after is None else query.where(HelpConsent.id > after)).all()
    for row in rows:
        row.learner_pseudonym = learner_pseudonym(db, learner_key(db, row.person_id))
    return rows[-1].id if rows else None


def add_code(db: Session, consent_id: UUID, digest: bytes, *, now: datetime) -> bool:
    """Keep a code's digest; False if another person has the same code that day."""
    values = {
        "id": new_id(),
        "consent_id": consent_id,
        "digest": digest,
        "made_at": now,
    }
    return write_unless_there(db, (_CODES, values))


_CONSENTS, _CODES = (cast(Table, one.__table__) for one in (HelpConsent, HelpCode))
