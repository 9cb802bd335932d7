"""Help on somebody's behalf: what is allowed, until when, and what was done under it."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from identity.audit import Actor
from identity.base import Refused
from identity.helping import new_help_code, withdraw_help
from identity.outbox import OutboxMessage
from onboarding.assistance import State, take_in
from onboarding.catalogue import Mode, Task
from onboarding.delegation import (
    DelegationState,
    count_in_force,
    delegate,
    delegations_of,
    end_at_desk,
    find_delegation,
    in_force,
    revoke,
    state_of,
)
from onboarding.records import done_under
from onboarding.team import Member, Team, appoint, release
from tests.onboarding.scene import communes, entry, ids, member_of, pseudonym_of, resident, team_in

TODAY = date(2026, 11, 23)
BY = Actor(None, "coordinator")


@pytest.fixture
def here(db):
    return communes(db)[0]


@pytest.fixture
def team(db, here, now):
    return team_in(db, here, now=now)


@pytest.fixture
def member(db, team, now):
    return member_of(db, team, now=now)


def test_an_authorisation_ends_by_itself_and_by_its_receipt(db, member, now):
    given = delegate(db, member, Task.LAND, 3, BY, now=now, agreed=True)
    db.flush()
    assert find_delegation(db, f"{given.code[:4]}-{given.code[4:]}".lower()).id == given.id
    assert state_of(db, given, on=TODAY + timedelta(days=2)) is DelegationState.VALID
    assert state_of(db, given, on=TODAY + timedelta(days=3)) is DelegationState.OVER
    revoke(db, given, now=now)
    assert state_of(db, given, on=TODAY) is DelegationState.REVOKED
    assert find_delegation(db, "0000-0000-0000") is None


def test_whoever_acts_for_many_may_name_each_receipt_that_still_counts(db, member, now):
    """A record may come 35 days late; what ended before that is named by none."""
    first = delegate(db, member, Task.LAND, 30, BY, now=now - timedelta(days=29), agreed=True)
    over = delegate(db, member, Task.LAND, 1, BY, now=now - timedelta(days=37), agreed=True)
    rest = [delegate(db, member, Task.LAND, 1, BY, now=now, agreed=True) for _ in range(31)]
    db.flush()
    found = [given.id for given in delegations_of(db, member.account_id, on=TODAY)]
    assert set(found) == {first.id, *(given.id for given in rest)} and found[-1] == first.id and over.id not in found


def test_a_receipt_by_sms_goes_through_the_outbox_sealed(db, member, here, now):
    person = resident(db, here, now=now)
    code = new_help_code(db, person.id, now=now)
    given = delegate(db, member, Task.LAND, 3, BY, now=now, agreed=True, phone="+84912345678", help_code=code)
    db.flush()
    message = db.scalars(select(OutboxMessage).where(OutboxMessage.kind == "delegation-receipt")).one()
    assert given.code.encode() not in message.payload_sealed
    assert given.pseudonym == pseudonym_of(db, person)


@pytest.mark.parametrize(
    ("task", "days", "details", "code"),
    [
        (Task.ACTIVATION, 3, {"agreed": True}, "assistance-own-hand"),
        (Task.LAND, 3, {"agreed": True, "procedure": "Đất đai, Nguyễn Văn An"}, "note-has-name"),
        (Task.LAND, 3, {"agreed": True, "procedure": "0912345678"}, "note-has-number"),
        (Task.LAND, 31, {"agreed": True}, "delegation-days"),
        (Task.LAND, 0, {"agreed": True}, "delegation-days"),
        (Task.LAND, 3, {}, "delegation-not-agreed"),
        (Task.LAND, 3, {"agreed": True, "help_code": "00000000"}, "help-code-unknown"),
    ],
)
def test_what_may_not_be_authorised(db, member, now, task, days, details, code):
    with pytest.raises(Refused, match=code):
        delegate(db, member, task, days, BY, now=now, **details)


def on_behalf(now, given, **changes):
    values = {"task": Task.LAND, "mode": Mode.ON_BEHALF, "authorised": True, "delegation_id": given and given.id}
    return entry(now, **{**values, **changes})


def test_what_is_done_on_somebodys_behalf_names_its_authorisation_and_the_person_sees_it(db, member, here, now):
    person = resident(db, here, now=now)
    code = new_help_code(db, person.id, now=now)
    given = delegate(db, member, Task.LAND, 3, BY, now=now - timedelta(hours=1), agreed=True, help_code=code)
    db.flush()
    done = on_behalf(now, given)
    assert take_in(db, member.account_id, done, now=now).state is State.SAVED
    assert [(event.id, event.pseudonym) for event in done_under(db, given.id)] == [(done.id, pseudonym_of(db, person))]
    correction = on_behalf(now, given, supersedes=done.id, minutes=5)
    take_in(db, member.account_id, correction, now=now)
    assert [event.id for event in done_under(db, given.id)] == [correction.id]


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda given: {"delegation_id": None}, "assistance-not-authorised"),
        (lambda given: {"delegation_id": uuid4()}, "delegation-unknown"),
        (lambda given: {"task": Task.PAYMENT}, "delegation-other-task"),
        (lambda given: {"task": Task.ACTIVATION}, "assistance-own-hand"),
        (lambda given: {"happened_at": given.given_at - timedelta(days=1)}, "delegation-over"),
    ],
)
def test_nothing_is_done_on_somebodys_behalf_without_an_authorisation_that_covers_it(db, member, now, spoil, code):
    given = delegate(db, member, Task.LAND, 3, BY, now=now - timedelta(hours=1), agreed=True)
    db.flush()
    taken = take_in(db, member.account_id, on_behalf(now, given, **spoil(given)), now=now)
    assert (taken.state, taken.refusal.code) == (State.REFUSED, code)
    assert done_under(db, given.id) == []


def test_an_authorisation_covers_what_was_done_before_it_ended_and_nothing_after(db, member, now):
    given = delegate(db, member, Task.LAND, 1, BY, now=now - timedelta(hours=3), agreed=True)
    db.flush()
    revoke(db, given, now=now - timedelta(hours=1))
    before, after = (on_behalf(now, given, happened_at=now - timedelta(hours=hours)) for hours in (2, 0.5))
    assert take_in(db, member.account_id, before, now=now).state is State.SAVED
    assert take_in(db, member.account_id, after, now=now).refusal.code == "delegation-over"
    tomorrow = on_behalf(now, given, happened_at=now + timedelta(days=1))
    assert take_in(db, member.account_id, tomorrow, now=now + timedelta(days=1)).refusal.code == "delegation-over"


def test_another_members_authorisation_is_not_mine(db, member, team, now):
    given = delegate(db, member, Task.LAND, 3, BY, now=now - timedelta(hours=1), agreed=True)
    other = member_of(db, team, now=now)
    assert take_in(db, other.account_id, on_behalf(now, given), now=now).refusal.code == "delegation-unknown"


def test_the_desk_of_the_unit_ends_an_authorisation_when_the_receipt_is_lost(db, member, here, now):
    given = delegate(db, member, Task.LAND, 3, BY, now=now, agreed=True)
    db.flush()
    assert [one.id for one, _name in in_force(db, ids(here), on=TODAY)] == [given.id]
    with pytest.raises(Refused, match="not-found"):
        end_at_desk(db, given.id, BY, ids(communes(db)[1]), now=now)
    end_at_desk(db, given.id, BY, ids(here), now=now)
    assert (state_of(db, given, on=TODAY), in_force(db, ids(here), on=TODAY)) == (DelegationState.REVOKED, [])


@pytest.mark.parametrize("spoil", ["revoked", "another-members", "unknown", "another-matter"])
def test_a_help_code_of_today_is_no_authorisation(db, member, team, here, now, spoil):
    """The code says who the person is; what may be done for them the authorisation alone says."""
    person = resident(db, here, now=now)
    holder = member_of(db, team, now=now) if spoil == "another-members" else member
    given = delegate(db, holder, Task.LAND, 3, BY, now=now - timedelta(hours=2), agreed=True)
    db.flush()
    if spoil == "revoked":
        revoke(db, given, now=now - timedelta(hours=1))
    changes = {"unknown": {"delegation_id": uuid4()}, "another-matter": {"task": Task.PAYMENT}}.get(spoil, {})
    changes |= {"happened_at": now - timedelta(minutes=30), "help_code": new_help_code(db, person.id, now=now)}
    taken = take_in(db, member.account_id, on_behalf(now, given, **changes), now=now)
    assert (taken.state, done_under(db, given.id)) == (State.REFUSED, [])


def test_a_code_of_somebody_else_beside_an_authorisation_is_refused(db, member, here, now):
    owner, other = (resident(db, here, now=now) for _ in range(2))
    code = new_help_code(db, owner.id, now=now)
    given = delegate(db, member, Task.LAND, 3, BY, now=now - timedelta(hours=1), agreed=True, help_code=code)
    db.flush()
    taken = take_in(
        db, member.account_id, on_behalf(now, given, help_code=new_help_code(db, other.id, now=now)), now=now
    )
    assert taken.refusal.code == "delegation-other-person"
    assert take_in(db, member.account_id, on_behalf(now, given, help_code=code), now=now).state is State.SAVED


def test_a_member_who_left_the_team_acts_for_nobody(db, member, here, now):
    given = delegate(db, member, Task.LAND, 7, BY, now=now - timedelta(hours=1), agreed=True)
    db.flush()
    row = db.scalars(select(Member).where(Member.account_id == member.account_id)).one()
    release(db, row, BY, now=now)
    db.flush()
    assert state_of(db, given, on=TODAY) is DelegationState.MEMBER_LEFT
    assert in_force(db, ids(here), on=TODAY) == []
    assert count_in_force(db, ids(here), on=TODAY) == 0
    assert given.may_be_ended(on=TODAY)  # the person may make sure


def test_what_was_allowed_to_a_member_of_one_team_is_worth_nothing_in_another(db, member, here, now):
    given = delegate(db, member, Task.LAND, 7, BY, now=now - timedelta(hours=1), agreed=True)
    row = db.scalars(select(Member).where(Member.account_id == member.account_id)).one()
    release(db, row, BY, now=now)
    db.flush()
    tomorrow = now + timedelta(days=1)
    appoint(db, db.get_one(Team, team_in(db, here, now=now).id), member.account_id, BY, now=tomorrow)
    db.flush()
    taken = take_in(db, member.account_id, on_behalf(tomorrow, given), now=tomorrow)
    assert taken.refusal.code == "delegation-over"
    assert state_of(db, given, on=TODAY + timedelta(days=1)) is DelegationState.MEMBER_LEFT


def test_whoever_wants_no_help_any_more_has_nobody_act_for_them(db, member, here, now):
    """Their account no longer shows what they allowed, so it must not go on in silence."""
    person = resident(db, here, now=now)
    code = new_help_code(db, person.id, now=now)
    given = delegate(db, member, Task.LAND, 3, BY, now=now - timedelta(hours=2), agreed=True, help_code=code)
    other = delegate(db, member, Task.LAND, 3, BY, now=now - timedelta(hours=2), agreed=True)
    db.flush()
    withdraw_help(db, person, now=now - timedelta(hours=1), actor=BY)
    states = [state_of(db, one, on=TODAY) for one in (given, other)]
    assert states == [DelegationState.REVOKED, DelegationState.VALID]
    before, after = (on_behalf(now, given, happened_at=now - timedelta(minutes=minutes)) for minutes in (90, 30))
    assert take_in(db, member.account_id, before, now=now).state is State.SAVED
    assert take_in(db, member.account_id, after, now=now).refusal.code == "delegation-over"
