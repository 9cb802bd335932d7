"""Administrators invite, give and end roles, shut and open accounts, and review; the invited let themselves in."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pyotp
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from identity import outbox
from identity.account import Account, Ground, find_account
from identity.audit import SYSTEM, AuditEvent, Event
from identity.credentials.passwords import hash_password
from identity.locks import lock
from identity.outbox import Channel, Lane
from identity.sealed import add
from identity.staff import Role, give_role, hire, roles_of
from identity.staff.record import StaffRecord
from portal.database import Database
from portal.messages import worded
from tests.fakes import Clock
from tests.portal.work_scene import sign_in, write

NEW_PASSWORD = "trâu trắng trên đồi"
SITE = {"host": "localhost", "issuer": "http://localhost", "hotline": ""}
INVITED = {"name": "Lý Thị Mới", "login": "canbo.moi", "email": "moi@example.vn"}


@pytest.fixture
def admin(client: FlaskClient, database: Database, clock: Clock) -> FlaskClient:
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    sign_in(client, database, employ(database, clock, "vanhanh", "Ngô Thị Hành", "operator"), now=clock())
    return client


def employ(database: Database, clock: Clock, login: str, name: str, role: str = "") -> Any:
    def hired(db: Any) -> Any:
        account = hire(db, login, name, now=clock())
        db.flush()
        if role:
            give_role(db, account.id, role, None, SYSTEM, now=clock())
        return account.id

    return write(database, hired)


def letter(database: Database, clock: Clock) -> Any:
    with database.transaction() as db:
        [message] = outbox.lease(db, Lane.NOTICE, now=clock(), most=1)
        outbox.delivered(db, message.id, now=clock())
    return message


def stranger(app: Any) -> FlaskClient:
    browser = app.test_client()
    browser.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    return browser


def invited(admin: FlaskClient, database: Database, clock: Clock) -> tuple[str, str]:
    """The new account's page and the code of the letter."""
    address = admin.post("/staff/invite", data=INVITED).location
    return address.partition("?")[0], letter(database, clock).facts["code"]


def test_somebody_is_invited_and_lets_themselves_in(
    app: Any, admin: FlaskClient, database: Database, clock: Clock
) -> None:
    _page, code = invited(admin, database, clock)
    guest = stranger(app)
    assert "Welcome, Lý Thị Mới" in guest.get(f"/staff/welcome?code={code}").text
    step = guest.post(f"/staff/welcome?code={code}", data={"new_password": NEW_PASSWORD}).location
    secret = re.search(r"code-block[^>]*>([A-Z2-7 ]+)<", guest.get(step).text).group(1).replace(" ", "")
    wrong = guest.post(step, data={"otp": "000000"})
    assert "This code is not right" in wrong.text
    right = pyotp.TOTP(secret).at(int(clock().timestamp()))
    assert guest.post(step, data={"otp": right}).location == "/staff/welcomed"
    with database.session(write=False) as db:
        assert find_account(db, "canbo.moi").state == "active"
    assert guest.get(f"/staff/welcome?code={code}").status_code == 410
    clock.advance(minutes=1)
    signed = guest.post("/sign-in", data={"login": "canbo.moi", "password": NEW_PASSWORD})
    assert signed.status_code == 303


def test_the_letter_carries_the_address_and_no_password(
    admin: FlaskClient, app: Any, database: Database, clock: Clock
) -> None:
    admin.post("/staff/invite", data=INVITED)
    message = letter(database, clock)
    with app.test_request_context():
        words = worded(message.kind, Channel.EMAIL.value, message.facts, SITE)
    assert f"http://localhost/staff/welcome?code={message.facts['code']}" in words.text


@pytest.mark.parametrize("password", ["kurz", "password1234", "canbo.moi canbo.moi"])
def test_a_weak_password_is_refused_before_anything_is_kept(
    app: Any, admin: FlaskClient, database: Database, clock: Clock, password: str
) -> None:
    _page, code = invited(admin, database, clock)
    answer = stranger(app).post(f"/staff/welcome?code={code}", data={"new_password": password})
    assert answer.status_code == 200
    assert 'class="error' in answer.text
    assert "Set-Cookie" not in answer.headers or "eid_welcome" not in answer.headers["Set-Cookie"]


