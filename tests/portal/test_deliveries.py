"""The operator sees which sign-outs services took, and sends again what they did not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from identity import outbox
from identity.audit import SYSTEM, AuditEvent, Event
from identity.oidc.deliveries import PAGE
from identity.outbox import Channel, Lane, OutboxMessage
from identity.session import end_session
from identity.staff import Role, give_role, hire
from portal.database import Database
from tests.fakes import Clock
from tests.identity.oidc.making import a_code, a_resident, a_service
from tests.portal.work_scene import sign_in, write


@pytest.fixture
def operator(client: FlaskClient, database: Database, clock: Clock) -> FlaskClient:
    return at_work(client, database, clock, "operator")


def at_work(client: FlaskClient, database: Database, clock: Clock, role: str) -> FlaskClient:
    def employ(db: Any) -> Any:
        account = hire(db, "vanhanh", "Ngô Thị Hành", now=clock())
        db.flush()
        give_role(db, account.id, role, None, SYSTEM, now=clock())
        return account.id

    sign_in(client, database, write(database, employ), now=clock())
    return client


@pytest.fixture
def told(database: Database, clock: Clock) -> Any:
    """The id of a message to a service, because somebody signed out."""

    def leave(db: Any) -> Any:
        account = a_resident(db, now=clock())
        service = a_service(db, now=clock(), backchannel_logout_uri="https://service.example/bye")
        _code, session = a_code(db, account, service, now=clock())
        end_session(db, account.id, session, now=clock())
        return db.scalars(select(OutboxMessage.id)).one()

    return write(database, leave)


def attempt(database: Database, clock: Clock, outcome: Any, *arguments: Any) -> None:
    with database.transaction() as db:
        [message] = outbox.lease(db, Lane.LOGOUT, now=clock())
        outcome(db, message, *arguments, now=clock())


def test_a_message_that_waits(operator: FlaskClient, told: Any) -> None:
    text = operator.get("/operation/sign-outs").text
    assert "Dịch vụ thử" in text
    assert "Đang chờ" in text
    assert "001158012345" not in text


def test_what_a_service_answered_and_when_it_is_tried_next(
    operator: FlaskClient, database: Database, clock: Clock, told: Any
) -> None:
    operator.set_cookie("language", "en")
    attempt(database, clock, outbox.failed, "503")
    text = operator.get("/operation/sign-outs?show=failed").text
    assert "Trying again" in text
    assert "Answered 503" in text
    clock.advance(seconds=15)
    attempt(database, clock, outbox.failed, "too-slow")
    assert "No answer in time" in operator.get("/operation/sign-outs").text


def test_what_has_arrived_is_no_trouble(operator: FlaskClient, database: Database, clock: Clock, told: Any) -> None:
    operator.set_cookie("language", "en")
    attempt(database, clock, lambda db, message, now: outbox.delivered(db, message.id, now=now))
    assert "Delivered" in operator.get("/operation/sign-outs").text
    for show in ("open", "failed"):
        assert "Dịch vụ thử" not in operator.get(f"/operation/sign-outs?show={show}").text
    assert operator.post(f"/operation/sign-outs/{told}/send").status_code == 409


def test_a_declined_message_goes_out_again_and_that_is_on_record(
    operator: FlaskClient, database: Database, clock: Clock, told: Any
) -> None:
    attempt(database, clock, outbox.declined, "400")
    assert f"/operation/sign-outs/{told}/send" in operator.get("/operation/sign-outs").text
    assert operator.post(f"/operation/sign-outs/{told}/send").status_code == 303
    with database.transaction() as db:
        assert [message.id for message in outbox.lease(db, Lane.LOGOUT, now=clock())] == [told]
        assert db.scalars(select(AuditEvent).where(AuditEvent.name == Event.LOGOUT_SENT_AGAIN)).one().subject_id == told


def test_what_was_sealed_under_other_keys_is_not_laid_at_the_door_of_the_service(
    operator: FlaskClient, database: Database, clock: Clock, told: Any
) -> None:
    operator.set_cookie("language", "en")
    with database.transaction() as db:
        db.execute(update(OutboxMessage).values(payload_sealed=b"\xfe" + b"k" * 40))
    with database.transaction() as db:
        assert outbox.lease(db, Lane.LOGOUT, now=clock()) == []
    text = operator.get("/operation/sign-outs").text
    assert "Given up" in text
    assert "cannot be opened with these keys" in text
    assert f"{told}/send" in text, "the right keys may come back"


def test_what_nobody_took_in_time_is_given_up(
    operator: FlaskClient, database: Database, clock: Clock, told: Any
) -> None:
    later = clock.advance(days=2)
    with database.transaction() as db:
        outbox.expire(db, now=later)
    sign_in(operator, database, write(database, lambda db: db.scalars(select(Role.account_id)).one()), now=later)
    operator.set_cookie("language", "en")
    text = operator.get("/operation/sign-outs?show=failed").text
    assert "Given up" in text
    assert "/send" not in text


def test_a_code_to_a_person_cannot_be_sent_again_from_here(
    operator: FlaskClient, database: Database, clock: Clock
) -> None:
    other = write(database, lambda db: outbox.post(db, Channel.SMS, "otp", "+84900000001", now=clock(), lane=Lane.CODE))
    assert operator.post(f"/operation/sign-outs/{other}/send").status_code == 409
    assert str(other) not in operator.get("/operation/sign-outs").text


def test_an_auditor_looks_and_touches_nothing(client: FlaskClient, database: Database, clock: Clock, told: Any) -> None:
    auditor = at_work(client, database, clock, "auditor")
    text = auditor.get("/operation/sign-outs").text
    assert "Dịch vụ thử" in text
    assert "/send" not in text
    assert auditor.post(f"/operation/sign-outs/{told}/send").status_code == 403


def test_nobody_else_looks(client: FlaskClient, database: Database, clock: Clock, told: Any) -> None:
    assert client.get("/operation/sign-outs").headers["Location"].startswith("/sign-in")
    assert at_work(client, database, clock, "rp_developer").get("/operation/sign-outs").status_code == 403


def test_a_long_list_has_pages(operator: FlaskClient, database: Database, clock: Clock) -> None:
    def post_many(db: Any) -> None:
        service = a_service(db, now=clock())
        for number in range(PAGE + 3):
            facts = {"lane": Lane.LOGOUT, "recipient": service.id}
            outbox.post(db, Channel.BACK_CHANNEL, "logout", "", now=clock() + timedelta(seconds=number), **facts)

    write(database, post_many)
    first = operator.get("/operation/sign-outs").text
    assert first.count("<small>a-service</small>") == PAGE
    following = first.split("before=")[1].split('"')[0]
    second = operator.get(f"/operation/sign-outs?before={following}").text
    assert second.count("<small>a-service</small>") == 3
    assert 'rel="next"' not in second
    assert operator.get("/operation/sign-outs?before=nonsense&show=nonsense").status_code == 200


def test_a_service_is_looked_up_by_name_or_identifier_and_stays_chosen(
    operator: FlaskClient, database: Database, clock: Clock, told: Any
) -> None:
    def another(db: Any) -> None:
        other = a_service(db, now=clock(), client_id="https://bank.example/100%", name={"vi": "Ngân hàng Đông Á"})
        for number in range(PAGE + 1):
            facts = {"lane": Lane.LOGOUT, "recipient": other.id}
            outbox.post(db, Channel.BACK_CHANNEL, "logout", "", now=clock() + timedelta(seconds=number), **facts)

    write(database, another)
    for typed in ("dich VU", "test", "A-SERVICE"):
        shown = operator.get("/operation/sign-outs", query_string={"q": typed, "show": "open"}).text
        assert shown.count("<small>a-service</small>") == 1, typed
        assert "bank.example" not in shown, typed
    first = operator.get("/operation/sign-outs", query_string={"q": "ngan hang dong a", "show": "open"})
    assert first.text.count("<small>https://bank.example/100%</small>") == PAGE
    older = first.text.split('rel="next"')[0].rpartition('href="')[2].partition('"')[0].replace("&amp;", "&")
    second = operator.get(older).text
    assert second.count("<small>https://bank.example/100%</small>") == 1, "the second page is of the same choice"
    assert "<small>a-service</small>" not in second
    again = operator.post(f"/operation/sign-outs/{told}/send?q=a-service&show=open").headers["Location"]
    assert "q=a-service" in again
    assert "show=open" in again
    assert "Không có lần đăng xuất nào khớp" in operator.get("/operation/sign-outs?q=nobody%00").text
    assert "<small>" not in operator.get("/operation/sign-outs?q=a-service&show=delivered").text
