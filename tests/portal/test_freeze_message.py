"""The provider of SMS hands over a message: only a signed one is read, and every sender gets the same answer."""

from __future__ import annotations

import hmac
import json
from hashlib import sha256
from typing import Any

import pytest
from flask.testing import FlaskClient
from pydantic import ValidationError

from identity.account import Ground
from identity.locks import grounds_of
from portal.settings import Settings
from tests.identity.account_scene import PHONE, make_account, make_person

KEY = "the key that we share with the provider"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"sms_in_number": "8099", "sms_in_key": KEY})


@pytest.fixture
def account(database: Any, now: Any) -> Any:
    with database.transaction() as db:
        return make_account(db, now, person_id=make_person(db, now).id)


def hand_over(client: FlaskClient, key: str = KEY, **message: str) -> int:
    body = json.dumps({"id": "m-1", "from": PHONE, "text": "KHOA"} | message).encode()
    signature = hmac.new(key.encode(), body, sha256).hexdigest()
    return client.post("/freeze/message", data=body, headers={"X-Signature": signature}).status_code


def is_frozen(database: Any, account: Any, now: Any) -> bool:
    with database.session(write=False) as db:
        return Ground.OWN_REQUEST in {row.ground for row in grounds_of(db, db.merge(account), now=now)}


def test_a_signed_message_freezes_and_an_unknown_sender_hears_the_same(
    client: FlaskClient, database: Any, account: Any, now: Any
) -> None:
    assert hand_over(client, **{"from": "+84900000999"}) == 204
    assert not is_frozen(database, account, now)
    assert hand_over(client) == 204
    assert is_frozen(database, account, now)


def test_without_the_key_nothing_is_read(client: FlaskClient, database: Any, account: Any, now: Any) -> None:
    assert hand_over(client, key="another key") == 401
    body = b'{"id":"m","from":"' + PHONE.encode() + b'","text":"KHOA"}'
    assert client.post("/freeze/message", data=body).status_code == 401
    assert client.post("/freeze/message", data=body, headers={"X-Signature": "chữ ký"}).status_code == 401
    assert not is_frozen(database, account, now)


@pytest.mark.parametrize("message", [{"id": ""}, {"text": "x" * 2001}, {"from": "1" * 41}])
def test_what_makes_no_sense_is_refused(client: FlaskClient, message: dict[str, str]) -> None:
    assert hand_over(client, **message) == 400


def test_the_page_names_the_number(client: FlaskClient) -> None:
    client.set_cookie("language", "en")
    assert "Send the word KHOA to 8099" in client.get("/freeze").text


class TestWithoutANumber:
    """The operator has none."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings.model_copy(update={"sms_in_number": "", "sms_in_key": ""})

    def test_there_is_no_such_way(self, client: FlaskClient) -> None:
        client.set_cookie("language", "en")
        assert "KHOA" not in client.get("/freeze").text
        assert hand_over(client, key="") == 404


@pytest.mark.parametrize(("number", "key"), [("8099", ""), ("", "k" * 40), ("8099", "k" * 31)])
def test_a_number_without_a_good_key_stops_the_start(tmp_path: Any, number: str, key: str) -> None:
    with pytest.raises(ValidationError, match="SMS_IN_NUMBER and SMS_IN_KEY go together"):
        Settings(setting="demonstration", secret_key="s" * 40, var=tmp_path, sms_in_number=number, sms_in_key=key)
