"""The accounts with which a person works: what the portal knows of them, and what it takes for no tie."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from identity.account import create_account
from identity.application.conflicts import declare_person
from identity.own_work import staff_accounts_of
from tests.identity.account_scene import make_person
from tests.identity.applicants import CITIZEN, an_officer, submitted


@pytest.mark.parametrize(("tie", "is_own"), [("self", True), ("relative", False)])
def test_who_said_this_is_me_is_known_by_it(db: Session, now: datetime, tie: str, is_own: bool) -> None:
    application, _code = submitted(db, now=now)
    officer, other = an_officer(db, "receiving_officer", now=now), an_officer(db, "receiving_officer", now=now)
    declare_person(db, officer, CITIZEN.personal_number, tie, "tôi", now=now)
    person = make_person(db, now).id
    application.person_id = person
    db.flush()
    found = set(db.scalars(staff_accounts_of(person)))
    assert found == ({officer.account_id} if is_own else set()) and other.account_id not in found


def test_an_account_that_is_tied_to_the_person_counts_and_the_residents_own_does_not(
    db: Session, now: datetime
) -> None:
    person = make_person(db, now).id
    officer = an_officer(db, "receiving_officer", now=now, person_id=person)
    create_account(db, "resident", CITIZEN.personal_number, display_name="Tôi", now=now, person_id=person)
    db.flush()
    assert list(db.scalars(staff_accounts_of(person))) == [officer.account_id]
