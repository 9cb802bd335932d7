"""What may be used once is used once: unknown, late and second tries get None, and a race has one winner."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from sqlalchemy import text

from identity import once
from identity.base import new_id
from portal.database import Database

HOUR = timedelta(hours=1)


def issued(database: Database, now: datetime, **options: object) -> str:
    with database.transaction() as db:
        return once.issue(db, "activation", None, now=now, expires_at=now + HOUR, **options)


def redeemed(database: Database, secret: str, now: datetime, purpose: str = "activation") -> once.Redeemed | None:
    with database.transaction() as db:
        return once.redeem(db, purpose, secret, now=now)


def test_a_ticket_buys_what_it_stands_for_exactly_once(bare_database: Database, now: datetime) -> None:
    secret = issued(bare_database, now, payload={"step": 2})
    first, second = (redeemed(bare_database, secret, now) for _ in range(2))
    assert first is not None
    assert (first.payload, first.issued_at) == ({"step": 2}, now)
    assert second is None


def test_a_late_or_unknown_or_misused_ticket_buys_nothing(bare_database: Database, now: datetime) -> None:
    secret = issued(bare_database, now)
    assert redeemed(bare_database, secret, now + HOUR) is None
    assert redeemed(bare_database, "another secret", now) is None
    assert redeemed(bare_database, secret, now, purpose="recovery") is None
    assert redeemed(bare_database, secret, now) is not None


def test_a_withdrawn_ticket_buys_nothing(bare_database: Database, now: datetime) -> None:
    subject = new_id()
    with bare_database.transaction() as db:
        secret = once.issue(db, "activation", subject, now=now, expires_at=now + HOUR)
        once.withdraw(db, "activation", subject, now=now)
    assert redeemed(bare_database, secret, now) is None


def test_sixteen_at_once_have_one_winner(bare_database: Database, now: datetime) -> None:
    secret = issued(bare_database, now)
    with ThreadPoolExecutor(16) as pool:
        results = list(pool.map(lambda _: redeemed(bare_database, secret, now), range(16)))
    assert sum(result is not None for result in results) == 1


def test_a_key_is_spent_once_even_by_sixteen(bare_database: Database, now: datetime) -> None:
    def spend(_: int) -> bool:
        with bare_database.transaction() as db:
            return once.spend(db, "jti", "abc", expires_at=now + HOUR)

    with ThreadPoolExecutor(16) as pool:
        assert sorted(pool.map(spend, range(16))) == [False] * 15 + [True]


def test_a_redemption_that_is_rolled_back_leaves_the_ticket_usable(bare_database: Database, now: datetime) -> None:
    secret = issued(bare_database, now)
    with bare_database.session(write=True) as db:
        assert once.redeem(db, "activation", secret, now=now) is not None
        db.rollback()
    assert redeemed(bare_database, secret, now) is not None


def test_the_secret_is_not_in_the_database(bare_database: Database, now: datetime) -> None:
    secret = issued(bare_database, now, payload={"name": "Nguyen"})
    with bare_database.session(write=False) as db:
        row = db.execute(text("SELECT * FROM ticket")).one()
    stored = b"".join(bytes(value) for value in row if isinstance(value, bytes | memoryview))
    assert secret.encode() not in stored
    assert b"Nguyen" not in stored


def test_the_sweep_drops_what_has_expired_and_nothing_else(bare_database: Database, now: datetime) -> None:
    early, late = issued(bare_database, now - 2 * HOUR), issued(bare_database, now)
    with bare_database.transaction() as db:
        once.sweep(db, now=now)
        assert db.execute(text("SELECT count(*) FROM ticket")).scalar() == 1
    assert redeemed(bare_database, early, now - 2 * HOUR) is None
    assert redeemed(bare_database, late, now) is not None
