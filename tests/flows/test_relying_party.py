"""A resident signs in to the demonstration platform: two live servers, Authlib's client between them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import requests

from portal.assembly import create_app
from portal.database import Database
from portal.demo.clients import register_clients
from portal.demonstration.relying_party import create_relying_party, read_connection
from portal.services import Services, utc_now
from portal.settings import Setting, Settings
from tests.flows.oidc_servers import fields_of, served
from tests.identity.oidc.making import a_resident, signed_in
from tests.servers import free_port

pytestmark = pytest.mark.slow


@pytest.fixture
def ports() -> tuple[int, int]:
    return free_port(), free_port()


@pytest.fixture
def settings(tmp_path: Path, ports: tuple[int, int]) -> Settings:
    return Settings(
        setting=Setting.TEST,
        port=ports[0],
        secret_key="a secret key that only the tests use",
        var=tmp_path,
        rate_limits=False,
    )


@pytest.fixture
def world(
    settings: Settings,
    services: Services,
    database: Database,
    ports: tuple[int, int],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Any]:
    """Both servers, a resident, and a browser in which the resident is signed in to the portal."""
    platform = f"http://127.0.0.1:{ports[1]}"
    moment = datetime.now(UTC)
    with database.transaction() as db:
        account = a_resident(db, now=moment)
        clients = [known.as_json() for known in register_clients(db, platform, now=moment)]
        token = signed_in(db, account, now=moment).token
    written = {"issuer": settings.issuer, "relying_party": platform, "clients": clients}
    (tmp_path / "demo.json").write_text(json.dumps(written))
    monkeypatch.setenv("DEMO_FILE", str(tmp_path / "demo.json"))
    real_time = Services(settings, utc_now, services.vault, services.population, services.immigration)
    browser = requests.Session()
    browser.cookies.set("eid_session", token, domain="localhost.local")
    with (
        served(create_app(settings, real_time, database), ports[0]),
        served(create_relying_party(read_connection()), ports[1]),
    ):
        yield SimpleNamespace(browser=browser, platform=platform, portal=settings.issuer, clients=clients)
    browser.close()


def submit(world: Any, page: requests.Response, **data: str) -> requests.Response:
    """Press a button of the one form of a page of the portal."""
    action = unescape(re.findall(r'<form[^>]* method="post" action="(/oauth/[^"]+)"', page.text)[0])
    return world.browser.post(world.portal + action, data={**fields_of(page.text), **data})


def fact(page: requests.Response, name: str) -> str:
    return unescape(re.findall(rf'<dd id="{name}">([^<]*)<', page.text)[0])


def test_a_resident_signs_in_looks_up_files_and_signs_out(world: Any) -> None:
    assert "Minh hoạ" in world.browser.get(world.platform, headers={"Accept-Language": "vi"}).text
    consent = world.browser.post(f"{world.platform}/sign-in")
    assert 'id="approve"' in consent.text
    assert "001 158 ••• •••" in consent.text
    who = submit(world, consent, decision="approve")
    assert who.url == f"{world.platform}/who-am-i"
    assert fact(who, "name") == "NGUYỄN THỊ ÁNH NGUYỆT"
    assert fact(who, "acr") == "urn:vn:eid:aal:2"
    assert fact(who, "amr") == "pwd otp mfa"
    assert fact(who, "personal_number") == "001158012345"
    assert 'id="phone_number"' not in who.text
    assert "THADS" in world.browser.get(f"{world.platform}/files").text

    asked = world.browser.post(f"{world.platform}/sign-out")
    assert 'id="confirm-logout"' in asked.text
    home = submit(world, asked)
    assert home.url.startswith(f"{world.platform}/?state=")
    assert 'id="sign-in"' in home.text
    assert "/sign-in" in world.browser.post(f"{world.platform}/sign-in").url


def test_the_second_time_nothing_is_asked_and_the_name_here_is_the_same(world: Any) -> None:
    first = submit(world, world.browser.post(f"{world.platform}/sign-in"), decision="approve")
    world.browser.cookies.clear(domain="127.0.0.1")
    second = world.browser.post(f"{world.platform}/sign-in")
    assert second.url == f"{world.platform}/who-am-i"
    assert fact(second, "sub") == fact(first, "sub")


def test_who_does_not_agree_goes_back_with_a_plain_word(world: Any) -> None:
    page = submit(world, world.browser.post(f"{world.platform}/sign-in"), decision="deny")
    assert page.url.startswith(f"{world.platform}/callback")
    assert "access_denied" in page.text


@pytest.mark.parametrize("broken", ["state", "iss", "code"])
def test_the_platform_believes_no_tampered_answer(world: Any, broken: str) -> None:
    consent = world.browser.post(f"{world.platform}/sign-in")
    action = unescape(re.findall(r'action="(/oauth/consent[^"]+)"', consent.text)[0])
    data = {**fields_of(consent.text), "decision": "approve"}
    answer = world.browser.post(world.portal + action, data=data, allow_redirects=False)
    address = re.sub(rf"([?&]{broken}=)[^&]+", r"\g<1>tampered", answer.headers["Location"])
    page = world.browser.get(address)
    assert page.status_code == 400
    assert "who-am-i" not in page.url


def test_the_back_button_after_signing_in_leads_to_where_the_person_is(world: Any) -> None:
    consent = world.browser.post(f"{world.platform}/sign-in")
    action = unescape(re.findall(r'action="(/oauth/consent[^"]+)"', consent.text)[0])
    data = {**fields_of(consent.text), "decision": "approve"}
    address = world.browser.post(world.portal + action, data=data, allow_redirects=False).headers["Location"]
    assert world.browser.get(address).url == f"{world.platform}/who-am-i"
    assert world.browser.get(address).url == f"{world.platform}/who-am-i"
    world.browser.cookies.clear(domain="127.0.0.1")
    over = world.browser.get(address, headers={"Accept-Language": "en"})
    assert over.status_code == 400
    assert "This sign-in is over" in over.text
    assert "CSRF" not in over.text


def test_an_answer_to_another_browser_is_not_believed(world: Any) -> None:
    consent = world.browser.post(f"{world.platform}/sign-in")
    action = unescape(re.findall(r'action="(/oauth/consent[^"]+)"', consent.text)[0])
    data = {**fields_of(consent.text), "decision": "approve"}
    answer = world.browser.post(world.portal + action, data=data, allow_redirects=False)
    assert requests.get(answer.headers["Location"], timeout=10).status_code == 400


def test_a_machine_asks_for_itself(world: Any) -> None:
    machine = world.clients[1]
    document = requests.get(f"{world.portal}/.well-known/openid-configuration", timeout=10).json()
    answer = requests.post(
        document["token_endpoint"],
        data={"grant_type": "client_credentials"},
        auth=(machine["client_id"], machine["client_secret"]),
        timeout=10,
    ).json()
    assert answer["scope"] == " ".join(machine["scopes"])


def test_the_list_of_services_starts_a_sign_in_there(world: Any) -> None:
    """OpenID Connect Core section 4: the platform begins, and believes no other issuer's word that it should."""
    submit(world, world.browser.post(f"{world.platform}/sign-in"), decision="approve")
    world.browser.cookies.clear(domain="127.0.0.1")
    listed = world.browser.get(f"{world.portal}/account/consents").text
    start = unescape(re.findall(r'href="([^"]+/start\?[^"]+)"', listed)[0])
    assert world.browser.get(start).url == f"{world.platform}/who-am-i"
    assert world.browser.get(f"{world.platform}/start?iss=https://evil.example").status_code == 400
