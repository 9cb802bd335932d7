"""Sending from phones: batches in any order, with any duplication and loss, leave one truth."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from identity.audit import SYSTEM, Actor, AuditEvent, Event
from identity.base import Refused
from identity.places import Unit
from onboarding import assistance
from onboarding.assistance import AssistanceEvent, State, outbox_key, owner_tag, take_in, take_in_batch
from onboarding.backlog import (
    HeldRecord,
    admit,
    count_lost,
    get_held,
    held_records,
    settle_corrections,
    turn_away,
    waiting_of,
)
from onboarding.records import is_superseded
from onboarding.team import Member, dismiss
from tests.onboarding.scene import communes, entry, ids, member_of, team_in

COORDINATOR = Actor(None, "coordinator")


@pytest.fixture
def here(db):
    return communes(db)[0]


@pytest.fixture
def member(db, here, now):
    return member_of(db, team_in(db, here, now=now), now=now)


def states(taken):
    return {id_: each.state for id_, each in taken.items()}


def counted(db):
    """Names of the records that count."""
    return set(db.scalars(select(AssistanceEvent.id).where(~is_superseded())))


def leave(db, member, now):
    dismiss(db, db.query(Member).filter(Member.account_id == member.account_id).one(), SYSTEM, now=now)
    db.flush()


def test_one_bad_record_takes_no_other_with_it(db, member, now):
    good, bad, also = entry(now), entry(now, minutes=0), entry(now)
    taken = take_in_batch(db, member.account_id, [good, bad, also], now=now)
    assert states(taken) == {good.id: State.SAVED, bad.id: State.REFUSED, also.id: State.SAVED}
    assert taken[bad.id].refusal.code == "assistance-minutes"
    assert counted(db) == {good.id, also.id}


def test_a_record_that_the_database_refuses_is_to_be_sent_again(db, member, now, monkeypatch):
    lost, good = entry(now), entry(now)
    store = assistance.add_event

    def breaks(db, one, arrival):
        if one.id == lost.id:
            db.execute(AssistanceEvent.__table__.insert().values(id=uuid4(), digest=b"x"))
        return store(db, one, arrival)

    monkeypatch.setattr(assistance, "add_event", breaks)
    taken = take_in_batch(db, member.account_id, [lost, good], now=now)
    assert states(taken) == {lost.id: State.LATER, good.id: State.SAVED}


def test_a_correction_before_its_original_waits_and_then_counts(db, member, now):
    first = entry(now)
    second = entry(now, minutes=35, supersedes=first.id)
    assert take_in(db, member.account_id, second, now=now).state is State.HELD
    assert take_in(db, member.account_id, second, now=now).state is State.HELD
    assert [held.id for held in waiting_of(db, member.account_id)] == [second.id]
    assert counted(db) == set()
    take_in_batch(db, member.account_id, [first], now=now)
    assert counted(db) == {second.id}
    assert waiting_of(db, member.account_id) == []
    assert take_in(db, member.account_id, second, now=now).state is State.KNOWN


def test_a_correction_that_waited_keeps_the_note_of_its_original(db, member, now):
    first = entry(now, note="mất điện cả buổi")
    keeps = entry(now, minutes=35, supersedes=first.id)
    take_in(db, member.account_id, keeps, now=now)
    drops = entry(now, minutes=40, supersedes=keeps.id, drops_note=True)
    take_in(db, member.account_id, drops, now=now)
    take_in_batch(db, member.account_id, [first], now=now)
    assert [db.get(AssistanceEvent, one.id).note for one in (first, keeps, drops)] == ["mất điện cả buổi"] * 2 + [None]


def test_a_correction_sent_together_with_its_original_is_saved_at_once(db, member, now):
    first = entry(now)
    second = entry(now, minutes=35, supersedes=first.id)
    third = entry(now, minutes=40, supersedes=second.id)
    taken = take_in_batch(db, member.account_id, [third, second, first], now=now)
    assert states(taken) == dict.fromkeys([first.id, second.id, third.id], State.SAVED)
    assert counted(db) == {third.id}


def test_a_waiting_correction_with_other_content_is_a_conflict(db, member, now):
    second = entry(now, supersedes=uuid4())
    take_in(db, member.account_id, second, now=now)
    changed = entry(now, id=second.id, minutes=50, supersedes=second.supersedes)
    assert take_in(db, member.account_id, changed, now=now).state is State.CONFLICT


def test_a_correction_of_somebody_elses_record_never_counts(db, member, here, now):
    other = member_of(db, team_in(db, here, now=now, name="Tổ 2"), now=now)
    theirs = entry(now)
    mine = entry(now, supersedes=theirs.id)
    assert take_in(db, member.account_id, mine, now=now).state is State.HELD
    take_in(db, other.account_id, theirs, now=now)
    settle_corrections(db, member.account_id, now=now)
    assert counted(db) == {theirs.id}
    assert take_in(db, member.account_id, mine, now=now).refusal.code == "held-refused"


def test_a_correction_whose_original_never_comes_is_shown_after_five_days(db, member, here, now):
    held = entry(now, supersedes=uuid4())
    take_in(db, member.account_id, held, now=now)
    assert count_lost(db, ids(here), now=now + timedelta(days=5)) == 0
    assert count_lost(db, ids(here), now=now + timedelta(days=5, seconds=1)) == 1


def test_what_a_former_member_did_before_leaving_waits_for_the_coordinator(db, member, here, now):
    before, after = entry(now, happened_at=now - timedelta(days=2)), entry(now, happened_at=now + timedelta(days=1))
    leave(db, member, now)
    taken = take_in_batch(db, member.account_id, [before, after], now=now + timedelta(days=1))
    assert states(taken) == {before.id: State.HELD, after.id: State.REFUSED}
    assert taken[after.id].refusal.code == "not-a-member-then"
    assert counted(db) == set()
    [[held, _]] = held_records(db, ids(here))
    admit(db, held, COORDINATOR, now=now)
    assert counted(db) == {before.id}
    assert held_records(db, ids(here)) == []
    assert take_in(db, member.account_id, before, now=now).state is State.KNOWN
    names = db.scalars(select(AuditEvent.name).where(AuditEvent.subject_id == before.id)).all()
    assert set(names) == {Event.HELD_RECORD_ADMITTED, Event.ASSISTANCE_LOGGED}


def test_what_was_done_on_the_very_day_of_leaving_is_not_lost(db, member, here, now):
    leave(db, member, now)
    that_day = entry(now)
    assert take_in(db, member.account_id, that_day, now=now).state is State.HELD
    [[held, _]] = held_records(db, ids(here))
    admit(db, held, COORDINATOR, now=now)
    assert counted(db) == {that_day.id}


def test_a_former_members_correction_counts_when_both_are_admitted(db, member, here, now):
    first = entry(now, happened_at=now - timedelta(days=2))
    second = entry(now, happened_at=now - timedelta(days=2), minutes=40, supersedes=first.id)
    leave(db, member, now)
    take_in_batch(db, member.account_id, [first, second], now=now)
    by_id = {held.id: held for held, _ in held_records(db, ids(here))}
    admit(db, by_id[second.id], COORDINATOR, now=now)
    assert counted(db) == set()
    admit(db, by_id[first.id], COORDINATOR, now=now)
    assert counted(db) == {second.id}


def test_a_record_turned_away_counts_nowhere_and_its_writer_is_told(db, member, here, now):
    before = entry(now, happened_at=now - timedelta(days=2))
    leave(db, member, now)
    take_in(db, member.account_id, before, now=now)
    held = get_held(db, before.id, ids(here))
    turn_away(db, held, COORDINATOR, now=now)
    assert take_in(db, member.account_id, before, now=now).refusal.code == "held-refused"
    with pytest.raises(Refused, match="changed-meanwhile"):
        admit(db, held, COORDINATOR, now=now)
    assert counted(db) == set()


def test_another_units_coordinator_finds_nothing(db, member, now):
    before = entry(now, happened_at=now - timedelta(days=2))
    leave(db, member, now)
    take_in(db, member.account_id, before, now=now)
    with pytest.raises(Refused, match="not-found"):
        get_held(db, before.id, ids(communes(db)[1]))


def test_what_waits_is_sealed_and_keeps_no_help_code(db, member, now):
    held = entry(now, supersedes=uuid4(), note="bà cụ ở cuối xóm")
    take_in(db, member.account_id, held, now=now)
    row = db.get(HeldRecord, held.id)
    assert row.entry == held
    assert "cuối".encode() not in row.content_sealed


def test_the_phones_clock_is_noted(db, member, now):
    one = entry(now)
    take_in(db, member.account_id, one, now=now, clock_skew=-7200)
    assert db.get(AssistanceEvent, one.id).clock_skew == -7200


def test_a_village_must_lie_in_the_members_unit(db, member, here, now):
    inside = Unit(
        code="T1",
        kind="village",
        type="village",
        name="Thôn 1",
        name_folded="thon 1",
        search_folded="thon 1",
        parent_id=here.id,
        valid_from=now.date(),
    )
    db.add(inside)
    db.flush()
    assert take_in(db, member.account_id, entry(now, village_id=inside.id), now=now).state is State.SAVED
    taken = take_in(db, member.account_id, entry(now, village_id=here.id), now=now)
    assert (taken.refusal.code, taken.refusal.field) == ("village-elsewhere", "village_id")


def test_an_outbox_is_named_by_its_member_and_tells_nothing(db, member, here, now):
    other = member_of(db, team_in(db, here, now=now, name="Tổ 2"), now=now)
    own = owner_tag(db, member.account_id)
    assert own == owner_tag(db, member.account_id) != owner_tag(db, other.account_id)
    assert str(member.account_id).replace("-", "")[:8] not in own
    assert outbox_key(db, member.account_id) == outbox_key(db, member.account_id) != outbox_key(db, other.account_id)
    assert len(outbox_key(db, member.account_id)) == 32


@st.composite
def sendings(draw):
    """Chains of corrections, and batches that hold each of their records at least once, in any order."""
    lengths = draw(st.lists(st.integers(1, 4), min_size=1, max_size=4))
    places = [(chain, link) for chain, length in enumerate(lengths) for link in range(length)]
    more = draw(st.lists(st.sampled_from(places), max_size=12))
    order = draw(st.permutations([*places, *more]))
    cuts = sorted(draw(st.sets(st.integers(1, len(order)), max_size=5)))
    lost = draw(st.sets(st.integers(0, len(cuts))))
    batches = [order[a:b] for a, b in zip([0, *cuts], [*cuts, len(order)], strict=True)]
    return lengths, [batch for batch in batches if batch], lost


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sending=sendings())
def test_any_order_duplication_and_loss_ends_in_one_truth(db, member, now, sending):
    lengths, batches, lost = sending
    chains = []
    for length in lengths:
        chain = [entry(now)]
        for minutes in range(1, length):
            chain.append(entry(now, minutes=minutes, supersedes=chain[-1].id))
        chains.append(chain)
    arrived = set()
    example = db.begin_nested()
    try:
        for number, batch in enumerate(batches):
            records = {chains[c][k].id: chains[c][k] for c, k in batch}
            taken = take_in_batch(db, member.account_id, list(records.values()), now=now)
            assert {each.state for each in taken.values()} <= {State.SAVED, State.KNOWN, State.HELD}
            if number not in lost:  # the answer of the others never reached the phone
                arrived |= {id_ for id_, each in taken.items() if each.state is not State.HELD}
        assert counted(db) == {chain[-1].id for chain in chains}
        assert waiting_of(db, member.account_id) == []
        everything = [one for chain in chains for one in chain]
        again = take_in_batch(db, member.account_id, everything, now=now)
        assert set(states(again).values()) == {State.KNOWN}
        assert arrived <= set(again)
        assert db.scalar(select(func.count()).select_from(AssistanceEvent)) == len(everything)
    finally:
        example.rollback()


def test_a_correction_of_what_was_turned_away_does_not_wait_for_ever(db, member, here, now):
    first = entry(now, happened_at=now - timedelta(days=2))
    before, late = (entry(now, happened_at=first.happened_at, supersedes=first.id, minutes=n) for n in (30, 35))
    leave(db, member, now)
    for one in (first, before):
        take_in(db, member.account_id, one, now=now)
    turn_away(db, db.get(HeldRecord, first.id), SYSTEM, now=now)
    db.flush()
    assert held_records(db, ids(here)) == []
    for one in (before, late):
        assert take_in(db, member.account_id, one, now=now).refusal.code == "held-refused"