def test_the_second_step_belongs_to_the_browser_that_did_the_first(
    app: Any, admin: FlaskClient, database: Database, clock: Clock
) -> None:
    _page, code = invited(admin, database, clock)
    stranger(app).post(f"/staff/welcome?code={code}", data={"new_password": NEW_PASSWORD})
    assert stranger(app).get(f"/staff/welcome/app?code={code}").location == f"/staff/welcome?code={code}"
    assert stranger(app).get("/staff/welcome?code=%00'--").status_code == 410


def test_what_is_wrong_in_an_invitation_is_said(admin: FlaskClient, database: Database, clock: Clock) -> None:
    body = admin.post("/staff/invite", data={**INVITED, "email": "moi"}).text
    assert "Enter the whole e-mail address" in body
    assert 'value="canbo.moi"' in body
    admin.post("/staff/invite", data=INVITED)
    assert "This account name is taken" in admin.post("/staff/invite", data=INVITED).text


def test_a_new_invitation_replaces_the_old_one(app: Any, admin: FlaskClient, database: Database, clock: Clock) -> None:
    page, code = invited(admin, database, clock)
    assert "A new invitation was sent" in admin.post(f"{page}/invite", follow_redirects=True).text
    assert stranger(app).get(f"/staff/welcome?code={code}").status_code == 410
    assert stranger(app).get(f"/staff/welcome?code={letter(database, clock).facts['code']}").status_code == 200


def test_whoever_lost_the_phone_gets_a_letter_and_goes_on(
    app: Any, admin: FlaskClient, database: Database, clock: Clock
) -> None:
    address, _code = invited(admin, database, clock)
    assert "Lost phone or password" not in admin.get(address).text
    assert admin.post(f"{address}/renew").status_code == 409
    write(database, lambda db: _open(db, clock))
    page = admin.get(address).text
    assert "Lost phone or password: send a letter" in page
    done = admin.post(f"{address}/renew")
    assert "The letter with new ones is on its way" in admin.get(done.location).text
    renewed = letter(database, clock)
    with app.test_request_context():
        words = worded(renewed.kind, Channel.EMAIL.value, renewed.facts, SITE)
    assert renewed.kind == "staff-renewal" and f"code={renewed.facts['code']}" in words.text
    assert "Welcome, Lý Thị Mới" in stranger(app).get(f"/staff/welcome?code={renewed.facts['code']}").text


def _open(db: Any, clock: Clock) -> None:
    account = find_account(db, INVITED["login"])
    account.state, account.activated_at, account.password_hash = "active", clock(), "hash"


def test_a_role_is_given_by_code_or_name_and_ended(admin: FlaskClient, database: Database, clock: Clock) -> None:
    page, _code = invited(admin, database, clock)
    role = {"role": "coordinator", "unit": "phuong ba dinh"}
    assert "The role was given" in admin.post(f"{page}/roles", data=role, follow_redirects=True).text
    with database.session(write=False) as db:
        [held] = db.scalars(select(Role).join(Account, Account.id == Role.account_id).where(Role.role == "coordinator"))
    body = admin.post(f"{page}/roles/{held.id}/end", follow_redirects=True).text
    assert "The role was ended" in body
    with database.session(write=False) as db:
        assert roles_of(db, held.account_id, clock().date()) == []


def test_the_whole_country_is_given_by_its_code_and_shown(admin: FlaskClient, database: Database, clock: Clock) -> None:
    page, _code = invited(admin, database, clock)
    body = admin.post(f"{page}/roles", data={"role": "leader", "unit": "vn"}, follow_redirects=True).text
    assert "The whole country · since" in body
    assert "The whole country" in admin.get("/staff?q=moi").text
    with database.session(write=False) as db:
        [held] = db.scalars(select(Role).where(Role.role == "leader"))
    assert held.unit_id is None


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"role": "coordinator", "unit": ""}, "This role is held in a unit"),
        ({"role": "receiving_officer", "unit": "VN"}, "0 units fit"),
        ({"role": "coordinator", "unit": "Atlantis"}, "0 units fit"),
        ({"role": "coordinator", "unit": "phường"}, "units fit. Enter the code"),
        ({"role": "member", "unit": "Ba Đình"}, "Choose one of the answers shown"),
        ({"role": "auditor", "valid_to-day": "1", "valid_to-month": "1", "valid_to-year": "2020"}, "The last day must"),
    ],
)
def test_a_role_that_cannot_be_given_is_said_and_kept(
    admin: FlaskClient, database: Database, clock: Clock, typed: dict[str, str], sentence: str
) -> None:
    page, _code = invited(admin, database, clock)
    answer = admin.post(f"{page}/roles", data=typed)
    assert sentence in answer.text
    if typed.get("unit"):
        assert f'value="{typed["unit"]}"' in answer.text


