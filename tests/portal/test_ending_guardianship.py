# ruff: noqa: F811
"""An approving officer ends a guardianship with a paper: both hear of it, and the former guardian gets in no more."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.account import Act, check_may, get_account
from identity.audit import Actor, Event, events_about
from identity.base import Refused
from identity.guardians import Guardianship, Shown, begin, guardians_of
from identity.guardians.ending import EndedFor, end_by_paper
from identity.guardians.guardianship import Basis
from identity.outbox import OutboxMessage
from identity.person import Person
from identity.session import find_session, open_session
from tests.identity.applicants import CITIZEN, a_ward, an_officer
from tests.portal.office_scene import APPROVING, RECEIVING, Scene, register, scene, services  # noqa: F401

PAPER = "12/2026/QĐ-TA, 3/11/2026"
FORM = {"reason": "court", "paper": PAPER, "seen": "y"}


@pytest.fixture
def family(scene: Scene, now: Any) -> Any:
    with scene.writing() as db:
        ward, guardian = a_ward(db, now=now)
        token = open_session(db, ward, ("pwd", "otp"), 2, now=now).token
        row = guardians_of(db, ward.person_id, now=now)[0]
        return ward.id, guardian.id, row.id, ward.login, token


def test_the_officer_finds_the_ward_ends_it_and_both_are_told(scene: Scene, family: Any, now: Any) -> None:
    ward_id, guardian_id, row_id, login, token = family
    minh = scene.officer("minh", APPROVING)
    minh.set_cookie("language", "en")
    assert 'href="/office/guardianship"' in minh.get("/office/appeals").text
    found = minh.post("/office/guardianship", data={"number": login})
    assert found.location == f"/office/guardianship/{ward_id}"
    assert "Nobody else acts for this person" in minh.get(found.location).text
    forgot = minh.post(found.location, data={"guardian": str(row_id), "reason": "court", "paper": PAPER}).text
    assert "Look at the original first" in forgot and "12/2026" in forgot, "what was typed stays"
    ended = minh.post(found.location, data={"guardian": str(row_id), **FORM})
    assert "The guardianship has ended" in minh.get(ended.location).text
    with scene.writing() as db:
        row = db.get_one(Guardianship, row_id)
        assert (row.ended_for, row.ended_paper, row.ended_by_id) == ("court", PAPER, scene.account(db, "minh"))
        told = {(one.kind, one.recipient_id) for one in db.scalars(select(OutboxMessage))}
        assert ("guardianship-ended", guardian_id) in told
        assert find_session(db, token, now=now) is None
        with pytest.raises(Refused, match="account-locked"):
            check_may(db, ward_id, Act.SIGN_IN, now=now)
        names = [event.name for event in events_about(db, ("account", ward_id))]
        assert Event.GUARDIANSHIP_ENDED in names and Event.ACCOUNT_LOOKED_UP in names
    again = minh.post(found.location, data={"guardian": str(row_id), **FORM})
    assert again.status_code == 409 and "has ended already" in again.text


def test_a_receiving_officer_and_whoever_is_no_ward(scene: Scene, family: Any, now: Any) -> None:
    ward_id, guardian_id, _row, _login, _token = family
    lan, minh = scene.officer("lan", RECEIVING), scene.officer("minh", APPROVING)
    for officer in (lan, minh):
        officer.set_cookie("language", "en")
    assert lan.get("/office/guardianship").status_code == 403
    assert lan.post(f"/office/guardianship/{ward_id}", data=FORM).status_code == 403
    tabs = lan.get("/office/recovery").text, minh.get("/office/guardianship").text
    assert ["/office/guardianship" in tabs[0], "/office/recovery" in tabs[1]] == [False, False]
    page = minh.post("/office/guardianship", data={"number": CITIZEN.personal_number})
    assert "There is no child or ward with this number" in page.text, "a guardian is no ward"
    assert minh.get(f"/office/guardianship/{guardian_id}").status_code == 409


def test_the_last_ones_phone_reaches_the_ward_no_more(db: Session, now: Any) -> None:
    ward, _guardian = a_ward(db, now=now)
    officer = an_officer(db, "approving_officer", now=now)
    row = guardians_of(db, ward.person_id, now=now)[0]
    assert db.get_one(Person, ward.person_id).phone
    end_by_paper(db, row.id, EndedFor.DEATH, PAPER, officer, now=now)
    assert db.get_one(Person, ward.person_id).phone is None


def test_with_another_guardian_the_account_stays_open_and_moves_to_that_phone(db: Session, now: Any) -> None:
    ward, _guardian = a_ward(db, now=now)
    first = guardians_of(db, ward.person_id, now=now)[0]
    other = another_guardian(db, now)
    begin(db, ward, other.person_id, Shown(Basis.PAPER, first.ends_on), now=now)
    end_by_paper(db, first.id, EndedFor.CHANGED, PAPER, an_officer(db, "approving_officer", now=now), now=now)
    check_may(db, ward.id, Act.HOLD_SESSION, now=now)
    assert db.get_one(Person, ward.person_id).phone == db.get_one(Person, other.person_id).phone


def another_guardian(db: Session, now: Any) -> Any:
    from tests.identity.recovery_scene import make_contact

    return make_contact(db, now, "001174000001")


@pytest.mark.parametrize("paper", ["", "  1 ", "x" * 81])
def test_without_a_paper_nothing_ends(db: Session, now: Any, paper: str) -> None:
    ward, _guardian = a_ward(db, now=now)
    row = guardians_of(db, ward.person_id, now=now)[0]
    with pytest.raises(Refused, match="guardianship-paper"):
        end_by_paper(db, row.id, EndedFor.COURT, paper, an_officer(db, "approving_officer", now=now), now=now)
    assert row.ended_at is None


def test_an_officer_does_not_end_their_own(db: Session, now: Any) -> None:
    ward, guardian = a_ward(db, now=now)
    row = guardians_of(db, ward.person_id, now=now)[0]
    own = an_officer(db, "approving_officer", now=now, person_id=guardian.person_id)
    with pytest.raises(Refused, match="own-file"):
        end_by_paper(db, row.id, EndedFor.COURT, PAPER, own, now=now)
    assert get_account(db, guardian.id) is not None and isinstance(own, Actor)
