# ruff: noqa: F811
"""Sheets: the letters of Vietnam come out of the PDF as they went in, and without a press the page itself is there."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy.orm import Session

from identity.application import Application, decide
from identity.application.dossier import code_digest
from identity.appointments import book
from identity.places import Office
from portal.language import force_locale
from portal.printing import paper, press
from tests.identity.applicants import CITIZEN
from tests.identity.appointment_scene import at
from tests.machine import has_pango
from tests.portal.applicant import Applicant
from tests.portal.office_scene import APPROVING, RECEIVING, Scene, register, scene, services  # noqa: F401
from tests.portal.pdf import read
from tests.portal.test_appointments import WEDNESDAY

CODE = "DD2-1234-5678-9ABC"
NAMES = ("Nguyễn Thị Ánh Thử", "Đặng Hữu Phước", "Y Bĕt Ƀuôn Yă", "H'Lŏng Kbŭôr", "Trương Ngọc Ỷ Ưỡng", "Č Ñ ê ộ ậ ẵ ự")


@pytest.fixture(autouse=True, scope="module")
def a_press() -> None:
    """In CI it is there (tests.machine); without it none of this can be told."""
    if not has_pango():
        pytest.fail("install libpango-1.0-0 and libpangoft2-1.0-0")


@pytest.fixture
def db(scene: Scene) -> Iterator[Session]:
    """A look that keeps nobody waiting."""
    with scene.database.session(write=False) as session:
        yield session


def fonts(pdf: bytes) -> set[str]:
    """The typefaces inside, as the stylesheet names them."""
    pages = PdfReader(io.BytesIO(pdf)).pages
    return {one.get_object()["/BaseFont"].lstrip("/") for page in pages for one in page["/Resources"]["/Font"].values()}


def refused_file(scene: Scene, name: str = CITIZEN.full_name) -> Any:
    application_id = scene.matched(replace(CITIZEN, full_name=name))
    scene.change(application_id, decide, "minh", "refused", "document-not-genuine", role=APPROVING)
    with scene.writing() as db:
        db.get_one(Application, application_id).code_digest = code_digest(db, CODE)
    return application_id


def unlocked(scene: Scene, db: Any) -> Applicant:
    applicant = Applicant(scene.app.test_client(), db)
    applicant.open("/status").send(code=CODE)
    applicant.send("/status/phone")
    return applicant.send("/status/code", otp=applicant.last_code())


def test_names_come_out_of_the_paper_letter_by_letter(app: Flask) -> None:
    rows = "".join(f"<p>{name}</p><p><b>{name}</b></p>" for name in NAMES)
    style = '<link rel="stylesheet" href="/static/css/sheet.css">'
    made = paper.press(f"<!doctype html><html><head>{style}</head><body>{rows}</body></html>".encode())
    text = read(made or b"")
    assert {font.partition("+")[2] for font in fonts(made or b"")} == {"Paper", "Paper-Semi-Bold"}
    for name in NAMES:
        assert text.count(unicodedata.normalize("NFC", name)) == 2, name


def test_a_letter_that_the_font_lacks_spoils_nothing_else() -> None:
    assert press.known_letters("<p>Kim 김민지 Ánh</p>") == "<p>Kim ??? Ánh</p>"


def test_the_press_reads_our_styles_and_nothing_else(tmp_path: Any) -> None:
    secret = tmp_path / "secret.css"
    secret.write_text("body::before{content:'STOLEN'}")
    outside = ("/static/../pyproject.toml", "http://127.0.0.1:9/x.css", "/static/%2e%2e/%2e%2e/etc/passwd")
    links = "".join(f'<link rel="stylesheet" href="{address}">' for address in (f"file://{secret}", *outside))
    page = f"<html><head>{links}</head><body><p>Trang</p></body></html>"
    assert read(paper.press(page.encode()) or b"") == "Trang"


def test_a_decision_is_a_pdf_in_both_languages(scene: Scene, db: Any) -> None:
    application_id = refused_file(scene)
    applicant = unlocked(scene, db)
    for language, words in (("vi", "Quyết định"), ("en", "Decision on an application")):
        sheet = applicant.client.get(f"/status/decision/sheet?in={language}")
        assert sheet.mimetype == "application/pdf" and sheet.headers["Cache-Control"] == "no-store"
        text = read(sheet.data)
        assert words in text and "Nguyễn Thị Ánh Thử" in text and scene.read(application_id).dossier_number in text
        assert "1 / 1" in text, "also a refusal, with its appeal and the picture to check it, is one page"


def test_what_an_applicant_signs_is_in_their_language_on_a_page_of_its_own(scene: Scene, now: Any) -> None:
    application_id = scene.received(by="lan")
    with scene.writing() as db:
        file = db.get_one(Application, application_id)
        file.locale = "en"
        book(db, file, db.get_one(Office, file.office_id), at(WEDNESDAY, 8, 30), now=scene.services.clock())
        address, number = f"/office/appointments/{file.office_id}/sheet?day={WEDNESDAY}", file.dossier_number
    lan = scene.officer("lan", RECEIVING)
    lan.set_cookie("language", "vi")
    text = read(lan.get(address).data)
    assert "Lịch hẹn" in text and "Summary of the application" in text and "Signature of the applicant" in text
    assert "2 / 2" in text and text.count(number) == 3, "in the list, on the page, and at its top"


def test_a_long_address_stays_on_the_paper(scene: Scene) -> None:
    """What cannot be broken between words is broken inside them; else the table runs over the edge of the page."""
    email = f"{'x' * 60}@{'y' * 50}.example"
    application_id = scene.received(by="lan")
    with scene.writing() as db:
        db.get_one(Application, application_id).email = email
    text = read(scene.officer("lan", RECEIVING).get(f"/office/cases/{application_id}/summary").data)
    assert email not in text and email in text.replace(" ", "") and "1 / 1" in text


def test_without_a_press_the_sheet_is_a_page_to_print(
    scene: Scene,
    db: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    refused_file(scene)
    monkeypatch.setattr(paper, "can_press", lambda: False)
    sheet = unlocked(scene, db).client.get("/status/decision/sheet?in=en")
    assert sheet.mimetype == "text/html" and "press Ctrl and P" in sheet.text and "Nguyễn Thị Ánh Thử" in sheet.text


def test_a_press_that_fails_leaves_the_page(
    scene: Scene,
    db: Any,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Any,
) -> None:
    refused_file(scene)
    broken = tmp_path / "press.py"
    broken.write_text("raise SystemExit(3)")
    monkeypatch.setattr(paper, "PRESS", broken)
    sheet = unlocked(scene, db).client.get("/status/decision/sheet?in=en")
    assert sheet.status_code == 200 and sheet.mimetype == "text/html"


def test_the_activation_sheet_carries_the_secret_of_the_page_and_no_name(scene: Scene) -> None:
    application_id = scene.matched()
    lan = scene.officer("lan", RECEIVING)
    sheet = lan.post(f"/office/cases/{application_id}/slip/sheet", data={"secret": "ABCDE-FGHJK"})
    text = read(sheet.data)
    with scene.app.test_request_context(), force_locale("vi"):
        assert "ABCDE-FGHJK" in text and "http://localhost/activate" in text
    assert "Nguyễn" not in text and CITIZEN.personal_number not in text
    guess = lan.post(f"/office/cases/{application_id}/slip/sheet", data={"secret": "22222-22222"})
    assert guess.mimetype == "text/html" and "cannot be shown again" in guess.text
