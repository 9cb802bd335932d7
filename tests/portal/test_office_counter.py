"""The visit at the counter: portrait, register, and the slip that is shown once."""

# ruff: noqa: F811 - pytest fixtures are asked for by name
from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from PIL import Image
from sqlalchemy import select
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from identity.application import decide
from identity.audit import AuditEvent, Event
from identity.counter_secret import CounterSecret, bind_counter_secret, is_counter_secret
from identity.files import File
from identity.files import read as read_file
from identity.gateways import MatchResult
from identity.once import Ticket
from tests.identity.applicants import CITIZEN, a_guardian, issued
from tests.portal.office_scene import (  # noqa: F401 - fixtures
    APPROVING,
    DECIDING,
    RECEIVING,
    register,
    scene,
    services,
)
from tests.portal.pdf import read

SECRET = re.compile(r'<p class="code-block"[^>]*>([0-9A-Z]{5}-[0-9A-Z]{5})</p>')


def picture(kind: str = "JPEG") -> bytes:
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "A camera that must not be named"
    Image.new("RGB", (300, 380), "beige").save(out, kind, exif=exif)
    return out.getvalue()


def visit(version: int = 2, portrait: bytes | None = None, name: str = "portrait.jpg", **changes):
    content = picture() if portrait is None else portrait
    data = {"version": str(version), "capture_reference": "CAP-2026-0001", "confirmed": "1"}
    return {**data, "portrait": FileStorage(io.BytesIO(content), name), **changes}


def text_of(response) -> str:
    return response.get_data(as_text=True)


def post(client, application_id, **changes):
    boundary, body = encode_multipart(visit(**changes))  # in memory: the client would leave a temporary file open
    kind = f'multipart/form-data; boundary="{boundary}"'
    return client.post(f"/office/cases/{application_id}/counter", data=body, content_type=kind)


@pytest.fixture
def lan(scene):
    return scene.officer("lan", RECEIVING)


def test_a_visit_is_saved_the_register_asked_and_the_slip_shown(scene, lan, register):
    application_id = scene.received()
    response = post(lan, application_id)
    assert response.status_code == 302
    application = scene.read(application_id)
    assert application.state == "matched" and application.match_score == 92
    assert register.asked == [("001190123456", "CAP-2026-0001")]
    page = text_of(lan.get(response.location))
    secret = SECRET.search(page).group(1)
    assert "<svg" in page and "Nguyễn Thị Ánh Thử" not in page[page.index('id="slip"') :]
    with scene.writing() as db:
        account = scene.accounts["lan"]
        bind_counter_secret(db, application_id, account)
        assert is_counter_secret(db, account, secret.lower())


def test_the_slip_is_shown_once(scene, lan):
    response = post(lan, scene.received())
    assert SECRET.search(text_of(lan.get(response.location)))
    again = lan.get(response.location)
    assert again.status_code == 409
    assert "cannot be shown again" in text_of(again) and not SECRET.search(text_of(again))


def test_the_secret_is_nowhere_in_clear(scene, lan):
    response = post(lan, scene.received())
    secret = SECRET.search(text_of(lan.get(response.location))).group(1)
    plain = secret.replace("-", "").encode()
    with scene.writing() as db:
        kept = [row.digest for row in db.scalars(select(CounterSecret))]
        kept += [row.payload_sealed or b"" for row in db.scalars(select(Ticket))]
        kept += [str(row.facts).encode() for row in db.scalars(select(AuditEvent))]
    assert kept and not any(plain in value or secret.encode() in value for value in kept)


def test_another_officer_cannot_open_the_slip_even_with_its_address(scene, lan):
    response = post(lan, scene.received())
    stranger = scene.officer("hoa", RECEIVING)
    assert stranger.get(response.location).status_code == 403


def test_the_portrait_is_made_anew_and_encrypted(scene, lan):
    application_id = scene.received()
    post(lan, application_id)
    with scene.writing() as db:
        row = db.scalars(select(File).where(File.owner_id == application_id)).one()
        content = read_file(db, row.id)
        assert content.startswith(b"\xff\xd8\xff") and b"camera" not in content
        assert content not in row.content_sealed


