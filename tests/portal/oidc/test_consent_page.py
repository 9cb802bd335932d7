"""The consent page: actual values, only new items, a free choice, and no way out but to the service."""

from __future__ import annotations

import re
from html import unescape
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from identity.audit import SYSTEM, AuditEvent, Event
from identity.consent import Consent, withdraw
from identity.oidc.clients import RelyingParty
from identity.session import SignInSession
from portal.database import Database
from tests.identity.oidc.making import a_resident, a_service, agreed, wish
from tests.portal.oidc.browsing import authorize, bearer, browser, redeem, sent_back

SCOPE = "openid profile identity phone"


def decide(
    client: FlaskClient, decision: str, items: tuple[str, ...] = (), *, once: bool = False, **changes: str
) -> Any:
    page = authorize(client, **({"scope": SCOPE} | changes)).text
    said = {"decision": decision, "item": list(items)} | ({"once": "yes"} if once else {})
    return client.post(action_of(page, **changes), data=said)


def action_of(page: str, **changes: str) -> str:
    """Where the form of the consent page leads; without a page, what somebody would make up."""
    found = re.search(r'action="(/oauth/consent[^"]+)"', page)
    return unescape(found[1]) if found else "/oauth/consent?" + urlencode(wish(scope=SCOPE) | changes)


def test_the_person_sees_what_would_be_told(resident: FlaskClient) -> None:
    text = authorize(resident, scope=SCOPE).text
    for words in ("Dịch vụ thử", "thử đăng nhập", "NGUYỄN THỊ ÁNH NGUYỆT", "02/09/1958", "001 158 ••• •••"):
        assert words in text
    assert "09•• ••• 214" in text
    assert "001158012345" not in text
    assert 'id="approve"' in text
    assert 'id="deny"' in text


def test_optional_items_are_not_ticked_and_required_ones_are_no_choice(resident: FlaskClient) -> None:
    boxes = re.findall(r'<input type="checkbox"[^>]* name="item"[^>]*>', authorize(resident, scope=SCOPE).text)
    assert len(boxes) == 1
    assert 'value="phone_number"' in boxes[0]
    assert "checked" not in boxes[0]


def test_staying_connected_is_said_and_not_called_a_missing_value(
    resident: FlaskClient, database: Database, now: Any
) -> None:
    needs = {"name": {"need": "required"}, "offline_access": {"need": "required"}}
    with database.transaction() as db:
        a_service(db, now=now, client_id="stays-on", items=needs)
    text = authorize(resident, client_id="stays-on", scope="openid profile offline_access").text
    [stays] = re.findall(r"<dt>Giữ kết nối</dt>\s*<dd>(.*?)</dd>", text, re.DOTALL)
    assert "Chưa có" not in stays
    assert "Cả khi bạn không đăng nhập" in stays


def test_only_this_page_may_lead_to_the_service(resident: FlaskClient) -> None:
    policy = authorize(resident).headers["Content-Security-Policy"]
    assert "form-action 'self' https://service.example;" in policy


def test_agreeing_gives_a_code_and_is_remembered(resident: FlaskClient) -> None:
    assert "code" in sent_back(decide(resident, "approve"))
    assert "code" in sent_back(authorize(resident, scope=SCOPE, prompt="none"))


def test_what_was_not_ticked_is_not_told_and_not_asked_again(resident: FlaskClient) -> None:
    def told() -> dict[str, Any]:
        tokens = redeem(resident, sent_back(authorize(resident, scope=SCOPE))["code"]).json
        return resident.get("/oauth/userinfo", headers=bearer(tokens["access_token"])).json

    decide(resident, "approve")
    assert "phone_number" not in told()
    decide(resident, "approve", ("phone_number",), prompt="consent")
    assert told()["phone_number"] == "+84912345214"


def test_a_page_that_was_open_too_long_is_shown_again_with_what_was_ticked(
    resident: FlaskClient, database: Database
) -> None:
    resident.application.config["WTF_CSRF_ENABLED"] = True
    answer = decide(resident, "approve", ("phone_number",))
    assert answer.status_code == 200
    assert "Trang đã mở quá lâu" in answer.text
    [box] = re.findall(r'<input type="checkbox"[^>]* name="item"[^>]*>', answer.text)
    assert "checked" in box
    with database.transaction() as db:
        assert db.scalars(select(Consent)).all() == []
    token = re.search(r'name="csrf_token" value="([^"]+)"', answer.text)[1]
    again = {"decision": "approve", "item": ["phone_number"], "csrf_token": token}
    assert "code" in sent_back(resident.post(action_of(answer.text), data=again))


