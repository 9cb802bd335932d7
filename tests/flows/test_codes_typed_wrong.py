"""A code typed wrong ten times, at each place where a code is typed: its sentence in both languages, and no way in."""

# ruff: noqa: F811 - pytest fixtures are asked for by name
from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from identity.account import find_account
from identity.session import SignInSession
from onboarding.assistance import AssistanceEvent
from portal.database import Database
from tests.flows.test_bad_input import House, begins, house  # noqa: F401 - a fixture
from tests.identity.account_scene import LOGIN, PASSWORD, code_of, make_account, make_issued, sent_otp
from tests.portal.applicant import Applicant
from tests.portal.test_team import filled, place  # noqa: F401 - a fixture
from tests.portal.work_scene import sign_in

TEN = 10


@dataclass
class Desk:
    """What a way needs: a browser, the database and the hour."""

    client: FlaskClient
    database: Database
    now: Any
    house: House
    scene: Any


@dataclass(frozen=True)
class Way:
    """`reach` gives the address, the wrong answer and the right one; `says` is the refusal after ten wrong ones."""

    reach: Callable[[Desk], tuple[str, dict[str, str], dict[str, str]]]
    says: str
    keeps: tuple[str, ...] = ()


def other(code: str) -> str:
    return f"{(int(code) + 1) % 10 ** len(code):0{len(code)}}"


def applying(desk: Desk) -> tuple[str, dict[str, str], dict[str, str]]:
    applicant = Applicant(desk.client, desk.house.db)
    applicant.open("/apply").send(person_kind="citizen").send(locale="en").send(phone="0912 345 678")
    right = applicant.last_code()
    return "/apply/code", {"otp": other(right)}, {"otp": right}


def signing_in(desk: Desk) -> tuple[str, dict[str, str], dict[str, str]]:
    with desk.database.transaction() as db:
        make_account(db, desk.now)
    desk.client.post("/sign-in", data={"login": LOGIN, "password": PASSWORD})
    with desk.database.session(write=False) as db:
        account = find_account(db, LOGIN)
        assert account is not None
        right = code_of(account, desk.now)
    return "/sign-in/second", {"otp": other(right)}, {"otp": right}


def activating(desk: Desk) -> tuple[str, dict[str, str], dict[str, str]]:
    with desk.database.transaction() as db:
        _account, code = make_issued(db, desk.now)
    return "/activate", {"code": "AAAA-BBBB-CCCC"}, {"code": code}


def proving_the_phone(desk: Desk) -> tuple[str, dict[str, str], dict[str, str]]:
    _path, _wrong, right = activating(desk)
    desk.client.post("/activate", data=right)
    with desk.database.session(write=False) as db:
        otp = sent_otp(db)
    return "/activate/phone", {"otp": other(otp)}, {"otp": otp}


def logging_help(desk: Desk) -> tuple[str, dict[str, str], dict[str, str]]:
    sign_in(desk.client, desk.database, desk.scene.member, now=desk.now)
    typed = filled(desk.client)
    code = desk.scene.code.replace(" ", "")
    return "/team/assistance", {**typed, "help_code": other(code)}, {**typed, "help_code": code}


WAYS = {
    "the phone's code when applying": Way(applying, "otp-ended"),
    "the app's code when signing in": Way(signing_in, "sign-in-wait"),
    "the activation code of the notice": Way(activating, "too-many-codes", ('value="AAAA-BBBB-CCCC"',)),
    "the phone's code when activating": Way(proving_the_phone, "otp-ended"),
    "the help code of a record": Way(logging_help, "help-code-blocked", ('value="15" checked',)),
}


@pytest.fixture
def desk(house: House, client: FlaskClient, database: Database, now: Any, place: Any) -> Desk:
    return Desk(client, database, now, house, place)


@pytest.mark.parametrize("name", WAYS)
def test_a_code_typed_wrong_ten_times_is_explained_and_the_right_one_comes_too_late(desk: Desk, name: str) -> None:
    way = WAYS[name]
    path, wrong, right = way.reach(desk)
    for _ in range(TEN):
        desk.client.post(path, data=wrong)
    for language in ("vi", "en"):
        desk.client.set_cookie("language", language)
        for typed in (right, wrong):
            answer = desk.client.post(path, data=typed)
            errors = re.findall(r'class="error-summary".*?</div>', answer.text, re.S)
            told = html.unescape(re.sub(r"<[^>]+>", "", "".join(errors)))
            assert begins(desk.house.app, way.says, language) in told
        assert [kept for kept in way.keeps if kept not in answer.text] == []
    with desk.database.session(write=False) as db:
        assert db.scalar(select(func.count()).select_from(AssistanceEvent)) == 0
        held = 1 if way.reach is logging_help else 0
        assert db.scalar(select(func.count()).select_from(SignInSession)) == held
