"""What was locked with a paper opens with the next one (Decree 69/2024 Art. 15), and nobody gets a second account."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from identity.account import Account, Act, Ground, Kind, check_may, get_account
from identity.application import Application, acknowledge, decide, request_supplement
from identity.application.eligibility import find_registered
from identity.application.tasks import RENEWED, settle, task_of
from identity.application.tasks import Kind as TaskKind
from identity.audit import SYSTEM, AuditEvent, Event
from identity.base import Refused, new_id
from identity.certified_papers import certified_papers
from identity.deadlines import VIETNAM
from identity.gateways import CitizenRecord
from identity.inbox import messages
from identity.levels import level_of
from identity.locks import close, grounds_of, lock
from identity.moving import moving
from identity.outbox import Lane, OutboxMessage, lease
from identity.person import Person, find_namesakes
from tests.identity.applicants import (
    CHILD,
    CITIZEN,
    FOREIGNER,
    a_guardian,
    a_ward,
    activated,
    an_officer,
    for_ward,
    issued,
    sent_online,
    submitted,
)

pytestmark = pytest.mark.any_engine
ENDED = datetime.combine(date(2031, 2, 3), time(10), VIETNAM)
"""Card, passport and residence card of the applicants have ended by then."""
NEW_CARD = replace(CITIZEN, card_expires_on=date(2045, 9, 2))
NEW_PAPERS = {"passport_expires_on": date(2041, 1, 1), "residence_expires_on": date(2033, 6, 30)}


def refused(code: str) -> Any:
    return pytest.raises(Refused, match=f"^{code}$")


def a_holder(db: Session, base: Any, now: datetime) -> Account:
    """An active account of level 2."""
    _file, made = issued(db, base, now=now)
    return activated(db, made.account_id, now=now)


def renew(db: Session, base: Any, *, now: datetime, **answers: Any) -> Application:
    """What is sent online with the new paper, and approved by an officer where the rule does not decide."""
    file, _code = sent_online(db, base, now=now, **answers)
    if file.state == "submitted":
        acknowledge(db, file, an_officer(db, "receiving_officer", now=now), now=now)
        decide(db, file, an_officer(db, "approving_officer", now=now), "approved", now=now)
    return file


def residents(db: Session) -> int:
    return db.scalar(select(func.count()).select_from(Account).where(Account.kind == Kind.RESIDENT)) or 0


@pytest.mark.parametrize(
    ("base", "new"),
    [
        (CITIZEN, NEW_CARD),
        (CITIZEN, replace(CITIZEN, card_expires_on=None)),
        (FOREIGNER, replace(FOREIGNER, residence_card="TRC-900900", **NEW_PAPERS)),
        (FOREIGNER, replace(FOREIGNER, passport_number="M55555555", **NEW_PAPERS)),
    ],
    ids=["a card", "a card without end", "a residence card with a new number", "a passport with a new number"],
)
def test_a_renewed_paper_opens_the_account_as_it_was(db: Session, now: datetime, base: Any, new: Any) -> None:
    account = a_holder(db, base, now)
    assert account.person_id is not None
    account.password_hash = "kept"
    with refused("account-locked"):
        check_may(db, account.id, Act.SIGN_IN, now=ENDED)
    assert level_of(db, account.person_id, now=ENDED) == 0
    file = renew(db, new, now=ENDED)
    assert (file.state, file.person_id, residents(db)) == ("issued", account.person_id, 1)
    assert check_may(db, account.id, Act.SIGN_IN, now=ENDED)
    assert level_of(db, account.person_id, now=ENDED) == 2
    assert (account.state, account.password_hash) == ("active", "kept")
    told = db.scalars(select(OutboxMessage).where(OutboxMessage.kind == "account-level-raised")).all()
    assert len(told) == 1


ALL_NEW = replace(FOREIGNER, passport_number="M55555555", residence_card="TRC-900900", **NEW_PAPERS)


def a_namesakes_file(db: Session, outcome: str, base: Any = ALL_NEW, **answers: Any) -> tuple[Application, Any]:
    """Sent by somebody whom no number connects with anybody, and told apart by an officer."""
    file, _code = sent_online(db, base, now=ENDED, **answers)
    approving = an_officer(db, "approving_officer", now=ENDED)
    task = task_of(db, file.id, TaskKind.LINKING)
    assert task is not None and file.state == "submitted"
    settle(db, task, approving, outcome, "Cùng khuôn mặt, hộ chiếu cũ kèm theo.", now=ENDED)
    acknowledge(db, file, an_officer(db, "receiving_officer", now=ENDED), now=ENDED)
    return file, approving


def test_passport_and_residence_card_may_both_be_new_and_an_officer_says_whose_they_are(
    db: Session, now: datetime
) -> None:
    account = a_holder(db, FOREIGNER, now)
    file, approving = a_namesakes_file(db, RENEWED)
    decide(db, file, approving, "approved", now=ENDED)
    assert (file.state, file.person_id, residents(db)) == ("issued", account.person_id, 1)
    assert check_may(db, account.id, Act.SIGN_IN, now=ENDED)
    assert level_of(db, account.person_id, now=ENDED) == 2
    again = replace(ALL_NEW, passport_number="M66666666", passport_expires_on=date(2042, 1, 1))
    assert find_registered(db, again).id == account.person_id


def test_namesakes_who_are_two_get_two_accounts_and_never_one_phone(db: Session, now: datetime) -> None:
    a_holder(db, FOREIGNER, now)
    file, approving = a_namesakes_file(db, "two-people")
    with refused("phone-used"):
        decide(db, file, approving, "approved", now=ENDED)
    other = replace(ALL_NEW, passport_number="M77777777", residence_card="TRC-900977")
    file, approving = a_namesakes_file(db, "two-people", other, phone="+84987000111")
    decide(db, file, approving, "approved", now=ENDED)
    assert residents(db) == 2


def test_a_citizen_with_another_number_is_nobody_we_know(db: Session, now: datetime) -> None:
    a_holder(db, CITIZEN, now)
    number = "001190999999"
    other = replace(NEW_CARD, personal_number=number, card_number=number)
    with refused("phone-used"):
        sent_online(db, other, now=ENDED)
    with refused("reason-missing"):
        a_namesakes_file(db, RENEWED, other, phone="+84987000111")


def test_a_paper_may_be_renewed_before_its_last_day(db: Session, now: datetime) -> None:
    account = a_holder(db, CITIZEN, now)
    renew(db, NEW_CARD, now=now)
    assert grounds_of(db, account, now=ENDED) == [] and residents(db) == 1


def test_who_renews_under_my_account_sees_it_move_and_is_told_when_no_paper_is_newer(
    db: Session, now: datetime
) -> None:
    account = a_holder(db, FOREIGNER, now)
    mine = str(account.person_id)
    with refused("paper-not-renewed"):
        sent_online(db, FOREIGNER, now=now, renews=mine)
    with refused("account-exists"):
        sent_online(db, FOREIGNER, now=now, renews=str(new_id()))
    new = replace(FOREIGNER, passport_number="M55555555", **NEW_PAPERS)
    file, _code = sent_online(db, new, now=now, renews=mine, sim=None)
    assert (file.state, file.person_id) == ("submitted", account.person_id)
    assert file in [one for one, _status in moving(db, account.id, account.person_id, now=now).files]


def test_what_somebody_sends_without_signing_in_moves_under_their_account_too(db: Session, now: datetime) -> None:
    account, later = a_holder(db, CITIZEN, now), now + timedelta(days=1)
    file, _code = sent_online(db, NEW_CARD, now=later, sim=None)
    assert (file.state, file.person_id) == ("submitted", None)
    assert moving(db, account.id, account.person_id, now=later).files[0][0] is file


def test_whoever_has_an_account_finds_in_the_inbox_what_they_were_told_and_no_code(db: Session, now: datetime) -> None:
    account = a_holder(db, CITIZEN, now)
    file, _code = sent_online(db, NEW_CARD, now=now, sim=None, renews=str(account.person_id))
    request_supplement(db, file, an_officer(db, "receiving_officer", now=now), ["phone-proof"], "", now=now)
    kept = messages(db, account.id)[0]
    assert {row.kind for row in kept} == {
        "application-submitted",
        "application-supplement-requested",
    }
    assert not [row.kind for row in kept if "code" in (row.values or {})]


def test_a_guardian_finds_it_in_their_own_inbox(db: Session, now: datetime) -> None:
    guardian = a_guardian(db, now=now)
    for_ward(db, guardian, replace(CHILD, guardian_number=None), now=now)
    assert "application-submitted" in {row.kind for row in messages(db, guardian.id)[0]}


def test_of_two_papers_the_newer_counts_and_each_says_when_it_was_certified(db: Session, now: datetime) -> None:
    account = a_holder(db, CITIZEN, now)
    later = now + timedelta(days=30)
    renew(db, NEW_CARD, now=later)
    assert account.person_id is not None
    new, old = certified_papers(db, account.person_id, now=later)
    assert (new.is_valid, new.is_replaced, new.certified_at) == (True, False, later)
    assert (old.is_valid, old.is_replaced, old.certified_at) == (False, True, now)


def test_without_a_new_paper_there_is_one_account_and_no_second(db: Session, now: datetime) -> None:
    a_holder(db, CITIZEN, now)
    with refused("account-exists"):
        sent_online(db, CITIZEN, now=now)
    with refused("card-expired"):
        sent_online(db, CITIZEN, now=ENDED)
    renew(db, NEW_CARD, now=ENDED)
    with refused("account-exists"):
        sent_online(db, NEW_CARD, now=ENDED)


def test_a_new_paper_ends_no_other_lock_and_opens_no_closed_account(db: Session, now: datetime) -> None:
    account = a_holder(db, CITIZEN, now)
    lock(db, account, Ground.AUTHORITY, "TK03-1", SYSTEM, now=now)
    renew(db, NEW_CARD, now=ENDED)
    assert [one.ground for one in grounds_of(db, account, now=ENDED)] == ["authority"]
    close(db, account, SYSTEM, now=ENDED)
    with refused("account-exists"):
        sent_online(db, replace(CITIZEN, card_expires_on=None), now=ENDED)


def test_the_holder_hears_of_it_when_somebody_renews_on_another_phone(db: Session, now: datetime) -> None:
    account = a_holder(db, CITIZEN, now)
    renew(db, NEW_CARD, now=ENDED, phone="+84987000111")
    told = db.scalars(select(OutboxMessage).where(OutboxMessage.kind == "account-level-raised")).all()
    assert len(told) == 2
    reached = {one.address for one in lease(db, Lane.NOTICE, now=ENDED) if one.kind == "account-level-raised"}
    assert reached == {"+84987000111", "+84912345678"}
    assert db.get_one(Person, account.person_id).phone == "+84912345678"


def test_for_a_child_only_the_guardian_there_is_renews(db: Session, now: datetime) -> None:
    ward, guardian = a_ward(db, now=now)
    new: CitizenRecord = replace(CHILD, card_expires_on=date(2043, 5, 4))
    other = replace(
        CITIZEN, personal_number="001188000111", full_name="Trần Văn Khác", birth_date=date(1988, 1, 1),
        card_number="001188000111",
    )  # fmt: skip
    stranger = a_guardian_on(db, other, "+84987654999", now)
    with refused("account-exists"):
        for_ward(db, stranger, new, now=now)
    file, _code = for_ward(db, guardian, new, now=now)
    assert (file.state, file.person_id) == ("issued", ward.person_id)
    assert get_account(db, ward.id).papers_end["citizen_card"][1] == "2043-05-04"


def a_guardian_on(db: Session, base: Any, phone: str, now: datetime) -> Account:
    _file, made = issued(db, base, now=now, phone=phone)
    return activated(db, made.account_id, now=now)


# another name


BRIDE = replace(CITIZEN, full_name="Nguyễn Thị Bích Thử", address="9 phố Mới")


def test_the_account_follows_a_name_that_the_register_changed_once_an_officer_looked(
    db: Session, now: datetime
) -> None:
    account = a_holder(db, CITIZEN, now)
    file, _code = sent_online(db, BRIDE, now=now)  # a card printed anew keeps its last day
    assert (file.state, file.officer_reasons) == ("submitted", "renamed")
    assert account.display_name == CITIZEN.full_name
    acknowledge(db, file, an_officer(db, "receiving_officer", now=now), now=now)
    decide(db, file, an_officer(db, "approving_officer", now=now), "approved", now=now)
    person = db.get_one(Person, account.person_id)
    assert (person.full_name, person.address, account.display_name) == (BRIDE.full_name, "9 phố Mới", BRIDE.full_name)
    assert find_namesakes(db, BRIDE.full_name, BRIDE.birth_date) == [person] and residents(db) == 1
    assert find_namesakes(db, CITIZEN.full_name, CITIZEN.birth_date) == []
    facts = db.scalars(select(AuditEvent.facts).where(AuditEvent.name == Event.REGISTER_FOLLOWED)).all()
    assert facts == [{"changed": "name address"}]
    with refused("account-exists"):
        sent_online(db, BRIDE, now=now)


def test_at_the_counter_the_officers_see_it_too(db: Session, now: datetime) -> None:
    a_holder(db, CITIZEN, now)
    file, _code = submitted(db, BRIDE, now=now)
    assert file.officer_reasons == "renamed"


def test_a_foreign_resident_with_one_new_paper_and_a_new_name_is_known_by_the_other(db: Session, now: datetime) -> None:
    account = a_holder(db, FOREIGNER, now)
    new = replace(FOREIGNER, full_name="PARK TEST MINJI", passport_number="M55555555", **NEW_PAPERS)
    file = renew(db, new, now=ENDED)
    assert (file.state, file.person_id, residents(db)) == ("issued", account.person_id, 1)
    assert account.display_name == "PARK TEST MINJI"


def test_with_new_papers_and_a_new_name_the_phone_shows_an_officer_whom_to_compare(db: Session, now: datetime) -> None:
    account = a_holder(db, FOREIGNER, now)
    new = replace(ALL_NEW, full_name="PARK TEST MINJI")
    with refused("phone-used"):
        sent_online(db, replace(new, birth_date=date(1988, 3, 16)), now=ENDED)
    file, approving = a_namesakes_file(db, RENEWED, new)
    assert (file.duplicate_of, file.duplicate_id) == ("same-phone", account.person_id)
    decide(db, file, approving, "approved", now=ENDED)
    assert (file.person_id, residents(db), account.display_name) == (account.person_id, 1, "PARK TEST MINJI")


def test_in_ones_own_session_nobody_else_is_named(db: Session, now: datetime) -> None:
    account = a_holder(db, CITIZEN, now)
    other = replace(NEW_CARD, personal_number="001190999999", card_number="001190999999", full_name="Lê Khác")
    with refused("register-mismatch"):
        sent_online(db, other, now=now, person_id=str(account.person_id), phone="+84987000111")
