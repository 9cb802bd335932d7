"""Applying, as the person at the browser sees it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from identity.application import Application
from identity.application.draft import Draft
from identity.application.lookup import RegisterLookup
from identity.audit import SYSTEM, AuditEvent, Event
from identity.operation.routes import Register, set_route
from identity.registers.embedded import open_session
from identity.registers.tables import set_available
from portal.database import Database
from tests.fakes import A_MONDAY
from tests.portal.applicant import CITIZEN, FOREIGNER, Applicant, card_qr, copied, passport_mrz

MISMATCH = "We could not confirm these details."


@pytest.fixture
def db(database: Database) -> Iterator[Session]:
    """A session that only reads, so that it never stands in the portal's way."""
    with database.session(write=False) as session:
        yield session


@pytest.fixture
def registers(services: Any, tmp_path: Any) -> str:
    """Both registers with one citizen and one foreign resident whom the tests know."""
    url = f"sqlite:///{tmp_path / 'registers.db'}"
    with open_session(url) as session:
        session.add_all([copied(CITIZEN), copied(FOREIGNER)])
        session.commit()
    return url


@pytest.fixture
def applicant(client: Any, registers: str, db: Session) -> Applicant:
    return Applicant(client, db)


def change(url: str, row: Any, **changes: Any) -> None:
    with open_session(url) as session:
        session.merge(copied(row, **changes))
        session.commit()


def rows(db: Session, model: Any) -> int:
    db.rollback()
    return db.scalar(select(func.count()).select_from(model)) or 0


def test_a_citizen_applies_and_gets_code_number_and_dates(applicant: Applicant, db: Session) -> None:
    applicant.prove_phone("citizen").type_citizen()
    assert applicant.path == "/apply/register"
    applicant.send()
    assert "The register confirms your details" in applicant.page
    assert "Kín Đáo" not in applicant.page and "2030" not in applicant.page  # masked until the counter
    applicant.finish("hoan kiem")
    assert "001 190 123 456" in applicant.page and "09•• ••• 678" in applicant.page
    applicant.send()
    assert applicant.path == "/apply/receipt"
    assert re.search(r"DD2-\w{4}-\w{4}-\w{4}", applicant.page)
    assert "10:00 am, 23 November 2026" in applicant.page and "10:00 am, 25 November 2026" in applicant.page
    assert "within 3 working days" in applicant.page
    db.rollback()
    application = db.scalars(select(Application)).one()
    assert application.dossier_number in applicant.page and application.agreed_to_help


def test_a_foreign_resident_applies(applicant: Applicant, db: Session) -> None:
    applicant.prove_phone("foreigner").type_foreigner().send()
    assert "The register confirms your details" in applicant.page
    applicant.finish()
    assert "South Korea" in applicant.page
    applicant.send()
    assert applicant.path == "/apply/receipt" and "Your passport, the original" in applicant.page
    db.rollback()
    assert db.scalars(select(Application)).one().person_kind == "foreigner"


def test_an_earlier_number_goes_with_the_application_and_nobody_says_whether_it_is_known(
    applicant: Applicant, db: Session
) -> None:
    applicant.prove_phone("foreigner").send("/apply/document-lines", mrz=passport_mrz(FOREIGNER))
    assert "if you have had an account under other papers" in applicant.page
    applicant.send(residence_card="trc 100200", earlier_number="M00000001").send().finish()
    assert "Earlier number M00000001" in applicant.page
    applicant.send()
    assert applicant.path == "/apply/receipt" and "M00000001" not in applicant.page
    db.rollback()
    file = db.scalars(select(Application)).one()
    assert ((file.declared or {})["earlier_number"], file.duplicate_id) == ("M00000001", None)


def test_the_lines_of_a_passport_fill_in_all_but_the_residence_card(applicant: Applicant) -> None:
    applicant.prove_phone("foreigner").send("/apply/document-lines", mrz=passport_mrz(FOREIGNER))
    assert applicant.path == "/apply/residence-card", applicant.page
    applicant.send(residence_card="trc 100200").send()
    assert "The register confirms your details" in applicant.page


