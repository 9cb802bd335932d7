"""What an operator does at the terminal: keys and relying parties."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
from flask import Flask
from flask.testing import FlaskClient
from joserfc.jwk import ECKey
from sqlalchemy import update

from identity.oidc.clients import RelyingParty
from identity.oidc.keys import SIGNING
from portal.database import Database
from tests.portal.oidc.browsing import basic, bearer

CALLBACK = "https://service.example/callback"
STANDARD = {"profile": "standard", "client_id": "a-service", "client_name": "A service", "redirect_uris": [CALLBACK]}


def run(app: Flask, *words: str, code: int = 0) -> str:
    done = app.test_cli_runner().invoke(args=list(words))
    assert done.exit_code == code, done.output
    return done.output


def written(folder: Path, document: Any) -> str:
    path = folder / "client.json"
    path.write_bytes(document if isinstance(document, bytes) else orjson.dumps(document))
    return str(path)


def state_of(app: Flask, algorithm: str) -> list[tuple[str, str]]:
    lines = (line.split() for line in run(app, "keys", "list").splitlines())
    return [(words[1], words[-1]) for words in lines if words[0] == algorithm]


def test_the_keys_are_listed_and_rotated_apart(app: Flask) -> None:
    before = state_of(app, "PS256")
    assert [state for state, _kid in before] == ["signs", "next"]
    told = run(app, "keys", "rotate", "--alg", "PS256", "--now")
    assert before[1][1] in told
    after = state_of(app, "PS256")
    assert [state for state, _kid in after] == ["kept", "signs", "next"]
    assert [kid for _state, kid in after[:2]] == [kid for _state, kid in before]
    assert [state for state, _kid in state_of(app, "ES256")] == ["signs", "next"]


def test_keys_published_long_ago_take_over_at_once_and_fresh_ones_wait_for_two_days(app: Flask) -> None:
    told = run(app, "keys", "rotate")
    assert [line.split()[0] for line in told.splitlines()] == list(SIGNING)
    assert told.count("from 2026-11-23") == len(SIGNING)
    assert run(app, "keys", "rotate").count("from 2026-11-25") == len(SIGNING)
    assert [state for state, _kid in state_of(app, "ES256")][-2:] == ["signs", "next"]


def test_an_invited_service_registers_itself_once(app: Flask, client: FlaskClient) -> None:
    token = run(app, "clients", "invite", "the ministry of tests").split()[0]
    document = {"profile": "standard", "redirect_uris": [CALLBACK]}
    assert client.post("/oauth/register", json=document, headers=bearer(token)).status_code == 201
    assert client.post("/oauth/register", json=document, headers=bearer(token)).status_code == 401


def test_a_service_is_added_listed_shown_and_closed(app: Flask, client: FlaskClient, tmp_path: Path) -> None:
    machine = {"profile": "machine", "client_id": "a-machine", "client_name": "A machine", "scope": "statistics"}
    added = orjson.loads(run(app, "clients", "add", written(tmp_path, machine)))
    login = basic("a-machine", added.pop("client_secret"))
    assert "a-machine" in run(app, "clients", "list")
    assert orjson.loads(run(app, "clients", "show", "a-machine")) == added
    granted = client.post("/oauth/token", data={"grant_type": "client_credentials"}, headers=login)
    assert granted.json["scope"] == "statistics"
    run(app, "clients", "close", "a-machine", "--yes")
    assert "a-machine" not in run(app, "clients", "list")
    assert "no open client" in run(app, "clients", "show", "a-machine", code=1)
    assert "no open client" in run(app, "clients", "close", "a-machine", "--yes", code=1)


def test_fapi_is_what_a_service_gets_that_names_no_profile(app: Flask, tmp_path: Path) -> None:
    nameless = {name: value for name, value in STANDARD.items() if name != "profile"}
    secret = {**nameless, "token_endpoint_auth_method": "client_secret_basic"}
    assert "token_endpoint_auth_method" in run(app, "clients", "add", written(tmp_path, secret), code=1)
    jwks = {"keys": [ECKey.generate_key("P-256").as_dict(private=False)]}
    document = {**nameless, "token_endpoint_auth_method": "private_key_jwt", "jwks": jwks}
    added = orjson.loads(run(app, "clients", "add", written(tmp_path, document)))
    assert (added["profile"], added["require_pushed_authorization_requests"]) == ("fapi2", True)


def test_an_operator_says_more_than_a_program_may(app: Flask, tmp_path: Path) -> None:
    document = {**STANDARD, "resources": ["https://api.example/"], "items": {"name": {"need": "optional"}}}
    added = orjson.loads(run(app, "clients", "add", written(tmp_path, document), "--older-names"))
    assert added["resources"] == ["https://api.example/"]
    assert added["claim_mapping"]["personal_number"] == "SoDinhDanh"


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (b"{", "not JSON"),
        (b"[]", "no JSON object"),
        ({**STANDARD, "redirect_uris": ["http://service.example/"]}, "redirect_uris"),
        ({**STANDARD, "resources": ["not an address"]}, "resources"),
        ({**STANDARD, "client_id": "dịch-vụ"}, "client_id"),
        ({**STANDARD, "redirect_uris": [f"https://{'x' * 250}.example/callback"]}, "redirect_uris"),
        ({**STANDARD, "policy_uri": "http://localhost/privacy"}, "policy_uri"),
        ({"profile": "machine", "scope": " ".join(f"{n}-{'x' * 90}" for n in range(6))}, "scope"),
    ],
)
def test_a_wrong_document_is_refused_in_a_sentence(app: Flask, tmp_path: Path, document: Any, words: str) -> None:
    told = run(app, "clients", "add", written(tmp_path, document), code=1)
    assert told.startswith("Error: ")
    assert words in told


def test_an_id_is_given_once(app: Flask, tmp_path: Path) -> None:
    run(app, "clients", "add", written(tmp_path, STANDARD))
    assert "client_id" in run(app, "clients", "add", written(tmp_path, STANDARD), code=1)


def test_an_application_in_a_sector_of_before_moves(app: Flask, database: Database, tmp_path: Path) -> None:
    native = {**STANDARD, "application_type": "native", "token_endpoint_auth_method": "none"}
    run(app, "clients", "add", written(tmp_path, {**native, "redirect_uris": ["http://127.0.0.1/cb"]}))
    assert "clients move" not in run(app, "clients", "list")
    assert "in the sector of its addresses" in run(app, "clients", "move", "a-service", code=1)
    with database.transaction() as db:
        db.execute(update(RelyingParty).values(sector="127.0.0.1"))
    assert "flask clients move" in run(app, "clients", "list")
    assert "0 people keep" in run(app, "clients", "move", "a-service")
    assert "clients move" not in run(app, "clients", "list")


@pytest.mark.parametrize("verb", ["show", "close"])
def test_a_client_whose_id_begins_with_a_dash_is_named_all_the_same(app: Flask, verb: str) -> None:
    """Ids that we draw do so once in 64 times."""
    assert "No such option" not in run(app, "clients", verb, "-Mno-such-client", code=1)
