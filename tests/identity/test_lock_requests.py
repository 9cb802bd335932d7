"""Requests on paper: their clocks, two officers, grounds that open one by one, refusals in writing, deaths."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from identity.account import AccountState, Act, Ground, check_may
from identity.audit import SYSTEM, Actor, AuditEvent, Event, events_about
from identity.base import Refused
from identity.deadlines import today_in_vietnam
from identity.freeze import freeze, pause_now
from identity.inbox import InboxMessage
from identity.lock_requests import deaths
from identity.lock_requests.at_once import open_for_holder, settle_death
from identity.lock_requests.decide import decide
from identity.lock_requests.desk import desk, find_decision, signed
from identity.lock_requests.model import REASONS, RequestState
from identity.lock_requests.receive import Paper, endable, forward, look_up
from identity.locks import grounds_of, lock, note_paper, unlock
from tests.identity.account_scene import make_account, make_person
from tests.identity.lock_scene import COURT, a_unit, carried_out, officers, received
from tests.stored import stored

POLICE = Paper("Cơ quan điều tra tỉnh", "77/CV", "Theo lệnh")


@pytest.fixture
def people(db, now):
    return officers(db, now)


@pytest.fixture
def account(db, now):
    return make_account(db, now, person_id=make_person(db, now).id)


def state(db, account, now):
    return {one.ground for one in grounds_of(db, account, now=now)}


def kinds(db, account):
    return set(db.scalars(select(InboxMessage.kind).where(InboxMessage.account_id == account.id)))


def test_the_clocks_are_one_working_day_and_two_more_without_holidays(db, now, account, people):
    """Monday 23 November 2026 is followed by a paid holiday."""
    row = received(db, account, people[0], now)
    assert today_in_vietnam(row.forward_by) == date(2026, 11, 25)
    assert today_in_vietnam(row.decide_by) == date(2026, 11, 27)
    early = received(db, account, people[0], now, paper=POLICE)
    forward(db, early, people[0], now=now)
    assert today_in_vietnam(early.decide_by) == date(2026, 11, 26), "two working days from the examination"
    forward(db, row, people[0], now=now + timedelta(days=2))
    assert today_in_vietnam(row.decide_by) == date(2026, 11, 27)
    assert not row.is_late(now + timedelta(days=4)) and row.is_late(now + timedelta(days=5))


def test_an_authoritys_request_locks_only_when_another_officer_grants_it(db, now, account, people):
    row = received(db, account, people[0], now)
    forward(db, row, people[0], now=now)
    assert state(db, account, now) == set()
    with pytest.raises(Refused, match="approver-only"):
        decide(db, row, people[0], granted=True, now=now)
    decide(db, row, people[1], granted=True, now=now)
    assert [(one.ground, one.source) for one in grounds_of(db, account, now=now)] == [("authority", row.number)]
    assert "account-locked-by-decision" in kinds(db, account)
    with pytest.raises(Refused, match="account-locked"):
        check_may(db, account.id, Act.SIGN_IN, now=now)


def test_whoever_received_or_examined_does_not_decide(db, now, account, people):
    row = received(db, account, people[1], now)
    forward(db, row, people[0], now=now)
    with pytest.raises(Refused, match="lock-four-eyes"):
        decide(db, row, people[1], granted=True, now=now)
    other = received(db, account, people[0], now, paper=POLICE)
    forward(db, other, people[1], now=now)
    with pytest.raises(Refused, match="lock-four-eyes"):
        decide(db, other, people[1], granted=False, reason="no-basis", now=now)


def test_nothing_is_decided_before_it_was_examined(db, now, account, people):
    row = received(db, account, people[0], now)
    with pytest.raises(Refused, match="lock-request-moved"):
        decide(db, row, people[1], granted=True, now=now)


def test_a_refusal_is_in_writing_with_its_reason_and_locks_nothing(db, now, account, people):
    row = received(db, account, people[0], now)
    forward(db, row, people[0], now=now)
    with pytest.raises(Refused, match="lock-reason"):
        decide(db, row, people[1], granted=False, now=now)
    decide(db, row, people[1], granted=False, reason="not-competent", words="Đề nghị gửi đúng mẫu.", now=now)
    assert (row.state, row.reason, row.answer) == (RequestState.REFUSED, "not-competent", "Đề nghị gửi đúng mẫu.")
    assert state(db, account, now) == set() and kinds(db, account) == {"lock-request-refused"}
    assert find_decision(db, row.code) is row
    assert find_decision(db, "AAAA-BBBB-CCCC-DDDD") is None
    assert signed(db, row, "https://portal.example").count(".") == 2
    assert row.reason in REASONS


def test_a_ground_goes_on_only_where_its_end_is_asked_for(db, now, account, people):
    row = received(db, account, people[0], now)
    forward(db, row, people[0], now=now)
    with pytest.raises(Refused, match="lock-reason"):
        decide(db, row, people[1], granted=False, reason="ground-goes-on", now=now)
    decide(db, row, people[1], granted=True, now=now)
    wish = received(db, account, people[0], now, ends_source=row.number)
    forward(db, wish, people[0], now=now)
    decide(db, wish, people[1], granted=False, reason="ground-goes-on", now=now)
    assert state(db, account, now) == {"authority"}


def test_a_hold_that_an_officer_let_stand_is_ended_on_paper_and_never_begun_so(db, now, account, people):
    lock(db, account, Ground.HOLD, "register:1", SYSTEM, now=now)
    with pytest.raises(Refused, match="lock-ground"):
        received(db, account, people[0], now, Ground.HOLD)
    assert [one.source for one in endable(db, account, now=now)] == ["register:1"]
    carried_out(db, account, people, now, Ground.HOLD, ends_source="register:1")
    check_may(db, account.id, Act.SIGN_IN, now=now)


def test_two_authorities_lock_apart_and_each_ends_its_own(db, now, account, people):
    court, police = carried_out(db, account, people, now), carried_out(db, account, people, now, paper=POLICE)
    assert len(grounds_of(db, account, now=now)) == 2
    carried_out(db, account, people, now, ends_source=court.number)
    assert [one.source for one in grounds_of(db, account, now=now)] == [police.number]
    assert {"account-lock-ended"} <= kinds(db, account)
    carried_out(db, account, people, now, paper=POLICE, ends_source=police.number)
    assert state(db, account, now) == set()
    check_may(db, account.id, Act.SIGN_IN, now=now)
    assert "account-open-again" in kinds(db, account)


def test_every_ground_opens_by_itself_and_the_account_with_the_last(db, now, account, people):
    freeze(db, account, Actor(account.id, "resident"), now=now)
    note_paper(db, account, "passport", Ground.DOCUMENT_EXPIRED, date(2026, 11, 1), now=now)
    terms = carried_out(db, account, people, now, Ground.TERMS)
    card = carried_out(db, account, people, now, Ground.CARD_WITHDRAWN, POLICE)
    assert state(db, account, now) == {"own-request", "document-expired", "terms", "card-withdrawn"}
    open_for_holder(db, account, people[0], now=now)
    assert state(db, account, now) == {"document-expired", "terms", "card-withdrawn"}
    note_paper(db, account, "passport", Ground.DOCUMENT_EXPIRED, date(2031, 11, 1), now=now)
    carried_out(db, account, people, now, Ground.TERMS, POLICE, ends_source=terms.number)
    with pytest.raises(Refused, match="account-locked"):
        check_may(db, account.id, Act.SIGN_IN, now=now)
    carried_out(db, account, people, now, Ground.CARD_WITHDRAWN, POLICE, ends_source=card.number)
    check_may(db, account.id, Act.SIGN_IN, now=now)


def test_the_same_paper_is_taken_in_once_while_it_waits(db, now, account, people):
    received(db, account, people[0], now)
    with pytest.raises(Refused, match="lock-asked-already"):
        received(db, account, people[1], now, paper=Paper(" tòa án nhân dân khu vực 1", "12/2026/qđ-ta ", "Khác"))
    assert received(db, account, people[0], now, paper=POLICE) is not None


def test_a_lock_that_is_not_there_is_not_ended(db, now, account, people):
    with pytest.raises(Refused, match="lock-not-there"):
        received(db, account, people[0], now, ends_source="TK03-261123-9999")
    court = carried_out(db, account, people, now)
    row = received(db, account, people[0], now, paper=POLICE, ends_source=court.number)
    forward(db, row, people[0], now=now)
    unlock(db, account, Ground.AUTHORITY, court.number, people[1], now=now)
    with pytest.raises(Refused, match="lock-not-there"):
        decide(db, row, people[1], granted=True, now=now)


def test_papers_pauses_and_staff_locks_are_not_asked_about_here(db, now, account, people):
    pause_now(db, account, "anybody", Actor(None, "visitor"), now=now)
    note_paper(db, account, "passport", Ground.DOCUMENT_EXPIRED, date(2026, 11, 1), now=now)
    lock(db, account, Ground.AUTHORITY, "an-old-one", people[0], now=now)
    db.flush()
    assert [one.ground for one in endable(db, account, now=now)] == ["authority"]
    with pytest.raises(Refused, match="lock-ground"):
        received(db, account, people[0], now, Ground.DOCUMENT_EXPIRED)


def test_a_death_certificate_takes_two_officers_and_closes(db, now, account, people):
    row = carried_out(db, account, people, now, Ground.DEATH)
    assert account.state == AccountState.CLOSED
    with pytest.raises(Refused, match="account-closed"):
        check_may(db, account.id, Act.SIGN_IN, now=now)
    assert "account-locked-by-decision" not in kinds(db, account)
    with pytest.raises(Refused, match="lock-closed-already"):
        received(db, account, people[0], now, Ground.DEATH, POLICE)
    carried_out(db, account, people, now, Ground.DEATH, POLICE, ends_source=row.number)
    assert account.state == AccountState.ACTIVE
    check_may(db, account.id, Act.SIGN_IN, now=now)


def test_a_death_in_the_register_closes_at_once_and_once(db, now, account, people):
    assert not settle_death(db, account, False, people[0], now=now)
    assert settle_death(db, account, True, people[0], now=now)
    assert not settle_death(db, account, True, people[0], now=now)
    assert (account.state, state(db, account, now)) == (AccountState.CLOSED, {"death"})
    outcomes = [
        event.facts["outcome"]
        for event in events_about(db, ("account", account.id))
        if event.name == Event.REGISTER_LOOKED_UP
    ]
    assert sorted(outcomes) == ["dead", "dead", "not-dead"]


def test_the_daily_look_closes_those_who_died_and_passes_over_the_rest(db, now, account):
    assert deaths.close_the_dead(db, ["000000000000", account.login], now=now) == 1
    assert deaths.close_the_dead(db, [account.login], now=now) == 0


def test_the_holder_at_the_counter_ends_only_what_the_holder_asked_for(db, now, account, people):
    with pytest.raises(Refused, match="lock-not-there"):
        open_for_holder(db, account, people[0], now=now)
    carried_out(db, account, people, now)
    freeze(db, account, Actor(account.id, "resident"), now=now)
    open_for_holder(db, account, people[0], now=now)
    assert state(db, account, now) == {"authority"}


def test_nobody_acts_on_their_own_account(db, now, people):
    own = make_person(db, now, phone="+84912000001")
    staff = db.get_one(type(make_account(db, now, login="u.own", kind="staff")), people[1].account_id)
    staff.person_id = own.id
    account = make_account(db, now, person_id=own.id)
    for act in (
        lambda: look_up(db, account.login, people[1], now=now),
        lambda: received(db, account, people[1], now),
        lambda: open_for_holder(db, account, people[1], now=now),
    ):
        with pytest.raises(Refused, match="own-file") as caught:
            act()
        assert caught.value.audited
    row = received(db, account, people[0], now)
    forward(db, row, people[0], now=now)
    with pytest.raises(Refused, match="own-file"):
        decide(db, row, people[1], granted=True, now=now)


def test_the_desk_lists_the_late_first_and_only_its_own_units(db, now, account, people):
    late = received(db, account, people[0], now - timedelta(days=10))
    fresh = received(db, account, people[0], now, paper=POLICE)
    found = desk(db, {a_unit(db)}, now=now)
    assert ([row.id for row in found.rows], found.open, found.late) == ([late.id, fresh.id], 2, 1)
    assert desk(db, set(), now=now).rows == []
    assert desk(db, {a_unit(db)}, now=now, decided=True).rows == []


def test_who_asks_and_why_are_sealed(db, now, account, people):
    row = received(db, account, people[0], now)
    kept = stored(db.execute(select(type(row).__table__)).one())
    # Whole words of the paper: a number of three digits stands in a random identifier now and then.
    assert not any(word.encode() in kept for word in (COURT.authority, COURT.number, COURT.words))
    assert (row.authority, row.paper, row.words) == (COURT.authority, COURT.number, COURT.words)


def test_every_step_is_on_record(db, now, account, people):
    carried_out(db, account, people, now)
    names = set(db.scalars(select(AuditEvent.name).where(AuditEvent.subject_id == account.id)))
    assert {Event.LOCK_REQUESTED, Event.LOCK_REQUEST_FORWARDED, Event.LOCK_REQUEST_GRANTED} <= names
