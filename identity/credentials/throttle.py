"""Slowing down guesses without locking the owner out: failures counted a bucket, each further one doubles the wait.

A try is counted before its outcome is known, in the transaction that uses the outcome, and the row is locked: parallel
guesses cannot outrun the count. Failures of others never hold up a browser that signed in before (it has a bucket of
its own in place of those of login and address), and a wait is never longer than the rule.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, cast

from sqlalchemy import ColumnElement, LargeBinary, String, Table, bindparam, case, delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from identity.base import Base
from identity.deadlines import rule, today_in_vietnam
from identity.sealed import vault
from identity.statements import Asked, Prepared, ask_together
from identity.work import is_postgresql

IPV6_NETWORK = 64
"""One subscriber holds at least a /64."""


class ThrottleCount(Base):
    """Failures in one bucket. The key is a keyed digest: the table tells nobody's address or login."""

    __tablename__ = "throttle_count"

    key: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    scope: Mapped[str] = mapped_column(String(10))
    failures: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(index=True)
    blocked_until: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class Bucket:
    """What is counted together: scope is a name in the rule `throttle`."""

    scope: str
    name: str


def take_try(db: Session, buckets: Iterable[Bucket], *, now: datetime) -> timedelta | None:
    """Count one try in each bucket. A wait means: not counted, not to be answered, come back after it."""
    return take_try_and_ask(db, buckets, now=now)[0]


def take_try_and_ask(
    db: Session, buckets: Iterable[Bucket], *asked: Asked, now: datetime
) -> tuple[timedelta | None, list[Sequence[Any]]]:
    """The same, and the rows of what is `asked` once the buckets are held, on one way."""
    keys = {_key(db, bucket): bucket.scope for bucket in buckets}
    rows, *found = ask_together(db, (_taking(is_postgresql(db), len(keys)), _fresh(keys, now)), *asked)
    return _counted_in(db, rows, keys, now), found


def _counted_in(db: Session, rows: Sequence[Any], keys: dict[bytes, str], now: datetime) -> timedelta | None:
    blocked: datetime = max((row.blocked_until for row in rows if row.blocked_until), default=now)
    if blocked > now:
        return blocked - now
    counted = [_counted(row, keys[bytes(row.key)], now) for row in sorted(rows, key=lambda row: bytes(row.key))]
    _counting(is_postgresql(db), len(keys)).run_later(db, **_numbered(counted))
    return None


def forgive(db: Session, buckets: Iterable[Bucket], *, now: datetime) -> None:
    """The try was right: empty the buckets of this account; to an address it pays a few failures back."""
    keys = sorted(_key(db, bucket) for bucket in buckets)
    given = {f"key_{number}": key for number, key in enumerate(keys)}
    paid_back = rule("throttle_paid_back", today_in_vietnam(now))
    _forgiving(len(keys)).run_later(db, paid_back=paid_back, **given)


def waits(db: Session, buckets: Iterable[Bucket], *, now: datetime) -> Asked:
    """For a look before slow work: a row for each wait that stands now. Nothing is counted."""
    given = {f"key_{number}": _key(db, bucket) for number, bucket in enumerate(buckets)}
    return _waiting(len(given)), {"now": now, **given}


def network_of(address: str) -> str:
    """What counts as one address."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 4:
        return address
    return str(ipaddress.ip_network((parsed, IPV6_NETWORK), strict=False))


def sweep(db: Session, *, now: datetime) -> None:
    """Drop buckets whose failures are forgotten (run by the worker)."""
    db.execute(delete(ThrottleCount).where(ThrottleCount.last_at < now - _window(now)))


def _fresh(keys: dict[bytes, str], now: datetime) -> dict[str, Any]:
    """Rows for buckets that are not known yet, in one order everywhere: callers never wait crosswise."""
    return _numbered(
        [{"key": key, "scope": keys[key], "failures": 0, "last_at": now, "blocked_until": None} for key in sorted(keys)]
    )


def _counted(row: Any, scope: str, now: datetime) -> dict[str, Any]:
    day = today_in_vietnam(now)
    failures = (row.failures if row.last_at >= now - _window(now) else 0) + 1
    over = failures - rule("throttle", day)[scope]
    waits = rule("throttle_wait_seconds", day)
    seconds = min(waits["first"] * 2 ** min(over, 20), waits["longest"]) if over >= 0 else 0
    blocked = now + timedelta(seconds=seconds) if seconds else None
    return {"key": bytes(row.key), "scope": scope, "failures": failures, "last_at": now, "blocked_until": blocked}


def _numbered(rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {f"{name}_{number}": value for number, row in enumerate(rows) for name, value in row.items()}


_TABLE = cast(Table, ThrottleCount.__table__)


def _upsert(for_postgresql: bool, count: int) -> Any:
    rows = [
        {column.name: bindparam(f"{column.name}_{number}", type_=column.type) for column in _TABLE.c}
        for number in range(count)
    ]
    return (postgresql if for_postgresql else sqlite).insert(_TABLE).values(rows)


@cache
def _taking(for_postgresql: bool, count: int) -> Prepared:
    """The rows, made where they are missing and held until the commit: a parallel try waits for this one."""
    held = _upsert(for_postgresql, count).on_conflict_do_update(
        index_elements=[_TABLE.c.key], set_={"last_at": _TABLE.c.last_at}
    )
    return Prepared(held.returning(_TABLE.c.key, _TABLE.c.failures, _TABLE.c.last_at, _TABLE.c.blocked_until))


@cache
def _counting(for_postgresql: bool, count: int) -> Prepared:
    counting = _upsert(for_postgresql, count)
    new = {name: counting.excluded[name] for name in ("failures", "last_at", "blocked_until")}
    return Prepared(counting.on_conflict_do_update(index_elements=[_TABLE.c.key], set_=new))


@cache
def _forgiving(count: int) -> Prepared:
    paid_back = bindparam("paid_back", type_=_TABLE.c.failures.type)
    left = case(
        ((_TABLE.c.scope == "address") & (_TABLE.c.failures > paid_back), _TABLE.c.failures - paid_back), else_=0
    )
    return Prepared(update(_TABLE).where(_is_one_of(count)).values(failures=left, blocked_until=None))


@cache
def _waiting(count: int) -> Prepared:
    until = _TABLE.c.blocked_until
    return Prepared(select(until).where(_is_one_of(count), until > bindparam("now", type_=until.type)))


def _is_one_of(count: int) -> ColumnElement[bool]:
    return or_(*(_TABLE.c.key == bindparam(f"key_{number}", type_=_TABLE.c.key.type) for number in range(count)))


def _window(now: datetime) -> timedelta:
    return timedelta(minutes=rule("throttle_window_minutes", today_in_vietnam(now)))


def _key(db: Session, bucket: Bucket) -> bytes:
    return bytes(vault(db).digest("throttle", f"{bucket.scope}:{bucket.name}"))
