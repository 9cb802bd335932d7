"""Children and wards: who acts for them, what is confirmed, and the birthday on which it ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.account import Account, AccountState, Act, check_may, find_account_of
from identity.application import acknowledge, decide, record_capture, record_match
from identity.application.guardianship_paper import guardianship_paper
from identity.audit import SYSTEM
from identity.base import Refused, new_id
from identity.deadlines import VIETNAM
from identity.evidence import EvidenceKind, add_evidence
from identity.files import store
from identity.gateways import MatchResult
from identity.guardians import (
    Purpose,
    answer,
    ask,
    check_guardian,
    end,
    guardians_of,
    has_guardian,
    is_confirmed,
    is_handed_over,
    open_questions,
    wards_of,
)
from identity.guardians.confirming import choices_of
from identity.guardians.guardianship import last_day_for, reach_wards_at
from identity.guardians.hand_over import tell_some
from identity.guardians.model import Guardianship
from identity.levels import level_of
from identity.outbox import OutboxMessage
from identity.person import Person, find_person_by_phone, set_phone
from identity.recovery import choose, co_sign, confirm, contacts_of, find_recovery, trusting
from identity.session import find_session, open_session
from identity.telling import ways_to
from tests.identity.applicants import (
    CHILD,
    CITIZEN,
    FOREIGN_CHILD,
    FOREIGNER,
    a_guardian,
    a_ward,
    activated,
    an_office,
    an_officer,
    for_ward,
    issued,
    sent_online,
    submitted,
)
from tests.identity.recovery_scene import asked, make_contact

FOURTEEN = datetime(2032, 5, 4, tzinfo=VIETNAM)


def refused(code: str) -> Any:
    return pytest.raises(Refused, match=f"^{code}$")


def told(db: Session, now: datetime) -> list[str]:
    """Kinds of the messages of this moment."""
    return list(db.scalars(select(OutboxMessage.kind).where(OutboxMessage.posted_at == now)))


# adding a child


def test_a_parent_whom_the_register_names_gets_the_childs_account_at_once(db: Session, now: datetime) -> None:
    guardian = a_guardian(db, now=now)
    application, _code = for_ward(db, guardian, now=now)
    assert application.state == "issued"
    assert level_of(db, application.person_id, now=now) == 1
    held = db.scalars(select(Guardianship)).one()
    assert (held.basis, held.ends_on, held.application_id) == ("register", date(2032, 5, 3), application.id)
    assert [row.ward_id for row in wards_of(db, guardian.person_id, now=now)] == [application.person_id]


@pytest.mark.parametrize(
    ("child", "reasons"),
    [
        (replace(CHILD, guardian_number=None), "guardianship-paper"),
        (replace(CHILD, birth_date=date(2021, 1, 1)), "on-request"),
        (FOREIGN_CHILD, "on-request guardianship-paper"),
    ],
)
def test_an_officer_looks_at_papers_and_at_what_is_given_on_request(
    db: Session, now: datetime, child: Any, reasons: str
) -> None:
    application, _code = for_ward(db, a_guardian(db, now=now), child, now=now)
    assert (application.state, application.officer_reasons) == ("submitted", reasons)


def test_the_officer_who_decided_stands_with_the_guardianship(db: Session, now: datetime) -> None:
    guardian = a_guardian(db, now=now)
    paper = {"guardianship_until": "2030-01-31"}
    application, _code = for_ward(db, guardian, replace(CHILD, guardian_number=None), now=now, **paper)
    acknowledge(db, application, an_officer(db, "receiving_officer", now=now), now=now)
    approving = an_officer(db, "approving_officer", now=now)
    decide(db, application, approving, "approved", now=now)
    held = db.scalars(select(Guardianship)).one()
    assert (held.basis, held.ends_on, held.by_account_id) == ("paper", date(2030, 1, 31), approving.account_id)


def test_only_somebody_with_level_2_may_act_for_another(db: Session, now: datetime) -> None:
    application, _code = sent_online(db, now=now)
    account = activated(db, find_account_of(db, application.person_id).id, now=now)
    with refused("guardian-level"):
        check_guardian(db, account.id, now=now)


def test_the_guardians_phone_serves_for_several_children_and_stays_the_guardians(db: Session, now: datetime) -> None:
    guardian = a_guardian(db, now=now)
    for serial in ("1", "2"):
        number = f"00121812345{serial}"
        child = replace(CHILD, personal_number=number, card_number=number, full_name=f"Nguyễn Bé {serial}")
        for_ward(db, guardian, child, now=now)
    phone = db.get(Person, guardian.person_id).phone
    assert find_person_by_phone(db, phone).id == guardian.person_id
    with refused("phone-used"):
        submitted(db, FOREIGNER, now=now, phone=phone)


def test_wards_are_reached_at_the_guardians_new_phone(db: Session, now: datetime) -> None:
    ward, guardian = a_ward(db, now=now)
    parent, child = db.get(Person, guardian.person_id), db.get(Person, ward.person_id)
    set_phone(db, parent, "+84912999999")
    reach_wards_at(db, parent, former_mail=None, now=now)
    assert (child.phone, child.phone_index) == ("+84912999999", None)


def test_a_child_of_six_rises_to_level_2_with_the_guardian_at_the_counter(db: Session, now: datetime) -> None:
    ward, guardian = a_ward(db, now=now)
    application, _code = for_ward(
        db,
        guardian,
        now=now,
        level=2,
        person_id=str(ward.person_id),
        portrait_file_id=None,
        office_id=str(an_office(db).id),
    )
    officer = an_officer(db, "receiving_officer", now=now)
    acknowledge(db, application, officer, now=now)
    with refused("guardian-absent"):
        record_capture(db, application, officer, new_id(), "CAP-0001", None, now=now)
    record_capture(db, application, officer, new_id(), "CAP-0001", None, now=now, guardian_present=True)


def test_the_paper_of_a_guardianship_is_shown_once_and_kept(db: Session, now: datetime) -> None:
    guardian = a_guardian(db, now=now)
    child = replace(CHILD, guardian_number=None)
    first, _code = for_ward(db, guardian, child, now=now)
    paper = store(db, b"the paper", "guardianship", first.id, now=now)
    acknowledge(db, first, an_officer(db, "receiving_officer", now=now), now=now)
    decide(db, first, an_officer(db, "approving_officer", now=now), "approved", now=now)
    ward = find_account_of(db, first.person_id)
    assert ward is not None
    activated(db, ward.id, now=now)
    new = replace(child, card_expires_on=date(2040, 5, 4))
    second, _code = for_ward(db, guardian, new, now=now, renews=str(first.person_id))
    assert guardianship_paper(db, second, now=now) == paper.id, "the officer sees what the file speaks of"
    acknowledge(db, second, an_officer(db, "receiving_officer", now=now), now=now)
    decide(db, second, an_officer(db, "approving_officer", now=now), "approved", now=now)
    assert [row.file_id for row in guardians_of(db, first.person_id, now=now)] == [paper.id]


# confirming


def test_the_guardian_picks_the_number_and_the_yes_counts_in_that_session_only(db: Session, now: datetime) -> None:
    ward, guardian = a_ward(db, now=now)
    session, client = new_id(), new_id()
    question = ask(db, ward, Purpose.SHARE, session, now=now, client_id=client)
    assert question.number in choices_of(question) and len(set(choices_of(question))) == 3
    assert "guardian-asked" in told(db, now)
    assert answer(db, question.id, guardian, question.number, now=now)
    here = {"now": now, "client_id": client}
    assert is_confirmed(db, ward.id, Purpose.SHARE, session, **here)
    assert not is_confirmed(db, ward.id, Purpose.SHARE, new_id(), **here)
    assert not is_confirmed(db, ward.id, Purpose.SHARE, session, now=now, client_id=new_id())
    assert not is_confirmed(db, ward.id, Purpose.ACTIVATE, session, now=now)
    assert not is_confirmed(db, ward.id, Purpose.SHARE, session, now=now + timedelta(minutes=10), client_id=client)


@pytest.mark.parametrize("wrong", [None, 0])
def test_a_wrong_number_is_a_no_and_cannot_be_mended(db: Session, now: datetime, wrong: int | None) -> None:
    ward, guardian = a_ward(db, now=now)
    session = new_id()
    question = ask(db, ward, Purpose.ACTIVATE, session, now=now)
    number = question.number
    assert not answer(db, question.id, guardian, wrong, now=now)
    with refused("guardian-question-over"):
        answer(db, question.id, guardian, number, now=now)
    assert not is_confirmed(db, ward.id, Purpose.ACTIVATE, session, now=now)


def test_only_the_guardian_answers_and_only_in_time(db: Session, now: datetime) -> None:
    ward, guardian = a_ward(db, now=now)
    question = ask(db, ward, Purpose.ACTIVATE, new_id(), now=now)
    with refused("guardian-level"):
        answer(db, question.id, ward, question.number, now=now)
    with refused("guardian-question-over"):
        answer(db, question.id, guardian, question.number, now=now + timedelta(minutes=10))
    assert open_questions(db, guardian.person_id, now=now + timedelta(minutes=10)) == []


def test_another_guardian_answers_for_nobody_elses_ward(db: Session, now: datetime) -> None:
    ward, _guardian = a_ward(db, now=now)
    question = ask(db, ward, Purpose.ACTIVATE, new_id(), now=now)
    _file, made = issued(db, FOREIGNER, now=now, phone="+84912000009")
    with refused("guardian-question-over"):
        answer(db, question.id, activated(db, made.account_id, now=now), question.number, now=now)


def test_one_question_waits_at_a_time_and_not_too_many_are_put(db: Session, now: datetime) -> None:
    ward, _guardian = a_ward(db, now=now)
    session = new_id()
    first = ask(db, ward, Purpose.ACTIVATE, session, now=now)
    assert ask(db, ward, Purpose.ACTIVATE, session, now=now).id == first.id
    for _time in range(5):
        ask(db, ward, Purpose.ACTIVATE, new_id(), now=now)
    with refused("guardian-asked-often"):
        ask(db, ward, Purpose.ACTIVATE, new_id(), now=now)
    ask(db, ward, Purpose.ACTIVATE, new_id(), now=now + timedelta(hours=1, seconds=1))


# the end


@pytest.mark.parametrize(
    ("born", "paper", "last"),
    [
        (date(2018, 5, 4), None, date(2032, 5, 3)),
        (date(2018, 5, 4), date(2030, 1, 1), date(2030, 1, 1)),
        (date(2018, 5, 4), date(2040, 1, 1), date(2032, 5, 3)),
        (date(2016, 2, 29), None, date(2030, 2, 28)),
        (date(1990, 9, 2), date(2040, 1, 1), date(2040, 1, 1)),
        (date(1990, 9, 2), None, date(9999, 12, 31)),
    ],
)
def test_the_last_day_of_an_authority(now: datetime, born: date, paper: date | None, last: date) -> None:
    assert last_day_for(born, paper, now=now) == last


def test_at_14_the_gate_shuts_by_itself_at_midnight_and_the_guardian_may_no_more(db: Session, now: datetime) -> None:
    ward, guardian = a_ward(db, now=now)
    evening = FOURTEEN - timedelta(seconds=2)
    check_may(db, ward.id, Act.SIGN_IN, now=evening)
    assert guardians_of(db, ward.person_id, now=evening) and has_guardian(ward)
    with pytest.raises(Refused, match="account-locked") as shut:
        check_may(db, ward.id, Act.SIGN_IN, now=FOURTEEN)
    assert shut.value.facts["ground"] == "hand-over"
    assert guardians_of(db, ward.person_id, now=FOURTEEN) == []
    assert wards_of(db, guardian.person_id, now=FOURTEEN) == []
    assert is_handed_over(ward, now=FOURTEEN)


def test_the_young_person_takes_the_account_over_with_a_phone_and_secrets_of_their_own(
    db: Session, now: datetime
) -> None:
    ward, _guardian = a_ward(db, now=now)
    ward.password_hash, ward.totp_secret = "the guardian knows it", "JBSWY3DPEHPK3PXP"
    opened = open_session(db, ward, ("pwd", "otp"), 2, now=FOURTEEN - timedelta(hours=1))
    renewed = replace(CHILD, card_expires_on=date(2043, 5, 4))
    application, _code = sent_online(db, renewed, now=FOURTEEN, phone="+84987654321")
    db.refresh(ward)
    assert application.state == "issued" and application.person_id == ward.person_id
    assert (ward.state, ward.password_hash, ward.totp_secret_sealed) == (AccountState.ISSUED.value, None, None)
    assert find_person_by_phone(db, "+84987654321").id == ward.person_id
    assert not has_guardian(ward)
    check_may(db, ward.id, Act.ACTIVATE, now=FOURTEEN)
    assert find_session(db, opened.token, now=FOURTEEN) is None
    assert "account-handed-over" in told(db, FOURTEEN)


@pytest.mark.parametrize("mail", [None, "be@vidu.vn"])
def test_what_is_written_to_the_young_person_goes_to_the_guardian_no_more(
    db: Session, now: datetime, mail: str | None
) -> None:
    guardian = a_guardian(db, now=now)
    application, _code = for_ward(db, guardian, now=now, email="me@vidu.vn", locale="en")
    ward = activated(db, find_account_of(db, application.person_id).id, now=now)
    new = replace(CHILD, card_expires_on=date(2043, 5, 4))
    sent_online(db, new, now=FOURTEEN, phone="+84987654321", email=mail, locale="vi")
    assert {address for _way, address in ways_to(db, ward)} == {"+84987654321", mail} - {None}
    assert ward.locale == "vi"


def test_wards_are_reached_at_the_guardians_new_mail_unless_they_have_their_own(db: Session, now: datetime) -> None:
    ward, guardian = a_ward(db, now=now)
    parent, child = db.get(Person, guardian.person_id), db.get(Person, ward.person_id)
    parent.email, child.email = "new@vidu.vn", "old@vidu.vn"
    reach_wards_at(db, parent, former_mail="other@vidu.vn", now=now)
    assert child.email == "old@vidu.vn"
    reach_wards_at(db, parent, former_mail="old@vidu.vn", now=now)
    assert child.email == "new@vidu.vn"


def test_whom_the_guardian_had_named_and_what_they_had_begun_ends_with_the_hand_over(
    db: Session, now: datetime
) -> None:
    ward, _guardian = a_ward(db, now=now)
    before = FOURTEEN - timedelta(days=40)
    contact = make_contact(db, before, "001174000001")
    row = choose(db, ward, "001174000001", now=before)
    db.flush()
    confirm(db, contact, row.id, now=before)
    begun = asked(db, FOURTEEN - timedelta(days=4), login=ward.login)
    assert co_sign(db, contact, begun.word, now=FOURTEEN - timedelta(days=4)) is None
    sent_online(db, replace(CHILD, card_expires_on=date(2043, 5, 4)), now=FOURTEEN, phone="+84987654321")
    activated(db, ward.id, now=FOURTEEN)
    later = FOURTEEN + timedelta(hours=1)
    assert contacts_of(db, ward.id) == [] and trusting(db, contact.id) == []
    assert not begun.recovery.is_alive(later) and find_recovery(db, begun.code, now=later) is None
    assert "trusted-contact-ended" in told(db, FOURTEEN)


def test_the_guardians_phone_does_not_take_the_account_over(db: Session, now: datetime) -> None:
    ward, guardian = a_ward(db, now=now)
    renewed = replace(CHILD, card_expires_on=date(2043, 5, 4))
    with refused("phone-used"):
        sent_online(db, renewed, now=FOURTEEN, phone=db.get(Person, guardian.person_id).phone)
    assert is_handed_over(ward, now=FOURTEEN)


def test_before_the_birthday_nobody_takes_anything_over(db: Session, now: datetime) -> None:
    a_ward(db, now=now)
    with refused("guardian-needed"):
        sent_online(db, CHILD, now=FOURTEEN - timedelta(seconds=1), phone="+84987654321")


@pytest.mark.parametrize(("days", "kind"), [(30, "hand-over-soon"), (7, "hand-over-soon"), (0, "hand-over-today")])
def test_both_are_told_before_and_on_the_day_once(db: Session, now: datetime, days: int, kind: str) -> None:
    a_ward(db, now=now)
    db.flush()
    told(db, now)
    day = FOURTEEN + timedelta(hours=9) - timedelta(days=days)
    tell_some(db, None, now=day)
    tell_some(db, None, now=day + timedelta(hours=1))
    assert told(db, day) == [kind]
    assert told(db, day + timedelta(hours=1)) == []
    tell_some(db, None, now=day + timedelta(days=1))
    assert told(db, day + timedelta(days=1)) == []


def test_a_guardianship_that_a_court_ends_shuts_the_account_at_once(db: Session, now: datetime) -> None:
    ward, _guardian = a_ward(db, now=now)
    end(db, guardians_of(db, ward.person_id, now=now)[0], SYSTEM, now=now)
    with refused("account-locked"):
        check_may(db, ward.id, Act.HOLD_SESSION, now=now)
    with refused("guardian-missing"):
        ask(db, ward, Purpose.ACTIVATE, new_id(), now=now)


def test_a_grown_up_ward_keeps_the_guardian_as_long_as_the_paper_says(db: Session, now: datetime) -> None:
    guardian = a_guardian(db, now=now)
    number = "001170123456"
    adult = replace(
        CITIZEN, personal_number=number, card_number=number, birth_date=date(1970, 1, 1), full_name="Lê Thử"
    )
    application, _code = for_ward(db, guardian, adult, now=now, guardianship_until="2028-12-31")
    acknowledge(db, application, an_officer(db, "receiving_officer", now=now), now=now)
    decide(db, application, an_officer(db, "approving_officer", now=now), "approved", now=now)
    account: Account = find_account_of(db, application.person_id)
    activated(db, account.id, now=now)
    check_may(db, account.id, Act.SIGN_IN, now=datetime(2028, 12, 31, 23, 59, tzinfo=VIETNAM))
    with refused("account-locked"):
        check_may(db, account.id, Act.SIGN_IN, now=datetime(2029, 1, 1, tzinfo=VIETNAM))


# coming of age while a file is open


def paper_for_a_child(db: Session, guardian: Account, now: datetime, **answers: Any) -> Any:
    """A file that an officer decides, since the register names nobody."""
    file, _code = for_ward(db, guardian, replace(CHILD, guardian_number=None), now=now, **answers)
    acknowledge(db, file, an_officer(db, "receiving_officer", now=now), now=now)
    return file


def test_a_child_who_comes_of_age_while_the_office_holds_the_file_is_nobodys_ward(db: Session, now: datetime) -> None:
    guardian = a_guardian(db, replace(CITIZEN, card_expires_on=None), now=now)
    file = paper_for_a_child(db, guardian, FOURTEEN - timedelta(days=1))
    decide(db, file, an_officer(db, "approving_officer", now=FOURTEEN), "approved", now=FOURTEEN)
    account = find_account_of(db, file.person_id)
    assert (file.state, guardians_of(db, file.person_id, now=FOURTEEN)) == ("issued", [])
    assert account.activate_by is None, "without a code no window runs"
    with refused("account-locked"):
        check_may(db, account.id, Act.ACTIVATE, now=FOURTEEN)
    assert told(db, FOURTEEN) == ["issued-of-age"]
    own = replace(CHILD, card_expires_on=date(2043, 5, 4))
    sent_online(db, own, now=FOURTEEN + timedelta(hours=1), phone="+84987654321")
    check_may(db, account.id, Act.ACTIVATE, now=FOURTEEN + timedelta(hours=1))


def test_a_ward_who_comes_of_age_before_level_2_is_decided_keeps_the_proof_and_no_guardian(
    db: Session, now: datetime
) -> None:
    ward, guardian = a_ward(db, now=now)
    db.get_one(Account, guardian.id).papers_end = None
    eve = FOURTEEN - timedelta(days=1)
    visit = {"level": 2, "person_id": str(ward.person_id), "portrait_file_id": None, "office_id": str(an_office(db).id)}
    file, _code = for_ward(db, guardian, now=eve, **visit)
    officer = an_officer(db, "receiving_officer", now=eve)
    acknowledge(db, file, officer, now=eve)
    record_capture(db, file, officer, new_id(), "CAP-0001", None, now=eve, guardian_present=True)
    record_match(db, file, officer, MatchResult(92, True), now=eve)
    decide(db, file, an_officer(db, "approving_officer", now=FOURTEEN), "approved", now=FOURTEEN)
    assert level_of(db, ward.person_id, now=FOURTEEN) == 2
    assert guardians_of(db, ward.person_id, now=FOURTEEN) == [] and is_handed_over(ward, now=FOURTEEN)
    assert told(db, FOURTEEN) == ["issued-of-age"]


def test_who_takes_an_account_over_online_was_seen_by_nobody_and_has_level_1(db: Session, now: datetime) -> None:
    """Otherwise the guardian, who has the card and the photos, would hold level 2 on another phone; a visit counts."""
    ward, _guardian = a_ward(db, now=now)
    for kind in (EvidenceKind.IN_PERSON, EvidenceKind.BIOMETRICS):
        add_evidence(db, ward.person_id, kind, now=now)
    db.flush()
    assert level_of(db, ward.person_id, now=FOURTEEN - timedelta(days=1)) == 2
    own = replace(CHILD, card_expires_on=date(2043, 5, 4))
    sent_online(db, own, now=FOURTEEN, phone="+84987654321")
    assert level_of(db, ward.person_id, now=FOURTEEN) == 1
    activated(db, ward.id, now=FOURTEEN)
    issued(db, own, now=FOURTEEN, phone="+84987654321", person_id=str(ward.person_id))
    assert level_of(db, ward.person_id, now=FOURTEEN) == 2


def test_nobody_applies_for_a_young_person_who_may_apply_alone_without_the_paper_of_a_guardianship(
    db: Session, now: datetime
) -> None:
    guardian = a_guardian(db, now=now)
    with refused("of-age"):
        for_ward(db, guardian, replace(CHILD, birth_date=date(2012, 5, 4)), now=now)