def test_a_portrait_of_20_mb_is_refused_with_a_sentence_and_the_reference_is_kept(scene, lan):
    application_id = scene.received()
    response = post(lan, application_id, portrait=picture() + b"\0" * 20 * 1024 * 1024)
    page = text_of(response)
    assert response.status_code == 422
    assert "larger than 10 MB" in page and "CAP-2026-0001" in page and "<title>Error:" in page
    assert scene.read(application_id).state == "received"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"%PDF-1.7 not a picture", "must be one of"), (b"\xff\xd8\xff but no picture", "picture"), (b"", "is empty")],
)
def test_what_is_no_picture_is_refused_with_a_sentence(scene, lan, content, sentence):
    application_id = scene.received()
    response = post(lan, application_id, portrait=content)
    assert response.status_code == 422
    assert sentence in text_of(response) and "CAP-2026-0001" in text_of(response)
    assert scene.read(application_id).state == "received"


def test_a_right_portrait_of_a_form_that_was_wrong_elsewhere_has_to_come_again(scene, lan):
    application_id = scene.received()
    assert "“portrait.jpg” again" in text_of(post(lan, application_id, capture_reference=""))
    assert "” again" not in text_of(post(lan, application_id, portrait=b"no picture", capture_reference=""))


def test_a_reference_that_no_device_gives_is_refused_before_the_register_is_asked(scene, lan, register):
    application_id = scene.received()
    response = post(lan, application_id, capture_reference="no device <b>")
    assert response.status_code == 422 and "no device &lt;b&gt;" in text_of(response)
    assert register.asked == [] and scene.read(application_id).state == "received"


def test_missing_parts_are_named_all_at_once(scene, lan):
    response = lan.post(f"/office/cases/{scene.received()}/counter", data={"version": "2"})
    page = text_of(response)
    assert "There are 3 things to correct" in page
    assert "The applicant must confirm the summary" in page


def test_a_register_that_is_away_loses_nothing_and_is_asked_again_later(scene, lan, register):
    register.away = True
    application_id = scene.received()
    response = post(lan, application_id)
    assert response.status_code == 302 and scene.read(application_id).state == "captured"
    assert SECRET.search(text_of(lan.get(response.location)))
    case = text_of(lan.get(f"/office/cases/{application_id}"))
    assert "has not compared the fingerprints yet" in case and 'id="match"' in case
    still_away = lan.post(f"/office/cases/{application_id}/match", data={"version": 3})
    assert still_away.status_code == 503 and "The register does not answer" in text_of(still_away)
    register.away = False
    assert lan.post(f"/office/cases/{application_id}/match", data={"version": 3}).status_code == 302
    assert scene.read(application_id).state == "matched"


def test_a_register_that_does_not_know_the_person_is_shown_to_the_officer(scene, lan, register):
    register.result = MatchResult(12, False)
    application_id = scene.received()
    post(lan, application_id)
    page = text_of(lan.get(f"/office/cases/{application_id}"))
    assert "The register did not recognise the person" in page and "Fingerprints: 12 of 100" in page


def test_a_double_click_writes_one_visit(scene, lan):
    application_id = scene.received()
    first, second = post(lan, application_id), post(lan, application_id)
    assert first.status_code == second.status_code == 302
    with scene.writing() as db:
        assert len(db.scalars(select(File).where(File.owner_id == application_id)).all()) == 1
        captured = select(AuditEvent).where(AuditEvent.name == Event.APPLICATION_CAPTURED)
        assert len(db.scalars(captured).all()) == 1


def test_sent_twice_the_slip_that_nobody_saw_is_shown_once(scene, lan):
    application_id = scene.received()
    first, second = post(lan, application_id), post(lan, application_id)
    assert SECRET.search(text_of(lan.get(second.location)))
    assert "shown already" in text_of(lan.get(first.location))
    third = post(lan, application_id)
    assert third.status_code == 422 and not SECRET.search(text_of(third))


@pytest.mark.parametrize("reference", ["CAP-2026-0002", "CAP-2026-0001"])
def test_an_unseen_slip_is_shown_for_the_same_visit_of_the_same_officer_only(scene, lan, reference):
    application_id = scene.received()
    post(lan, application_id)
    is_other_officer = reference == "CAP-2026-0001"
    if is_other_officer:
        scene.hold(application_id, "mai")
    officer = scene.officer("mai", RECEIVING) if is_other_officer else lan
    assert post(officer, application_id, capture_reference=reference).status_code == 422