@pytest.mark.parametrize("language", ["vi", "en"])
def test_lines_that_are_not_whole_are_explained_and_kept(
    client: Any, registers: str, db: Session, language: str
) -> None:
    applicant = Applicant(client, db, language)
    applicant.prove_phone("foreigner").send("/apply/document-lines", mrz=passport_mrz(FOREIGNER)[:40])
    said = {"en": "88 signs in a passport, 90 on a card. We read 40", "vi": "88"}[language]
    assert applicant.status == 200
    assert said in applicant.errors[0]
    assert passport_mrz(FOREIGNER)[:30].replace("<", "&lt;") in applicant.html


def test_a_misread_sign_is_explained_and_the_lines_stay(applicant: Applicant) -> None:
    lines = passport_mrz(FOREIGNER).replace("M12345678", "M12345670")
    applicant.prove_phone("foreigner").send("/apply/document-lines", mrz=lines)
    assert "document number does not fit" in applicant.errors[0]
    assert "M12345670" in applicant.html and "Error:" in applicant.html


def test_an_expired_passport_is_refused_from_its_lines(applicant: Applicant) -> None:
    expired = copied(FOREIGNER, passport_expires_on=date(2026, 11, 22))
    applicant.prove_phone("foreigner").send("/apply/document-lines", mrz=passport_mrz(expired))
    assert applicant.errors[0].startswith("The passport is no longer valid.")


def test_the_qr_text_of_a_card_fills_in_number_name_and_birth_date(applicant: Applicant) -> None:
    applicant.prove_phone("citizen").send("/apply/card-text", card_qr=card_qr(CITIZEN))
    assert applicant.path == "/apply/register" and "Nguyễn Thị Ánh Thử" in applicant.page


def test_steps_are_shown_in_order_only(applicant: Applicant) -> None:
    assert applicant.open("/apply/name").path == "/apply"
    applicant.send(person_kind="citizen")
    assert applicant.open("/apply/check").path == "/apply/language"
    assert applicant.open("/apply/nationality").path == "/apply/language"
    assert applicant.open("/apply/nonsense").path == "/apply/language"


def test_a_number_too_short_is_counted_out_and_kept(applicant: Applicant) -> None:
    applicant.prove_phone("citizen").send(personal_number="001 190 123 45")
    assert applicant.errors == ["The personal number has 12 digits. 11 digits were entered."]
    assert applicant.typed("personal_number") == "001 190 123 45"


@pytest.mark.parametrize(
    ("day", "month", "year", "sentence"),
    [
        ("31", "2", "1990", "Month 2/1990 has 28 days."),
        ("1", "13", "1990", "There is no month 13"),
        ("24", "11", "2026", "This day has not come yet."),
    ],
)
def test_an_impossible_birth_date_is_explained(
    applicant: Applicant, day: str, month: str, year: str, sentence: str
) -> None:
    applicant.prove_phone("citizen").send(personal_number="001190123456").send(full_name="Thử")
    applicant.send(birth_date__day=day, birth_date__month=month, birth_date__year=year)
    assert applicant.errors[0].startswith(sentence)
    assert applicant.typed("birth_date-day") == day and applicant.typed("birth_date-year") == year


@pytest.mark.parametrize(
    "wrong",
    [
        {"personal_number": "001190123457"},
        {"full_name": "Trần Văn Khác"},
        {"birth_date": date(1990, 9, 3)},
    ],
)
def test_every_mismatch_gets_the_same_sentence_and_keeps_the_answers(
    applicant: Applicant, db: Session, wrong: dict[str, Any]
) -> None:
    applicant.prove_phone("citizen").type_citizen(copied(CITIZEN, **wrong)).send()
    assert len(applicant.errors) == 1 and applicant.errors[0].startswith(MISMATCH)
    assert str(wrong.get("full_name", "Nguyễn Thị Ánh Thử")) in applicant.page
    db.rollback()
    looked = db.scalars(select(AuditEvent).where(AuditEvent.name == Event.REGISTER_LOOKED_UP)).one()
    assert looked.facts == {"purpose": "apply-for-account", "register": "population", "outcome": "mismatch"}


