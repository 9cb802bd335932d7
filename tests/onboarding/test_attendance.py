"""Checking in: the code of now, once for each person, with or without network, with or without e-ID."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from identity.audit import AuditEvent
from identity.base import Refused
from identity.helping import agree_to_help, new_help_code
from identity.person import Person
from onboarding.attendance import (
    THEMSELVES,
    Attendance,
    attend_by_kept_scan,
    attend_by_spoken_code,
    attend_by_ticket,
    attended,
    count_present,
    count_reached,
    present_in,
)
from onboarding.check_in import Method, check_token, codes_from, give_ticket, prepared_codes
from onboarding.learner import Learner, find_learner, learner_of, link_slip
from onboarding.roster import (
    allow_late_proof,
    attend_by_numbers,
    attend_by_roster,
    walk_in_again,
    walk_in_with_help_code,
    walk_in_with_slip,
    withdraw_attendance,
)
from onboarding.sign_up import list_numbers, sign_up, step_back
from onboarding.training import get_session
from tests.onboarding.scene import communes, resident
from tests.onboarding.training_scene import room, session_of

SECOND = timedelta(seconds=1)


@pytest.fixture
def place(db, now):
    return room(db, now=now)


@pytest.fixture
def session(db, place):
    return get_session(db, place.session_id)


@pytest.fixture
def learner(db, place):
    return db.get_one(Learner, place.learner_id)


def refusal(code, act, *arguments, **named):
    with pytest.raises(Refused) as refused:
        act(*arguments, **named)
    assert refused.value.code == code


def shown(db, session, at):
    return codes_from(db, session, at)[0]


# the code


def test_the_code_changes_every_15_seconds_and_is_taken_2_seconds_longer(db, session, now):
    start = shown(db, session, now).at
    token = shown(db, session, start).token
    assert shown(db, session, start + 14 * SECOND).token == token
    assert shown(db, session, start + 15 * SECOND).token != token
    for offset in (-2, 0, 14, 16.9):
        assert check_token(db, session, token, now=start + offset * SECOND) == (Method.SCREEN, start)
    for offset, code in ((-2.1, "check-in-stale"), (17, "check-in-not-late"), (600, "check-in-not-late")):
        refusal(code, check_token, db, session, token, now=start + offset * SECOND)


@pytest.mark.parametrize("token", ["", "x", "-", "zz-aa", "1-aaaaaaaaaaaaaaaa", "-5-abc", "f" * 60 + "-a"])
def test_an_invented_code_is_wrong(db, session, now, token):
    refusal("check-in-wrong", check_token, db, session, token, now=now)


def test_a_code_belongs_to_its_session(db, place, session, now):
    other = session_of(db, place.member, place.course_id, now=now)
    refusal("check-in-wrong", check_token, db, other, shown(db, session, now).token, now=now)


def test_before_the_doors_open_no_code_counts(db, place, now):
    later = session_of(db, place.member, place.course_id, now=now, starts_in=2)
    refusal("check-in-closed", check_token, db, later, shown(db, later, now).token, now=now)


def test_a_screen_without_network_goes_on_with_codes_prepared_before(db, session, now):
    prepared = codes_from(db, session, now, count=80)
    later = prepared[70]
    assert len(prepared) == 80
    assert check_token(db, session, later.token, now=later.at + SECOND)[0] is Method.SCREEN


def test_no_code_is_prepared_beyond_the_hours_of_the_session(db, session):
    near_the_end = session.ends_at + timedelta(minutes=19)
    assert len(codes_from(db, session, near_the_end, count=80)) == 5


def test_a_whole_session_is_prepared_from_its_doors_to_their_closing_a_day_ahead(db, place, now):
    long = session_of(db, place.member, place.course_id, now=now, starts_in=20)
    long.ends_at = long.starts_at + timedelta(hours=4)
    prepared = prepared_codes(db, long, now)
    opens, closes = long.starts_at - timedelta(minutes=20), long.ends_at + timedelta(minutes=20)
    assert prepared[0].at <= opens and closes - 15 * SECOND < prepared[-1].at <= closes
    assert len(prepared) in (1120, 1121) and len({code.token for code in prepared}) == len(prepared)
    for code in (prepared[1], prepared[600], prepared[-2]):
        assert check_token(db, long, code.token, now=code.at + SECOND) == (Method.SCREEN, code.at)
        assert shown(db, long, code.at) == code, "what a screen with network shows then"
    assert prepared_codes(db, long, now - timedelta(hours=5)) == []
    assert prepared_codes(db, long, closes + SECOND) == []
    long.ends_at = long.starts_at + timedelta(hours=30)
    assert len(prepared_codes(db, long, now)) == 8 * 240 + 1, "no more than rule `check_in_prepared` says"
    long.cancelled_at = now
    assert prepared_codes(db, long, now) == []


def test_an_old_code_counts_only_where_the_trainer_says_that_there_was_no_network(db, place, session, now):
    token, later = shown(db, session, now).token, now + timedelta(hours=3)
    refusal("check-in-not-late", check_token, db, session, token, now=later)
    allow_late_proof(db, place.member, session, now=now)
    assert check_token(db, session, token, now=later)[0] is Method.LATE
    refusal("check-in-stale", check_token, db, session, token, now=now + timedelta(hours=25))


def test_late_proof_does_not_accept_codes_of_the_future(db, place, session, now):
    allow_late_proof(db, place.member, session, now=now)
    ahead = codes_from(db, session, now, count=10)[9]
    refusal("check-in-stale", check_token, db, session, ahead.token, now=now)


def test_what_a_phone_kept_must_have_stood_on_the_screen_at_the_moment_it_noted(db, place, session, learner, now):
    allow_late_proof(db, place.member, session, now=now)
    code, later = shown(db, session, now), now + timedelta(hours=3)
    for seconds in (-3, 17, 60):
        at = code.at + seconds * SECOND
        refusal("check-in-stale", attend_by_kept_scan, db, session, learner, code.token, scanned_at=at, now=later)
    for seconds in (-2, 0, 16.9):
        attend_by_kept_scan(db, session, learner, code.token, scanned_at=code.at + seconds * SECOND, now=later)
    [one] = db.query(Attendance).all()
    assert (one.method, one.happened_at, one.received_at) == (Method.LATE, code.at, later)


def test_a_scan_that_was_kept_counts_only_where_the_trainer_says_that_there_was_no_network(db, session, learner, now):
    code, later = shown(db, session, now), now + timedelta(hours=3)
    refusal("check-in-not-late", attend_by_kept_scan, db, session, learner, code.token, scanned_at=now, now=later)
    late = now + timedelta(hours=25)
    session.late_proof = True
    refusal("check-in-stale", attend_by_kept_scan, db, session, learner, code.token, scanned_at=now, now=late)
    assert count_present(db, [session.id]) == {}


def test_a_spoken_code_heard_without_network_counts_later_once_and_in_its_own_minute(db, place, session, learner, now):
    heard = now.replace(second=0, microsecond=0)
    code, later = shown(db, session, heard).spoken, now + timedelta(hours=20)
    assert attend_by_spoken_code(db, session, learner, code, now=later).code == "check-in-closed"
    allow_late_proof(db, place.member, session, now=now)
    for seconds in (-1, 81, 600):
        at = heard + seconds * SECOND
        assert attend_by_spoken_code(db, session, learner, code, now=later, heard_at=at).code == "check-in-wrong"
    for at in (heard, heard + 79 * SECOND, None):
        assert attend_by_spoken_code(db, session, learner, code, now=later, heard_at=at) is None
    [one] = db.query(Attendance).all()
    assert (one.method, one.happened_at) == (Method.LATE, heard)
    too_late = now + timedelta(hours=26)
    assert attend_by_spoken_code(db, session, learner, code, now=too_late).code == "check-in-closed"


def digits_until(db, session, end):
    """All that were said since the doors opened, and what the next minute brings."""
    opens = session.starts_at - timedelta(minutes=21)
    minutes = int((end - opens).total_seconds() // 60) + 3
    return {shown(db, session, opens + timedelta(minutes=number)).spoken for number in range(minutes)}


def test_no_spoken_code_of_before_the_doors_or_of_the_future_is_taken_late(db, place, session, learner, now):
    allow_late_proof(db, place.member, session, now=now)
    taken = digits_until(db, session, now)
    for minutes in (range(-120, -85), range(5, 40)):
        codes = (shown(db, session, now + timedelta(minutes=minute)).spoken for minute in minutes)
        code = next(one for one in codes if one not in taken)
        assert attend_by_spoken_code(db, session, learner, code, now=now).code == "check-in-wrong"


def test_digits_of_earlier_wait_for_the_trainers_word_and_are_no_miss(db, place, session, learner, now):
    heard = now - timedelta(minutes=10)
    code = shown(db, session, heard).spoken
    for _ in range(11):
        answer = attend_by_spoken_code(db, session, learner, code, now=now, heard_at=heard)
        assert answer.code == "check-in-not-late"
    allow_late_proof(db, place.member, session, now=now)
    assert attend_by_spoken_code(db, session, learner, code, now=now) is None


def test_late_guesses_are_counted_like_others(db, place, session, learner, now):
    allow_late_proof(db, place.member, session, now=now)
    later, right = now + timedelta(hours=3), shown(db, session, now).spoken
    taken = digits_until(db, session, later)
    wrong = next(f"000 {number:03}" for number in range(999) if f"000 {number:03}" not in taken)
    answers = [attend_by_spoken_code(db, session, learner, wrong, now=later).code for _ in range(11)]
    assert answers == ["check-in-wrong"] * 10 + ["check-in-blocked"]
    assert attend_by_spoken_code(db, session, learner, right, now=later).code == "check-in-blocked"


def test_ticks_by_number_are_late_proof_of_the_list_and_count_once(db, place, session, now):
    people = [resident(db, communes(db)[0], now=now, phone=f"+8498765432{number}") for number in range(3)]
    learners = [learner_of(db, person.id, now=now).id for person in people]
    for learner_id in learners:
        sign_up(db, session.id, learner_id, now=now)
    step_back(db, session.id, learners[0], now=now)
    assert list_numbers(db, session.id) == {learner_id: number for number, learner_id in enumerate(learners, 1)}
    opens, closes = session.starts_at - timedelta(minutes=20), session.ends_at + timedelta(minutes=20)
    ticks = {2: opens - timedelta(hours=1), 3: closes + timedelta(days=1), 9: now}
    later = now + timedelta(days=2)
    assert attend_by_numbers(db, place.member, session, ticks, now=later) == 2
    assert attend_by_numbers(db, place.member, session, ticks, now=later) == 0
    taken = {one.learner_id: (one.method, one.happened_at) for one in db.query(Attendance).all()}
    assert taken == {learners[1]: (Method.ROSTER, opens), learners[2]: (Method.ROSTER, closes)}
    refusal("roster-closed", attend_by_numbers, db, place.member, session, ticks, now=now + timedelta(days=9))


# counting


def test_a_scanned_code_counts_its_bearer_and_a_ticket_is_good_once(db, session, learner, now):
    ticket = give_ticket(db, session, shown(db, session, now).token, now=now)
    assert attend_by_ticket(db, learner, ticket, now=now + timedelta(minutes=14)) == session.id
    assert attend_by_ticket(db, learner, ticket, now=now).code == "check-in-again"
    assert count_present(db, [session.id]) == {session.id: 1}


def test_a_ticket_dies_after_a_quarter_of_an_hour(db, session, learner, now):
    ticket = give_ticket(db, session, shown(db, session, now).token, now=now)
    assert attend_by_ticket(db, learner, ticket, now=now + timedelta(minutes=15, seconds=1)).code == "check-in-again"


def test_one_person_is_counted_once_whatever_the_way(db, place, session, learner, now):
    attend_by_ticket(db, learner, give_ticket(db, session, shown(db, session, now).token, now=now), now=now)
    attend_by_spoken_code(db, session, learner, shown(db, session, now).spoken, now=now)
    assert attend_by_roster(db, place.member, session, [learner.id], now=now) == 0
    assert db.query(Attendance).count() == 1


def test_the_spoken_code_is_taken_and_ten_wrong_ones_end_it(db, session, learner, now):
    right = shown(db, session, now).spoken
    wrong = "000 000" if right != "000 000" else "111 111"
    for _ in range(10):
        assert attend_by_spoken_code(db, session, learner, wrong, now=now).code == "check-in-wrong"
    assert attend_by_spoken_code(db, session, learner, right, now=now).code == "check-in-blocked"
    assert count_present(db, [session.id]) == {}


def test_the_spoken_code_works_in_its_minute_and_a_little_longer(db, session, learner, now):
    minute = now.replace(second=0, microsecond=0)
    code = shown(db, session, minute).spoken
    assert attend_by_spoken_code(db, session, learner, code, now=minute + 81 * SECOND).code == "check-in-wrong"
    assert attend_by_spoken_code(db, session, learner, code, now=minute + 79 * SECOND) is None


def test_a_list_kept_on_paper_may_be_entered_for_a_week(db, place, session, now):
    person = resident(db, communes(db)[0], now=now, phone="+84987654321")
    second = learner_of(db, person.id, now=now)
    assert attend_by_roster(db, place.member, session, [place.learner_id], now=now + timedelta(days=6)) == 1
    refusal("roster-closed", attend_by_roster, db, place.member, session, [second.id], now=now + timedelta(days=8))


def test_a_wrong_tick_is_taken_back_and_stays_written(db, place, session, learner, now):
    attend_by_roster(db, place.member, session, [learner.id], now=now)
    withdraw_attendance(db, place.member, session, learner.id, now=now)
    assert count_present(db, [session.id]) == {} and present_in(db, session.id) == []
    assert attended(db, [learner.id]) == [] and db.query(Attendance).count() == 1


def test_whoever_comes_after_a_wrong_tick_was_taken_back_counts_again(db, place, session, learner, now):
    attend_by_roster(db, place.member, session, [learner.id], now=now)
    withdraw_attendance(db, place.member, session, learner.id, now=now)
    attend_by_ticket(db, learner, give_ticket(db, session, shown(db, session, now).token, now=now), now=now)
    assert count_present(db, [session.id]) == {session.id: 1}
    assert attend_by_roster(db, place.member, session, [learner.id], now=now) == 0


# people without an e-ID


def test_a_slip_counts_somebody_without_e_id_and_becomes_theirs_later(db, place, session, learner, now):
    slip = walk_in_with_slip(db, place.member, session, now=now, age_band="60-and-over")
    assert count_present(db, [session.id]) == {session.id: 1}
    link_slip(db, learner, slip.code.lower(), THEMSELVES, now=now + timedelta(days=30))
    assert [one.learner.id for one in present_in(db, session.id)] == [learner.id]


def test_a_person_with_slip_and_e_id_in_one_session_is_one(db, place, session, learner, now):
    slip = walk_in_with_slip(db, place.member, session, now=now, age_band=None)
    attend_by_roster(db, place.member, session, [learner.id], now=now)
    assert count_present(db, [session.id]) == {session.id: 2}
    link_slip(db, learner, slip.code, THEMSELVES, now=now)
    assert count_present(db, [session.id]) == {session.id: 1}
    assert len(present_in(db, session.id)) == 1


def test_who_was_there_with_a_slip_now_theirs_is_not_written_down_again(db, place, session, learner, now):
    slip = walk_in_with_slip(db, place.member, session, now=now, age_band=None)
    link_slip(db, learner, slip.code, THEMSELVES, now=now)
    assert attend_by_roster(db, place.member, session, [learner.id], now=now) == 0
    assert db.query(Attendance).count() == 1


def test_a_slip_is_linked_once_and_within_90_days(db, place, session, learner, now):
    slip = walk_in_with_slip(db, place.member, session, now=now, age_band=None)
    refusal("slip-unknown", link_slip, db, learner, slip.code, THEMSELVES, now=now + timedelta(days=91))
    link_slip(db, learner, slip.code, THEMSELVES, now=now)
    refusal("slip-unknown", link_slip, db, learner, slip.code, THEMSELVES, now=now)
    refusal("slip-unknown", link_slip, db, learner, "AAAA AAAA", THEMSELVES, now=now)


def test_a_slip_opens_another_session_on_its_own_day_only(db, place, session, now):
    slip = walk_in_with_slip(db, place.member, session, now=now, age_band=None)
    second = session_of(db, place.member, place.course_id, now=now)
    walk_in_again(db, place.member, second, slip.code, now=now)
    assert count_present(db, [second.id]) == {second.id: 1}
    refusal("slip-unknown", walk_in_again, db, place.member, second, slip.code, now=now + timedelta(days=1))


def test_a_walk_in_with_e_id_gives_the_help_code_of_the_day(db, place, session, now):
    person = db.get_one(Person, place.person_id)
    agree_to_help(db, person, now=now)
    code = new_help_code(db, person.id, now=now)
    assert walk_in_with_help_code(db, place.member, session, "0000 0000", now=now).code == "help-code-unknown"
    assert walk_in_with_help_code(db, place.member, session, code, now=now) is None
    assert [one.learner.id for one in present_in(db, session.id)] == [find_learner(db, person.id).id]


def test_people_reached_are_counted_once_in_all_sessions_of_a_place(db, place, session, learner, now):
    second = session_of(db, place.member, place.course_id, now=now)
    walk_in_with_slip(db, place.member, session, now=now, age_band="18-29")
    for one in (session, second):
        attend_by_roster(db, place.member, one, [learner.id], now=now)
    span = {"since": now - timedelta(days=1), "until": now + timedelta(days=1)}
    assert count_reached(db, {place.unit_id}, **span) == {"18-29": 1, "60-and-over": 1}
    assert count_reached(db, {place.outsider.unit_id}, **span) == {}
    assert count_reached(db, {place.unit_id}, since=span["until"], until=span["until"] + timedelta(days=1)) == {}


# evidence and privacy


@pytest.mark.parametrize("change", ["UPDATE attendance SET method = 'screen'", "DELETE FROM attendance"])
def test_attendance_cannot_be_changed(db, place, session, now, change):
    walk_in_with_slip(db, place.member, session, now=now, age_band=None)
    db.commit()
    with pytest.raises(DBAPIError, match="append-only"):
        db.execute(text(change))


def test_nothing_of_the_training_says_which_person_it_was(db, place, session, learner, now):
    attend_by_ticket(db, learner, give_ticket(db, session, shown(db, session, now).token, now=now), now=now)
    account_id = db.execute(text("SELECT id FROM account WHERE person_id IS NOT NULL")).scalar_one()
    assert b"B\xc3\xacnh" not in learner.name_sealed and learner.name == "Bình"
    assert db.query(Attendance).one().by_id is None
    trail = db.query(AuditEvent).filter(AuditEvent.subject_kind == "learner").all()
    assert trail and all(str(event.actor_id) != str(account_id) for event in trail)
    assert all(str(place.person_id) not in str(event.facts) for event in trail)
