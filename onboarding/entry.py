"""One record of help as the member writes it, and what it must fulfil; each rule has its refusal."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from identity.base import Refused
from identity.deadlines import rule, today_in_vietnam
from onboarding.catalogue import OWN_HAND_ONLY, AgeBand, Mode, Obstacle, Result, Sex, Task, Trait
from onboarding.free_text import personal_words

LONGEST_MINUTES = 8 * 60


@dataclass(frozen=True, slots=True)
class Entry:
    """The client names the record (`id`) and says when it happened. `help_code` is never stored.

    `procedure` names the online public service where the task is one; `authorised`: the person asked for it to be done
    on their behalf, and `delegation_id` is what they allowed, for which they hold a receipt (`onboarding.delegation`);
    `village_id` is the village where it happened. A correction without a note keeps the note of what it corrects: a
    phone no longer has the note of a record that it sent. `drops_note` takes it out.
    """

    id: UUID
    happened_at: datetime
    task: Task
    mode: Mode
    result: Result
    minutes: int
    obstacle: Obstacle | None = None
    procedure: str = ""
    authorised: bool = False
    age_band: AgeBand | None = None
    sex: Sex | None = None
    traits: frozenset[Trait] = field(default_factory=frozenset)
    note: str = ""
    help_code: str = ""
    supersedes: UUID | None = None
    village_id: UUID | None = None
    delegation_id: UUID | None = None
    drops_note: bool = False


def check_entry(entry: Entry, *, now: datetime) -> None:
    """Raise Refused, naming the field, unless the record may be taken in at `now`."""
    _check_time(entry, now)
    if not 1 <= entry.minutes <= LONGEST_MINUTES:
        raise Refused("assistance-minutes", field="minutes", most=LONGEST_MINUTES)
    _check_mode(entry)
    if (entry.result is Result.BLOCKED) != (entry.obstacle is not None):
        raise Refused("assistance-obstacle", field="obstacle")
    for name in ("note", "procedure"):
        found = personal_words(getattr(entry, name))
        if found is not None:
            raise Refused(f"note-has-{found.kind}", field=name, words=found.words)


def _check_time(entry: Entry, now: datetime) -> None:
    today = today_in_vietnam(now)
    if entry.happened_at > now + timedelta(minutes=rule("clock_ahead_minutes", today)):
        raise Refused("assistance-in-future", field="happened_at")
    days = rule("assistance_late_days", today)
    if entry.happened_at < now - timedelta(days=days):
        raise Refused("assistance-too-late", field="happened_at", days=days)


def _check_mode(entry: Entry) -> None:
    if (entry.mode is Mode.REFERRED) != (entry.result is Result.REFERRED):
        raise Refused("assistance-referred", field="result")
    if entry.mode is not Mode.ON_BEHALF:
        return
    if entry.task in OWN_HAND_ONLY:
        raise Refused("assistance-own-hand", field="mode")
    if entry.delegation_id is None:
        raise Refused("assistance-not-authorised", field="delegation_id")
