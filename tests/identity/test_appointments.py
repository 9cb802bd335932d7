"""Appointments: which times an office offers, who gets a seat, what becomes of it, and what the applicant is told."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from identity.application import Application, acknowledge, possible_reasons, record_capture, withdraw
from identity.appointments import (
    Appointment,
    appointments_on,
    book,
    call_next,
    came,
    cancel,
    close_day,
    did_not_come,
    find_appointment,
    finish,
    open_days,
    queue_now,
    slots_of,
    take_number,
)
from identity.appointments.reminders import remind, settle_some, start_the_hours_settling
from identity.audit import Event, events_about
from identity.base import Refused, new_id
from identity.deadlines import amend, today_in_vietnam
from identity.jobs import Job
from identity.outbox import OutboxMessage
from tests.identity.applicants import FOREIGNER, an_office, an_officer, submitted
from tests.identity.appointment_scene import an_applicant, at, office_of

WEDNESDAY = date(2026, 11, 25)
SEATS = 4
RULES_OF_20_MINUTES = {"minutes": 20, "seats": 2, "days_ahead": 30, "notice_hours": 1}


@pytest.fixture
def applicant(db: Session, now: datetime) -> Application:
    return an_applicant(db, now=now)


def told(db: Session, application: Application) -> list[str]:
    """Kinds of message about appointments, in the order they were posted."""
    about = select(OutboxMessage.kind).where(OutboxMessage.recipient_id == application.id)
    return list(db.scalars(about.where(OutboxMessage.kind.startswith("appointment")).order_by(OutboxMessage.id)))


def days(db: Session, applicant: Application, now: datetime) -> list[date]:
    return [one.day for one in open_days(db, office_of(db, applicant), now=now)]


# which times


def test_a_working_day_has_sixteen_slots_without_the_midday_break(
    db: Session, applicant: Application, now: datetime
) -> None:
    slots = slots_of(db, office_of(db, applicant), WEDNESDAY, now=now)
    assert len(slots) == 16 and {slot.free for slot in slots} == {SEATS}
    assert slots[7].ends_at == at(WEDNESDAY, 11, 30) and slots[8].starts_at == at(WEDNESDAY, 13)
    assert slots[-1].ends_at == at(WEDNESDAY, 17)


def test_vietnam_culture_day_and_weekends_are_not_offered(db: Session, applicant: Application, now: datetime) -> None:
    offered = days(db, applicant, now)
    assert date(2026, 11, 24) not in offered and date(2026, 11, 28) not in offered
    assert offered[:3] == [date(2026, 11, 23), WEDNESDAY, date(2026, 11, 26)]
    assert offered[-1] == date(2026, 12, 23)


def test_tet_is_not_offered_and_the_days_around_it_are(db: Session, applicant: Application) -> None:
    offered = days(db, applicant, at(date(2026, 2, 12), 9))
    assert date(2026, 2, 13) in offered and date(2026, 2, 23) in offered
    assert not any(date(2026, 2, 14) <= day <= date(2026, 2, 22) for day in offered)


def test_a_make_up_saturday_is_offered_and_the_monday_it_makes_up_is_not(db: Session, applicant: Application) -> None:
    offered = days(db, applicant, at(date(2026, 8, 17), 9))
    assert date(2026, 8, 22) in offered and date(2026, 8, 31) not in offered


def test_today_offers_only_what_is_an_hour_away(db: Session, applicant: Application, now: datetime) -> None:
    slots = slots_of(db, office_of(db, applicant), today_in_vietnam(now), now=now)
    assert slots[0].starts_at == at(today_in_vietnam(now), 11)


@pytest.mark.parametrize(
    "day", [date(2026, 11, 20), date(2026, 11, 24), date(2026, 11, 28), date(2026, 12, 24), date(2027, 6, 1)]
)
def test_days_past_off_and_far_away_are_refused(db: Session, applicant: Application, now: datetime, day: date) -> None:
    office = office_of(db, applicant)
    assert slots_of(db, office, day, now=now) == []
    with pytest.raises(Refused, match="appointment-time"):
        book(db, applicant, office, at(day, 9), now=now)


def test_a_time_between_slots_is_refused(db: Session, applicant: Application, now: datetime) -> None:
    with pytest.raises(Refused, match="appointment-time"):
        book(db, applicant, office_of(db, applicant), at(WEDNESDAY, 9, 10), now=now)


# taking, moving, giving back


def test_a_seat_is_taken_and_the_applicant_is_told(db: Session, applicant: Application, now: datetime) -> None:
    held = book(db, applicant, office_of(db, applicant), at(WEDNESDAY, 8, 30), now=now)
    assert (held.state, held.seat, held.code) == ("booked", 1, "0830-1")
    assert told(db, applicant) == ["appointment-booked"]
    assert events_about(db, applicant.subject)[0].name == Event.APPOINTMENT_BOOKED


def test_a_slot_takes_four_and_not_one_more(db: Session, applicant: Application, now: datetime) -> None:
    office, time = office_of(db, applicant), at(WEDNESDAY, 8, 30)
    held = [book(db, an_applicant(db, now=now), office, time, now=now) for _ in range(SEATS)]
    assert [one.seat for one in held] == [1, 2, 3, 4]
    assert next(slot for slot in slots_of(db, office, WEDNESDAY, now=now) if slot.starts_at == time).free == 0
    with pytest.raises(Refused, match="appointment-full"):
        book(db, applicant, office, time, now=now)


def test_the_database_itself_keeps_a_seat_from_being_given_twice(
    db: Session, applicant: Application, now: datetime
) -> None:
    held = book(db, applicant, office_of(db, applicant), at(WEDNESDAY, 8, 30), now=now)
    same = {"office_id": held.office_id, "starts_at": held.starts_at, "seat": held.seat}
    other = an_applicant(db, now=now).id
    db.add(Appointment(application_id=other, open_for=other, code="x", state="booked", booked_at=now, **same))
    with pytest.raises(IntegrityError):
        db.flush()


def test_the_same_time_sent_twice_is_one_seat_and_one_message(
    db: Session, applicant: Application, now: datetime
) -> None:
    office = office_of(db, applicant)
    first, second = (book(db, applicant, office, at(WEDNESDAY, 9), now=now) for _ in range(2))
    assert first.id == second.id and told(db, applicant) == ["appointment-booked"]


def test_another_time_gives_the_first_seat_back(db: Session, applicant: Application, now: datetime) -> None:
    office = office_of(db, applicant)
    first = book(db, applicant, office, at(WEDNESDAY, 9), now=now)
    second = book(db, applicant, office, at(WEDNESDAY, 14), now=now)
    assert (first.state, first.seat) == ("cancelled", None)
    held = find_appointment(db, applicant)
    assert held is not None and held.id == second.id
    assert book(db, an_applicant(db, now=now), office, at(WEDNESDAY, 9), now=now).seat == 1


def test_a_full_time_leaves_the_seat_that_is_held(db: Session, applicant: Application, now: datetime) -> None:
    office = office_of(db, applicant)
    book(db, applicant, office, at(WEDNESDAY, 9), now=now)
    for _ in range(SEATS):
        book(db, an_applicant(db, now=now), office, at(WEDNESDAY, 10), now=now)
    with pytest.raises(Refused, match="appointment-full"):
        book(db, applicant, office, at(WEDNESDAY, 10), now=now)
    held = find_appointment(db, applicant)
    assert held is not None and held.starts_at == at(WEDNESDAY, 9)


def test_cancelling_twice_is_cancelling_once(db: Session, applicant: Application, now: datetime) -> None:
    book(db, applicant, office_of(db, applicant), at(WEDNESDAY, 9), now=now)
    cancel(db, applicant, now=now)
    cancel(db, applicant, now=now)
    assert find_appointment(db, applicant) is None
    assert told(db, applicant) == ["appointment-booked", "appointment-cancelled"]


def test_another_office_takes_the_file_with_it(db: Session, applicant: Application, now: datetime) -> None:
    here, version = office_of(db, applicant), applicant.version
    there = db.scalars(select(type(here)).where(type(here).kind == here.kind, type(here).id != here.id).limit(1)).one()
    book(db, applicant, there, at(WEDNESDAY, 9), now=now)
    assert (applicant.office_id, applicant.unit_id) == (there.id, there.unit_id)
    assert applicant.version == version + 1


def test_an_immigration_office_does_not_receive_a_citizen_nor_the_police_a_foreigner(
    db: Session, applicant: Application, now: datetime
) -> None:
    with pytest.raises(Refused, match="office-does-not-receive"):
        book(db, applicant, an_office(db, "immigration"), at(WEDNESDAY, 9), now=now)
    foreigner = submitted(db, FOREIGNER, now=now)[0]
    with pytest.raises(Refused, match="office-does-not-receive"):
        book(db, foreigner, an_office(db), at(WEDNESDAY, 9), now=now)


def test_nothing_is_booked_for_a_file_that_needs_no_visit(db: Session, applicant: Application, now: datetime) -> None:
    withdraw(db, applicant, now=now)
    with pytest.raises(Refused, match="appointment-state"):
        book(db, applicant, office_of(db, applicant), at(WEDNESDAY, 9), now=now)


# what became of it


def test_who_did_not_come_is_told_and_may_book_again(db: Session, applicant: Application, now: datetime) -> None:
    office, officer = office_of(db, applicant), an_officer(db, "receiving_officer", now=now)
    held = book(db, applicant, office, at(WEDNESDAY, 9), now=now)
    with pytest.raises(Refused, match="appointment-not-yet"):
        did_not_come(db, held.id, applicant, officer, now=at(WEDNESDAY, 8))
    did_not_come(db, held.id, applicant, officer, now=at(WEDNESDAY, 11))
    assert held.state == "no_show" and told(db, applicant)[-1] == "appointment-missed"
    assert book(db, applicant, office, at(WEDNESDAY, 15), now=at(WEDNESDAY, 11)).state == "booked"


def test_nobody_is_refused_for_not_having_come_before_their_time(
    db: Session, applicant: Application, now: datetime
) -> None:
    acknowledge(db, applicant, an_officer(db, "receiving_officer", now=now), now=now)
    time = at(date(2026, 12, 2), 9)
    held = book(db, applicant, office_of(db, applicant), time, now=now)
    assert applicant.decision_due_at is not None and applicant.decision_due_at < time  # the office had no seat before
    assert "not-appeared" not in possible_reasons(applicant, now=time - timedelta(minutes=1))
    did_not_come(db, held.id, applicant, an_officer(db, "receiving_officer", now=now), now=time + timedelta(hours=2))
    assert "not-appeared" in possible_reasons(applicant, now=time + timedelta(hours=2))


def test_who_came_cannot_be_said_not_to_have_come(db: Session, applicant: Application, now: datetime) -> None:
    officer = an_officer(db, "receiving_officer", now=now)
    held = book(db, applicant, office_of(db, applicant), at(WEDNESDAY, 9), now=now)
    came(db, held.id, applicant, officer, now=at(WEDNESDAY, 9))
    came(db, held.id, applicant, officer, now=at(WEDNESDAY, 9))
    with pytest.raises(Refused, match="appointment-changed"):
        did_not_come(db, held.id, applicant, officer, now=at(WEDNESDAY, 10))
    kept = [event for event in events_about(db, applicant.subject) if event.name == Event.APPOINTMENT_KEPT]
    assert len(kept) == 1 and held.state == "came"


def test_an_appointment_is_not_settled_through_another_persons_file(
    db: Session, applicant: Application, now: datetime
) -> None:
    held = book(db, applicant, office_of(db, applicant), at(WEDNESDAY, 9), now=now)
    officer = an_officer(db, "receiving_officer", now=now)
    with pytest.raises(Refused, match="appointment-unknown"):
        came(db, held.id, an_applicant(db, now=now), officer, now=now)


def test_a_closed_day_sends_everybody_away_with_a_message(db: Session, applicant: Application, now: datetime) -> None:
    office, officer = office_of(db, applicant), an_officer(db, "approving_officer", now=now)
    book(db, applicant, office, at(WEDNESDAY, 9), now=now)
    assert close_day(db, office, WEDNESDAY, officer, now=now) == 1
    assert close_day(db, office, WEDNESDAY, officer, now=now) == 0
    assert find_appointment(db, applicant) is None and told(db, applicant)[-1] == "appointment-office-closed"
    assert slots_of(db, office, WEDNESDAY, now=now) == [] and WEDNESDAY not in days(db, applicant, now)
    with pytest.raises(Refused, match="closure-past"):
        close_day(db, office, today_in_vietnam(now), officer, now=now)


def test_the_days_list_holds_who_is_expected_and_not_who_cancelled(
    db: Session, applicant: Application, now: datetime
) -> None:
    office, other = office_of(db, applicant), an_applicant(db, now=now)
    book(db, applicant, office, at(WEDNESDAY, 9), now=now)
    book(db, other, office, at(WEDNESDAY, 8), now=now)
    assert [row[1].id for row in appointments_on(db, office, WEDNESDAY)] == [other.id, applicant.id]
    cancel(db, other, now=now)
    assert [row[1].id for row in appointments_on(db, office, WEDNESDAY)] == [applicant.id]


# what time does


def test_the_reminder_goes_out_once_on_the_working_day_before(
    db: Session, applicant: Application, now: datetime
) -> None:
    book(db, applicant, office_of(db, applicant), at(date(2026, 11, 30), 9), now=now)
    friday = date(2026, 11, 27)
    assert remind(db, now=at(friday, 7, 59)) == 0
    assert remind(db, now=at(friday, 8)) == 1
    assert remind(db, now=at(friday, 8, 1)) == 0
    assert told(db, applicant) == ["appointment-booked", "appointment-reminder"]


def test_the_reminder_of_the_first_day_after_tet_goes_out_before_tet(db: Session) -> None:
    now = at(date(2026, 2, 9), 9)
    held = book(db, a := an_applicant(db, now=now), office_of(db, a), at(date(2026, 2, 23), 9), now=now)
    assert held.remind_at == at(date(2026, 2, 13), 8)


def test_who_books_for_tomorrow_is_not_reminded_at_once(db: Session, applicant: Application) -> None:
    held = book(db, applicant, office_of(db, applicant), at(date(2026, 11, 26), 9), now=at(WEDNESDAY, 10))
    assert held.remind_at is None


def test_who_withdrew_is_not_reminded(db: Session, applicant: Application, now: datetime) -> None:
    book(db, applicant, office_of(db, applicant), at(date(2026, 11, 30), 9), now=now)
    withdraw(db, applicant, now=now)
    assert remind(db, now=at(date(2026, 11, 27), 9)) == 0


def test_after_its_day_an_appointment_that_nobody_settled_is_missed(
    db: Session, applicant: Application, now: datetime
) -> None:
    held = book(db, applicant, office_of(db, applicant), at(WEDNESDAY, 9), now=now)
    settle_some(db, None, now=at(WEDNESDAY, 23))
    assert held.state == "booked"
    settle_some(db, {"hour": "x"}, now=at(date(2026, 11, 26), 1))
    assert held.state == "no_show"


def test_a_day_that_became_a_day_off_sends_away_whom_it_had_and_nobody_has_missed_it(
    db: Session, applicant: Application, now: datetime
) -> None:
    held = book(db, applicant, office_of(db, applicant), at(WEDNESDAY, 9), now=now)
    other = book(db, b := an_applicant(db, now=now), office_of(db, b), at(date(2026, 11, 26), 9), now=now)
    off = {"name": "working_days", "value": {WEDNESDAY.isoformat(): False}, "from": WEDNESDAY.isoformat()}
    amend([off])
    try:
        settle_some(db, {"hour": "x"}, now=now)
    finally:
        amend([])
    assert (held.state, other.state) == ("cancelled", "booked")
    assert told(db, applicant) == ["appointment-booked", "appointment-office-closed"]


def test_seats_taken_when_slots_were_longer_or_shorter_count_in_the_slot_they_begin_in(
    db: Session, applicant: Application, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = office_of(db, applicant)
    book(db, applicant, office, at(WEDNESDAY, 9, 30), now=now)
    monkeypatch.setattr("identity.appointments.slots._rules", lambda _day: RULES_OF_20_MINUTES)
    free = {slot.starts_at: slot.free for slot in slots_of(db, office, WEDNESDAY, now=now)}
    assert (free[at(WEDNESDAY, 9, 10)], free[at(WEDNESDAY, 9, 30)], free[at(WEDNESDAY, 9, 50)]) == (2, 1, 2)
    monkeypatch.setattr("identity.appointments.slots._rules", lambda _day: {**RULES_OF_20_MINUTES, "minutes": 45})
    free = {slot.starts_at: slot.free for slot in slots_of(db, office, WEDNESDAY, now=now)}
    assert (free[at(WEDNESDAY, 9)], free[at(WEDNESDAY, 9, 45)]) == (1, 2)


def test_who_was_received_has_come_and_who_withdrew_frees_the_seat(
    db: Session, applicant: Application, now: datetime
) -> None:
    officer, gone = an_officer(db, "receiving_officer", now=now), an_applicant(db, now=now)
    kept = book(db, applicant, office_of(db, applicant), at(WEDNESDAY, 9), now=now)
    freed = book(db, gone, office_of(db, gone), at(WEDNESDAY, 9), now=now)
    acknowledge(db, applicant, officer, now=now)
    record_capture(db, applicant, officer, new_id(), "CAP-0001", None, now=at(WEDNESDAY, 9))
    withdraw(db, gone, now=now)
    db.flush()
    settle_some(db, None, now=at(WEDNESDAY, 10))
    assert (kept.state, freed.state, freed.seat) == ("came", "cancelled", None)


def test_the_settling_is_asked_for_once_an_hour(db: Session, now: datetime) -> None:
    for minutes in (0, 5, 50, 60):
        start_the_hours_settling(db, now=now + timedelta(minutes=minutes))
    assert len(list(db.scalars(select(Job)))) == 2


# the queue of the day


def test_numbers_follow_each_other_and_are_expected_after_those_before(
    db: Session, applicant: Application, now: datetime
) -> None:
    office = office_of(db, applicant)
    given = [take_number(db, office, now=now) for _ in range(3)]
    assert [one.number for one in given] == [1, 2, 3]
    assert [one.expected_at - now for one in given] == [timedelta(minutes=minutes) for minutes in (0, 15, 30)]


def test_the_expected_time_is_the_mean_of_the_last_services_and_steps_over_midday(
    db: Session, applicant: Application
) -> None:
    office, now = office_of(db, applicant), at(WEDNESDAY, 9)
    for minutes in (10, 30):
        take_number(db, office, now=now)
        called = call_next(db, office, now=now)
        now += timedelta(minutes=minutes)
        finish(db, office, called.id, now=now)
        finish(db, office, called.id, now=now + timedelta(hours=1))
    now = at(WEDNESDAY, 11)
    given = [take_number(db, office, now=now) for _ in range(3)]
    assert [one.expected_at for one in given] == [now, now + timedelta(minutes=20), at(WEDNESDAY, 13, 10)]
    assert [one.number for one in queue_now(db, office, now=now)] == [3, 4, 5]


def test_no_number_is_given_that_would_not_be_called_today(db: Session, applicant: Application, now: datetime) -> None:
    office = office_of(db, applicant)
    take_number(db, office, now=at(WEDNESDAY, 16, 50))
    for moment in (at(WEDNESDAY, 16, 50), at(WEDNESDAY, 17, 30), at(date(2026, 11, 24), 9)):
        with pytest.raises(Refused, match="queue-closed"):
            take_number(db, office, now=moment)


def test_numbers_begin_again_each_day_and_an_empty_queue_says_so(db: Session, applicant: Application) -> None:
    office = office_of(db, applicant)
    take_number(db, office, now=at(WEDNESDAY, 9))
    tomorrow: Any = at(date(2026, 11, 26), 9)
    with pytest.raises(Refused, match="queue-empty"):
        call_next(db, office, now=tomorrow)
    assert take_number(db, office, now=tomorrow).number == 1
