"""A page that was open for too long: every address that takes a form says so, does nothing, and leads on.

Whoever fits the guard of the address is signed in and sends something with a form token of yesterday. A view with a
form shows the form again with the sentence; any other view's answer is a page that sends the same again at one press.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select
from werkzeug.routing import AnyConverter, Rule, UUIDConverter

from identity.audit import SYSTEM
from identity.purposes import PurposeConsent
from identity.session import open_session
from identity.staff import EVERYWHERE, give_role
from portal.database import Database
from portal.security.cookies import SESSION
from tests.identity.oidc.making import a_resident
from tests.onboarding.scene import communes, staff_account

pytestmark = pytest.mark.any_engine
NOBODY = "018f6c1e-0000-7000-8000-000000000000"
OURS = {"Sec-Fetch-Site": "same-origin"}
TYPED = "Nguyễn <Ánh>"
SAID = {
    "vi": "Trang đã mở quá lâu.",
    "en": "This page was open for too long.",
}
PROGRAMS = {
    "team.send": "a script of the member's phone: a problem document, then a fresh token",
}
SHOWN_AGAIN = {
    "oidc.confirm_logout": "the question is asked again: the page of the request, which carries its own parameters",
    "enrolment.answer_supplement": "without a status page that was opened by its code there is nothing to answer",
    "staff.confirm_app": "without a seat of the invitation the way begins again at its link",
}
"""Only in this test, which knows no running request, no code and no invitation: the way back to where it begins."""
OVER = {
    "staff.choose_password": "an invitation that is over or unknown says that, whatever the page's age",
    "oidc.decide": "no running authorization request: its own sentence says so",
}


@pytest.fixture
def stale_app(app: Flask) -> Flask:
    app.config["WTF_CSRF_ENABLED"] = True
    return app


@pytest.fixture
def tokens(stale_app: Flask, database: Database, now: datetime) -> dict[str, str]:
    """A session of a resident, and one of an account that holds each role."""
    with database.transaction() as db:
        here = communes(db)[0]
        people = {"resident": a_resident(db, now=now)}
        for role in sorted({role for rule in posts(stale_app) for role in roles_of(stale_app, rule)}):
            people[role] = staff_account(db, f"stale-{role}", now=now)
            unit = None if role in EVERYWHERE else here.id
            give_role(db, people[role].id, role, unit, SYSTEM, now=now)
        return {
            name: open_session(db, account, ("pwd", "otp", "mfa"), 2, now=now).token for name, account in people.items()
        }


@pytest.fixture
def written(database: Database) -> Iterator[list[str]]:
    """Every statement that changes something."""
    found: list[str] = []

    def heard(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if re.match(r"\s*(INSERT|UPDATE|DELETE)", statement, re.I):
            found.append(statement)

    committed: list[str] = []

    def keep(_connection: Any) -> None:
        committed.extend(found)
        found.clear()

    def drop(_connection: Any) -> None:
        found.clear()

    listeners = (("before_cursor_execute", heard), ("commit", keep), ("rollback", drop))
    for name, listener in listeners:
        event.listen(database.engine, name, listener)
    yield committed
    for name, listener in listeners:
        event.remove(database.engine, name, listener)


def posts(app: Flask) -> list[Rule]:
    """Every address that takes a form from somebody whose cookies speak for them."""
    rules = [rule for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())]
    return [rule for rule in rules if not getattr(app.view_functions[rule.endpoint], "unprotected", False)]


def roles_of(app: Flask, rule: Rule) -> tuple[str, ...]:
    """The roles of which one opens this address; none for residents and for everybody."""
    return tuple(getattr(getattr(app.view_functions[rule.endpoint], "guard", None), "roles", ()))


def address(app: Flask, rule: Rule) -> str:
    values = {}
    for name in rule.arguments:
        converter = rule._converters[name]
        if isinstance(converter, UUIDConverter):
            values[name] = NOBODY
        else:
            values[name] = sorted(converter.items)[0] if isinstance(converter, AnyConverter) else "x"
    built = app.url_map.bind("localhost").build(rule.endpoint, values, "POST")
    return str(built)


def visitor(app: Flask, rule: Rule, tokens: dict[str, str], language: str) -> FlaskClient:
    guard = getattr(app.view_functions[rule.endpoint], "guard", None)
    who = next(iter(roles_of(app, rule)), "resident")
    client = app.test_client()
    if rule.endpoint in PROGRAMS:
        who = "member"
    if getattr(guard, "__name__", "") != "anyone":
        client.set_cookie(SESSION, tokens[who])
    client.set_cookie("language", language)
    return client


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_form_says_that_its_page_was_open_for_too_long(
    stale_app: Flask, tokens: dict[str, str], written: list[str], language: str
) -> None:
    wrong = {}
    written.clear()
    for rule in posts(stale_app):
        client, path = visitor(stale_app, rule, tokens, language), address(stale_app, rule)
        typed = {"typed": TYPED, "there": ["1", "2"], "csrf_token": "of yesterday"}
        response = client.post(path, data=typed, headers=OURS)
        if problem := _problem(rule, response, language) or [f"wrote {one}" for one in written]:
            wrong[rule.endpoint] = problem
        written.clear()
    assert wrong == {}, "\n".join(f"{endpoint}: {problem}" for endpoint, problem in wrong.items())


def _problem(rule: Rule, response: Any, language: str) -> str:
    text = response.get_data(as_text=True)
    if rule.endpoint in SHOWN_AGAIN and response.status_code == 303:
        return ""
    if rule.endpoint in OVER and 400 <= response.status_code < 500:
        return ""
    if response.status_code >= 500:
        return f"{response.status_code}"
    if SAID[language] not in text:
        return f"{response.status_code} says {re.sub('<[^>]+>|[ ]+', ' ', text)[-300:]}"
    if rule.endpoint in PROGRAMS:
        return ""
    if 'method="post"' not in text or 'name="csrf_token"' not in text:
        return "no way forward"
    if 'id="send-again"' in text and ("Nguyễn &lt;Ánh&gt;" not in text or text.count('name="there"') != 2):
        return "what was typed is gone"
    return ""


@pytest.mark.parametrize("headers", [OURS, {"Origin": "http://localhost"}])
def test_one_press_sends_the_same_again(
    stale_app: Flask, tokens: dict[str, str], database: Database, headers: dict[str, str]
) -> None:
    client = _resident(stale_app, tokens)
    sent = {"version": "1", "language": "en", "csrf_token": "of yesterday"}
    offered = client.post("/account/purposes/survey/agree", data=sent, headers=headers)
    assert offered.status_code == 400
    form = offered.text.partition('action="/account/purposes/survey/agree"')[2].partition("</form>")[0]
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form))
    assert fields.keys() == sent.keys() and fields["csrf_token"] != sent["csrf_token"]
    assert client.post("/account/purposes/survey/agree", data=fields).status_code == 303
    with database.session(write=False) as db:
        assert [row.purpose for row in db.scalars(select(PurposeConsent))] == ["survey"]


@pytest.mark.parametrize(
    ("headers", "fields"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, {"version": "1"}),
        ({"Origin": "https://evil.example"}, {"version": "1"}),
        ({}, {"version": "1"}),
        (OURS, {"version": "1", "new_password": "a secret"}),
    ],
)
def test_a_strangers_page_and_a_password_are_not_offered_again(
    stale_app: Flask, tokens: dict[str, str], headers: dict[str, str], fields: dict[str, str]
) -> None:
    answer = _resident(stale_app, tokens).post("/account/purposes/survey/agree", data=fields, headers=headers)
    assert SAID["en"] in answer.text and "send-again" not in answer.text and "a secret" not in answer.text


def _resident(app: Flask, tokens: dict[str, str]) -> FlaskClient:
    client = app.test_client()
    client.set_cookie(SESSION, tokens["resident"])
    client.set_cookie("language", "en")
    return client
