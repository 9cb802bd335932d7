"""Taking in records of help: what a member did, where and when. Once, however often and in whatever order they come.

The client names the record (UUID): the same content again is *known*, other content under the same name a *conflict*.
A correction is a new record that supersedes the old one; when it comes first it is *held* until the original comes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import orjson
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from identity.base import Refused
from identity.deadlines import today_in_vietnam
from identity.either_key import each
from identity.helping import present_help_code
from identity.places import Unit
from identity.sealed import vault
from onboarding.backlog import HeldFor, HeldRecord, Settled, hold, is_turned_away, settle_corrections
from onboarding.catalogue import Mode
from onboarding.delegation import Delegation, check_allowed
from onboarding.entry import Entry, check_entry
from onboarding.event import Arrival, AssistanceEvent, add_event
from onboarding.team import Membership, membership, membership_then

__all__ = [
    "LARGEST_BATCH",
    "AssistanceEvent",
    "State",
    "Taken",
    "former_owner_tags",
    "outbox_key",
    "owner_tag",
    "take_in",
    "take_in_batch",
]

LARGEST_BATCH = 50


class State(StrEnum):
    """What became of a record that was sent."""

    SAVED = "saved"
    KNOWN = "known"
    HELD = "held"
    CONFLICT = "conflict"
    REFUSED = "refused"
    LATER = "later"
    """Nothing was decided: another request was in the way. Send it again."""


@dataclass(frozen=True, slots=True)
class Taken:
    """The answer for one record; `refusal` says why it was refused and at which field."""

    state: State
    refusal: Refused | None = None


def take_in(db: Session, account_id: UUID, entry: Entry, *, now: datetime, clock_skew: int | None = None) -> Taken:
    """Take in one record of this member. A refusal is a result: a wrong help code stays counted."""
    digest = _digest(db, account_id, entry)
    known = _known(db, entry.id, digest)
    if known is not None:
        return known
    try:
        check_entry(entry, now=now)
        member = _membership_then(db, account_id, entry)
        original = _original(db, member, entry)
        pseudonym = _pseudonym(db, account_id, entry, original, now)
        if entry.mode is Mode.ON_BEHALF:
            pseudonym = _pseudonym_of(check_allowed(db, member, entry), entry, pseudonym)
    except Refused as refusal:
        # What stands in its way may be this very record, taken in by another request since the first look.
        return _known(db, entry.id, digest) or Taken(State.REFUSED, refusal)
    arrival = Arrival(member, digest, pseudonym, now, clock_skew)
    held_for = _held_for(db, account_id, entry, original, now)
    if held_for is not None:
        hold(db, entry, arrival, held_for)
        return _known(db, entry.id, digest) or Taken(State.LATER)
    if not add_event(db, entry, arrival):
        return _known(db, entry.id, digest) or Taken(State.REFUSED, Refused("assistance-superseded"))
    return Taken(State.SAVED)


def take_in_batch(
    db: Session, account_id: UUID, entries: Sequence[Entry], *, now: datetime, clock_skew: int | None = None
) -> dict[UUID, Taken]:
    """Take in many, a savepoint each, so that one that fails takes no other with it.

    Originals go before corrections, and both by name: two requests with the same records never wait for each other.
    """
    taken: dict[UUID, Taken] = {}
    for entry in sorted(entries, key=lambda entry: (entry.supersedes is not None, entry.id)):
        try:
            with db.begin_nested():
                taken[entry.id] = take_in(db, account_id, entry, now=now, clock_skew=clock_skew)
        except IntegrityError:
            taken[entry.id] = Taken(State.LATER)
    for id_ in settle_corrections(db, account_id, now=now) & taken.keys():
        taken[id_] = Taken(State.SAVED)
    return taken


def owner_tag(db: Session, account_id: UUID) -> str:
    """The name under which a member's phone keeps its outbox; it says nothing about the member.

    From the lasting key: a phone that comes back after a month finds its name, whichever keys were turned meanwhile.
    """
    return vault(db).derive("outbox-owner", account_id.bytes).hex()[:24]


def former_owner_tags(db: Session, account_id: UUID) -> list[str]:
    """Its names in earlier releases: what lies on a phone under one of them is taken over."""
    return [one.hex()[:24] for one in each(vault(db).digest("outbox-owner", str(account_id)))]


def outbox_key(db: Session, account_id: UUID) -> bytes:
    """What opens the member's outbox again on a phone that was signed out: it is nowhere but here."""
    return vault(db).derive("outbox-key", account_id.bytes)


