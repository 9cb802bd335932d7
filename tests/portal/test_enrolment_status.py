"""Following an application: what the code shows, what takes the phone, and answering the office."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from identity.account import AccountState, get_account
from identity.application import Application, decide, request_supplement
from identity.application.dossier import code_digest
from identity.files import File
from identity.helping import has_agreed
from portal.assembly import create_app
from portal.database import Database
from portal.enrolment.words import tracker_steps
from portal.office.papers import papers_of
from tests.identity.applicants import CITIZEN, an_officer, issued, matched, submitted
from tests.portal.applicant import Applicant


@pytest.fixture
def db(database: Database) -> Iterator[Session]:
    with database.session(write=False) as session:
        yield session


@pytest.fixture
def applicant(client: Any, db: Session) -> Applicant:
    return Applicant(client, db)


def sent(database: Database, now: datetime, **answers: Any) -> str:
    """The code of a file that was just sent."""
    with database.transaction() as db:
        return submitted(db, now=now, **answers)[1]


def asked(database: Database, now: datetime, note: str = "", *more: str) -> str:
    """The code of a file whose officer asks for something."""
    with database.transaction() as db:
        application, code = submitted(db, now=now)
        officer = an_officer(db, "receiving_officer", now=now)
        request_supplement(db, application, officer, ["card-photo", *more], note, now=now)
    return code


def unlock(applicant: Applicant, code: str) -> Applicant:
    applicant.open("/status").send(code=code)
    applicant.send("/status/phone")
    return applicant.send("/status/code", otp=applicant.last_code())


def picture() -> tuple[io.BytesIO, str]:
    content = io.BytesIO()
    Image.new("RGB", (640, 480), "white").save(content, "JPEG")
    content.seek(0)
    return content, "card.jpg"


def test_the_code_shows_the_step_and_nothing_about_the_person(
    applicant: Applicant, database: Database, now: datetime
) -> None:
    applicant.open("/status").send(code=sent(database, now).lower().replace("-", " "))
    assert applicant.path == "/status/application" and "Sent" in applicant.page
    assert "10:00 am, 25 November 2026" in applicant.page
    for personal in (CITIZEN.full_name, "678", "-261123-", "phố Thử"):
        assert personal not in applicant.page


def test_an_unknown_code_is_refused_and_kept(applicant: Applicant) -> None:
    applicant.open("/status").send(code="DD2-0000-0000-0000")
    assert applicant.errors == ["There is no application with this code. Compare it with the receipt or the message."]
    assert applicant.typed("code") == "DD2-0000-0000-0000"


def test_without_the_code_there_is_no_status(applicant: Applicant) -> None:
    for path in ("application", "code", "supplement", "withdraw", "help-code"):
        assert applicant.open(f"/status/{path}").path == "/status"


def test_the_code_alone_neither_answers_nor_withdraws(applicant: Applicant, database: Database, now: datetime) -> None:
    applicant.open("/status").send(code=asked(database, now, "Chụp lại"))
    assert "Something is missing" in applicant.page and "Chụp lại" not in applicant.page
    assert applicant.open("/status/supplement").path == "/status/application"
    assert applicant.send("/status/withdraw").path == "/status/application"


def test_a_code_on_the_phone_shows_the_rest(applicant: Applicant, database: Database, now: datetime) -> None:
    code = sent(database, now)
    applicant.open("/status").send(code=code)
    assert "Bring with you" not in applicant.page, "it tells a foreigner from a citizen, a child from its parents"
    unlock(applicant, code)
    assert CITIZEN.full_name in applicant.page and "-261123-0001" in applicant.page
    assert "Bring with you" in applicant.page


def test_the_visit_ends_after_half_an_hour(applicant: Applicant, database: Database, now: datetime, clock: Any) -> None:
    unlock(applicant, sent(database, now))
    clock.advance(minutes=31)
    assert applicant.open("/status/application").path == "/status"


def test_a_copied_cookie_opens_nothing_more_once_the_visit_was_left(
    app: Any, applicant: Applicant, database: Database, now: datetime, db: Session
) -> None:
    shown = unlock(applicant, sent(database, now)).page
    cookie, copy = applicant.client.get_cookie("eid_form"), app.test_client()
    copy.set_cookie("eid_form", cookie.value)
    borrowed = Applicant(copy, db)
    assert CITIZEN.full_name in shown
    assert borrowed.open("/status/application").page == shown
    applicant.send("/status/leave")
    copy.set_cookie("eid_form", cookie.value)
    assert CITIZEN.full_name not in borrowed.open("/status/application").page and borrowed.page != shown
    assert borrowed.open("/status/withdraw").path == "/status/application"


def test_the_applicant_answers_with_words_and_a_picture(
    applicant: Applicant, database: Database, now: datetime, db: Session
) -> None:
    unlock(applicant, asked(database, now, "Chụp lại"))
    assert "A clear picture of both sides of your identity card" in applicant.page and "Chụp lại" in applicant.page
    applicant.send("/status/supplement", **{"words-card-photo": "Đã chụp lại", "picture-card-photo": picture()})
    assert applicant.path == "/status/application" and "Your answer has arrived" in applicant.page
    db.rollback()
    application = db.scalars(select(Application)).one()
    assert application.supplement is not None
    kept = {"text": "Đã chụp lại", "files": [str(db.scalars(select(File)).one().id)]}
    assert application.supplement["answers"] == {"card-photo": kept}


def test_a_second_click_on_the_answer_changes_nothing(
    applicant: Applicant, database: Database, now: datetime, db: Session
) -> None:
    unlock(applicant, asked(database, now))
    applicant.send("/status/supplement", **{"words-card-photo": "Một"})
    applicant.send("/status/supplement", **{"words-card-photo": "Hai"})
    assert applicant.path == "/status/application"
    db.rollback()
    application = db.scalars(select(Application)).one()
    assert application.supplement is not None and application.supplement["answers"]["card-photo"]["text"] == "Một"


def shown_to_officers(app: Flask, db: Session, application: Application) -> set[str]:
    with app.test_request_context():
        return {str(paper.id) for paper in papers_of(db, application)}


def test_what_is_no_picture_is_refused_and_the_words_stay(
    applicant: Applicant, database: Database, now: datetime
) -> None:
    unlock(applicant, asked(database, now))
    broken = (io.BytesIO(b"no picture"), "card.jpg")
    applicant.send("/status/supplement", **{"words-card-photo": "Xem ảnh", "picture-card-photo": broken})
    assert applicant.errors and "Xem ảnh" in applicant.html and applicant.path == "/status/supplement"


def test_of_five_pictures_only_the_wrong_one_is_sent_again(
    app: Flask, applicant: Applicant, database: Database, now: datetime, db: Session
) -> None:
    others = ("name-differs", "phone-proof", "residence-proof", "register-correction")
    unlock(applicant, asked(database, now, "", *others))
    wrong = {"picture-card-photo": (io.BytesIO(b"no picture"), "card.jpg")}
    applicant.send("/status/supplement", **wrong, **{f"picture-{reason}": picture() for reason in others})
    assert len(applicant.errors) == 1 and applicant.html.count("Your picture is kept.") == 4
    assert "does not keep files" not in applicant.html
    db.rollback()
    application = db.scalars(select(Application)).one()
    assert application.state == "supplement_requested" and not shown_to_officers(app, db, application)
    applicant.send("/status/supplement", **{"picture-phone-proof": picture()})  # another one in its place
    assert applicant.errors == ["Add a picture, or write why you cannot give it."]
    applicant.send("/status/supplement", **{"words-card-photo": "Thẻ đang đổi"})
    assert applicant.path == "/status/application"
    db.rollback()
    application = db.scalars(select(Application)).one()
    assert application.supplement is not None
    given = application.supplement["answers"]
    assert given["card-photo"] == {"text": "Thẻ đang đổi", "files": []}
    named = {given[reason]["files"][0] for reason in others}
    assert len(named) == 4 and named == shown_to_officers(app, db, application)


def test_an_empty_answer_is_refused(applicant: Applicant, database: Database, now: datetime) -> None:
    unlock(applicant, asked(database, now))
    applicant.send("/status/supplement", **{"words-card-photo": " "})
    assert applicant.errors == ["Add a picture, or write why you cannot give it."]


def test_the_applicant_withdraws_once_asked_again(
    applicant: Applicant, database: Database, now: datetime, db: Session
) -> None:
    unlock(applicant, sent(database, now)).open("/status/withdraw")
    assert "Withdraw the application?" in applicant.page
    applicant.send()
    assert "Withdrawn" in applicant.page
    db.rollback()
    assert db.scalars(select(Application)).one().state == "withdrawn"


def test_a_refusal_names_reason_rule_what_to_bring_and_how_to_appeal(
    applicant: Applicant, database: Database, now: datetime
) -> None:
    with database.transaction() as db:
        application, _receiver = matched(db, now=now, verdict=False)
        code = status_code_of(db, application)
        approver = an_officer(db, "approving_officer", now=now)
        decide(db, application, approver, "refused", "identity-not-matched", now=now)
    applicant.open("/status").send(code=code)
    assert "Refused" in applicant.page and "did not match" not in applicant.page
    unlock(applicant, code)
    for words in (
        "Face or fingerprints did not match the register.",
        "Decree 69/2024/ND-CP, articles 10 and 11",
        "Bring the original document.",
        "an officer who had no part in the decision looks at it again",
    ):
        assert words in applicant.page


def test_a_refused_application_was_decided_and_in_no_language_approved(
    applicant: Applicant, database: Database, now: datetime
) -> None:
    with database.transaction() as db:
        application, _receiver = matched(db, now=now, verdict=False)
        code = status_code_of(db, application)
        approver = an_officer(db, "approving_officer", now=now)
        decide(db, application, approver, "refused", "identity-not-matched", now=now)
    applicant.client.set_cookie("language", "vi")
    applicant.open("/status").send(code=code)
    assert "Quyết định lúc" in applicant.page and "Duyệt lúc" not in applicant.page


def test_the_way_of_a_refused_application_ends_there_until_somebody_appeals() -> None:
    assert [step["state"] for step in tracker_steps("refused")] == ["done", "done", "stopped"]
    assert [step["state"] for step in tracker_steps("appealed")] == ["done", "stopped", "now"]


def test_who_agreed_to_help_gets_a_code_for_today_once(applicant: Applicant, database: Database, now: datetime) -> None:
    with database.transaction() as db:
        application, _made = issued(db, now=now, agreed_to_help=True)
        code = status_code_of(db, application)
    unlock(applicant, code)
    applicant.send("/status/help-code")
    assert re.search(r"\d{4} \d{4}", applicant.page)
    assert applicant.open("/status/help-code").path == "/status/application"


@pytest.mark.parametrize("is_issued", [True, False])
def test_who_agreed_to_help_may_stop_it(
    applicant: Applicant, database: Database, now: datetime, is_issued: bool
) -> None:
    if is_issued:
        with database.transaction() as db:
            code = status_code_of(db, issued(db, now=now, agreed_to_help=True)[0])
    else:
        code = sent(database, now, agreed_to_help=True)
    unlock(applicant, code)
    assert "You agreed to be helped." in applicant.page
    applicant.send("/status/stop-help")
    assert applicant.path == "/status/application" and "You agreed to be helped." not in applicant.page
    assert "help code" not in applicant.page
    with database.session(write=False) as db:
        application = db.scalars(select(Application)).one()
        assert not application.agreed_to_help
        assert application.person_id is None or not has_agreed(db, application.person_id)


def test_whose_account_is_active_is_not_asked_to_activate(
    applicant: Applicant, database: Database, now: datetime
) -> None:
    with database.transaction() as db:
        application, made = issued(db, now=now)
        account = get_account(db, made.account_id)
        account.state, account.activated_at = AccountState.ACTIVE.value, now
        code = status_code_of(db, application)
    applicant.open("/status").send(code=code)
    assert "Account active" in applicant.page and "It is your turn" not in applicant.page
    unlock(applicant, code)
    assert "Activate your account" not in applicant.page


def test_a_late_office_apologises(applicant: Applicant, database: Database, now: datetime, clock: Any) -> None:
    code = sent(database, now)
    clock.advance(days=3)
    applicant.open("/status").send(code=code)
    assert "We are late, and we are sorry" in applicant.page


def test_tries_with_codes_are_limited(
    settings: Any, services: Any, database: Database, now: datetime, db: Session
) -> None:
    app = create_app(settings.model_copy(update={"rate_limits": True}), services, database)
    app.config["WTF_CSRF_ENABLED"] = False
    applicant = Applicant(app.test_client(), db)
    for _ in range(10):
        applicant.send("/status", code="DD2-0000-0000-0000")
    assert applicant.status == 200
    assert applicant.send("/status", code="DD2-0000-0000-0000").status == 429


def status_code_of(db: Session, application: Application) -> str:
    """A fresh code for a file whose first is forgotten."""
    application.code_digest = code_digest(db, "DD2-1234-5678-9ABC")
    db.flush()
    return "DD2-1234-5678-9ABC"


@pytest.mark.parametrize(
    ("sizes", "sentence"), [((9, 9), "not a picture that can be read"), ((20,), "The file is larger than 10 MB.")]
)
def test_large_pictures_are_answered_on_the_form(
    applicant: Applicant, database: Database, now: datetime, sizes: tuple[int, ...], sentence: str
) -> None:
    unlock(applicant, asked(database, now, "", "residence-proof"))
    large = [
        FileStorage(io.BytesIO(b"\xff\xd8\xff" + bytes(size * 1_000_000)), "card.jpg", content_type="image/jpeg")
        for size in sizes
    ]
    names = ("picture-card-photo", "picture-residence-proof")
    fields = {"words-card-photo": "Here they are", **dict(zip(names, large, strict=False))}
    boundary, body = encode_multipart(fields)  # in memory: the client would leave a temporary file open
    kind = f'multipart/form-data; boundary="{boundary}"'
    response = applicant.client.post("/status/supplement", data=body, content_type=kind)
    assert response.status_code == 200 and sentence in response.text and "Here they are" in response.text


def test_a_code_that_ended_is_not_taken_for_one_on_its_way(
    applicant: Applicant, database: Database, now: datetime
) -> None:
    applicant.open("/status").send(code=asked(database, now)).send("/status/phone")
    assert applicant.send("/status/phone").path == "/status/code"  # a double click
    right = applicant.last_code()
    for _try in range(10):
        applicant.send("/status/code", otp="000000" if right != "000000" else "111111")
    applicant.send("/status/phone")
    assert applicant.errors[0].startswith("A code was just sent. Wait ")