def test_the_record_says_in_which_session_it_was_agreed(resident: FlaskClient, database: Database) -> None:
    """So that it ends with a browser that was not the owner's."""
    decide(resident, "approve")
    with database.transaction() as db:
        given = db.scalars(select(AuditEvent).where(AuditEvent.name == Event.CONSENT_GIVEN)).one()
        assert given.facts["session"] == str(db.scalars(select(SignInSession.id)).one())


def test_saying_no_tells_the_service_and_remembers_nothing(resident: FlaskClient, database: Database) -> None:
    assert sent_back(decide(resident, "deny"))["error"] == "access_denied"
    with database.transaction() as db:
        assert db.scalars(select(Consent)).all() == []
    assert sent_back(decide(resident, ""))["error"] == "access_denied"


def test_only_new_items_are_asked(resident: FlaskClient, database: Database, world: Any, now: Any) -> None:
    with database.transaction() as db:
        agreed(db, world.account, world.client, "name", "birthdate", "ial", now=now)
    text = authorize(resident, scope=SCOPE).text
    assert "001 158 ••• •••" in text
    assert "02/09/1958" not in text
    assert re.search(r"Bạn đã đồng ý từ trước: [^<]*Họ và tên", text)


def test_what_was_declined_before_is_not_called_agreed(resident: FlaskClient) -> None:
    decide(resident, "approve")
    text = authorize(resident, scope=f"{SCOPE} offline_access").text
    [before] = re.findall(r"Bạn đã đồng ý từ trước: (.*?)\.</p>", text)
    assert "Họ và tên" in before
    assert "Số điện thoại" not in before
    assert "Bạn đã không đồng ý: Số điện thoại." in text


def test_the_words_that_were_shown_are_kept_and_no_value(resident: FlaskClient, database: Database) -> None:
    resident.set_cookie("language", "en")
    decide(resident, "approve", ("phone_number",))
    with database.transaction() as db:
        rows = {row.item: row for row in db.scalars(select(Consent))}
    assert rows["phone_number"].words["why"] == "To call you back"
    assert rows["phone_number"].words["language"] == "en"
    assert "912345214" not in str([row.words for row in rows.values()])


def test_an_answer_without_a_form_token_is_not_taken(app: Any, resident: FlaskClient) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    answer = decide(resident, "approve")
    assert "Location" not in answer.headers
    assert 'id="approve"' in answer.text
    assert sent_back(authorize(resident, scope=SCOPE, prompt="none"))["error"] == "consent_required"


def test_a_page_shown_to_another_person_is_no_answer(
    app: Any, resident: FlaskClient, database: Database, now: Any
) -> None:
    page = authorize(resident, scope=SCOPE).text
    with database.transaction() as db:
        account = a_resident(db, now=now, login="001158012346")
    other = browser(app, database, account, now)
    response = other.post(action_of(page), data={"decision": "approve"})
    assert response.headers["Location"].startswith("/oauth/authorize?")
    with database.transaction() as db:
        assert db.scalars(select(Consent)).all() == []


def test_only_what_the_page_showed_is_agreed_to(
    resident: FlaskClient, database: Database, world: Any, now: Any
) -> None:
    with database.transaction() as db:
        agreed(db, world.account, world.client, "name", "birthdate", "ial", now=now)
    page = authorize(resident, scope=SCOPE).text
    with database.transaction() as db:
        withdraw(db, world.account.id, world.client.id, actor=SYSTEM, now=now)
    response = resident.post(action_of(page), data={"decision": "approve"})
    assert response.headers["Location"].startswith("/oauth/authorize?")
    assert "eid_shown" not in response.headers["Location"]
    assert "02/09/1958" in resident.get(response.headers["Location"]).text


def test_a_reloaded_answer_asks_again(resident: FlaskClient) -> None:
    response = resident.get("/oauth/consent?" + urlencode(wish()))
    assert response.status_code == 303
    assert response.headers["Location"].startswith("/oauth/authorize?")


def test_an_answer_after_the_session_ended_goes_back_to_sign_in(client: FlaskClient, world: Any) -> None:
    assert decide(client, "approve").headers["Location"].startswith("/oauth/authorize?")


def test_the_first_time_with_a_service_is_said_and_only_then(resident: FlaskClient) -> None:
    first = "Đây là lần đầu bạn dùng dịch vụ này"
    assert first in authorize(resident).text
    decide(resident, "approve", scope="openid profile")
    text = authorize(resident, scope=SCOPE).text
    assert 'id="approve"' in text
    assert first not in text


