"""The mapped base class, aware-UTC columns, time-ordered keys, and `Refused`, the parent of every refusal."""

from __future__ import annotations

import secrets
import threading
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Dialect, MetaData, Uuid
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Refused(Exception):
    """A rule said no.

    `code` is a closed, kebab-case name that `portal.errors` turns into a sentence; `field` is the form field it
    concerns; `facts` fill the sentence. Checks run before the first write, so a refusal leaves nothing behind.
    `audited` asks that the refused attempt itself be recorded after the roll-back (four eyes, scope).
    """

    def __init__(self, code: str, *, field: str | None = None, audited: bool = False, **facts: Any) -> None:
        super().__init__(code)
        self.code = code
        self.field = field
        self.audited = audited
        self.facts: Mapping[str, Any] = facts


class UTC_DateTime(TypeDecorator[datetime]):
    """Aware UTC in Python; `timestamptz` on PostgreSQL, naive UTC text on SQLite. A naive value is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without zone reached the database")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Parent of all mapped classes of `identity` and `onboarding`."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {datetime: UTC_DateTime(), uuid.UUID: Uuid()}


class _Clockwork:
    """Makes keys that grow within one process: rows of one moment then sort as they were written.

    The 12 bits after the time are a counter that starts low and at random in each millisecond (RFC 9562 section 6.2,
    method 1); when it runs out the time is taken one millisecond further.
    """

    START_BITS, COUNTER_LIMIT = 8, 1 << 12

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.milliseconds = self.counter = 0

    def tick(self) -> tuple[int, int]:
        with self.lock:
            real = int(datetime.now(UTC).timestamp() * 1000)
            self.counter += 1
            if real > self.milliseconds or self.counter == self.COUNTER_LIMIT:
                self.milliseconds = max(real, self.milliseconds + 1)
                self.counter = secrets.randbits(self.START_BITS)
            return self.milliseconds, self.counter


_clockwork = _Clockwork()


def new_id() -> uuid.UUID:
    """A version 7 UUID (RFC 9562 section 5.7): time first, so that new rows sit together in the index."""
    milliseconds, counter = _clockwork.tick()
    value = milliseconds << 80 | 0x7 << 76 | counter << 64 | 0b10 << 62 | secrets.randbits(62)
    return uuid.UUID(int=value)


class Keyed:
    """Gives a mapped class its surrogate key, known before the row is written (encryption binds to it)."""

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)

    def __init__(self, **values: Any) -> None:
        values.setdefault("id", new_id())
        super().__init__(**values)
