"""Appointments on the pages: the applicant chooses, moves and cancels; officers keep the day's list and the queue."""

# ruff: noqa: F811 - pytest fixtures are asked for by name
from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.application import Application
from identity.appointments import Appointment, book
from identity.audit import AuditEvent, Event
from identity.places import Office
from portal.database import Database
from tests.identity.applicants import an_office, submitted
from tests.identity.appointment_scene import an_applicant, at
from tests.portal.applicant import Applicant
from tests.portal.office_scene import (  # noqa: F401 - fixtures
    APPROVING,
    RECEIVING,
    Scene,
    register,
    scene,
    services,
)

WEDNESDAY = date(2026, 11, 25)


@pytest.fixture
def db(database: Database) -> Iterator[Session]:
    with database.session(write=False) as session:
        yield session


@pytest.fixture
def applicant(client: Any, database: Database, db: Session, now: datetime) -> Applicant:
    """Somebody whose phone was proved on the status page."""
    with database.transaction() as writing:
        code = submitted(writing, now=now)[1]
    browser = Applicant(client, db).open("/status").send(code=code)
    browser.send("/status/phone")
    return browser.send("/status/code", otp=browser.last_code())


def times(browser: Applicant) -> list[str]:
    """Values of the times shown."""
    return [html.unescape(one) for one in re.findall(r'name="starts_at" value="([^"]+)"', browser.html)]


def booked(browser: Applicant, day: date = WEDNESDAY, time: datetime | None = None) -> Applicant:
    browser.open(f"/status/appointment/time?day={day}")
    action = re.search(r'<form method="post" action="([^"]*appointment/time[^"]*)"', browser.html)
    assert action is not None, browser.page
    return browser.send(html.unescape(action[1]), starts_at=(time or at(day, 8, 30)).isoformat())


def fill(database: Database, now: datetime, time: datetime, seats: int = 4) -> list[UUID]:
    """Others who have that time at the applicant's office."""
    with database.transaction() as db:
        others = [an_applicant(db, now=now) for _ in range(seats)]
        for other in others:
            book(db, other, db.get_one(Office, other.office_id), time, now=now)
        return [other.id for other in others]


def test_the_applicant_books_a_time_and_sees_number_office_and_what_to_bring(applicant: Applicant) -> None:
    assert "Book a time" in applicant.page
    booked(applicant)
    assert applicant.path == "/status/appointment"
    for shown in ("8:30 am", "Wednesday, 25 November 2026", "0830-1", "Your identity card, the original"):
        assert shown in applicant.page
    assert "0830-1" in applicant.open("/status/application").page


def test_the_first_day_with_room_is_shown_and_days_off_cannot_be_chosen(applicant: Applicant) -> None:
    applicant.open("/status/appointment/time")
    assert "Monday, 23 November 2026" in applicant.page
    assert times(applicant)[0] == at(date(2026, 11, 23), 11).isoformat()
    assert 'value="2026-11-24"' not in applicant.html and 'value="2026-11-25"' in applicant.html


def test_a_time_is_moved_and_then_cancelled(applicant: Applicant, db: Session) -> None:
    booked(applicant)
    booked(applicant, time=at(WEDNESDAY, 14))
    assert "1400-1" in applicant.page
    applicant.open("/status/appointment/cancel")
    assert "2:00 pm" in applicant.page
    applicant.send()
    assert applicant.path.startswith("/status/application") and "Book a time" in applicant.page
    assert "Your appointment is cancelled" in applicant.page
    assert "Your appointment is cancelled" not in applicant.open("/status/application").page
    db.rollback()
    assert {held.state for held in db.scalars(select(Appointment))} == {"cancelled"}


def test_a_time_that_filled_up_meanwhile_is_refused_in_words(
    applicant: Applicant, database: Database, now: datetime
) -> None:
    fill(database, now, at(WEDNESDAY, 8, 30))
    booked(applicant)
    assert applicant.errors == ["The last place at this time was taken a moment ago. Choose another time."]
    assert at(WEDNESDAY, 8, 30).isoformat() not in times(applicant.open("/status/appointment/time?day=2026-11-25"))


def test_nothing_chosen_is_asked_for(applicant: Applicant) -> None:
    applicant.send("/status/appointment/time?day=2026-11-25")
    assert applicant.errors == ["Choose a time."]


def test_an_address_that_makes_no_sense_shows_the_first_day(applicant: Applicant) -> None:
    applicant.open("/status/appointment/time?day=2026-02-31&office=nonsense")
    assert applicant.status == 200 and "Monday, 23 November 2026" in applicant.page


