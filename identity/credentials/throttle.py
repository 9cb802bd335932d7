"""Slowing down guesses without locking the owner out: failures counted a bucket, each further one doubles the wait.

A try is counted before its outcome is known, in the transaction that uses the outcome, and the row is locked: parallel
guesses cannot outrun the count. Failures of others never hold up a browser that signed in before (it has a bucket of
its own in place of those of login and address), and a wait is never longer than the rule.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import LargeBinary, String, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from identity.base import Base
from identity.deadlines import rule, today_in_vietnam
from identity.sealed import vault

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
    keys = {_key(db, bucket): bucket.scope for bucket in buckets}
    _make_rows(db, keys, now)
    query = select(ThrottleCount).where(ThrottleCount.key.in_(keys)).order_by(ThrottleCount.key).with_for_update()
    rows = list(db.scalars(query.execution_options(populate_existing=True)))
    blocked = [row.blocked_until for row in rows if row.blocked_until is not None and row.blocked_until > now]
    if blocked:
        return max(blocked) - now
    for row in rows:
        _count(row, now)
    db.flush()
    return None


def forgive(db: Session, buckets: Iterable[Bucket], *, now: datetime) -> None:
    """The try was right: empty the buckets of this account; to an address it pays a few failures back."""
    paid_back = rule("throttle_paid_back", today_in_vietnam(now))
    keys = {_key(db, bucket): bucket.scope for bucket in buckets}
    for row in db.scalars(select(ThrottleCount).where(ThrottleCount.key.in_(keys)).order_by(ThrottleCount.key)):
        row.failures = max(row.failures - paid_back, 0) if row.scope == "address" else 0
        row.blocked_until = None
    db.flush()


def wait_left(db: Session, buckets: Iterable[Bucket], *, now: datetime) -> timedelta | None:
    """The wait that stands now, without counting: a look before slow work."""
    keys = [_key(db, bucket) for bucket in buckets]
    query = select(ThrottleCount.blocked_until).where(ThrottleCount.key.in_(keys), ThrottleCount.blocked_until > now)
    return max((until - now for until in db.scalars(query) if until), default=None)


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


def _make_rows(db: Session, keys: dict[bytes, str], now: datetime) -> None:
    dialect = postgresql if db.get_bind().dialect.name == "postgresql" else sqlite
    rows = [{"key": key, "scope": keys[key], "failures": 0, "last_at": now} for key in sorted(keys)]
    db.execute(dialect.insert(ThrottleCount).values(rows).on_conflict_do_nothing())


def _count(row: ThrottleCount, now: datetime) -> None:
    day = today_in_vietnam(now)
    if row.last_at < now - _window(now):
        row.failures = 0
    row.failures += 1
    row.last_at = now
    over = row.failures - rule("throttle", day)[row.scope]
    waits = rule("throttle_wait_seconds", day)
    seconds = min(waits["first"] * 2 ** min(over, 20), waits["longest"]) if over >= 0 else 0
    row.blocked_until = now + timedelta(seconds=seconds) if seconds else None


def _window(now: datetime) -> timedelta:
    return timedelta(minutes=rule("throttle_window_minutes", today_in_vietnam(now)))


def _key(db: Session, bucket: Bucket) -> bytes:
    return bytes(vault(db).digest("throttle", f"{bucket.scope}:{bucket.name}"))
