"""What bad input gets: a sentence in the reader's language, what was typed stays, and one truth is written.

CASES says, for each bad input, how somebody comes to it and what they are told; each is sent in Vietnamese and in
English. ELSEWHERE names the tests of those that need another house (a counter, a browser, many callers).
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from identity.application import Application
from identity.person import Person
from identity.registers.embedded import open_session
from identity.registers.tables import set_available
from portal.database import Database
from portal.errors import SENTENCES
from tests.portal.applicant import CITIZEN, FOREIGNER, Applicant, birth, card_qr, copied, passport_mrz
from tests.servers import ROOT

LINES = passport_mrz(FOREIGNER)
ELSEWHERE = {
    "a portrait of 20 MB, or none at all": "tests/flows/test_bad_portrait.py::test_a_bad_portrait_is_explained",
    "another language in the middle": "tests/flows/test_another_language.py",
    "a lost network": "tests/browser/test_network.py::test_a_lost_network_loses_nothing_that_was_typed",
    "the back button after a refusal": "tests/browser/test_going_back.py",
    "the same answer sent twice at once": "tests/identity/test_application_races.py",
    "a portal out of reach": "tests/browser/test_network.py::test_a_silent_portal_gets_nothing_and_typing_stays",
    "a code typed wrong ten times, wherever one is typed": "tests/flows/test_codes_typed_wrong.py",
    "a stale form token, wherever something is sent": "tests/flows/test_stale_pages.py",
    "the same visit sent twice at the counter": "tests/portal/test_office_counter.py",
}


@dataclass(frozen=True)
class House:
    """What a case may need besides the browser."""

    app: Flask
    registers: str
    clock: Any
    db: Session

    def away(self, register: str) -> None:
        with open_session(self.registers) as session:
            set_available(session, register, False)
            session.commit()

    def change(self, row: Any, **changes: Any) -> None:
        with open_session(self.registers) as session:
            session.merge(copied(row, **changes))
            session.commit()

    def count(self, model: Any) -> int:
        self.db.rollback()
        return self.db.scalar(select(func.count()).select_from(model)) or 0


@dataclass(frozen=True)
class Case:
    """`reach` leads to the page, `answers` are then sent to `path`; `says` is a refusal's code, or the first words."""

    reach: Callable[[Applicant, House], Any]
    path: str
    says: str | tuple[str, str]
    answers: dict[str, str] = field(default_factory=dict)
    keeps: tuple[str, ...] = ()
    applications: int = 0


def at_papers(kind: str) -> Callable[[Applicant, House], Any]:
    return lambda applicant, _house: applicant.prove_phone(kind)


def at_birth_date(applicant: Applicant, _house: House) -> None:
    applicant.prove_phone("citizen").send(personal_number="001190123456").send(full_name="Thử")


def at_register(row: Any, **typed: Any) -> Callable[[Applicant, House], Any]:
    """Everything typed, as in `row` but for what is `typed`."""

    def reach(applicant: Applicant, _house: House) -> None:
        person = copied(row, **typed)
        if row is CITIZEN:
            applicant.prove_phone("citizen").type_citizen(person)
        else:
            applicant.prove_phone("foreigner").type_foreigner(person)

    return reach


def registered_as(row: Any, **changes: Any) -> Callable[[Applicant, House], Any]:
    """The register knows, and the person types, `row` with these changes."""

    def reach(applicant: Applicant, house: House) -> None:
        house.change(row, **changes)
        at_register(row, **changes)(applicant, house)

    return reach


def after_death(applicant: Applicant, house: House) -> None:
    house.change(CITIZEN, died_on=date(2025, 1, 1))
    at_register(CITIZEN)(applicant, house)


def while_away(applicant: Applicant, house: House) -> None:
    house.away("population")
    at_register(CITIZEN)(applicant, house)


def once_before(applicant: Applicant, house: House) -> None:
    sent(applicant, house)
    applicant.send("/apply/receipt")
    house.clock.advance(minutes=2)
    applicant.prove_phone("citizen", "0912 345 679").type_citizen()