def test_without_the_phone_there_is_no_appointment(client: Any, database: Database, db: Session, now: datetime) -> None:
    with database.transaction() as writing:
        code = submitted(writing, now=now)[1]
    browser = Applicant(client, db).open("/status").send(code=code)
    assert "Book a time" not in browser.page
    for path in ("", "/time", "/office", "/cancel"):
        assert browser.open(f"/status/appointment{path}").path == "/status/application"


def test_another_office_is_searched_and_the_application_goes_there(applicant: Applicant, db: Session) -> None:
    before = db.scalars(select(Application.office_id)).one()
    applicant.open("/status/appointment/office?q=ha+noi")
    found = [UUID(one) for one in re.findall(r"appointment/time\?office=([0-9a-f-]{36})", applicant.html)]
    other = next(one for one in found if one != before)
    sent = f"/status/appointment/time?office={other}&day={WEDNESDAY}"
    applicant.send(sent, starts_at=at(WEDNESDAY, 9).isoformat())
    assert applicant.path == "/status/appointment"
    db.rollback()
    assert db.scalars(select(Application.office_id)).one() == other


# officers


def office_page(browser: Any, day: date = WEDNESDAY) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", browser.get(f"/office/appointments?day={day}").text).split())


def an_appointment(scene: Scene, time: datetime) -> tuple[UUID, UUID]:
    """(application, appointment) of somebody who booked that time."""
    with scene.writing() as db:
        application = an_applicant(db, now=scene.services.clock())
        office = db.get_one(Office, application.office_id)
        return application.id, book(db, application, office, time, now=scene.services.clock()).id


def test_the_days_list_shows_who_is_expected(scene: Scene) -> None:
    an_appointment(scene, at(WEDNESDAY, 8, 30))
    lan = scene.officer("lan", RECEIVING)
    assert "Nguyễn Thị Ánh Thử" in office_page(lan) and "0830-1" in office_page(lan)
    assert "Nobody has booked this day." in office_page(lan, date(2026, 11, 26))
    assert "A day off: nobody can book." in office_page(lan, date(2026, 11, 24))


def test_a_province_officer_chooses_among_all_its_offices_the_own_first(scene: Scene) -> None:
    """Hanoi has 126 communes; the immigration office of the province came after fifty of them, and was cut off."""
    lan = scene.officer("lan", RECEIVING, office="immigration")
    with scene.writing() as db:
        own, ward = an_office(db, "immigration"), an_office(db)
        below = {"kind": ward.kind, "unit_id": ward.unit_id, "address": "", "english_name": "A", "search_folded": "a"}
        db.add_all(Office(name=f"A {number}", **below) for number in range(60))
        first = own.english_name
    shown = re.findall(
        r"<option value[^>]*>([^<]+)</option>", lan.get("/office/appointments").text.split("</select>")[0]
    )
    assert len(shown) > 60 and shown[0] == first


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01"])
def test_a_day_at_the_end_of_time_shows_today(scene: Scene, day: str) -> None:
    application_id, _held = an_appointment(scene, at(WEDNESDAY, 8, 30))
    office, lan = scene.read(application_id).office_id, scene.officer("lan", RECEIVING)
    for path in ("/office/appointments", f"/office/appointments/{office}/sheet", "/office/calendar"):
        assert lan.get(f"{path}?day={day}").status_code == 200


def test_an_officer_of_another_unit_sees_nobody_and_settles_nothing(scene: Scene) -> None:
    application, held = an_appointment(scene, at(WEDNESDAY, 8, 30))
    with scene.writing() as db:
        used = db.get_one(Application, application).unit_id
        unit = db.scalars(select(Office.unit_id).where(Office.unit_id != used).limit(1)).one()
        office = db.get_one(Application, application).office_id
    stranger = scene.officer("xa", RECEIVING, unit_id=unit)
    assert "Nguyễn" not in office_page(stranger)
    for path in (f"{application}/{held}/came", f"{office}/numbers", f"{office}/close"):
        assert stranger.post(f"/office/appointments/{path}").status_code == 403
    with scene.writing() as db:
        assert db.get_one(Appointment, held).state == "booked"
        refused = db.scalars(select(AuditEvent).where(AuditEvent.name == Event.ATTEMPT_REFUSED)).all()
        assert len(refused) == 3