def _known(db: Session, id_: UUID, digest: bytes) -> Taken | None:
    stored = db.scalar(select(AssistanceEvent.digest).where(AssistanceEvent.id == id_))
    if stored is not None:
        return Taken(State.KNOWN if stored == digest else State.CONFLICT)
    held = db.execute(select(HeldRecord.digest, HeldRecord.settled_as).where(HeldRecord.id == id_)).one_or_none()
    if held is None:
        return None
    if held.digest != digest:
        return Taken(State.CONFLICT, Refused("held-refused") if held.settled_as == Settled.REFUSED else None)
    return Taken(State.REFUSED, Refused("held-refused")) if held.settled_as == Settled.REFUSED else Taken(State.HELD)


def _membership_then(db: Session, account_id: UUID, entry: Entry) -> Membership:
    member = membership_then(db, account_id, on=today_in_vietnam(entry.happened_at))
    if member is None:
        raise Refused("not-a-member-then", field="happened_at")
    if entry.village_id is not None:
        village = db.get(Unit, entry.village_id)
        if village is None or village.parent_id != member.unit_id:
            raise Refused("village-elsewhere", field="village_id")
    return member


def _original(db: Session, member: Membership, entry: Entry) -> AssistanceEvent | None:
    """What the record corrects, if that has come."""
    original = db.get(AssistanceEvent, entry.supersedes) if entry.supersedes else None
    if original is None:
        if entry.supersedes is not None and is_turned_away(db, entry.supersedes):
            raise Refused("held-refused")
        return None
    if original.account_id != member.account_id:
        raise Refused("assistance-not-yours")
    if db.scalar(select(AssistanceEvent.id).where(AssistanceEvent.supersedes == original.id)) is not None:
        raise Refused("assistance-superseded")
    return original


def _held_for(
    db: Session, account_id: UUID, entry: Entry, original: AssistanceEvent | None, now: datetime
) -> HeldFor | None:
    if membership(db, account_id, on=today_in_vietnam(now)) is None:
        return HeldFor.MEMBER_LEFT
    return HeldFor.ORIGINAL if entry.supersedes is not None and original is None else None


def _pseudonym(
    db: Session, account_id: UUID, entry: Entry, original: AssistanceEvent | None, now: datetime
) -> bytes | None:
    """Whom the code stands for; a correction without a code keeps the person of the original."""
    if not entry.help_code:
        return original.pseudonym if original is not None else None
    presented = present_help_code(db, account_id, entry.help_code, on=today_in_vietnam(entry.happened_at), now=now)
    if presented.blocked:
        raise Refused("help-code-blocked", field="help_code")
    if presented.pseudonym is None:
        raise Refused("help-code-unknown", field="help_code")
    return presented.pseudonym


def _pseudonym_of(given: Delegation, entry: Entry, found: bytes | None) -> bytes | None:
    """Whom an authorisation stands for; a code of somebody else beside it is a mistake that the member can mend."""
    if given.pseudonym is None:
        return found
    if entry.help_code and given.pseudonym != found:
        raise Refused("delegation-other-person", field="help_code")
    return given.pseudonym


def _digest(db: Session, account_id: UUID, entry: Entry) -> bytes:
    """Keyed digest of member and content: the content itself may be guessable.

    A field that was added later counts only where it is filled, so that what older phones sent keeps its digest.
    """
    values = {name: getattr(entry, name) for name in Entry.__dataclass_fields__}
    values["traits"] = sorted(entry.traits)
    for name in ("village_id", "delegation_id", "drops_note"):
        if not values[name]:
            del values[name]
    content = orjson.dumps({"account": account_id, **values}, option=orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z)
    return vault(db).digest("assistance", content.decode())