def test_a_dead_person_is_a_mismatch_like_any_other(applicant: Applicant, registers: str) -> None:
    change(registers, CITIZEN, died_on=date(2025, 1, 1))
    applicant.prove_phone("citizen").type_citizen().send()
    assert applicant.errors[0].startswith(MISMATCH)


def test_after_five_wrong_tries_nothing_is_looked_up_even_when_right(applicant: Applicant, db: Session) -> None:
    applicant.prove_phone("citizen").type_citizen(copied(CITIZEN, full_name="Sai Tên"))
    for _ in range(5):
        applicant.send("/apply/register")
    applicant.send("/apply/name", full_name=CITIZEN.full_name).send("/apply/register")
    assert applicant.errors[0].startswith("There were too many tries.")
    assert rows(db, RegisterLookup) == 5


def test_a_register_that_is_away_says_so_keeps_the_answers_and_costs_no_try(
    applicant: Applicant, registers: str
) -> None:
    with open_session(registers) as session:
        set_available(session, "population", False)
        session.commit()
    applicant.prove_phone("citizen").type_citizen()
    for _ in range(6):
        applicant.send("/apply/register")
    assert applicant.errors[0].startswith("The register does not answer at the moment.")
    with open_session(registers) as session:
        set_available(session, "population", True)
        session.commit()
    assert "The register confirms your details" in applicant.send("/apply/register").page


@pytest.mark.parametrize(
    ("language", "said", "not_said"),
    [
        ("en", "nobody can apply anew, here or at an office", "a few minutes"),
        ("vi", "không ai nộp mới được, cả ở đây lẫn ở cơ quan", "vài phút"),
    ],
)
def test_on_the_manual_route_an_applicant_is_told_that_it_takes_longer(
    applicant: Applicant, database: Database, registers: str, language: str, said: str, not_said: str
) -> None:
    with open_session(registers) as session:
        set_available(session, "population", False)
        session.commit()
    with database.transaction() as writing:
        set_route(writing, Register.POPULATION, True, "maintenance", SYSTEM, now=A_MONDAY)
    applicant.prove_phone("citizen").type_citizen()
    applicant.client.set_cookie("language", language)
    applicant.send("/apply/register")
    error = applicant.errors[0]
    assert said in error and not_said not in error and re.search(r"\b1[34]\b", error), "as long as the draft is kept"


@pytest.mark.parametrize(
    ("person", "changes", "sentence"),
    [
        (CITIZEN, {"card_expires_on": date(2026, 11, 22)}, "The identity card is no longer valid."),
        (FOREIGNER, {"residence_expires_on": date(2026, 11, 22)}, "The residence card is no longer valid."),
        (FOREIGNER, {"passport_expires_on": date(2026, 11, 22)}, "The passport is no longer valid."),
        (CITIZEN, {"birth_date": date(2012, 11, 24)}, "Under 14 the guardian applies"),
        (CITIZEN, {"birth_date": date(2020, 11, 24)}, "Children under 6"),
    ],
)
def test_who_may_not_apply_is_told_why(
    applicant: Applicant, registers: str, person: Any, changes: dict[str, Any], sentence: str
) -> None:
    change(registers, person, **changes)
    row = copied(person, **changes)
    if person is CITIZEN:
        applicant.prove_phone("citizen").type_citizen(row).send()
    else:
        applicant.prove_phone("foreigner").type_foreigner(row).send()
    assert applicant.errors[0].startswith(sentence)