def test_a_role_that_does_not_go_with_another_is_refused(admin: FlaskClient, database: Database, clock: Clock) -> None:
    page, _code = invited(admin, database, clock)
    admin.post(f"{page}/roles", data={"role": "auditor"})
    body = admin.post(f"{page}/roles", data={"role": "coordinator", "unit": "Phường Ba Đình"}).text
    assert "Operators, auditors and agents of the hotline hold no other role" in body


def test_roles_that_are_older_than_the_rule_open_nothing(app: Any, database: Database, clock: Clock) -> None:
    account = employ(database, clock, "kiemtra", "Vũ Thị Kiểm", "auditor")
    other = stranger(app)
    sign_in(other, database, account, now=clock())
    assert other.get("/trail/search").status_code == 200
    older = {"role": "operator", "valid_from": clock().date(), "given_at": clock(), "confirmed_at": clock()}
    write(database, lambda db: db.add(Role(account_id=account, **older)))
    answer = other.get("/trail/search")
    assert answer.status_code == 403 and "roles that nobody holds together" in answer.text
    with database.session(write=False) as db:
        [tried] = db.scalars(select(AuditEvent).where(AuditEvent.name == Event.ATTEMPT_REFUSED))
    assert tried.facts["code"] == "roles-held-together"


def test_one_operator_alone_makes_no_officer_and_no_operator(
    app: Any, admin: FlaskClient, database: Database, clock: Clock
) -> None:
    page, _code = invited(admin, database, clock)
    role = {"role": "approving_officer", "unit": "phuong ba dinh"}
    given = admin.post(f"{page}/roles", data=role, follow_redirects=True).text
    assert "There is none who may" in given and "Waits for a second operator" in given
    with database.session(write=False) as db:
        [held] = db.scalars(select(Role).where(Role.role == "approving_officer"))
        assert roles_of(db, held.account_id, clock().date()) == []
    answers = [f"/staff/waiting/{held.id}/{act}" for act in ("confirm", "refuse")]
    assert [admin.post(one).status_code for one in answers] == [403, 403]
    listed = admin.get("/staff/waiting").text
    assert "Another operator has to confirm this one." in listed and answers[0] not in listed
    second = stranger(app)
    sign_in(second, database, employ(database, clock, "vanhanh2", "Tạ Quang Vận", "operator"), now=clock())
    assert "1 role counts once another operator confirms it" in second.get("/staff").text
    assert "1 role waits for you or another operator" in second.get("/operation").text
    assert "Roles wait for a second operator" not in admin.get("/operation").text, "who gave it cannot answer"
    listed = second.get("/staff/waiting").text
    assert all(word in listed for word in (INVITED["name"], INVITED["email"], "Approving officer", "Ngô Thị Hành"))
    done = second.post(answers[0], follow_redirects=True).text
    assert "The role was confirmed" in done and "No role waits." in done
    assert second.post(answers[1]).status_code == 409
    with database.session(write=False) as db:
        assert [one.role for one in roles_of(db, held.account_id, clock().date())] == ["approving_officer"]
    puppet, hired = stranger(app), employ(database, clock, "gia.ba", "Gia Ba")
    admin.post(f"/staff/{hired}/roles", data={"role": "operator"})
    sign_in(puppet, database, hired, now=clock())
    assert {puppet.get(page).status_code for page in ("/staff/waiting", "/operation/rules")} == {403}
    assert "Your role does not count yet" in puppet.get("/account").text, "where they come to after signing in"
    assert "Your role does not count yet" not in second.get("/account").text
    assert puppet.post(f"/operation/rules/changes/{held.id}/confirm").status_code == 403


