"""Residents' pages: lessons for everybody, sessions, checking in, progress, certificates and their public check."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from uuid import uuid4

import pytest

from identity.account import Account
from onboarding.attendance import Attendance
from onboarding.award import Award
from onboarding.check_in import codes_from
from onboarding.lessons import LessonDone, lessons_of
from onboarding.roster import allow_late_proof, walk_in_with_slip
from onboarding.sign_up import cancel_session
from onboarding.skill_check import check_skill
from onboarding.skills import current_skills
from onboarding.training import SignUp, get_session
from portal.learn.pictures import picture
from portal.settings import Setting, Settings
from tests.onboarding.training_scene import pass_all, room, seen, session_of
from tests.portal.pdf import read
from tests.portal.work_scene import sign_in, write

SKILLS = [skill.code for skill in current_skills().skills]


@pytest.fixture
def place(database, clock):
    return write(database, lambda db: room(db, now=clock.now))


@pytest.fixture
def visitor(client):
    client.set_cookie("language", "en")
    return client


@pytest.fixture
def resident(visitor, database, place, clock):
    def activate(db):
        account = db.query(Account).filter(Account.person_id == place.person_id).one()
        account.state = "active"
        return account.id

    sign_in(visitor, database, write(database, activate), now=clock.now)
    return visitor


def scan_address(database, place, now):
    def address(db):
        session = get_session(db, place.session_id)
        return f"/learn/check-in/{session.id}/{codes_from(db, session, now)[0].token}"

    return write(database, address)


def rows(database, table):
    return write(database, lambda db: db.query(table).count())


# lessons


@pytest.mark.parametrize("language", ["vi", "en"])
def test_all_lessons_can_be_read_without_an_account(client, language):
    client.set_cookie("language", language)
    assert client.get("/learn").text.count('class="tasks__icon"') == 5
    for skill in SKILLS:
        text = client.get(f"/learn/{skill}").text.replace("&#39;", "'").replace("\u00a0", " ")
        for lesson in lessons_of(skill, language):
            assert lesson.title in text
            answer = client.get(f"/learn/{skill}/{lesson.code}")
            assert answer.status_code == 200 and picture(lesson.code) in answer.text


@pytest.mark.parametrize("address", ["/learn/magic", "/learn/safety/magic", "/learn/magic/one"])
def test_an_unknown_lesson_is_not_found(visitor, address):
    assert visitor.get(address).status_code == 404


def test_answers_are_explained_and_a_visitors_are_not_kept(visitor, database):
    answer = visitor.post("/learn/safety/fake-police", data={"q0": "2", "q1": "0"}, follow_redirects=True)
    assert "1 of 3 right" in answer.text and "Choose an answer." in answer.text
    assert "Secrecy keeps others from stopping you" in answer.text
    assert rows(database, LessonDone) == 0


@pytest.mark.parametrize("answers", ["", "x", "9-9-9", "0-1-2-0-1", "%00", "-", "a" * 500])
def test_a_made_up_address_of_answers_does_no_harm(visitor, answers):
    assert visitor.get(f"/learn/safety/fake-police?answers={answers}").status_code == 200


def test_a_residents_result_is_kept_and_shown(resident, database):
    right = {f"q{number}": question.right for number, question in enumerate(lessons_of("safety", "en")[0].questions)}
    answer = resident.post("/learn/safety/otp-is-a-key", data=right, follow_redirects=True)
    assert "All three right" in answer.text
    assert "Done, 3 of 3 right" in resident.get("/learn/safety").text
    assert "1 of 5 lessons" in resident.get("/learn/progress").text


# sessions


def test_a_visitor_finds_sessions_by_place_without_marks(visitor, place, database):
    from identity.places import Unit

    name = write(database, lambda db: db.get_one(Unit, place.unit_id).name_folded)
    found = visitor.get("/learn/sessions", query_string={"q": name}, follow_redirects=True).text
    if "Which place do you mean?" in found:
        found = visitor.get(f"/learn/sessions?unit={place.unit_id}").text
    assert "Kỹ năng số cơ bản" in found and "20 places left" in found and "Sign up" not in found


def test_places_of_one_name_say_where_they_lie(visitor):
    body = visitor.get("/learn/sessions?q=thuan+an").text
    named = re.findall(r'/learn/sessions\?unit=[^"]+">([^<]+)</a>', body)
    assert len(named) > 4
    assert len(set(named)) == len(named)
    assert "Thuận An Ward, Huế City" in named


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/learn/sessions?q=%00", 200),
        ("/learn/sessions?q=%F0%9F%98%80" + "a" * 3000, 200),
        ("/verify/award/%00", 404),
        ("/verify/award/" + "a" * 3000, 404),
        ("/verify/keys/%00", 404),
        ("/learn/%00", 404),
        ("/learn/safety/%00", 404),
        ("/verify/achievements/%00", 404),
    ],
)
def test_bad_input_has_a_clear_answer(visitor, address, status):
    assert visitor.get(address).status_code == status


@pytest.mark.parametrize("unit", ["x", "00000000-0000-0000-0000-000000000000"])
def test_an_unknown_place_shows_no_session(visitor, unit):
    assert visitor.get(f"/learn/sessions?unit={unit}").status_code == 200


def test_a_resident_takes_a_place_and_gives_it_back(resident, place, database):
    assert "Kỹ năng số cơ bản" in resident.get("/learn/sessions").text
    answer = resident.post(f"/learn/sessions/{place.session_id}/sign-up", follow_redirects=True)
    assert "You have a place" in answer.text
    answer = resident.post(f"/learn/sessions/{place.session_id}/step-back", follow_redirects=True)
    assert "You have not joined a session yet" in answer.text
    assert rows(database, SignUp) == 1


@pytest.mark.parametrize("path", ["sign-up", "step-back"])
def test_signing_up_needs_an_account(visitor, place, path):
    assert "/sign-in" in visitor.post(f"/learn/sessions/{place.session_id}/{path}").location


# checking in


def test_a_resident_scans_and_is_counted(resident, place, database, clock):
    answer = resident.get(scan_address(database, place, clock.now), follow_redirects=True)
    assert "Count me in" in answer.text
    answer = resident.post("/learn/check-in", follow_redirects=True)
    assert "You are on the list" in answer.text and "You were there" in answer.text
    assert rows(database, Attendance) == 1
    assert resident.post("/learn/check-in").status_code == 409


def test_a_visitor_has_time_to_sign_in_after_scanning(visitor, place, database, clock):
    answer = visitor.get(scan_address(database, place, clock.now), follow_redirects=True)
    assert "/sign-in?next=/learn/check-in" in answer.text and "slip" in answer.text

    clock.advance(minutes=10)
    account = write(database, lambda db: db.query(Account).filter(Account.person_id == place.person_id).one())
    write(database, lambda db: setattr(db.get_one(Account, account.id), "state", "active"))
    sign_in(visitor, database, account.id, now=clock.now)
    assert "You are on the list" in visitor.post("/learn/check-in", follow_redirects=True).text


def test_a_screenshot_sent_to_a_friend_is_too_old(resident, place, database, clock):
    address = scan_address(database, place, clock.now)
    clock.advance(seconds=40)
    answer = resident.get(address)
    assert answer.status_code == 409 and "This code is too old" in answer.text
    assert "Scan the code on the screen" in resident.get("/learn/check-in").text
    assert rows(database, Attendance) == 0


def test_what_was_scanned_without_network_counts_when_the_trainer_says_so(resident, place, database, clock):

    address = scan_address(database, place, clock.now)
    clock.advance(minutes=45)
    assert resident.get(address).status_code == 409
    write(
        database,
        lambda db: allow_late_proof(db, place.member, get_session(db, place.session_id), now=clock.now),
    )
    assert "Count me in" in resident.get(address, follow_redirects=True).text
    resident.post("/learn/check-in")
    assert write(database, lambda db: db.query(Attendance).one().method) == "late"


def test_the_spoken_code_counts_and_a_wrong_one_says_so(resident, place, database, clock):
    address = f"/learn/sessions/{place.session_id}/code"
    code = write(database, lambda db: codes_from(db, get_session(db, place.session_id), clock.now)[0].spoken)
    wrong = "000000" if code != "000 000" else "111111"
    assert "This code is not right" in resident.post(address, data={"code": wrong}).text
    assert "You are on the list" in resident.post(address, data={"code": code}, follow_redirects=True).text


def test_a_code_in_letters_of_another_script_is_answered(resident, place, database, clock):
    """A phone may write digits of its own script; nothing that is typed or scanned ends in a fault."""
    address = f"/learn/sessions/{place.session_id}/code"
    assert "This code is not right" in resident.post(address, data={"code": "٣٤٥٦٧٨"}).text
    code = write(database, lambda db: codes_from(db, get_session(db, place.session_id), clock.now)[0])
    number = code.token.partition("-")[0]
    assert resident.get(f"/learn/check-in/{place.session_id}/{number}-đđđđ").status_code < 500
    assert send_kept(resident, kept_proof(place.session_id, f"{number}-đ", clock.now)).json["state"] == "refused"
    theirs = "".join(chr(ord(digit) + 0x660 - ord("0")) for digit in code.spoken if digit != " ")
    assert send_kept(resident, kept_proof(place.session_id, theirs, clock.now, is_spoken=True)).json == {
        "state": "counted"
    }


def test_wrong_spoken_codes_stay_counted(resident, place, database, clock):
    address = f"/learn/sessions/{place.session_id}/code"
    code = write(database, lambda db: codes_from(db, get_session(db, place.session_id), clock.now)[0].spoken)
    wrong = "000000" if code != "000 000" else "111111"
    for _ in range(10):
        resident.post(address, data={"code": wrong})
    assert "Too many wrong codes" in resident.post(address, data={"code": code}).text


def kept_proof(session_id, code, at, *, is_spoken=False):
    return {"session": str(session_id), "code": code, "is_spoken": is_spoken, "at": int(at.timestamp() * 1000)}


def send_kept(browser, proof, owner=None):
    """As the phone does: for the session that is signed in, unless it says another."""
    owner = owner or browser.get("/learn/kept.json").json["owner"]
    return browser.post("/learn/kept.json", json=proof | {"owner": owner})


def test_what_a_phone_kept_waits_for_the_trainers_word_and_then_counts_once(resident, place, database, clock):
    code = write(database, lambda db: codes_from(db, get_session(db, place.session_id), clock.now)[0])
    scan, spoken = (
        kept_proof(place.session_id, code.token, clock.now),
        kept_proof(place.session_id, code.spoken, clock.now, is_spoken=True),
    )
    clock.advance(minutes=25)
    for proof in (scan, spoken):
        answer = send_kept(resident, proof).json
        assert answer["state"] == "waiting" and answer["why"]
    write(database, lambda db: allow_late_proof(db, place.member, get_session(db, place.session_id), now=clock.now))
    for proof in (spoken, scan, scan):
        assert send_kept(resident, proof).json == {"state": "counted"}
    assert write(database, lambda db: db.query(Attendance).one().method) == "late"


def test_what_a_phone_kept_and_is_wrong_is_refused_with_the_reason(resident, place, database, clock):
    write(database, lambda db: allow_late_proof(db, place.member, get_session(db, place.session_id), now=clock.now))
    code = write(database, lambda db: codes_from(db, get_session(db, place.session_id), clock.now)[0])
    late = kept_proof(place.session_id, code.token, clock.now + timedelta(seconds=40))
    clock.advance(minutes=25)
    for proof in (
        late,
        kept_proof(place.session_id, "1-aaaaaaaaaaaaaaaa", clock.now),
        kept_proof(uuid4(), "x", clock.now),
    ):
        answer = send_kept(resident, proof).json
        assert answer["state"] == "refused" and answer["why"], answer
    for sent in ("", "[]", '{"session": "x"}', '{"at": 1e99}'):
        assert resident.post("/learn/kept.json", data=sent, content_type="application/json").status_code == 400
    assert write(database, lambda db: db.query(Attendance).count()) == 0


def test_what_a_phone_kept_counts_for_the_session_that_kept_it_or_said_so(resident, place, database, clock):
    """The next one on the phone, or the same person signed in anew, gets nothing of it without a word."""
    code = write(database, lambda db: codes_from(db, get_session(db, place.session_id), clock.now)[0])
    proof = kept_proof(place.session_id, code.token, clock.now)
    kept_by = resident.get("/learn/kept.json").json["owner"]
    assert kept_by == resident.get("/learn/kept.json").json["owner"], "the same while one stays signed in"
    account = write(database, lambda db: db.query(Account).filter(Account.person_id == place.person_id).one().id)
    sign_in(resident, database, account, now=clock.now)
    write(database, lambda db: allow_late_proof(db, place.member, get_session(db, place.session_id), now=clock.now))
    assert send_kept(resident, proof, owner=kept_by).status_code == 409
    assert resident.post("/learn/kept.json", json=proof).status_code == 400, "a page of an earlier release"
    assert rows(database, Attendance) == 0
    assert send_kept(resident, proof).json == {"state": "counted"}


def test_nobody_signed_in_sends_nothing_and_the_kept_page_names_nobody(client, place, database, clock):
    assert client.get("/learn/kept.json").json["owner"] is None
    answer = send_kept(client, kept_proof(place.session_id, "x", clock.now), owner="x")
    assert answer.status_code in (302, 303, 401, 403)
    for language in ("vi", "en"):
        page = client.get(f"/learn/kept/{language}")
        assert page.status_code == 200 and "csrf" not in page.text
    assert '"/learn/kept/en"' in client.get("/learn/worker.js").text
    assert client.get("/learn/kept/xx").status_code == 404


def test_six_digits_are_entered_until_the_next_day_where_the_room_had_no_network(resident, place, database, clock):
    address = f"/learn/sessions/{place.session_id}/code"
    code = write(database, lambda db: codes_from(db, get_session(db, place.session_id), clock.now)[0].spoken)
    clock.advance(hours=5)
    account = write(database, lambda db: db.query(Account).filter(Account.person_id == place.person_id).one().id)
    sign_in(resident, database, account, now=clock.now)
    assert "ask the trainer to say so" in resident.get(address).text
    write(database, lambda db: allow_late_proof(db, place.member, get_session(db, place.session_id), now=clock.now))
    assert 'name="code"' in resident.get(address).text
    assert "You are on the list" in resident.post(address, data={"code": code}, follow_redirects=True).text


# progress, slips, certificates


def test_a_session_that_was_cancelled_is_said_to_be(resident, place, database, clock):
    """Told in the inbox, in the language of the account, and where it stood; nobody is asked for a code of it."""
    later = write(database, lambda db: session_of(db, place.member, place.course_id, now=clock.now, starts_in=24).id)
    resident.post(f"/learn/sessions/{later}/sign-up")
    assert "You have a place" in resident.get("/learn/progress").text
    write(database, lambda db: cancel_session(db, place.member, get_session(db, later), now=clock.now))
    shown = resident.get("/learn/progress").text
    assert "Cancelled" in shown and "You have a place" not in shown and "enter the code" not in shown
    assert "A training session was cancelled" in resident.get("/account/inbox").text


def test_whoever_is_there_is_not_asked_to_come(resident, place, database, clock):
    resident.post(f"/learn/sessions/{place.session_id}/sign-up")
    resident.get(scan_address(database, place, clock.now))
    resident.post("/learn/check-in")
    shown = resident.get("/learn/progress").text
    assert "You were there" in shown and "You have a place" not in shown


def test_a_slip_is_linked_on_the_page_of_progress(resident, place, database, clock):
    def build(db):
        slip = walk_in_with_slip(db, place.member, get_session(db, place.session_id), now=clock.now, age_band=None)
        check_skill(db, place.member, seen("payment", slip.learner_id, clock.now), now=clock.now)
        return slip.code

    code = write(database, build)
    assert "This slip is not known" in resident.post("/learn/progress/slip", data={"slip": "AAAABBBB"}).text
    text = resident.post("/learn/progress/slip", data={"slip": code}, follow_redirects=True).text
    assert "is yours now" in text and "Can do it" in text and "Still valid" in text


@pytest.fixture
def award(database, place, clock):
    write(database, lambda db: pass_all(db, place, now=clock.now) and None)
    return write(database, lambda db: db.query(Award).filter(Award.achievement == "all-five").one())


def test_the_certificate_names_its_holder_and_leads_to_its_check(resident, award):
    text = resident.get(f"/learn/awards/{award.id}/certificate").text
    assert "Nguyễn Văn Bình" in text and award.spaced_code in text and "<svg" in text
    for skill in current_skills().skills:
        assert skill.names["en"] in text


@pytest.mark.parametrize(
    ("language", "title"), [("vi", "Giấy chứng nhận kỹ năng số"), ("en", "Certificate of digital skills")]
)
def test_the_certificate_comes_on_paper_in_the_language_asked_for(resident, award, language, title):
    answer = resident.get(f"/learn/awards/{award.id}/certificate/paper?in={language}")
    assert (answer.mimetype, answer.headers["Cache-Control"]) == ("application/pdf", "no-store")
    text = read(answer.data)
    assert title in text and "Nguyễn Văn Bình" in text and award.spaced_code in text, text
    assert [skill.names[language] for skill in current_skills().skills if skill.names[language] not in text] == []


def test_another_residents_award_is_nobody_elses(visitor, database, award, clock):
    from tests.onboarding.scene import activate, communes
    from tests.onboarding.scene import resident as another

    def build(db):
        person = another(db, communes(db)[0], now=clock.now, phone="+84987654321")
        activate(db, person, now=clock.now)
        return db.query(Account).filter(Account.person_id == person.id).one().id

    sign_in(visitor, database, write(database, build), now=clock.now)
    for path in ("certificate", "certificate/paper", "credential.json", "credential.jwt"):
        assert visitor.get(f"/learn/awards/{award.id}/{path}").status_code == 404
    assert visitor.post(f"/learn/awards/{award.id}/name", data={"shows": "yes"}).status_code == 404


def test_the_downloaded_credential_verifies_with_the_published_keys(resident, client, award):
    from joserfc import jws
    from joserfc.jwk import KeySet

    content = resident.get(f"/learn/awards/{award.id}/credential.json").json
    keys = KeySet.import_key_set(client.get("/verify/keys").json)
    signed = jws.deserialize_compact(content["jwt"], keys, ["ES256"])
    payload = json.loads(signed.payload)
    assert {name: payload[name] for name in content["credential"]} == content["credential"]
    one = client.get(signed.headers()["kid"].removeprefix("http://localhost"))
    assert one.status_code == 200 and one.json["kid"] == signed.headers()["kid"]
    assert client.get(payload["issuer"]["id"].removeprefix("http://localhost")).json["type"] == ["Profile"]
    achievement = payload["credentialSubject"]["achievement"]["id"].removeprefix("http://localhost")
    assert client.get(achievement).json["type"] == ["Achievement"]
    status = client.get(payload["credentialStatus"]["statusListCredential"].removeprefix("http://localhost"))
    assert jws.deserialize_compact(status.text, keys, ["ES256"]).payload
    raw = resident.get(f"/learn/awards/{award.id}/credential.jwt")
    assert raw.mimetype == "application/vc+jwt" and raw.text.count(".") == 2


def test_whoever_checks_sees_valid_and_no_name_until_the_holder_agrees(resident, award):
    address = f"/verify/award/{award.code}"
    assert "This certificate is valid" in resident.get(address).text
    assert "Bình" not in resident.get(address).text
    resident.post(f"/learn/awards/{award.id}/name", data={"shows": "yes"})
    text = resident.get(address).text
    assert "Bình" in text and "Nguyễn" not in text
    resident.post(f"/learn/awards/{award.id}/name", data={"shows": "no"})
    assert "Bình" not in resident.get(address).text


def test_a_revoked_and_an_unknown_certificate_say_so(resident, database, award, clock):
    from onboarding.attendance import THEMSELVES
    from onboarding.award import RevokedFor, find_award, revoke

    write(database, lambda db: revoke(db, find_award(db, award.code), RevokedFor.MISTAKEN, THEMSELVES, now=clock.now))
    text = resident.get(f"/verify/award/{award.code}").text
    assert "This certificate was revoked" in text and "given by mistake" in text
    for path in ("certificate", "certificate/paper"):
        assert resident.get(f"/learn/awards/{award.id}/{path}").status_code == 409
    unknown = resident.get("/verify/award/AAAAAAAAAAAAAAAA")
    assert unknown.status_code == 404 and "We do not know this certificate" in unknown.text


def test_the_code_may_be_typed_with_spaces(visitor, award):
    answer = visitor.post("/verify", data={"code": award.spaced_code.lower()}, follow_redirects=True)
    assert "This certificate is valid" in answer.text
    assert "Enter the code on the certificate" in visitor.post("/verify", data={"code": ""}).text


def test_before_the_first_award_there_are_no_keys_and_no_list(client):
    assert client.get("/verify/keys").json == {"keys": []}
    assert client.get("/verify/status/1").status_code == 404
    assert client.get("/verify/keys/none").status_code == 404
    assert client.get("/verify/achievements/magic").status_code == 404


def test_no_page_of_learning_shows_an_identifier(resident, award, place):
    pages = ["/learn/progress", f"/verify/award/{award.code}", f"/learn/awards/{award.id}/credential.json"]
    for address in pages:
        text = resident.get(address).text
        assert "912345214" not in text and str(place.person_id) not in text
        assert not re.search(r"(?<![\w-])\d{12}(?![\w-])", text)


def test_the_account_leads_to_the_skills(resident):
    assert 'href="/learn/progress"' in resident.get("/account").text


def test_progress_needs_an_account(visitor):
    assert "/sign-in" in visitor.get("/learn/progress").location


def test_a_session_of_yesterday_is_not_offered(resident, place, clock, database):
    clock.advance(days=1)
    account = write(database, lambda db: db.query(Account).filter(Account.person_id == place.person_id).one().id)
    sign_in(resident, database, account, now=clock.now)
    assert "No session is planned here now" in resident.get("/learn/sessions").text


class TestOutsideTheTests:
    """With the rate limits that a test usually does without."""

    @pytest.fixture
    def settings(self, tmp_path):
        return Settings(
            setting=Setting.TEST, issuer="http://localhost", secret_key="s" * 40, var=tmp_path, rate_limits=True
        )

    def test_codes_of_certificates_cannot_be_tried_out(self, client):
        answers = [client.get(f"/verify/award/{number:016}").status_code for number in range(31)]
        assert answers == [404] * 30 + [429]