def test_a_second_application_is_refused_once_the_register_agrees(applicant: Applicant, db: Session) -> None:
    applicant.prove_phone("citizen").type_citizen().send()
    applicant.finish("hoan kiem").send()
    applicant.send("/apply/receipt")
    applicant.prove_phone("citizen", "0912 345 679").type_citizen().send()
    assert applicant.errors[0].startswith("There is an open application for you already.")
    assert rows(db, Application) == 1


def test_somebody_elses_phone_is_refused_once_the_register_agrees(
    applicant: Applicant, clock: Any, db: Session
) -> None:
    applicant.prove_phone("citizen").type_citizen().send()
    applicant.finish("hoan kiem").send()
    applicant.send("/apply/receipt")
    clock.advance(minutes=2)
    applicant.prove_phone("foreigner").type_foreigner().send()
    assert applicant.errors[0].startswith("This mobile number belongs to another person's account or application.")


def test_a_double_click_sends_one_application_and_shows_one_receipt(applicant: Applicant, db: Session) -> None:
    applicant.prove_phone("citizen").type_citizen().send()
    applicant.finish("hoan kiem").send()
    first = re.search(r"DD2-\w{4}-\w{4}-\w{4}", applicant.page)
    applicant.send("/apply/check")
    second = re.search(r"DD2-\w{4}-\w{4}-\w{4}", applicant.page)
    assert first and second and first[0] == second[0]
    assert rows(db, Application) == 1


def test_the_back_button_after_sending_leads_to_the_receipt(applicant: Applicant) -> None:
    applicant.prove_phone("citizen").type_citizen().send()
    applicant.finish("hoan kiem").send()
    assert applicant.open("/apply/name").path == "/apply/receipt"
    assert applicant.send("/apply/name", full_name="Khác").path == "/apply/receipt"


def test_the_receipt_is_gone_once_noted(applicant: Applicant) -> None:
    applicant.prove_phone("citizen").type_citizen().send()
    applicant.finish("hoan kiem").send()
    applicant.send("/apply/receipt")
    assert applicant.open("/apply/receipt").path == "/status"


def test_the_receipt_ends_after_a_day(applicant: Applicant, clock: Any) -> None:
    applicant.prove_phone("citizen").type_citizen().send()
    applicant.finish("hoan kiem").send()
    clock.advance(hours=25)
    assert applicant.open("/apply/receipt").path == "/status"


def test_one_may_stop_and_come_back(applicant: Applicant, clock: Any) -> None:
    applicant.prove_phone("citizen").send(personal_number="001190123456")
    clock.advance(days=3)
    assert "Saved at 10:00 am, 23 November 2026" in applicant.open("/apply").page
    found = re.search(r'href="(/apply/name)"', applicant.html)
    assert found is not None
    applicant.open("/apply/later")
    assert "Monday, 7 December 2026" in applicant.page


def test_a_changed_name_makes_the_registers_answer_void(applicant: Applicant) -> None:
    applicant.prove_phone("citizen").type_citizen().send()
    applicant.finish("hoan kiem")
    applicant.send("/apply/name", full_name="Trần Văn Khác")
    assert applicant.path == "/apply/register"


def test_a_changed_phone_must_be_proved_again(applicant: Applicant) -> None:
    applicant.prove_phone("citizen").type_citizen().send()
    applicant.finish("hoan kiem").send("/apply/phone", phone="0912 345 679")
    assert applicant.path == "/apply/code"


def test_a_wrong_code_is_counted_and_the_tenth_ends_it(applicant: Applicant) -> None:
    applicant.open("/apply").send(person_kind="citizen").send(locale="en").send(phone="0912 345 678")
    right = applicant.last_code()
    wrong = "000000" if right != "000000" else "000001"
    for _ in range(10):
        applicant.send("/apply/code", otp=wrong)
    applicant.send("/apply/code", otp=right)
    assert applicant.path == "/apply/code" and applicant.errors


def test_a_double_click_on_the_phone_sends_one_code(applicant: Applicant) -> None:
    applicant.open("/apply").send(person_kind="citizen").send(locale="en").send(phone="0912 345 678")
    applicant.send("/apply/phone", phone="0912 345 678")
    assert applicant.path == "/apply/code" and not applicant.errors


