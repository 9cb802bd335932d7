"""What a person agreed to tell which service, for each item, with the words that were shown (Decree 13/2023 Art. 11).

An answer is remembered until it is withdrawn, a refusal of an optional item too: only new items are asked again. One
that was given for this time only ends as it is given: what follows from it is the caller's, and short.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, Row, String, insert, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from identity.audit import Actor, AuditEvent, Event, record
from identity.base import Base, Keyed, new_id

ONCE = "once"


class Consent(Keyed, Base):
    """One answer about one item. Never changed but for its end; a new answer is a new row."""

    __tablename__ = "consent"
    __table_args__ = (Index(None, "account_id", "client_id", "withdrawn_at"),)

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    client_id: Mapped[UUID] = mapped_column(index=True)
    item: Mapped[str] = mapped_column(String(40))
    given: Mapped[bool]
    words: Mapped[dict[str, Any]] = mapped_column(JSON)
    """Language, label and purpose as shown; never the value."""
    answered_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class Answers:
    """What a person has answered to a service so far."""

    given: frozenset[str] = frozenset()
    declined: frozenset[str] = frozenset()

    def missing(self, asked: Iterable[str]) -> frozenset[str]:
        """The items that were never asked, or whose answer was withdrawn."""
        return frozenset(asked) - self.given - self.declined


def answers(db: Session, account_id: UUID, client_id: UUID) -> Answers:
    """The answers that stand."""
    rows = db.execute(
        select(Consent.item, Consent.given).where(
            Consent.account_id == account_id, Consent.client_id == client_id, Consent.withdrawn_at.is_(None)
        )
    ).all()
    return Answers(
        frozenset(row.item for row in rows if row.given), frozenset(row.item for row in rows if not row.given)
    )


def given(db: Session, account_id: UUID, client_id: UUID) -> frozenset[str]:
    """The items that the service may have."""
    return answers(db, account_id, client_id).given


def answer(  # noqa: PLR0913 - an answer has that many parts
    db: Session,
    account_id: UUID,
    client_id: UUID,
    choices: Mapping[str, bool],
    words: Mapping[str, Mapping[str, Any]],
    *,
    actor: Actor,
    now: datetime,
    once: bool = False,
    session_id: UUID | None = None,
) -> None:
    """Keep the person's choice for each item, in place of an earlier one. `words` are those of the page.

    `once` is for this time only: it stands on record and is asked anew the next time. The record says in which session
    it was given, so that it falls with one that was somebody else's (`withdraw_given_in`).
    """
    if not choices:
        return
    _end(db, account_id, client_id, choices, now=now)
    db.execute(
        insert(Consent),
        [
            {
                "id": new_id(),
                "account_id": account_id,
                "client_id": client_id,
                "item": item,
                "given": said_yes,
                "words": {**words.get(item, {}), **({"lasts": ONCE} if once else {})},
                "answered_at": now,
                "withdrawn_at": now if once else None,
            }
            for item, said_yes in choices.items()
        ],
    )
    shared = sorted(item for item, said_yes in choices.items() if said_yes)
    subject = ("account", account_id)
    facts: dict[str, Any] = {"client": str(client_id), "items": shared} | ({"lasts": ONCE} if once else {})
    given_in = {} if session_id is None else {"session": str(session_id)}
    record(db, Event.CONSENT_GIVEN, actor, now=now, subject=subject, **facts, **given_in)


def refuse(db: Session, account_id: UUID, client_id: UUID, *, actor: Actor, now: datetime) -> None:
    """The person said no to the whole; nothing is remembered but the event."""
    record(db, Event.CONSENT_REFUSED, actor, now=now, subject=("account", account_id), client=str(client_id))


def withdraw(db: Session, account_id: UUID, client_id: UUID, *, actor: Actor, now: datetime) -> bool:
    """Take back everything that this service was allowed; False if there was nothing.

    The caller also ends the grants (`identity.oidc.grants.revoke_for_client`), so that tokens die at once.
    """
    ended = _end(db, account_id, client_id, None, now=now)
    _note_end(db, account_id, client_id, ended, actor, now=now)
    return bool(ended)


def withdraw_given_in(db: Session, account_id: UUID, session_id: UUID, *, actor: Actor, now: datetime) -> set[UUID]:
    """Take back what was answered in this session and still stands; earlier answers and those of other sessions stay.

    Returns the services concerned; the caller ends their grants, as for `withdraw`.
    """
    clients = set()
    answered = select(AuditEvent).where(
        AuditEvent.name == Event.CONSENT_GIVEN.value,
        AuditEvent.subject_id == account_id,
        AuditEvent.facts["session"].as_string() == str(session_id),
    )
    for event in db.scalars(answered.order_by(AuditEvent.id)):
        client_id = UUID(event.facts["client"])
        ended = _end(db, account_id, client_id, None, now=now, answered_at=event.at)
        _note_end(db, account_id, client_id, ended, actor, now=now)
        clients |= {client_id} if ended else set()
    return clients


def _note_end(
    db: Session, account_id: UUID, client_id: UUID, ended: Sequence[Row[str, bool]], actor: Actor, *, now: datetime
) -> None:
    if ended:
        facts: dict[str, Any] = {"client": str(client_id), "items": sorted(row.item for row in ended if row.given)}
        record(db, Event.CONSENT_WITHDRAWN, actor, now=now, subject=("account", account_id), **facts)


def consents_of(db: Session, account_id: UUID) -> dict[UUID, list[Consent]]:
    """Every answer of this account that stands, by service, the newest service first."""
    query = (
        select(Consent)
        .where(Consent.account_id == account_id, Consent.withdrawn_at.is_(None))
        .order_by(Consent.answered_at.desc(), Consent.item)
    )
    found: dict[UUID, list[Consent]] = {}
    for row in db.scalars(query):
        found.setdefault(row.client_id, []).append(row)
    return found


def given_once(db: Session, account_id: UUID, *, most: int = 50) -> list[Consent]:
    """What was agreed to for one time only, the newest first. Nothing else ends at the moment it is given."""
    query = (
        select(Consent)
        .where(Consent.account_id == account_id, Consent.given, Consent.withdrawn_at == Consent.answered_at)
        .order_by(Consent.answered_at.desc(), Consent.item)
    )
    return list(db.scalars(query.limit(most)))


def _end(
    db: Session,
    account_id: UUID,
    client_id: UUID,
    items: Iterable[str] | None,
    *,
    now: datetime,
    answered_at: datetime | None = None,
) -> Sequence[Row[str, bool]]:
    statement = update(Consent).where(
        Consent.account_id == account_id, Consent.client_id == client_id, Consent.withdrawn_at.is_(None)
    )
    if items is not None:
        statement = statement.where(Consent.item.in_(list(items)))
    if answered_at is not None:
        statement = statement.where(Consent.answered_at == answered_at)
    statement = statement.values(withdrawn_at=now).execution_options(synchronize_session=False)
    return db.execute(statement.returning(Consent.item, Consent.given)).all()