def test_the_other_operators_are_written_to_with_the_list_where_they_answer(
    app: Any, admin: FlaskClient, database: Database, clock: Clock
) -> None:
    account = employ(database, clock, "vanhanh2", "Tạ Quang Vận", "operator")
    kept = StaffRecord(account_id=account, invited_at=clock())
    write(database, lambda db: add(db, kept, email="van@example.vn"))
    page, _code = invited(admin, database, clock)
    given = admin.post(f"{page}/roles", data={"role": "auditor"}, follow_redirects=True).text
    assert "They were written to." in given
    message = letter(database, clock)
    with app.test_request_context(headers={"Accept-Language": "en"}):
        words = worded(message.kind, Channel.EMAIL.value, message.facts, SITE)
    assert message.address == "van@example.vn"
    assert INVITED["name"] in words.subject and f"{SITE['issuer']}/staff/waiting" in words.text


def test_a_review_that_was_missed_is_called_overdue(app: Any, database: Database, clock: Clock) -> None:
    employ(database, clock, "kiemtra", "Vũ Thị Kiểm", "auditor")
    operator = employ(database, clock, "vanhanh", "Ngô Thị Hành", "operator")
    clock.advance(days=45)
    admin = stranger(app)
    sign_in(admin, database, operator, now=clock())
    assert "overdue" not in admin.get("/staff/review").text + admin.get("/operation").text
    clock.advance(days=90)
    sign_in(admin, database, operator, now=clock())
    listed = admin.get("/staff/review").text
    assert "2 roles are overdue" in listed and listed.count("Overdue since 31 March 2027") == 2
    assert "2 roles were not looked at in the last quarter, nor since" in admin.get("/operation").text
    assert "2 overdue" in admin.get("/staff").text


def test_a_role_given_for_days_to_come_counts_on_them_only(
    admin: FlaskClient, database: Database, clock: Clock
) -> None:
    page, _code = invited(admin, database, clock)
    first, last = clock() + timedelta(days=3), clock() + timedelta(days=10)
    days = {f"valid_{end}-{part}": str(getattr(at, part)) for end, at in (("from", first), ("to", last))
            for part in ("day", "month", "year")}  # fmt: skip
    role = {"role": "coordinator", "unit": "phuong ba dinh"}
    past = {name: "2020" if name == "valid_from-year" else value for name, value in days.items()}
    assert "A role begins today or later" in admin.post(f"{page}/roles", data=role | past).text
    assert "The role was given" in admin.post(f"{page}/roles", data=role | days, follow_redirects=True).text
    with database.session(write=False) as db:
        [held] = db.scalars(select(Role).where(Role.role == "coordinator"))
        counts = [len(roles_of(db, held.account_id, (clock() + timedelta(days=day)).date())) for day in (0, 3, 9, 10)]
    assert counts == [0, 1, 1, 0]


def test_nobody_changes_their_own_rights_and_the_attempt_is_recorded(
    admin: FlaskClient, database: Database, clock: Clock
) -> None:
    with database.session(write=False) as db:
        own = db.scalars(select(Role)).one()
    page = f"/staff/{own.account_id}"
    assert "Give a role" not in admin.get(page).text
    attempts = (
        (f"{page}/roles", {"role": "auditor"}),
        (f"{page}/roles/{own.id}/end", {}),
        (f"{page}/suspend", {}),
    )
    for address, data in attempts:
        assert admin.post(address, data=data).status_code == 403
    with database.session(write=False) as db:
        assert len(db.scalars(select(AuditEvent).where(AuditEvent.name == Event.ATTEMPT_REFUSED)).all()) == 3


def test_an_account_is_shut_and_opened_again(app: Any, admin: FlaskClient, database: Database, clock: Clock) -> None:
    account = employ(database, clock, "kiemtra", "Vũ Thị Kiểm", "auditor")
    other = stranger(app)
    sign_in(other, database, account, now=clock())
    assert other.get("/trail/search").status_code == 200
    assert "The account was shut" in admin.post(f"/staff/{account}/suspend", follow_redirects=True).text
    assert other.get("/trail/search").status_code == 302
    assert "The account is open again" in admin.post(f"/staff/{account}/lift", follow_redirects=True).text
    assert admin.post(f"/staff/{account}/lift").status_code == 409


