"""Sixteen phones at the same moment: the same records in different orders, and one badge."""

from __future__ import annotations

from itertools import count
from random import Random

from sqlalchemy import func, select

from onboarding.assistance import AssistanceEvent, State, take_in_batch
from onboarding.backlog import waiting_of
from onboarding.badge import Badge, get_badge
from tests.onboarding.scene import communes, entry, member_of, team_in
from tests.races.at_once import at_once


def member_in(database, now):
    with database.transaction() as db:
        return member_of(db, team_in(db, communes(db)[0], now=now), now=now)


def test_one_batch_in_sixteen_orders_is_stored_once(database, now):
    member, numbers = member_in(database, now), count()
    originals = [entry(now) for _ in range(6)]
    corrections = [entry(now, minutes=40, supersedes=one.id) for one in originals]

    def send():
        batch = [*originals, *corrections]
        Random(next(numbers)).shuffle(batch)
        with database.transaction() as db:
            return {one.state for one in take_in_batch(db, member.account_id, batch[:9], now=now).values()}

    for states in at_once(send):
        assert states <= {State.SAVED, State.KNOWN, State.HELD}
    with database.transaction() as db:
        take_in_batch(db, member.account_id, [*originals, *corrections], now=now)
    with database.session(write=False) as db:
        assert db.scalar(select(func.count()).select_from(AssistanceEvent)) == 12
        assert waiting_of(db, member.account_id) == []


def test_a_badge_asked_for_by_sixteen_pages_is_made_once(database, now):
    member = member_in(database, now)

    def ask():
        with database.transaction() as db:
            return get_badge(db, member, now=now).id

    assert len(set(at_once(ask))) == 1
    with database.session(write=False) as db:
        assert db.scalar(select(func.count()).select_from(Badge)) == 1
