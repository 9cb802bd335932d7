"""Messages leave once their cause is committed, wait for their turn, and are wiped when they are gone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text, update

from identity import outbox
from identity.outbox import FIRST_RETRY, LEASE, LONGEST_RETRY, Channel, Lane, Leased, OutboxMessage
from identity.work import Work
from portal.database import Database

PHONE = "+84912345678"


def posted(database: Database, now: datetime, kind: str = "otp", **options: Any) -> UUID:
    with database.transaction() as db:
        return outbox.post(db, Channel.SMS, kind, PHONE, now=now, **options)


def leased(database: Database, now: datetime, lane: Lane = Lane.NOTICE, most: int = 20) -> list[Leased]:
    with database.transaction() as db:
        return outbox.lease(db, lane, now=now, most=most)


def test_a_leased_message_knows_what_to_say_and_where(bare_database: Database, now: datetime) -> None:
    row = posted(bare_database, now, locale="en", code="123456")
    message = leased(bare_database, now)[0]
    assert (message.id, message.address, message.locale, message.facts) == (row, PHONE, "en", {"code": "123456"})


def test_a_message_of_a_rolled_back_cause_is_never_sent(bare_database: Database, now: datetime) -> None:
    with bare_database.session(write=True) as db:
        outbox.post(db, Channel.SMS, "otp", PHONE, now=now)
        db.rollback()
    assert leased(bare_database, now) == []


def test_two_workers_never_hold_the_same_message(bare_database: Database, now: datetime) -> None:
    rows = {posted(bare_database, now) for _ in range(12)}
    with ThreadPoolExecutor(4) as pool:
        batches = list(pool.map(lambda _: leased(bare_database, now, most=5), range(6)))
    taken = [message.id for batch in batches for message in batch]
    assert len(taken) == len(set(taken))
    assert set(taken) <= rows
    rest = [message.id for message in leased(bare_database, now)]
    assert set(taken) | set(rest) == rows


def test_receivers_take_turns_and_none_has_more_than_its_share_on_the_way(
    bare_database: Database, now: datetime
) -> None:
    slow, other = uuid4(), uuid4()
    of_slow = [posted(bare_database, now - timedelta(hours=1), recipient=slow) for _ in range(5)]
    of_other = [posted(bare_database, now, recipient=other) for _ in range(2)]

    def taken(most: int) -> set[UUID]:
        with bare_database.transaction() as db:
            return {message.id for message in outbox.lease(db, Lane.NOTICE, now=now, most=most, each=2)}

    assert taken(2) == {of_slow[0], of_other[0]}
    assert taken(9) == {of_slow[1], of_other[1]}
    assert taken(9) == set(), "the slow one has its share on the way"
    with bare_database.transaction() as db:
        outbox.delivered(db, of_slow[0], now=now)
    assert taken(9) == {of_slow[2]}


def test_workers_that_take_turns_never_hold_the_same_message(bare_database: Database, now: datetime) -> None:
    rows = {posted(bare_database, now, recipient=uuid4()) for _ in range(24)}

    def take(_worker: int) -> list[UUID]:
        with bare_database.transaction() as db:
            return [message.id for message in outbox.lease(db, Lane.NOTICE, now=now, most=4, each=2)]

    with ThreadPoolExecutor(6) as pool:
        taken = [row for batch in pool.map(take, range(12)) for row in batch]
    assert len(taken) == len(set(taken)) and set(taken) <= rows


def test_a_message_whose_worker_died_is_taken_again_after_the_lease(bare_database: Database, now: datetime) -> None:
    row = posted(bare_database, now)
    leased(bare_database, now)
    assert leased(bare_database, now + LEASE - timedelta(seconds=1)) == []
    again = leased(bare_database, now + LEASE + timedelta(seconds=1))
    assert [(message.id, message.attempts) for message in again] == [(row, 2)]


def test_codes_do_not_wait_behind_notices(bare_database: Database, now: datetime) -> None:
    posted(bare_database, now - timedelta(hours=1), "account-issued")
    code = posted(bare_database, now, lane=Lane.CODE)
    assert [message.id for message in leased(bare_database, now, Lane.CODE)] == [code]


def test_an_expired_code_is_never_sent(bare_database: Database, now: datetime) -> None:
    posted(bare_database, now, lane=Lane.CODE, expires_at=now + timedelta(minutes=5))
    assert leased(bare_database, now + timedelta(minutes=5), Lane.CODE) == []


def test_a_message_is_not_sent_before_its_time(bare_database: Database, now: datetime) -> None:
    posted(bare_database, now, due_at=now + timedelta(days=1))
    assert leased(bare_database, now) == []
    assert len(leased(bare_database, now + timedelta(days=1))) == 1


def test_a_failure_waits_twice_as_long_each_time(bare_database: Database, now: datetime) -> None:
    posted(bare_database, now)
    waits = []
    for _ in range(4):
        message = leased(bare_database, now)[0]
        with bare_database.transaction() as db:
            outbox.failed(db, message, "ConnectionRefusedError", now=now)
        wait = FIRST_RETRY * 2 ** len(waits)
        assert leased(bare_database, now + wait - timedelta(seconds=1)) == []
        waits.append(wait)
        now += wait
    assert waits[-1] == FIRST_RETRY * 8 < LONGEST_RETRY


def test_what_was_delivered_is_wiped_and_never_sent_again(bare_database: Database, now: datetime) -> None:
    row = posted(bare_database, now, code="123456")
    message = leased(bare_database, now)[0]
    with bare_database.transaction() as db:
        outbox.delivered(db, row, now=now)
        outbox.failed(db, message, "late report of a slow worker", now=now)
    assert leased(bare_database, now + timedelta(hours=2)) == []
    with bare_database.session(write=False) as db:
        stored = db.execute(text("SELECT payload_sealed, last_error, delivered_at FROM outbox_message")).one()
    assert stored[:2] == (None, None)
    assert stored[2] is not None


def test_a_delivery_is_noted_on_one_way_to_the_store(bare_database: Database, now: datetime) -> None:
    """Without the ORM the statement is a transaction by itself: no BEGIN goes before it and no COMMIT after it."""
    row = posted(bare_database, now)
    with bare_database.transaction() as db:
        outbox.delivered(db, row, now=now)
        assert isinstance(db, Work) and db.is_untouched


def test_what_expired_is_given_up_and_wiped(bare_database: Database, now: datetime) -> None:
    posted(bare_database, now, expires_at=now + timedelta(minutes=5))
    kept = posted(bare_database, now)
    with bare_database.transaction() as db:
        assert outbox.expire(db, now=now + timedelta(minutes=5)) == 1
    with bare_database.session(write=False) as db:
        rows = db.execute(text("SELECT payload_sealed FROM outbox_message WHERE gave_up_at IS NOT NULL")).all()
    assert [row[0] for row in rows] == [None]
    assert [message.id for message in leased(bare_database, now + timedelta(minutes=6))] == [kept]


def test_address_and_words_are_sealed(bare_database: Database, now: datetime) -> None:
    posted(bare_database, now, code="123456")
    with bare_database.session(write=False) as db:
        payload = bytes(db.execute(text("SELECT payload_sealed FROM outbox_message")).scalar())
    assert b"123456" not in payload
    assert PHONE.encode() not in payload


@pytest.mark.parametrize("sealed", [b"", b"\x01", b"\x01" + b"altered since it was sealed " * 2, b"\xfe" + b"k" * 40])
def test_a_message_that_cannot_be_opened_is_given_up_alone(
    bare_database: Database, now: datetime, sealed: bytes
) -> None:
    spoilt, sound = posted(bare_database, now - timedelta(minutes=1)), posted(bare_database, now)
    with bare_database.transaction() as db:
        db.execute(update(OutboxMessage).where(OutboxMessage.id == spoilt).values(payload_sealed=sealed))
    assert [message.id for message in leased(bare_database, now)] == [sound]
    with bare_database.session(write=False) as db:
        row = db.get_one(OutboxMessage, spoilt)
    assert (row.gave_up_at, row.last_error, row.leased_until) == (now, "unsealable", None)
    assert row.payload_sealed == sealed, "the right key may come back"
    assert leased(bare_database, now + LEASE * 2, most=1) != [], "the sound one only"


def test_what_could_not_be_opened_is_wiped_when_it_expires(bare_database: Database, now: datetime) -> None:
    spoilt = posted(bare_database, now, expires_at=now + timedelta(minutes=5))
    with bare_database.transaction() as db:
        db.execute(update(OutboxMessage).values(payload_sealed=b"\x01" + b"altered since it was sealed " * 2))
    assert leased(bare_database, now) == []
    with bare_database.transaction() as db:
        assert outbox.expire(db, now=now + timedelta(minutes=4)) == 0
        assert outbox.expire(db, now=now + timedelta(minutes=5)) == 1
        assert outbox.expire(db, now=now + timedelta(minutes=5)) == 0
    with bare_database.session(write=False) as db:
        row = db.get_one(OutboxMessage, spoilt)
    assert (row.gave_up_at, row.last_error, row.payload_sealed) == (now, "unsealable", None)