def sent(applicant: Applicant, house: House) -> None:
    at_register(CITIZEN)(applicant, house)
    applicant.send().finish("hoan kiem").send()


def at_code(tries: int) -> Callable[[Applicant, House], Any]:
    def reach(applicant: Applicant, _house: House) -> None:
        applicant.open("/apply").send(person_kind="citizen").send(locale="en").send(phone="0912 345 678")
        for _ in range(tries):
            applicant.send("/apply/code", otp=wrong_code(applicant))

    return reach


def wrong_code(applicant: Applicant) -> str:
    return "000000" if applicant.last_code() != "000000" else "000001"


def on_a_stale_page(applicant: Applicant, house: House) -> None:
    at_birth_date(applicant, house)
    house.app.config["WTF_CSRF_ENABLED"] = True


CASES = {
    "a wrong check digit": Case(
        at_papers("foreigner"), "/apply/document-lines", "mrz-check-document-number",
        {"mrz": LINES.replace("M12345678", "M12345670")}, ("M12345670",),
    ),
    "a line with too few signs": Case(
        at_papers("foreigner"), "/apply/document-lines", "mrz-line", {"mrz": LINES[:-4]}, (LINES[-20:-4],),
    ),
    "lines of which half is missing": Case(
        at_papers("foreigner"), "/apply/document-lines", "mrz-length", {"mrz": LINES[:40]}, ("KIM",),
    ),
    "the text of another code": Case(
        at_papers("citizen"), "/apply/card-text", "card-qr-shape", {"card_qr": "https://example.org"},
        ("example.org",),
    ),
    "a card of the next century": Case(
        at_papers("citizen"), "/apply/card-text", "personal-number-century",
        {"card_qr": card_qr(copied(CITIZEN, personal_number="001590123456"))}, ("001590123456",),
    ),
    "a number with a digit too few": Case(
        at_papers("citizen"), "/apply/personal-number",
        ("The personal number has 12 digits. 11", "Số định danh phải đủ 12 chữ số. Đã nhập 11"),
        {"personal_number": "001 190 123 45"}, ("001 190 123 45",),
    ),
    "a number of the next century": Case(
        at_papers("citizen"), "/apply/personal-number", "personal-number-century",
        {"personal_number": "001 590 123 456"}, ("001 590 123 456",),
    ),
    "a day that does not exist": Case(
        at_birth_date, "/apply/birth-date", ("Month 2/1990 has 28 days.", "Tháng 2/1990 chỉ có 28 ngày."),
        birth(date(1990, 2, 28)) | {"birth_date__day": "31"}, ('value="31"', 'value="1990"'),
    ),
    "a day that has not come": Case(
        at_birth_date, "/apply/birth-date",
        ("This day has not come yet. Check the year.", "Ngày này chưa tới."),
        birth(date(2026, 11, 24)), ('value="24"', 'value="2026"'),
    ),
    "another number than the register's": Case(
        at_register(CITIZEN, personal_number="001190123457"), "/apply/register", "register-mismatch",
        keeps=("123 457",),
    ),
    "another name than the register's": Case(
        at_register(CITIZEN, full_name="Trần Văn Khác"), "/apply/register", "register-mismatch", keeps=("Văn Khác",),
    ),
    "another birth date than the register's": Case(
        at_register(CITIZEN, birth_date=date(1990, 9, 3)), "/apply/register", "register-mismatch", keeps=("1990",),
    ),
    "another passport than the register's": Case(
        at_register(FOREIGNER, passport_number="M12345679"), "/apply/register", "register-mismatch",
        keeps=("M12345679",),
    ),
    "another nationality than the register's": Case(
        at_register(FOREIGNER, nationality="JPN"), "/apply/register", "register-mismatch", keeps=("M12345678",),
    ),
    "another residence card than the register's": Case(
        at_register(FOREIGNER, residence_card="TRC100201"), "/apply/register", "register-mismatch",
        keeps=("TRC100201",),
    ),
    "somebody who died": Case(
        after_death, "/apply/register", "register-mismatch", keeps=("Ánh Thử",),
    ),
    "an expired residence card": Case(
        registered_as(FOREIGNER, residence_expires_on=date(2026, 11, 22)), "/apply/register", "residence-card-expired",
        keeps=("TRC100200",),
    ),
    "an expired passport": Case(
        registered_as(FOREIGNER, passport_expires_on=date(2026, 11, 22)), "/apply/register", "passport-expired",
        keeps=("M12345678",),
    ),
    "an applicant under age without a guardian": Case(
        registered_as(CITIZEN, birth_date=date(2014, 11, 24)), "/apply/register", "guardian-needed", keeps=("Ánh Thử",),
    ),
    "a second application": Case(
        once_before, "/apply/register", "application-open", keeps=("Ánh Thử",), applications=1,
    ),
    "a register that does not answer": Case(
        while_away, "/apply/register", "register-unavailable", keeps=("Ánh Thử",),
    ),
    "a wrong confirmation code": Case(at_code(0), "/apply/code", "otp-wrong", {"otp": "wrong"}),
    "a confirmation code typed wrong ten times": Case(at_code(10), "/apply/code", "otp-ended", {"otp": "wrong"}),
    "a stale form token": Case(
        on_a_stale_page, "/apply/birth-date", "page-stale", birth(date(1990, 9, 2)), ('value="2"', 'value="1990"'),
    ),
    "an unknown application code": Case(
        lambda applicant, _house: applicant.open("/status"), "/status", "code-unknown",
        {"code": "DD2-7K4P-09RT-5XQ2"}, ("DD2-7K4P-09RT-5XQ2",),
    ),
}  # fmt: skip


