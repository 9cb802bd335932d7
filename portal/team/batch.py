"""The JSON of a phone's outbox: its shape, and each record in the domain's words (rules: `onboarding.entry`)."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from onboarding.assistance import LARGEST_BATCH, AssistanceEvent
from onboarding.backlog import HeldRecord
from onboarding.catalogue import AgeBand, Mode, Obstacle, Result, Sex, Task, Trait
from onboarding.entry import Entry


def _clean(value: Any) -> Any:
    """As typed text is cleaned everywhere: composed letters, no NUL, no space around.

    Half of a character outside the BMP, which JSON can carry, is refused here (ValueError): nothing can store it.
    """
    if not isinstance(value, str):
        return value
    value.encode()
    return unicodedata.normalize("NFC", value).replace("\0", "").strip()


def _empty_is_none(value: Any) -> Any:
    return None if value == "" else value


INT_BOUND = 2**31
"""What the database can hold; how many minutes are too many is the domain's to say."""
Text = Annotated[str, BeforeValidator(_clean)]
Optional = BeforeValidator(_empty_is_none)


class SentRecord(BaseModel):
    """One record as a phone sends it. What is not known here is refused rather than lost."""

    model_config = ConfigDict(extra="forbid")

    id: UUID
    happened_at: AwareDatetime
    task: Task
    mode: Mode
    result: Result
    minutes: int = Field(strict=True, gt=-INT_BOUND, lt=INT_BOUND)
    obstacle: Annotated[Obstacle | None, Optional] = None
    procedure: Annotated[Text, Field(max_length=40)] = ""
    authorised: bool = False
    age_band: Annotated[AgeBand | None, Optional] = None
    sex: Annotated[Sex | None, Optional] = None
    traits: frozenset[Trait] = frozenset()
    note: Annotated[Text, Field(max_length=500)] = ""
    help_code: Annotated[str, Field(max_length=20)] = ""
    supersedes: Annotated[UUID | None, Optional] = None
    village_id: Annotated[UUID | None, Optional] = None
    delegation_id: Annotated[UUID | None, Optional] = None
    drops_note: bool = False

    @property
    def entry(self) -> Entry:
        values = {name: getattr(self, name) for name in type(self).model_fields}
        return Entry(**{**values, "help_code": re.sub(r"\D", "", self.help_code)})


class Batch(BaseModel):
    """Up to 50 records of one outbox, and what the phone's clock said when it sent them."""

    owner: str = Field(max_length=64)
    sent_at: AwareDatetime
    records: list[dict[str, Any]] = Field(max_length=LARGEST_BATCH)

    def skew(self, now: datetime) -> int | None:
        """By how many seconds the phone's clock runs ahead; None within a minute, which the way alone may take."""
        seconds = round((self.sent_at - now).total_seconds())
        return seconds if abs(seconds) > 60 else None


def read_record(values: dict[str, Any]) -> Entry | str | None:
    """The record; or the field that cannot be read; None when even its name cannot."""
    try:
        return SentRecord.model_validate(values).entry
    except ValidationError as error:
        fields = [str(problem["loc"][0]) if problem["loc"] else "" for problem in error.errors()]
        return None if "id" in fields else fields[0]


def stored_values(record: AssistanceEvent | HeldRecord) -> dict[str, Any]:
    """What the server has, for its own writer to compare and to correct; never whom it helped."""
    entry = record.entry if isinstance(record, HeldRecord) else record
    return {
        **{name: getattr(entry, name) for name in ("id", "happened_at", "task", "mode", "result", "minutes")},
        **{name: getattr(entry, name) or "" for name in ("obstacle", "procedure", "age_band", "sex", "note")},
        **{name: getattr(entry, name) for name in ("supersedes", "village_id", "delegation_id")},
        "traits": sorted(entry.traits),
        "has_code": record.pseudonym is not None,
        "is_held": isinstance(record, HeldRecord),
        "received_at": record.received_at,
    }