def test_the_question_to_the_register_is_recorded_with_its_purpose(scene, lan):
    application_id = scene.received()
    post(lan, application_id)
    with scene.writing() as db:
        asked = select(AuditEvent).where(AuditEvent.name == Event.REGISTER_LOOKED_UP)
        event = db.scalars(asked.where(AuditEvent.subject_id == application_id)).one()
    assert event.facts == {"purpose": "match-at-counter", "outcome": "match"}
    assert event.actor_id == scene.accounts["lan"]


def test_a_lost_slip_is_replaced_and_the_old_secret_stops_working(scene, lan):
    application_id = scene.received()
    old = SECRET.search(text_of(lan.get(post(lan, application_id).location))).group(1)
    assert "stops working" in text_of(lan.get(f"/office/cases/{application_id}/slip/new"))
    version = scene.read(application_id).version
    made = lan.post(f"/office/cases/{application_id}/slip/new", data={"version": version})
    new = SECRET.search(text_of(lan.get(made.location))).group(1)
    with scene.writing() as db:
        account = scene.accounts["lan"]
        bind_counter_secret(db, application_id, account)
        assert is_counter_secret(db, account, new) and not is_counter_secret(db, account, old)
        assert db.scalar(select(AuditEvent).where(AuditEvent.name == Event.COUNTER_SECRET_RENEWED)) is not None


@pytest.mark.parametrize(
    ("language", "words"), [("en", ("slip", "activation secret")), ("vi", ("phiếu", "mã bí mật", "activation"))]
)
def test_whose_account_is_in_use_gets_no_slip_and_no_word_of_one(scene, lan, now, language, words):
    application_id = renewing(scene, now)
    lan.set_cookie("language", language)

    def said(path: str) -> str:
        return text_of(lan.get(path)).partition("<main")[2].partition("</main")[0].lower()

    case = f"/office/cases/{application_id}"
    pages = [said(f"{case}/counter")]
    saved = post(lan, application_id, version=str(scene.read(application_id).version))
    assert saved.location == case, saved.status_code
    assert post(lan, application_id, version=str(scene.read(application_id).version - 1)).location == case, "sent twice"
    pages.append(said(case))
    scene.change(application_id, decide, "binh", "approved", role=APPROVING)
    pages.append(said(case))
    sheet = lan.get(f"{case}/summary", headers={"Accept": "text/html"})
    pages.append(sheet.text.lower() if sheet.mimetype == "text/html" else read(sheet.data).lower())
    assert not [(word, at) for at, shown in enumerate(pages) for word in words if word in shown]
    assert lan.get(f"{case}/slip/new").status_code == 409
    made = lan.post(f"{case}/slip/new", data={"version": scene.read(application_id).version})
    assert made.status_code == 409
    with scene.writing() as db:
        assert db.get(CounterSecret, application_id) is None


def renewing(scene, now) -> UUID:
    """At the counter with a new card, of whom the account of the card before is in use."""
    with scene.writing() as db:
        a_guardian(db, now=now)
    return scene.received(replace(CITIZEN, card_expires_on=date(2040, 9, 2)))


def test_who_renews_before_activating_has_a_slip_of_each_visit_and_both_prove(scene, lan, now):
    with scene.writing() as db:
        account_id = issued(db, now=now)[1].account_id
    application_id = scene.received(replace(CITIZEN, card_expires_on=date(2040, 9, 2)))
    secret = SECRET.search(text_of(lan.get(post(lan, application_id).location))).group(1)
    scene.change(application_id, decide, "binh", "approved", role=APPROVING)
    with scene.writing() as db:
        assert is_counter_secret(db, account_id, secret) and is_counter_secret(db, account_id, "ABCDE-FGHJK")
        assert not is_counter_secret(db, account_id, "ABCDE-FGHJJ")


def test_no_slip_before_the_person_has_come(scene, lan):
    application_id = scene.received()
    assert lan.post(f"/office/cases/{application_id}/slip/new", data={"version": 2}).status_code == 409


def test_an_approving_officer_takes_no_portrait(scene):
    application_id = scene.received()
    binh = scene.officer("binh", *DECIDING)
    assert binh.get(f"/office/cases/{application_id}/counter").status_code == 403
    assert post(binh, application_id).status_code == 403
