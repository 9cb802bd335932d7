"""A signing key that leaked is out at once: nobody believes it, another signs, and nothing stands still meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta

import orjson
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from identity.audit import SYSTEM, AuditEvent, Event
from identity.base import Refused
from identity.oidc import keys
from identity.oidc.keys import LIFE, REREAD_SECONDS, SIGNING, Keychain, KeyRing, SigningKey, keep_ahead, rotate
from identity.oidc.withdrawal import SHOWN, Reason, withdraw, withdrawn
from portal.database import Database


@pytest.fixture
def db(bare_database: Database) -> Iterator[Session]:
    """A database that has no key yet."""
    with bare_database.session(write=True) as session:
        yield session


def the_ring(db: Session, *, now: datetime) -> KeyRing:
    keep_ahead(db, now=now)
    ring = Keychain().load(db, now=now)
    assert ring is not None, "nothing signs"
    return ring


def kids(ring: KeyRing, algorithm: str = "ES256") -> list[str]:
    return [key["kid"] for key in orjson.loads(ring.jwks)["keys"] if key["alg"] == algorithm]


@pytest.mark.parametrize("algorithm", SIGNING)
def test_a_leaked_key_is_out_at_once_and_the_one_that_is_known_already_signs(
    db: Session, now: datetime, algorithm: str
) -> None:
    before = the_ring(db, now=now)
    token = before.sign({"sub": "s"}, alg=algorithm)
    leaked, known = kids(before, algorithm)
    ended, following = withdraw(db, [leaked], Reason.LEAKED, SYSTEM, now=now)
    after = Keychain().load(db, now=now)
    assert after is not None
    assert ([row.kid for row in ended], [row.kid for row in following]) == ([leaked], [known])
    assert after.signing[algorithm].kid == known and leaked not in kids(after, algorithm)
    assert len(kids(after, algorithm)) == 2, "the one after it is published already"
    assert (before.read(token), after.read(token)) == ({"sub": "s"}, None)
    assert (before.knows(token), after.knows(token)) == (True, False)
    for other in set(SIGNING) - {algorithm}:
        assert kids(after, other) == kids(before, other)


def test_when_every_key_leaked_fresh_ones_sign_in_the_same_moment(db: Session, now: datetime) -> None:
    before = the_ring(db, now=now)
    withdraw(db, list(before.keys), Reason.LEAKED, SYSTEM, now=now)
    after = Keychain().load(db, now=now)
    assert after is not None and set(after.signing) == set(SIGNING)
    assert not set(after.keys) & set(before.keys)
    assert after.read(after.sign({"sub": "s"})) == {"sub": "s"}


def test_a_key_that_never_signed_is_replaced_and_the_one_that_signs_stays(db: Session, now: datetime) -> None:
    before = the_ring(db, now=now)
    signs, coming = kids(before)
    assert withdraw(db, [coming], Reason.SUSPECTED, SYSTEM, now=now)[1] == []
    after = the_ring(db, now=now)
    assert after.signing["ES256"].kid == signs and coming not in kids(after) and len(kids(after)) == 2
    later = the_ring(db, now=now + LIFE)
    assert later.signing["ES256"].kid == kids(after)[1], "its successor comes when its own time is over"
    assert the_ring(db, now=now + LIFE / 2).signing["ES256"].kid == signs


def test_no_older_key_comes_back(db: Session, now: datetime) -> None:
    oldest = kids(the_ring(db, now=now))[0]
    later = now + LIFE * 1.5
    withdraw(db, [the_ring(db, now=later).signing["ES256"].kid], Reason.LEAKED, SYSTEM, now=later)
    assert oldest not in kids(the_ring(db, now=later))


def test_a_key_that_is_only_kept_for_old_tokens_can_leak_too(db: Session, now: datetime) -> None:
    first = kids(the_ring(db, now=now))[0]
    rotate(db, "ES256", now=now, at_once=True)
    signs = the_ring(db, now=now).signing["ES256"].kid
    assert withdraw(db, [first], Reason.LEAKED, SYSTEM, now=now)[1] == []
    after = the_ring(db, now=now)
    assert first not in kids(after) and after.signing["ES256"].kid == signs


def test_what_is_withdrawn_stays_so_and_stands_in_the_trail(db: Session, now: datetime) -> None:
    leaked = kids(the_ring(db, now=now))[0]
    withdraw(db, [leaked], Reason.WEAK, SYSTEM, now=now)
    with pytest.raises(Refused, match="key-withdrawn"):
        withdraw(db, [leaked], Reason.LEAKED, SYSTEM, now=now)
    for named in ([], ["nobody"], [leaked, "nobody"]):
        with pytest.raises(Refused, match="key-unknown"):
            withdraw(db, named, Reason.LEAKED, SYSTEM, now=now)
    event = db.scalars(select(AuditEvent).where(AuditEvent.name == Event.SIGNING_KEY_WITHDRAWN)).one()
    assert event.facts == {"kid": leaked, "because": "weak"}
    assert [row.kid for row in withdrawn(db, now=now + timedelta(days=1))] == [leaked]
    assert withdrawn(db, now=now + SHOWN) == []


def test_killed_in_the_middle_nothing_is_half_done(bare_database: Database, now: datetime) -> None:
    with bare_database.transaction() as db:
        before = the_ring(db, now=now)
    leaked = before.signing["ES256"].kid

    def state() -> list[tuple[object, ...]]:
        with bare_database.session(write=False) as db:
            rows = db.execute(text("SELECT kid, active_from, withdrawn_at FROM signing_key ORDER BY kid"))
            return [tuple(row) for row in rows]

    stood = state()
    with bare_database.session(write=True) as db:
        withdraw(db, [leaked], Reason.LEAKED, SYSTEM, now=now)
        db.flush()
        db.connection().invalidate()  # the process is gone: its connection breaks before the commit
        db.invalidate()
    assert state() == stood
    with bare_database.transaction() as db:
        withdraw(db, [leaked], Reason.LEAKED, SYSTEM, now=now)
    with bare_database.session(write=False) as db:
        after = Keychain().load(db, now=now)
    assert after is not None and leaked not in after.keys


def test_everybody_at_once_leaves_one_key_that_signs(bare_database: Database, now: datetime) -> None:
    """Two operators withdraw the key of today and the next one, a third rotates, workers keep ahead."""
    with bare_database.transaction() as db:
        today, following = kids(the_ring(db, now=now))

    def end(kid: str) -> None:
        with bare_database.transaction() as db:
            withdraw(db, [kid], Reason.LEAKED, SYSTEM, now=now)

    def turn() -> None:
        with bare_database.transaction() as db:
            rotate(db, "ES256", now=now, at_once=True)

    def ahead() -> None:
        with bare_database.transaction() as db:
            keep_ahead(db, now=now)

    acts = [lambda: end(today), lambda: end(following), turn, ahead, ahead, turn]
    barrier, troubles = threading.Barrier(len(acts)), []

    def run(act: object) -> None:
        barrier.wait(timeout=30)
        try:
            act()  # type: ignore[operator]
        except Exception as trouble:
            troubles.append(trouble)

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert troubles == []
    with bare_database.transaction() as db:
        ring = the_ring(db, now=now)
        assert not {today, following} & set(ring.keys)
        assert len([row for row in keys.lines(db)["ES256"] if row.active_from > now and not row.withdrawn_at]) >= 1


STEPS = st.lists(st.tuples(st.sampled_from(["days", "rotate", "now", "signing", "next", "all"]), st.integers(1, 120)))


@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(steps=STEPS)
@example(steps=[("rotate", 1), ("next", 1), ("days", 5)])
@example(steps=[("rotate", 1), ("next", 1), ("days", 3), ("signing", 1), ("days", 120)])
def test_whatever_is_turned_and_withdrawn_something_signs_and_was_never_withdrawn(
    bare_database: Database, now: datetime, monkeypatch: pytest.MonkeyPatch, steps: list[tuple[str, int]]
) -> None:
    """A year of any acts in any order; one algorithm, whose keys are cheap to make."""
    monkeypatch.setattr(keys, "SIGNING", ("ES256",))
    with bare_database.session(write=True) as db:
        at, gone = now, set[str]()
        for act, number in steps:
            ring = the_ring(db, now=at)
            if act == "days":
                at += timedelta(days=number)
            elif act in {"rotate", "now"}:
                rotate(db, "ES256", now=at, at_once=act == "now")
            else:
                signing = ring.signing["ES256"].kid
                coming = keys.next_of(keys.lines(db)["ES256"], at)
                assert coming is not None
                chosen = {"signing": [signing], "next": [coming.kid], "all": list(ring.keys)}[act]
                withdraw(db, chosen, Reason.LEAKED, SYSTEM, now=at)
                gone |= set(chosen)
            after = the_ring(db, now=at)
            assert not gone & set(after.keys), "what was withdrawn is published again"
            signs = after.signing["ES256"]
            assert signs.active_from <= at < max(key.active_from for key in after.keys.values())
            newest = db.scalars(select(SigningKey).where(SigningKey.active_from <= at, SigningKey.kid.not_in(gone)))
            assert signs.kid == max(newest, key=lambda row: row.number).kid
        db.rollback()


def test_every_process_follows_within_five_seconds() -> None:
    assert REREAD_SECONDS <= 5
