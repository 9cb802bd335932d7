"""Guardians and wards at the browser: adding, confirming with a number, and what is refused."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from datetime import date, datetime
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from sqlalchemy import select

from identity.account import find_account_of
from identity.application import Application, request_supplement
from identity.application.dossier import code_digest
from identity.audit import SYSTEM
from identity.guardians import Guardianship, end, guardians_of
from portal.database import Database
from tests.fakes import Clock
from tests.identity.applicants import (
    CHILD,
    FOREIGNER,
    a_guardian,
    a_ward,
    activated,
    an_officer,
    for_ward,
    issued,
    sent_online,
)
from tests.identity.oidc.making import a_service
from tests.portal.oidc.browsing import authorize, browser, sent_back

NUMBER = re.compile(r'id="number"><span class="num">(\d\d)<')
QUESTION = re.compile(r"/account/wards/questions/[0-9a-f-]{36}")


@pytest.fixture
def family(app: Flask, database: Database, now: datetime) -> Any:
    with database.transaction() as db:
        ward, guardian = a_ward(db, now=now)
        client = a_service(db, now=now)
        found = SimpleNamespace(ward=ward, guardian=guardian, client=client)
    found.child = browser(app, database, ward, now)
    found.parent = browser(app, database, guardian, now)
    for one in (found.child, found.parent):
        one.set_cookie("language", "en")
    return found


def text(response: Any) -> str:
    plain = re.sub(r"<(script|style|svg).*?</\1>|<[^>]+>", " ", response.text, flags=re.S)
    return " ".join(html.unescape(plain).split())


def asked(family: Any) -> tuple[str, str, str]:
    """The child wants in: the waiting page's address, the number there, the question at the parent's."""
    waiting = authorize(family.child).headers["Location"]
    sent = parse_qs(urlsplit(waiting).query)
    family.child.post("/account/guardian", data={"client": sent["client"][0], "next": sent["next"][0]})
    shown = NUMBER.search(family.child.get(waiting).text)
    question = QUESTION.search(family.parent.get("/account/wards").text)
    assert shown is not None and question is not None
    return waiting, shown[1], question[0]


def test_a_service_waits_until_the_guardian_has_picked_the_number(family: Any) -> None:
    waiting, number, question = asked(family)
    page = family.parent.get(question)
    assert "wants to sign in to" in text(page) and f'value="{number}"' in page.text
    assert "You confirmed it" in text(family.parent.post(question, data={"number": number}, follow_redirects=True))
    onward = family.child.get(waiting)
    assert urlsplit(onward.headers["Location"]).path == "/oauth/authorize"
    consent = family.child.get(onward.headers["Location"])
    assert 'id="approve"' in consent.text


@pytest.mark.parametrize("says", ["", "00", "zz", "²²"])
def test_a_no_or_a_wrong_number_leads_nowhere(family: Any, says: str) -> None:
    waiting, _number, question = asked(family)
    family.parent.post(question, data={"number": says})
    assert "did not confirm it" in text(family.child.get(waiting))
    assert urlsplit(authorize(family.child).headers["Location"]).path == "/account/guardian"


def test_from_the_birthday_on_the_parent_reads_whose_account_it_is(
    family: Any, database: Database, now: datetime
) -> None:
    with database.transaction() as db:
        (held,) = guardians_of(db, family.ward.person_id, now=now)
        held.ends_on = date(2026, 11, 22)
        id_ = held.id
    shown = text(family.parent.get("/account/wards"))
    assert "Nguyễn Bé Thử Their own account from 23 November 2026" in shown and "act for nobody" not in shown
    with database.transaction() as db:
        db.get_one(Guardianship, id_).ended_at = now
    assert "You act for nobody yet" in text(family.parent.get("/account/wards"))


def test_a_service_that_wants_no_page_is_told_so(family: Any) -> None:
    assert sent_back(authorize(family.child, prompt="none"))["error"] == "interaction_required"


def test_the_answer_page_only_shows_and_the_time_to_answer_ends(family: Any, clock: Clock) -> None:
    waiting, number, question = asked(family)
    family.parent.get(question)
    assert "Look again" in text(family.child.get(waiting))
    clock.advance(minutes=10)
    assert family.parent.post(question, data={"number": number}).status_code == 409
    assert "The time to answer is over" in text(family.child.get(waiting))


def test_no_stranger_sees_or_answers_a_question(family: Any, app: Flask, database: Database, now: datetime) -> None:
    _waiting, number, question = asked(family)
    with database.transaction() as db:
        _file, made = issued(db, FOREIGNER, now=now, phone="+84912000009")
        stranger = activated(db, made.account_id, now=now)
    other = browser(app, database, stranger, now)
    assert other.get(question).status_code == 409
    assert other.post(question, data={"number": number}).status_code == 409
    assert family.child.post(question, data={"number": number}).status_code in (403, 409)


def test_the_waiting_page_leads_to_no_other_site(family: Any) -> None:
    _waiting, number, question = asked(family)
    family.parent.post(question, data={"number": number})
    client = family.client.id
    answer = family.child.get(f"/account/guardian?client={client}&next=https://elsewhere.example/")
    assert answer.headers["Location"] == "/account"
    assert family.child.get("/account/guardian?client=nothing").status_code in (403, 409)


def test_an_account_without_a_guardian_asks_nobody(family: Any) -> None:
    answer = family.parent.post("/account/guardian", data={"client": str(family.client.id)})
    assert answer.status_code in (403, 409)


def test_with_level_1_the_page_leads_to_level_2_and_adds_nobody(app: Flask, database: Database, now: datetime) -> None:
    with database.transaction() as db:
        file, _code = sent_online(db, now=now)
        account = activated(db, find_account_of(db, file.person_id).id, now=now)
    holder = browser(app, database, account, now)
    holder.set_cookie("language", "en")
    assert "You need level 2" in text(holder.get("/account/wards"))
    assert holder.get("/account/wards/add").status_code == 403
    assert 'id="rise"' in holder.get("/account").text


def test_what_a_guardian_began_goes_on_for_that_person_alone(family: Any) -> None:
    begun = family.parent.post("/account/wards/add", data={"person_kind": "citizen"})
    assert begun.headers["Location"] == "/apply/personal-number"
    family.parent.delete_cookie("eid_session")
    away = family.parent.get("/apply/personal-number")
    assert urlsplit(away.headers["Location"]).path == "/sign-in"
    assert parse_qs(urlsplit(away.headers["Location"]).query)["next"] == ["/apply/personal-number"]


def test_a_ward_does_not_rise_alone(family: Any) -> None:
    assert family.child.post("/account/level-2").status_code == 403
    assert 'id="rise"' not in family.child.get("/account").text


def test_a_guardian_opens_what_was_sent_for_a_child_without_its_code(
    app: Flask, database: Database, now: datetime
) -> None:
    with database.transaction() as db:
        guardian = a_guardian(db, now=now)
        file, _code = for_ward(db, guardian, replace(CHILD, guardian_number=None), now=now)
        asker = an_officer(db, "receiving_officer", now=now)
        request_supplement(db, file, asker, ["residence-proof"], "", now=now)
        number = file.dossier_number
    parent = browser(app, database, guardian, now)
    parent.set_cookie("language", "en")
    found = re.search(r'action="(/status/mine/[0-9a-f-]{36})"', parent.get("/account/wards").text)
    assert found is not None
    opened = text(parent.post(found[1], follow_redirects=True))
    assert number in opened and "Proof of where you live now" in opened


# after the guardianship


def test_a_former_guardian_opens_the_old_file_no_more(
    app: Flask, database: Database, now: datetime, family: Any
) -> None:
    code = "ABCD-EFGH-JKMN-PQRS"
    with database.transaction() as db:
        file = db.scalars(select(Application).where(Application.guardian_id == family.guardian.person_id)).one()
        file.code_digest, name, mine = code_digest(db, code), file.full_name, f"/status/mine/{file.id}"
    assert name in text(family.parent.post(mine, follow_redirects=True))
    with database.transaction() as db:
        for row in guardians_of(db, family.ward.person_id, now=now):
            end(db, row, SYSTEM, now=now)
    assert family.parent.post(mine).status_code == 404
    assert name not in text(family.parent.get("/status/application"))
    stranger = app.test_client()
    stranger.set_cookie("language", "en")
    shown = text(stranger.post("/status", data={"code": code}, follow_redirects=True))
    assert "their authority has ended" in shown, shown
    assert "Send the code" not in shown, shown
    assert stranger.post("/status/phone").headers["Location"].endswith("/status/application")
    assert "The account is the young person's own now" in shown


def test_a_guardian_follows_a_file_that_is_open(database: Database, now: datetime, family: Any) -> None:
    with database.transaction() as db:
        number = "001218123499"
        about = {"personal_number": number, "card_number": number, "full_name": "Nguyễn Bé Hai"}
        file, _code = for_ward(db, family.guardian, replace(CHILD, guardian_number=None, **about), now=now)
        mine = f"/status/mine/{file.id}"
    assert "Nguyễn Bé Hai" in text(family.parent.post(mine, follow_redirects=True))
