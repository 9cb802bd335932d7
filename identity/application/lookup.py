"""The registers are never a public look-up: how often a number, a phone or an address may ask, and the record of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, LargeBinary, String, delete, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from identity.application.draft import Draft, save_step
from identity.application.eligibility import check_may_apply, wish_of
from identity.application.registered import Record, claimed_card, claimed_number, query_of, to_facts
from identity.audit import VISITOR, Event, record
from identity.base import Base, Keyed, Refused
from identity.deadlines import rule, today_in_vietnam
from identity.gateways import CitizenRecord, Mismatch
from identity.guardians import Basis, is_of_age
from identity.operation.routes import Register, manual
from identity.person import Person
from identity.sealed import vault
from identity.turns import take_turns

PURPOSE = "apply-for-account"
OWN = "own"
"""What a draft keeps when the operator said that the number is the applicant's."""


class Outcome(StrEnum):
    """How a look-up ended. What was not found and what differed are one outcome."""

    ASKED = "asked"
    MATCH = "match"
    MISMATCH = "mismatch"
    UNAVAILABLE = "unavailable"


class RegisterLookup(Keyed, Base):
    """One question to a register, for the limits; who asked and about whom are blind indexes."""

    __tablename__ = "register_lookup"

    at: Mapped[datetime] = mapped_column(index=True)
    number_index: Mapped[bytes] = mapped_column(LargeBinary(32), index=True)
    card_index: Mapped[bytes | None] = mapped_column(LargeBinary(32), index=True)
    phone_index: Mapped[bytes] = mapped_column(LargeBinary(32), index=True)
    address_index: Mapped[bytes] = mapped_column(LargeBinary(32), index=True)
    outcome: Mapped[str] = mapped_column(String(12))


def reserve_lookup(db: Session, draft: Draft, address: str, *, now: datetime) -> UUID:
    """Count a question before it is asked, so that parallel ones cannot slip past the limit.

    Refused "phone-not-proved" without a proved phone, "too-many-lookups" over a limit. Passport and residence card
    count each, or guesses at one would be free for who knows the other. Matches do not count against the number, so
    that nobody is locked out by their own success; an unavailable register counts against nobody.
    """
    if not draft.answer("phone_proved_at"):
        raise Refused("phone-not-proved")
    row = _question(db, draft, address, now=now)
    take_turns(db, row.number_index, row.card_index, row.phone_index, row.address_index)
    for same, name in _limits(row):
        if _failed_since(db, same, now - timedelta(days=1)) >= int(rule(name, today_in_vietnam(now))):
            raise Refused("too-many-lookups", audited=True)
    db.add(row)
    return row.id


def close_lookup(db: Session, lookup: UUID, draft: Draft, outcome: Outcome, *, now: datetime) -> None:
    """Note how it ended, and audit the question with its purpose."""
    db.execute(update(RegisterLookup).where(RegisterLookup.id == lookup).values(outcome=outcome.value))
    record(
        db,
        Event.REGISTER_LOOKED_UP,
        VISITOR,
        now=now,
        subject=("draft", draft.id),
        purpose=PURPOSE,
        register=_register_of(draft).value,
        outcome=outcome.value,
    )


def settle_lookup(
    db: Session,
    lookup: UUID,
    draft: Draft,
    answer: Record | Mismatch | None,
    is_own: bool | None = None,
    *,
    now: datetime,
) -> Refused | None:
    """Keep what the register said (None: it did not answer), or return the sentence to show.

    `is_own` is what the operator said about the phone (None: not asked, or no answer). A number in another name stops
    an application that is sent online; at the counter an officer sorts it out.

    A result and not an exception, because the question was asked and its record must stay.
    """
    if answer is None:
        close_lookup(db, lookup, draft, Outcome.UNAVAILABLE, now=now)
        return _away_for_longer(draft, now) if _register_of(draft) in manual(db) else Refused("register-unavailable")
    if isinstance(answer, Mismatch):
        close_lookup(db, lookup, draft, Outcome.MISMATCH, now=now)
        return Refused("register-mismatch")
    close_lookup(db, lookup, draft, Outcome.MATCH, now=now)
    try:
        check_may_apply(db, answer, draft.answer("phone"), wish_of(draft), now=now)
    except Refused as refusal:
        return refusal
    if asks_operator(draft):
        _note_subscriber(db, draft, is_own, now=now)
        if is_own is False:
            return Refused("sim-not-own")
    found = {"record": to_facts(answer), "record_at": now.isoformat(), "sim": OWN if is_own else None}
    save_step(db, draft, found | _guardian_found(db, draft, answer, now), now=now)
    return None