@pytest.fixture
def house(app: Flask, services: Any, clock: Any, database: Database, tmp_path: Path) -> Iterator[House]:
    url = f"sqlite:///{tmp_path / 'registers.db'}"
    with open_session(url) as session:
        session.add_all([copied(CITIZEN), copied(FOREIGNER)])
        session.commit()
    with database.session(write=False) as db:
        yield House(app, url, clock, db)


@pytest.fixture
def applicant(house: House) -> Applicant:
    return Applicant(house.app.test_client(), house.db)


@pytest.mark.parametrize("name", CASES)
def test_bad_input_gets_its_sentence_keeps_what_was_typed_and_writes_one_truth(
    applicant: Applicant, house: House, name: str
) -> None:
    case = CASES[name]
    case.reach(applicant, house)
    answers = {key: wrong_code(applicant) if value == "wrong" else value for key, value in case.answers.items()}
    told = {}
    for language in ("en", "vi"):
        applicant.client.set_cookie("language", language)
        applicant.send(case.path, **answers)
        assert applicant.status < 500 and applicant.path.partition("?")[0] == case.path, applicant.page
        told[language] = begins(house.app, case.says, language)
        assert [words for words in applicant.errors if words.startswith(told[language])], applicant.errors
        assert ("Error:" if language == "en" else "Lỗi:") in applicant.html
        for kept in case.keeps:
            assert kept.replace("<", "&lt;") in applicant.html or kept in applicant.page, kept
    assert told["vi"] != told["en"]
    assert (house.count(Application), house.count(Person)) == (case.applications, 0)


def begins(app: Flask, says: str | tuple[str, str], language: str) -> str:
    """How the sentence begins: up to its first figure, if it is a refusal's."""
    if isinstance(says, tuple):
        return says[language == "vi"]
    with app.test_request_context(), force_locale(language):
        return str(SENTENCES[says]).partition("%(")[0]


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_double_click_and_the_back_button_write_one_application(
    applicant: Applicant, house: House, language: str
) -> None:
    sent(applicant, house)
    applicant.client.set_cookie("language", language)
    again = [applicant.send("/apply/check").path, applicant.open("/apply/name").path]
    assert [*again, applicant.send("/apply/name", full_name="Khác").path] == ["/apply/receipt"] * 3
    assert house.count(Application) == 1


def test_the_tests_that_are_elsewhere_are_there() -> None:
    for where in ELSEWHERE.values():
        path, _, name = where.partition("::")
        tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
        names = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        assert name in names if name else any(one.startswith("test_") for one in names), where