def test_who_came_and_who_did_not_is_ticked_off(scene: Scene, clock: Any) -> None:
    first, second = (an_appointment(scene, at(WEDNESDAY, 8, minute)) for minute in (0, 30))
    lan = scene.officer("lan", RECEIVING)
    assert "Did not come" not in office_page(lan)
    clock.advance(days=1, hours=23)
    lan = scene.officer("lan", aal=2)
    assert "Did not come" in office_page(lan)
    for (application, held), what in ((first, "came"), (second, "missed")):
        answer = lan.post(f"/office/appointments/{application}/{held}/{what}?day={WEDNESDAY}")
        assert answer.status_code == 303 and f"day={WEDNESDAY}" in answer.location
    with scene.writing() as db:
        assert [db.get_one(Appointment, held).state for _a, held in (first, second)] == ["came", "no_show"]


def test_a_number_is_given_called_and_finished(scene: Scene, now: datetime) -> None:
    an_appointment(scene, at(WEDNESDAY, 8, 30))
    lan, today = scene.officer("lan", RECEIVING), date(2026, 11, 23)
    with scene.writing() as db:
        office = db.scalars(select(Application.office_id)).one()
    path = f"/office/appointments/{office}/numbers"
    lan.post(path)
    given = " ".join(re.sub(r"<[^>]+>", " ", lan.post(path, follow_redirects=True).text).split())
    assert "Your queue number 2" in given and "Expected at about 10:15 am" in given
    lan.post(f"{path}/next")
    shown = lan.get(f"/office/appointments?day={today}").text
    assert "Number 1 is at the counter since 10:00 am" in shown
    done = re.search(r"numbers/([0-9a-f-]{36})/done", shown)
    assert done is not None
    lan.post(f"{path}/{done[1]}/done")
    assert "at the counter since" not in office_page(lan, today) and "expected at 10:00 am" in office_page(lan, today)


def test_only_an_approving_officer_closes_a_day(scene: Scene) -> None:
    application, held = an_appointment(scene, at(WEDNESDAY, 8, 30))
    with scene.writing() as db:
        path = f"/office/appointments/{db.get_one(Application, application).office_id}/close?day={WEDNESDAY}"
    lan, minh = scene.officer("lan", RECEIVING), scene.officer("minh", APPROVING)
    assert "Close this day" not in office_page(lan) and "Close this day" in office_page(minh)
    assert lan.post(path).status_code == 403
    assert minh.post(path).status_code == 303
    with scene.writing() as db:
        assert db.get_one(Appointment, held).state == "cancelled"
    assert "Closed on this day" in office_page(minh)


def test_a_closed_day_is_opened_again_and_its_seats_are_free(scene: Scene, now: datetime) -> None:
    application, held = an_appointment(scene, at(WEDNESDAY, 8, 30))
    with scene.writing() as db:
        office = db.get_one(Application, application).office_id
    path = f"/office/appointments/{office}"
    lan, minh = scene.officer("lan", RECEIVING), scene.officer("minh", APPROVING)
    minh.post(f"{path}/close?day={WEDNESDAY}")
    assert "Open this day again" in office_page(minh) and "Open this day again" not in office_page(lan)
    assert lan.post(f"{path}/open?day={WEDNESDAY}").status_code == 403
    assert minh.post(f"{path}/open?day={WEDNESDAY}").status_code == 303
    assert minh.post(f"{path}/open?day={WEDNESDAY}").status_code == 303  # a second click
    assert "Closed on this day" not in office_page(minh)
    with scene.writing() as db:
        assert db.get_one(Appointment, held).state == "cancelled"
        book(db, db.get_one(Application, application), db.get_one(Office, office), at(WEDNESDAY, 8, 30), now=now)
        assert db.scalars(select(AuditEvent).where(AuditEvent.name == Event.OFFICE_DAY_OPENED)).one()


def test_the_calendar_names_holidays_closures_and_seats(scene: Scene) -> None:
    application, _held = an_appointment(scene, at(WEDNESDAY, 8, 30))
    with scene.writing() as db:
        office = db.get_one(Application, application).office_id
    minh = scene.officer("minh", APPROVING)
    minh.post(f"/office/appointments/{office}/close?day={date(2026, 11, 26)}")
    page = re.sub(r"<[^>]+>|\s+", " ", minh.get(f"/office/calendar?office={office}").text)
    assert "Vietnam Cultural Day" in page and "Closed by the office" in page and "Day off" in page
    assert re.search(r"Wednesday, 25 November 2026\s+Open\s+1\s+63", " ".join(page.split()))
    assert "Thursday, 24 December 2026 Open 0 –" in " ".join(page.split()), "too far away to be booked, not full"
    far = minh.get(f"/office/calendar?office={office}&day=9999-01-01")
    assert far.status_code == 200 and "23 November 2026" in far.text