def _away_for_longer(draft: Draft, now: datetime) -> Refused:
    """Operators took the manual route: nobody can begin, at an office neither; the answers stay as long as a draft."""
    return Refused("register-away-for-longer", days=max((draft.expires_at - now).days, 1))


def _register_of(draft: Draft) -> Register:
    return Register.POPULATION if draft.answer("person_kind") == "citizen" else Register.IMMIGRATION


def asks_operator(draft: Draft) -> bool:
    """Only online; a guardian's number was proved with the guardian's own account."""
    wish = wish_of(draft)
    return wish.level == 1 and wish.guardian_id is None


def _guardian_found(db: Session, draft: Draft, answer: Record, now: datetime) -> dict[str, str]:
    """Whether the register names the guardian of a child; else a paper is asked for.

    Whoever is old enough to apply alone has parents too: for them it takes the paper of a guardianship.
    """
    wish = wish_of(draft)
    guardian = db.get(Person, wish.guardian_id) if wish.guardian_id else None
    named = answer.guardian_number if isinstance(answer, CitizenRecord) else None
    known = guardian is not None and named is not None and guardian.personal_number == named
    return {"guardian_basis": Basis.REGISTER.value} if known and not is_of_age(answer.birth_date, now=now) else {}


def _note_subscriber(db: Session, draft: Draft, is_own: bool | None, *, now: datetime) -> None:
    said = {True: "match", False: "mismatch", None: "unavailable"}[is_own]
    subject = ("draft", draft.id)
    record(db, Event.SUBSCRIBER_ASKED, VISITOR, now=now, subject=subject, purpose=PURPOSE, outcome=said)


def purge_lookups(db: Session, *, now: datetime) -> None:
    """Drop what no limit looks at any more; run by the worker."""
    db.execute(delete(RegisterLookup).where(RegisterLookup.at < now - timedelta(days=2)))


def _question(db: Session, draft: Draft, address: str, *, now: datetime) -> RegisterLookup:
    keys, query = vault(db), query_of(draft)
    card = claimed_card(query)
    return RegisterLookup(
        at=now,
        number_index=keys.blind("register_lookup.number", claimed_number(query)),
        card_index=keys.blind("register_lookup.card", card) if card is not None else None,
        phone_index=keys.blind("register_lookup.phone", draft.answer("phone")),
        address_index=keys.blind("register_lookup.address", address),
        outcome=Outcome.ASKED.value,
    )


def _limits(row: RegisterLookup) -> list[tuple[ColumnElement[bool], str]]:
    """What a question is counted with, and the rule that says how often."""
    limits = [
        (RegisterLookup.number_index == row.number_index, "register_lookups_per_number_per_day"),
        (RegisterLookup.phone_index == row.phone_index, "register_lookups_per_phone_per_day"),
        (RegisterLookup.address_index == row.address_index, "register_lookups_per_address_per_day"),
    ]
    if row.card_index is not None:
        limits.append((RegisterLookup.card_index == row.card_index, "register_lookups_per_number_per_day"))
    return limits


def _failed_since(db: Session, same: ColumnElement[bool], since: datetime) -> int:
    counted = RegisterLookup.outcome.in_([Outcome.ASKED.value, Outcome.MISMATCH.value])
    return db.scalar(select(func.count()).where(same, RegisterLookup.at > since, counted)) or 0
