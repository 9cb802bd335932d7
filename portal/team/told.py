"""What a phone is told of each record that it sent: what became of it, why, and what the server has instead."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from identity.base import Refused
from onboarding.assistance import State, Taken
from onboarding.backlog import HeldFor, HeldRecord, Settled
from onboarding.entry import Entry
from onboarding.event import AssistanceEvent, newest_of
from portal.database import db
from portal.errors import sentence
from portal.language import _l
from portal.team.batch import stored_values

WAITING = {
    HeldFor.ORIGINAL: _l(
        "The server has it. It counts as soon as the record that it corrects has arrived: send what waits on the phone"
        " where that was written."
    ),
    HeldFor.MEMBER_LEFT: _l("The server has it. Your coordinator decides whether it counts."),
}
"""Why a record that has arrived does not count yet, and what to do."""
OVERTAKEN = {"assistance-superseded", "held-refused"}
"""Refusals of a correction behind which another version may count by now."""


def told(entry: Entry, taken: Taken, account_id: UUID, *, now: datetime) -> dict[str, Any]:
    """The answer for one record. `stored` is the version that counts, of this member's own records alone."""
    result: dict[str, Any] = {"id": entry.id, "state": taken.state.value}
    if taken.refusal is not None:
        result |= _why(taken.refusal)
    if taken.state in {State.SAVED, State.HELD}:
        result["received_at"] = now
    if taken.state is State.HELD:
        held = db.get(HeldRecord, entry.id)
        result |= {"reason": str(WAITING[HeldFor(held.held_for)])} if held is not None else {}
    stored = _instead(entry, taken, account_id)
    if isinstance(stored, HeldRecord):
        result |= {"reason": str(WAITING[HeldFor(stored.held_for)])}  # why the server's does not count yet
    return result if stored is None else {**result, "received_at": stored.received_at, "stored": stored_values(stored)}


def told_damaged(values: dict[str, Any], field: str | None) -> dict[str, Any]:
    """The answer for what cannot be read; its name and field come from the phone, and may be no text at all."""
    state, id_ = State.REFUSED.value, str(values.get("id", ""))
    answer = {"id": id_, "state": state, **_why(Refused("record-damaged", field=field or ""))}
    return {name: said.encode("utf-8", "replace").decode() for name, said in answer.items()}


def _why(refusal: Refused) -> dict[str, Any]:
    return {"reason": sentence(refusal), "field": refusal.field or "", "code": refusal.code}


def _instead(entry: Entry, taken: Taken, account_id: UUID) -> AssistanceEvent | HeldRecord | None:
    """What the server has in its place: under the same name, or of the record that it wanted to correct."""
    found: AssistanceEvent | HeldRecord | None = None
    if taken.state in {State.KNOWN, State.CONFLICT}:
        found = newest_of(db, entry.id) or _waiting(entry.id)
    elif taken.refusal is not None and taken.refusal.code in OVERTAKEN and entry.supersedes is not None:
        found = newest_of(db, entry.supersedes)
    return found if found is not None and found.account_id == account_id else None


def _waiting(id_: UUID) -> HeldRecord | None:
    held = db.get(HeldRecord, id_)
    return held if held is not None and held.settled_as != Settled.REFUSED else None
