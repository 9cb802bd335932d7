"""A person sees what goes to which service and what went, opens the service, and stops it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask.testing import FlaskClient

from identity import consent
from identity.audit import Actor
from identity.oidc.clients import close
from portal.database import Database
from tests.fakes import Clock
from tests.identity.oidc.making import a_resident, a_service, agreed
from tests.portal.oidc.browsing import authorize, basic, bearer, browser, redeem, sent_back

LIST = "/account/consents"


def bought(visitor: FlaskClient) -> dict[str, Any]:
    return redeem(visitor, sent_back(authorize(visitor, scope="openid profile phone"))["code"]).json


@pytest.fixture
def page_of(world: Any) -> str:
    return f"{LIST}/{world.client.id}"


def test_the_list_says_what_since_when_and_when_last(friend: FlaskClient, clock: Clock) -> None:
    clock.advance(minutes=10)
    bought(friend)
    text = friend.get(LIST).text
    assert "Dịch vụ thử" in text
    assert "10:10, 23/11/2026" in text
    assert "Từ 23/11/2026" in text


def test_items_are_named_for_the_reader_and_reasons_as_they_were_given(
    resident: FlaskClient, database: Database, world: Any, now: Any
) -> None:
    words = {"name": {"language": "vi", "label": "Họ và tên", "why": "Để xưng hô"}}
    actor = Actor(world.account.id, "resident")
    with database.transaction() as db:
        consent.answer(db, world.account.id, world.client.id, {"name": True}, words, actor=actor, now=now)
    resident.set_cookie("language", "en")
    assert '<b>Full name</b><span lang="vi">Để xưng hô</span>' in resident.get(LIST).text


def test_what_was_received_is_listed_with_what_was_refused(
    resident: FlaskClient, database: Database, world: Any, now: Any, page_of: str
) -> None:
    choices = {"name": True, "birthdate": True, "ial": True, "phone_number": False}
    actor = Actor(world.account.id, "resident")
    with database.transaction() as db:
        consent.answer(db, world.account.id, world.client.id, choices, {}, actor=actor, now=now)
    assert "Chưa nhận gì" in resident.get(page_of).text
    bought(resident)
    text = resident.get(page_of).text
    assert "Họ và tên, Ngày sinh, Kết quả xác minh" in text
    assert "Số điện thoại" not in text.split('id="received"')[1]
    assert "Số điện thoại" in text.split('id="declined"')[1]


def test_the_history_tells_what_was_told_and_nothing_that_was_refused(
    resident: FlaskClient, database: Database, world: Any, now: Any, page_of: str
) -> None:
    """A scope holds more than was agreed to, and a single claim stands in no scope; what goes later stays told."""
    actor = Actor(world.account.id, "resident")

    def say(**choices: bool) -> None:
        with database.transaction() as db:
            consent.answer(db, world.account.id, world.client.id, choices, {}, actor=actor, now=now)

    say(name=True, birthdate=False, ial=True, phone_number=True)
    single = json.dumps({"id_token": {"phone_number": None}})
    redeem(resident, sent_back(authorize(resident, scope="openid profile", claims=single))["code"])
    looks = resident.get("/account/history").text.split('id="uses"')[0]
    assert "Họ và tên, Kết quả xác minh, Số điện thoại" in looks
    say(phone_number=False)
    received = resident.get(page_of).text.split('id="received"')[1]
    assert "Họ và tên, Kết quả xác minh, Số điện thoại" in received


def test_stopping_is_asked_about_first(friend: FlaskClient, page_of: str) -> None:
    token = bought(friend)["access_token"]
    asked = friend.get(f"{page_of}/withdraw").text
    assert 'id="stop-sharing"' in asked
    assert "help@service.example" in asked
    assert friend.get("/oauth/userinfo", headers=bearer(token)).status_code == 200


def test_stopping_ends_every_token_of_the_service_at_once(
    friend: FlaskClient, database: Database, world: Any, now: Any, page_of: str
) -> None:
    token = bought(friend)["access_token"]
    code = sent_back(authorize(friend))["code"]
    offline = redeem(friend, sent_back(authorize(friend, scope="openid offline_access"))["code"]).json["refresh_token"]
    stopped = friend.post(f"{page_of}/withdraw")
    assert "Dịch vụ thử" in friend.get(stopped.headers["Location"]).text
    assert friend.get("/oauth/userinfo", headers=bearer(token)).status_code == 401
    assert redeem(friend, code).json["error"] == "invalid_grant"
    refreshed = friend.post(
        "/oauth/token", data={"grant_type": "refresh_token", "refresh_token": offline}, headers=basic()
    )
    assert refreshed.json["error"] == "invalid_grant"
    assert "consent" in authorize(friend).text, "the person is asked anew"
    assert friend.post(f"{page_of}/withdraw").status_code == 303, "twice is once"


def test_what_a_service_received_stays_readable_once_sharing_was_stopped(friend: FlaskClient, page_of: str) -> None:
    bought(friend)
    friend.post(f"{page_of}/withdraw")
    assert f'<a href="{page_of}">' in friend.get(LIST).text
    shown = friend.get(page_of)
    assert "Họ và tên" in shown.text.split('id="received"')[1]
    assert "/withdraw" not in shown.text, "nothing is left to stop"


def test_other_services_and_other_people_keep_theirs(
    app: Any, friend: FlaskClient, database: Database, world: Any, now: Any, page_of: str
) -> None:
    with database.transaction() as db:
        other = a_resident(db, now=now, login="001158012346")
        agreed(db, other, world.client, now=now)
        second = a_service(db, now=now, client_id="another")
        agreed(db, world.account, second, now=now)
    theirs = bought(browser(app, database, other, now))["access_token"]
    friend.post(f"{page_of}/withdraw")
    assert friend.get("/oauth/userinfo", headers=bearer(theirs)).status_code == 200
    assert str(second.id) in friend.get(LIST).text


def test_a_service_that_starts_sign_ins_gets_a_link(
    resident: FlaskClient, database: Database, world: Any, now: Any
) -> None:
    with database.transaction() as db:
        start = "https://another.example/start?from=e-id"
        service = a_service(db, now=now, client_id="another", initiate_login_uri=start)
        agreed(db, world.account, service, now=now)
    address = "https://another.example/start?from=e-id&amp;iss=http%3A%2F%2Flocalhost"
    assert f'href="{address}"' in resident.get(LIST).text
    with database.transaction() as db:
        close(db, "another", now=now)
    assert "another.example/start" not in resident.get(LIST).text


def test_nobody_reads_what_others_share(resident: FlaskClient, page_of: str) -> None:
    assert resident.get(page_of).status_code == 404
    assert resident.get(f"{page_of}/withdraw").status_code == 404
    assert resident.get(LIST + "?stopped=nonsense").status_code == 200