def test_who_asks_is_shown_with_its_own_rules_and_what_we_know_of_it(
    resident: FlaskClient, database: Database, now: Any
) -> None:
    addresses = {
        "policy_uri": {"": "https://service.example/policy"},
        "tos_uri": {"": "https://service.example/terms", "en": "https://service.example/terms-en"},
    }
    with database.transaction() as db:
        a_service(db, now=now, client_id="another", name={"": "Ngân hàng Minh Hoạ"}, **addresses)
    text = authorize(resident, client_id="another").text
    assert "<span>MH</span>" in text
    assert 'href="https://service.example/policy"' in text
    assert 'href="https://service.example/terms"' in text
    assert "Đã được cấp phép kết nối" in text
    assert "<img" not in text.split('class="organisation"')[1].split("<h1>")[0]


def test_a_service_that_registered_itself_is_not_called_licensed(
    resident: FlaskClient, database: Database, world: Any
) -> None:
    with database.transaction() as db:
        db.get_one(RelyingParty, world.client.id).registration_token_digest = b"d" * 32
    text = authorize(resident).text
    assert "Tự đăng ký" in text
    assert "Đã được cấp phép kết nối" not in text


def test_an_earlier_yes_to_an_optional_item_is_ticked_when_all_is_asked_again(resident: FlaskClient) -> None:
    decide(resident, "approve", ("phone_number",))
    boxes = re.findall(
        r'<input type="checkbox"[^>]* name="item"[^>]*>', authorize(resident, scope=SCOPE, prompt="consent").text
    )
    assert len(boxes) == 1
    assert "checked" in boxes[0]
    decide(resident, "approve", prompt="consent")
    assert "checked" not in authorize(resident, scope=SCOPE, prompt="consent").text


def test_the_same_words_have_one_version_and_others_another(
    resident: FlaskClient, database: Database, world: Any
) -> None:
    def versions() -> set[str]:
        decide(resident, "approve", prompt="consent")
        with database.transaction() as db:
            rows = db.scalars(select(Consent).where(Consent.item == "name", Consent.withdrawn_at.is_(None)))
            return {row.words["version"] for row in rows}

    first = versions()
    assert versions() == first
    resident.set_cookie("language", "en")
    assert versions() != first


def test_the_page_needs_no_script(resident: FlaskClient) -> None:
    text = authorize(resident, scope=SCOPE).text
    form = text.split('<form class="consent"')[1].split("</form>")[0]
    assert "<script" not in form
    assert re.search(r'<button[^>]*type="submit" id="approve" name="decision" value="approve"', form)
    assert re.search(r'<button[^>]*type="submit" id="deny" name="decision" value="deny"', form)


def say(database: Database, app: Flask, world: Any, **changes: Any) -> None:
    """The service says something else of itself from now on."""
    with database.transaction() as db:
        row = db.get_one(RelyingParty, world.client.id)
        for name, value in changes.items():
            setattr(row, name, value)
    app.extensions["oidc"].clients.forget(world.client.client_id)


def test_what_was_agreed_to_for_one_purpose_is_asked_again_for_another(
    app: Flask, resident: FlaskClient, database: Database, world: Any
) -> None:
    decide(resident, "approve", ("phone_number",))
    say(database, app, world, purpose={**world.client.purpose, "ko": "시험", "en": "In other words"})
    assert "code" in sent_back(authorize(resident, scope=SCOPE))
    why = {"vi": "Để gửi quảng cáo", "en": "To send you offers"}
    say(database, app, world, items={**world.client.items, "phone_number": {"need": "optional", "why": why}})
    asked = authorize(resident, scope=SCOPE).text
    assert "Số điện thoại" in asked and "Để gửi quảng cáo" in asked
    assert [item for item in ("name", "phone_number") if f'value="{item}"' in asked] == ["phone_number"]
    decide(resident, "approve")
    say(database, app, world, purpose={"vi": "để bán lại", "en": "to sell it on"})
    silent = sent_back(authorize(resident, scope=SCOPE, prompt="none"))
    assert silent["error"] == "consent_required"
    assert "Mục đích: thử đăng nhập." in resident.get(f"/account/consents/{world.client.id}").text
    asked = authorize(resident, scope=SCOPE).text
    assert "để bán lại" in asked and "NGUYỄN THỊ ÁNH NGUYỆT" in asked
    decide(resident, "approve")
    assert "code" in sent_back(authorize(resident, scope=SCOPE))
    assert "Mục đích: để bán lại." in resident.get(f"/account/consents/{world.client.id}").text


def test_an_answer_to_words_that_changed_meanwhile_is_asked_for_again(
    app: Flask, resident: FlaskClient, database: Database, world: Any
) -> None:
    page = authorize(resident, scope=SCOPE).text
    say(database, app, world, purpose={"vi": "để bán lại", "en": "to sell it on"})
    answer = resident.post(action_of(page), data={"decision": "approve"})
    assert urlsplit(answer.headers["Location"]).path == "/oauth/authorize"
    with database.transaction() as db:
        assert db.scalars(select(Consent)).all() == []