def test_a_landline_is_refused(applicant: Applicant) -> None:
    applicant.open("/apply").send(person_kind="citizen").send(locale="en").send(phone="024 3825 1234")
    assert applicant.errors[0].startswith("This is a landline number")
    assert applicant.typed("phone") == "024 3825 1234"


@pytest.mark.parametrize("text", ["\x00", "a\x00", "%", "'", "\\", "é" * 500])
def test_whatever_is_typed_into_the_search_for_an_office_is_answered(applicant: Applicant, text: str) -> None:
    applicant.prove_phone("citizen").type_citizen().send()
    answer = applicant.client.get("/apply/office", query_string={"q": text})
    assert answer.status_code == 200


def test_help_is_never_ticked_beforehand_and_email_is_asked_when_chosen(applicant: Applicant) -> None:
    applicant.prove_phone("citizen").type_citizen().send()
    applicant.open("/apply/office?q=hoan+kiem")
    choice = re.search(r'name="office_id" value="([^"]+)"', applicant.html)
    assert choice is not None
    applicant.send(office_id=choice[1]).send(notify_by="both")
    assert applicant.errors == ["Enter the e-mail address to write to, or choose text message."]
    applicant.send(notify_by="both", email="thu@example.org")
    assert applicant.path == "/apply/help" and " checked" not in applicant.html


def test_a_wrong_email_stops_nobody_who_then_chose_text_messages(applicant: Applicant) -> None:
    applicant.prove_phone("citizen").type_citizen().send()
    applicant.open("/apply/office?q=hoan+kiem")
    choice = re.search(r'name="office_id" value="([^"]+)"', applicant.html)
    assert choice is not None
    applicant.send(office_id=choice[1]).send(notify_by="email", email="thu@")
    assert applicant.errors and applicant.path == "/apply/messages"
    applicant.send(notify_by="sms", email="thu@")
    assert applicant.path == "/apply/help"
    assert applicant.open("/apply/messages").typed("email") in {None, ""}


def test_a_page_open_for_too_long_keeps_what_was_typed(app: Any, registers: str, db: Session) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    applicant = Applicant(app.test_client(), db)
    applicant.send("/apply", person_kind="citizen", csrf_token="stale")
    assert applicant.errors == ["This page was open for too long. Check what you entered and send it again."]
    assert re.search(r'value="citizen" checked', applicant.html)


def test_the_register_is_not_asked_from_a_stale_page(applicant: Applicant, app: Any, db: Session) -> None:
    applicant.prove_phone("citizen").type_citizen()
    app.config["WTF_CSRF_ENABLED"] = True
    applicant.send("/apply/register")
    assert applicant.errors == ["This page was open for too long. Check what you entered and send it again."]
    assert rows(db, RegisterLookup) == 0


def test_a_step_takes_few_statements(applicant: Applicant, database: Database) -> None:
    applicant.prove_phone("citizen").type_citizen()
    statements: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    for path in ("/apply/name", "/apply/register"):
        statements.clear()
        applicant.open(path)
        assert len(statements) <= 3, statements


def test_an_unknown_commune_shows_no_office(applicant: Applicant) -> None:
    applicant.prove_phone("citizen").type_citizen().send()
    assert "No office of this name." in applicant.open("/apply/office?q=atlantis").page


def test_the_page_is_vietnamese_for_those_who_read_it(client: Any, registers: str, db: Session) -> None:
    applicant = Applicant(client, db, "vi").open("/apply")
    assert "Đăng ký tài khoản" in applicant.page and "Apply" not in applicant.page


def test_what_was_typed_is_wiped_from_the_draft_once_sent(applicant: Applicant, db: Session) -> None:
    applicant.prove_phone("citizen").type_citizen().send()
    applicant.finish("hoan kiem").send()
    db.rollback()
    assert db.scalars(select(Draft)).one().answers == {}