def test_staff_are_found_without_marks(admin: FlaskClient, database: Database, clock: Clock) -> None:
    employ(database, clock, "kiemtra", "Vũ Thị Kiểm", "auditor")
    body = admin.get("/staff?q=thi+kiem").text
    assert "<small>kiemtra</small>" in body
    assert "<small>vanhanh</small>" not in body
    assert "Nobody has this name" in admin.get("/staff?q=atlantis").text
    assert admin.get("/staff/00000000-0000-0000-0000-000000000000").status_code == 404


def test_rights_are_reviewed_each_quarter(admin: FlaskClient, database: Database, clock: Clock) -> None:
    account = employ(database, clock, "kiemtra", "Vũ Thị Kiểm", "auditor")
    assert "Every role was looked at" in admin.get("/staff/review").text
    clock.advance(days=45)
    with database.session(write=False) as db:
        role = db.scalars(select(Role.id).where(Role.account_id == account)).one()
        own = db.scalars(select(Role).where(Role.account_id != account)).one()
    sign_in(admin, database, own.account_id, now=clock())
    body = admin.get("/staff/review").text
    assert "2 roles left" in body
    assert "another administrator reviews it" in body
    admin.post(f"/staff/review/{role}/keep")
    assert "1 role left" in admin.get("/staff/review").text
    assert admin.post(f"/staff/review/{own.id}/keep").status_code == 403
    assert "1 role was not looked at" in admin.get("/staff").text
    clock.advance(days=90)
    sign_in(admin, database, own.account_id, now=clock())
    admin.post(f"/staff/review/{role}/end")
    with database.session(write=False) as db:
        assert roles_of(db, account, clock().date()) == []


def test_nobody_else_administers(app: Any, database: Database, clock: Clock) -> None:
    other = stranger(app)
    sign_in(other, database, employ(database, clock, "kiemtra", "Vũ Thị Kiểm", "auditor"), now=clock())
    assert {other.get(page).status_code for page in ("/staff", "/staff/review", "/staff/invite")} == {403}


def test_the_first_administrator_comes_by_command(app: Any, database: Database, clock: Clock) -> None:
    run = app.test_cli_runner().invoke
    assert "is on its way" in run(args=["staff", "invite", "quantri", "Ngô Thị Hành", "a@example.vn"]).output
    with database.session(write=False) as db:
        account = find_account(db, "quantri")
        assert [held.role for held in roles_of(db, account.id, clock().date())] == ["operator"]
    assert run(args=["staff", "invite", "quantri", "Ngô Thị Hành", "a@example.vn"]).exit_code == 1


def test_the_worker_shuts_idle_accounts(app: Any, database: Database, clock: Clock) -> None:
    from portal.worker import Worker

    account = employ(database, clock, "kiemtra", "Vũ Thị Kiểm", "auditor")
    clock.advance(days=46)
    Worker(app, {}).do_chores()
    with database.session(write=False) as db:
        names = db.scalars(select(AuditEvent.name).where(AuditEvent.subject_id == account)).all()
    assert Event.ACCOUNT_LOCKED in names


@pytest.mark.parametrize(
    ("shut", "said"), [(Ground.IDLE, "nobody had signed in for a long time"), (Ground.SUSPENDED, "shut this account")]
)
def test_whoever_is_shut_out_of_work_is_told_whom_to_ask(
    app: Any, database: Database, clock: Clock, shut: Ground, said: str
) -> None:
    account_id = employ(database, clock, "kiemtra", "Vũ Thị Kiểm", "auditor")
    with database.transaction() as db:
        account = db.get_one(Account, account_id)
        account.password_hash = hash_password(NEW_PASSWORD)
        lock(db, account, shut, "test", SYSTEM, now=clock())
    typed = {"login": "kiemtra", "password": NEW_PASSWORD}
    answer = stranger(app).post("/sign-in", data=typed).text
    assert said in answer and "an operator of the portal" in answer.lower() and "office that issued" not in answer
    assert said not in stranger(app).post("/sign-in", data=typed | {"password": "không phải"}).text
