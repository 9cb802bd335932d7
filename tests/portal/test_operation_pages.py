"""What operators see and do: messages, clocks and jobs, registers, rules with two people. Auditors only read."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from identity import jobs, outbox
from identity.audit import SYSTEM, Actor, AuditEvent, Event
from identity.base import Refused
from identity.deadlines import amend, newest_rules, rule
from identity.gateways import RegisterUnavailable
from identity.jobs import Job
from identity.operation import rule_changes
from identity.operation.clocks import Ran, note_runs
from identity.operation.routes import Register, manual, set_route
from identity.operation.rule_changes import RuleChange
from identity.operation.rule_values import can_be_meant
from identity.outbox import Channel, Lane, OutboxMessage
from identity.retention.model import RetentionReport
from identity.staff import give_role, hire
from portal.chores import CHORES, name_of, run_chores
from portal.database import Database, connect
from portal.gateways.registers import Switched
from portal.operation.rule_names import NAMES
from portal.operation.rule_words import UNITS
from portal.standing import Standing
from tests.fakes import A_MONDAY, Clock
from tests.portal.work_scene import sign_in, write
from tests.races.at_once import at_once

PAGES = ("/operation", "/operation/outbox", "/operation/work", "/operation/registers", "/operation/rules")
RULE = "guardian_confirm_minutes"
VALUES = {
    "value": "12",
    "starts_on-day": "1",
    "starts_on-month": "12",
    "starts_on-year": "2026",
    "source": "Quyết định 7",
}


@pytest.fixture(autouse=True)
def _no_amended_rules() -> Any:
    yield
    amend([])


def employed(client: FlaskClient, database: Database, clock: Clock, role: str, login: str = "vanhanh") -> UUID:
    def employ(db: Any) -> UUID:
        account = hire(db, login, f"Người {login}", now=clock())
        db.flush()
        give_role(db, account.id, role, None, SYSTEM, now=clock())
        return account.id

    account_id: UUID = write(database, employ)
    sign_in(client, database, account_id, now=clock())
    return account_id


@pytest.fixture
def operator(client: FlaskClient, database: Database, clock: Clock) -> FlaskClient:
    employed(client, database, clock, "operator")
    return client


def text_of(client: FlaskClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.text


def dead_letter(database: Database, *, tries: int = 3) -> UUID:
    def give(db: Any) -> UUID:
        message = outbox.post(db, Channel.EMAIL, "application-withdrawn", "an@example.org", now=A_MONDAY)
        db.execute(update(OutboxMessage).values(attempts=tries, last_error="SMTPServerDisconnected"))
        return message

    found: UUID = write(database, give)
    return found


def events(database: Database, event: Event) -> list[AuditEvent]:
    with database.session(write=False) as db:
        return list(db.scalars(select(AuditEvent).where(AuditEvent.name == event.value)))


@pytest.mark.parametrize("address", PAGES)
def test_every_page_opens_on_an_empty_portal(operator: FlaskClient, address: str) -> None:
    assert "<h1" in text_of(operator, address)


def test_auditors_read_and_change_nothing(client: FlaskClient, database: Database, clock: Clock) -> None:
    message = dead_letter(database)
    employed(client, database, clock, "auditor")
    for address in PAGES:
        assert 'method="post" action="/operation' not in text_of(client, address)
    for address in (
        f"/operation/outbox/{message}/send",
        f"/operation/outbox/{message}/give-up",
        f"/operation/work/{uuid4()}/start",
        "/operation/registers/population",
        f"/operation/rules/{RULE}",
        f"/operation/rules/changes/{uuid4()}/confirm",
    ):
        assert client.post(address).status_code == 403, address


def test_officers_and_strangers_see_nothing(client: FlaskClient, database: Database, clock: Clock) -> None:
    for address in PAGES:
        assert client.get(address).status_code in (302, 303), address
    employed(client, database, clock, "rp_developer")
    for address in PAGES:
        assert client.get(address).status_code == 403, address


def test_the_outbox_shows_kinds_and_never_an_address(operator: FlaskClient, database: Database) -> None:
    dead_letter(database)
    shown = text_of(operator, "/operation/outbox")
    assert "application-withdrawn" in shown
    assert "SMTPServerDisconnected" in shown
    assert "an@example.org" not in shown


def test_a_dead_letter_is_sent_again_or_given_up_with_a_reason(
    operator: FlaskClient, database: Database, clock: Clock
) -> None:
    message = dead_letter(database)
    assert operator.post(f"/operation/outbox/{message}/send").status_code == 303
    with database.transaction() as db:
        assert [one.id for one in outbox.lease(db, Lane.NOTICE, now=clock())] == [message]
    assert operator.post(f"/operation/outbox/{message}/send").status_code != 303, "it is on its way"
    clock.advance(minutes=2)
    without = operator.post(f"/operation/outbox/{message}/give-up", data={})
    assert without.status_code == 200
    assert "Chọn lý do" in without.text
    assert operator.post(f"/operation/outbox/{message}/give-up", data={"reason": "wrong-address"}).status_code == 303
    with database.session(write=False) as db:
        row = db.get_one(OutboxMessage, message)
        assert (row.payload_sealed, row.last_error) == (None, "wrong-address")
    assert operator.post(f"/operation/outbox/{message}/give-up", data={"reason": "wrong-address"}).status_code != 303
    assert len(events(database, Event.MESSAGE_SENT_AGAIN)) == 1
    assert [one.facts for one in events(database, Event.MESSAGE_GIVEN_UP)] == [{"reason": "wrong-address"}]


def test_what_a_count_from_scratch_leaves_out_is_said(operator: FlaskClient, database: Database, clock: Clock) -> None:
    assert "đã được xóa" not in text_of(operator, "/operation/work")
    times: dict[str, Any] = {"day": clock.now.date(), "begun_at": clock(), "before": clock() - timedelta(days=5 * 365)}
    write(database, lambda db: db.add(RetentionReport(rule="sessions", purged=3, **times)))
    assert "Các phiên trước ngày 24/11/2021 đã được xóa" in text_of(operator, "/operation/work")


def test_failed_work_goes_on_where_it_was(operator: FlaskClient, database: Database, clock: Clock) -> None:
    def fail(db: Any) -> UUID:
        job = jobs.enqueue(db, "a-kind", {}, now=clock())
        db.execute(update(Job).values(failed_at=clock(), attempts=5, error="TimeoutError", cursor={"at": 7}))
        return job

    job = write(database, fail)
    assert "TimeoutError" in text_of(operator, "/operation/work")
    assert operator.post(f"/operation/work/{job}/start").status_code == 303
    with database.transaction() as db:
        taken = jobs.take(db, now=clock())
        assert (taken.id, taken.cursor) == (job, {"at": 7})
    assert len(events(database, Event.JOB_STARTED_AGAIN)) == 1


def test_work_that_gave_way_waits_and_only_what_nobody_takes_up_was_left(
    operator: FlaskClient, database: Database, clock: Clock
) -> None:
    def give_way(db: Any) -> None:
        jobs.enqueue(db, "a-kind", {}, now=clock())
        jobs.give_way(db, jobs.take(db, now=clock()), now=clock())

    write(database, give_way)
    operator.set_cookie("language", "en")
    clock.advance(seconds=3)
    assert "Its worker is gone" not in text_of(operator, "/operation/work")
    clock.advance(minutes=6)
    assert "Its worker is gone" in text_of(operator, "/operation/work")


@pytest.mark.parametrize(
    ("cursor", "shown"),
    [
        ({"left": ["x"], "first": 20, "of": "2026-11-23T03:00:00+00:00"}, "1 step"),
        ({"of": 12, "table": 3, "after": None, "rows": 500}, "3 of 12"),
        ({"of": 11, "index": 4, "after": None, "rows": 1}, "4 of 11"),
        ({"rule": 2, "of": 19}, "2 of 19"),
        ({"rule": 2}, "1 step"),
    ],
)
def test_work_says_how_far_it_is_whatever_its_cursor_holds(
    operator: FlaskClient, database: Database, clock: Clock, cursor: dict[str, Any], shown: str
) -> None:
    def begin(db: Any) -> None:
        jobs.enqueue(db, "a-kind", {}, now=clock())
        db.execute(update(Job).values(cursor=cursor, done=1))

    write(database, begin)
    operator.set_cookie("language", "en")
    assert shown in text_of(operator, "/operation/work")


def test_clocks_show_what_ran_what_failed_and_what_stands_still(
    operator: FlaskClient, database: Database, clock: Clock
) -> None:
    names = [name_of(chore) for chore in CHORES]
    assert len(set(names)) == len(names), "every clock has a name of its own"
    with database.transaction() as db:
        note_runs(db, [Ran(name, 3) for name in names], now=clock())
        note_runs(db, [Ran(names[0], 4, trouble="KeyError")], now=clock())
    shown = text_of(operator, "/operation/work")
    assert all(name in shown for name in names)
    assert "KeyError" in shown
    assert "1 đồng hồ" in text_of(operator, "/operation")
    clock.advance(minutes=10)
    assert f"{len(names)} đồng hồ" in text_of(operator, "/operation")


def test_one_clock_that_fails_does_not_hold_up_the_others(
    database: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(db: Any, *, now: Any) -> None:
        raise LookupError("a rule is missing")

    ran = []

    def runs(db: Any, *, now: Any) -> int:
        ran.append(now)
        return 2

    monkeypatch.setattr("portal.chores.CHORES", (breaks, runs))
    with pytest.raises(LookupError):
        run_chores(database.transaction, clock())
    assert ran == [clock()]


def test_the_manual_route_is_taken_with_a_reason_and_the_register_is_not_asked(
    operator: FlaskClient, database: Database, database_url: str, services: Any
) -> None:
    without = operator.post("/operation/registers/population?to=manual", data={"reason": " "})
    assert without.status_code == 200
    assert manual_now(database) == set()
    switch = {"reason": "Bảo trì đến 14 giờ"}
    assert operator.post("/operation/registers/population?to=manual", data=switch).status_code == 303
    assert manual_now(database) == {Register.POPULATION}
    again = operator.post("/operation/registers/population?to=manual", data=switch)
    assert "Bảo trì" in again.text, "what was typed is kept"
    process = connect(database_url, database.vault, Standing(database.vault, every=0))
    process.session(write=False).close()
    register = Switched(services.population, Register.POPULATION, process.standing.is_off)
    with pytest.raises(RegisterUnavailable):
        register.is_dead("001158012345", "a test")
    assert operator.post("/operation/registers/population?to=asked", data=switch).status_code == 303
    process.session(write=False).close()
    assert register.is_dead("001158012345", "a test") in (True, False)
    process.engine.dispose()
    assert operator.get("/operation/registers/nothing").status_code == 404
    assert [one.facts["manual"] for one in events(database, Event.REGISTER_ROUTE_SET)] == [True, False]


def manual_now(database: Database) -> set[Register]:
    with database.session(write=False) as db:
        return set(manual(db))


def test_rules_are_named_in_the_readers_words(operator: FlaskClient) -> None:
    operator.set_cookie("language", "vi")
    listed, one = text_of(operator, "/operation/rules"), text_of(operator, f"/operation/rules/{RULE}")
    assert "Xác nhận của người giám hộ có giá trị trong bao lâu" in listed and "Thời hạn khiếu nại" in listed
    assert "Xác nhận của người giám hộ có giá trị trong bao lâu" in one
    known = newest_rules(A_MONDAY.date())
    assert set(NAMES) == set(known), "a name for each rule, and no name without one"
    assert set(UNITS) == {row["unit"] for row in known.values()}, "likewise each unit"


def test_sources_and_units_of_rules_are_said_in_the_readers_language(operator: FlaskClient) -> None:
    """Somebody confirms a change of what they can read: about 110 rows stood in English."""
    english, vietnamese = "Art. 9: 90 days from receiving the decision", "Điều 9: 90 ngày từ khi nhận quyết định"
    for language, said, other, ours, unit in (
        ("vi", vietnamese, english, "tự đặt: ", "các cách cấp một mức độ, từ tuổi nào"),
        ("en", english, vietnamese, "ours: ", "ways to a level from an age on"),
    ):
        operator.set_cookie("language", language)
        listed, one = text_of(operator, "/operation/rules"), text_of(operator, "/operation/rules/appeal_days")
        assert all(said in page and other not in page for page in (listed, one))
        assert ours in listed and unit in listed
    operator.set_cookie("language", "vi")
    assert "ours:" not in text_of(operator, "/operation/rules")


def test_a_rule_changes_by_two_people_and_from_its_day_on(
    app: Any, operator: FlaskClient, database: Database, database_url: str, clock: Clock
) -> None:
    assert operator.post(f"/operation/rules/{RULE}", data=VALUES).status_code == 303
    [change] = waiting(database)
    shown = text_of(operator, "/operation/rules")
    assert "Quyết định 7" in shown
    assert f"{change.id}/confirm" not in shown
    assert operator.post(f"/operation/rules/changes/{change.id}/confirm").status_code == 403, "not by the same person"
    second = app.test_client()
    employed(second, database, clock, "operator", "vanhanh2")
    assert f"{change.id}/confirm" in text_of(second, "/operation/rules")
    assert second.post(f"/operation/rules/changes/{change.id}/confirm").status_code == 303
    assert second.post(f"/operation/rules/changes/{change.id}/confirm").status_code == 409, "answered once"
    assert "Quyết định 7" in text_of(second, "/operation/rules"), "what was confirmed is coming, from this moment on"
    process = connect(database_url, database.vault, Standing(database.vault, every=0))
    process.session(write=False).close()
    assert rule(RULE, date(2026, 11, 30)) == 10
    assert rule(RULE, date(2026, 12, 1)) == 12
    assert newest_rules(date(2026, 12, 1))[RULE]["source"] == "Quyết định 7"
    process.engine.dispose()
    assert [len(events(database, one)) for one in (Event.RULE_PROPOSED, Event.RULE_CONFIRMED)] == [1, 1]
    assert ["rule-own" in one.facts.values() for one in events(database, Event.ATTEMPT_REFUSED)] == [True]


def waiting(database: Database) -> list[RuleChange]:
    with database.session(write=False) as db:
        return rule_changes.open_changes(db)


@pytest.mark.parametrize(
    "changed",
    [
        {"value": "twelve"},
        {"value": '"12"'},
        {"value": "-1"},
        {"value": "true"},
        {"value": "[12]"},
        {"value": "1" * 5000},
        {"value": ""},
        {"starts_on-day": "23", "starts_on-month": "11"},
        {"starts_on-day": "31", "starts_on-month": "11"},
        {"source": " "},
    ],
)
def test_a_wrong_change_is_refused_and_keeps_what_was_typed(
    operator: FlaskClient, database: Database, changed: dict[str, str]
) -> None:
    answer = operator.post(f"/operation/rules/{RULE}", data=VALUES | changed)
    assert answer.status_code == 200
    assert 'role="alert"' in answer.text or "error-summary" in answer.text
    assert waiting(database) == []


def test_a_value_keeps_the_form_that_the_code_reads(database: Database, clock: Clock) -> None:
    operator = Actor(uuid4(), "operator")
    tomorrow = (clock() + timedelta(days=3)).date()
    for name, value in (
        ("who_may_have", '[{"kind": "citizen"}]'),
        ("throttle_wait_seconds", '{"first": 2}'),
        ("no", "1"),
        ("staff_idle_days", "0"),
        ("staff_idle_days", "999999999999"),
        ("usage_history_years", "3000"),
        ("second_look_percent", "101"),
        ("state_reporting_closing_day", "31"),
        ("session_hours", '{"resident": 12, "staff": 0}'),
        ("activation_reminder_days", "[]"),
        ("office_hours", "[]"),
        ("working_days", "[]"),
        ("working_days", '{"2027-02-30": false}'),
        ("working_days", '{"20270205": false}'),
        ("working_days", '{"2027-02-05": "off"}'),
        ("office_hours", '[["7 giờ", "11 giờ"]]'),
        ("office_hours", '[["13:00", "11:30"]]'),
        ("office_hours", '["07:30", "11:30"]'),
        ("office_hours", "7"),
        ("supplement_clock", '"never"'),
        ("foreigner_documents", '["VISA"]'),
        ("foreigner_number_prefix", '"x"'),
        ("what_to_bring", '{"citizen": ["a-cow"], "foreigner": ["passport"], "with_guardian": ["guardian"]}'),
    ):
        with database.session(write=True) as db, pytest.raises(Refused):
            rule_changes.propose(db, name, value, tomorrow, "x", operator, now=clock())
    with database.session(write=True) as db:
        said = rule_changes.propose(
            db, "throttle_wait_seconds", '{"first": 2, "longest": 60}', tomorrow, "x", operator, now=clock()
        )
        assert said.value == {"first": 2, "longest": 60}
    for name, value in (
        ("office_hours", '[["08:00", "12:00"], ["13:30", "17:30"]]'),
        ("working_days", '{"2027-02-13": true, "2027-02-15": false}'),
        ("supplement_clock", '"restart"'),
        ("second_look_percent", "0"),
        ("foreigner_documents", '["PRC"]'),
    ):
        with database.session(write=True) as db:
            rule_changes.propose(db, name, value, tomorrow, "x", operator, now=clock())


def test_every_rule_may_stay_as_it_is() -> None:
    for name, row in newest_rules(A_MONDAY.date()).items():
        assert can_be_meant(name, row["value"], row["value"], row["unit"]), name


def test_small_counts_cannot_be_published_by_a_rule() -> None:
    row = newest_rules(A_MONDAY.date())["publication_threshold"]
    meant = [can_be_meant("publication_threshold", number, row["value"], row["unit"]) for number in (0, 1, 4, 5, 20)]
    assert meant == [False, False, False, True, True]


def test_a_slip_is_put_right_by_a_later_change_for_the_same_day(
    operator: FlaskClient, database: Database, clock: Clock
) -> None:
    """The pages and the clocks agree on which of two changes from one day holds: the one confirmed last."""
    first, second, day = Actor(uuid4(), "operator"), Actor(uuid4(), "operator"), date(2026, 12, 1)
    operator.set_cookie("language", "en")
    for value in ("120", "12"):
        with database.transaction() as db:
            change = rule_changes.propose(db, RULE, value, day, "x", first, now=clock())
        shown = text_of(operator, "/operation/rules")
        assert ("Takes the place of 120" in shown) == (value == "12"), "before anybody confirms it"
        with database.transaction() as db:
            rule_changes.confirm(db, change.id, second, now=clock())
        clock.advance(minutes=5)
    coming = text_of(operator, "/operation/rules").partition("<h2>Coming</h2>")[2].partition("</section>")[0]
    assert coming.count("<li>") == 1 and "<code>12</code>" in coming
    with database.session(write=False) as db:
        amend(rule_changes.confirmed_changes(db))
    assert (newest_rules(day)[RULE]["value"], rule(RULE, day)) == (12, 12)


def test_of_sixteen_who_switch_a_register_off_one_does(database: Database, clock: Clock) -> None:
    def switch() -> str:
        try:
            with database.transaction() as db:
                set_route(db, Register.POPULATION, True, "bảo trì", Actor(uuid4(), "operator"), now=clock())
        except Refused as refusal:
            return refusal.code
        return "off"

    assert sorted(at_once(switch)) == ["off", *["route-stands"] * 15]


def test_of_sixteen_who_propose_for_one_rule_one_does(database: Database, clock: Clock) -> None:
    def ask() -> str:
        try:
            with database.transaction() as db:
                day = date(2026, 12, 1)
                rule_changes.propose(db, RULE, "12", day, "x", Actor(uuid4(), "operator"), now=clock())
        except Refused as refusal:
            return refusal.code
        return "asked"

    assert sorted(at_once(ask)) == ["asked", *["rule-proposed-already"] * 15]


def test_the_figures_name_no_person_and_only_labels_of_closed_lists(client: FlaskClient, database: Database) -> None:
    dead_letter(database)
    told = client.get("/metrics").text
    assert 'portal_outbox_failing{lane="notice"} 1.0' in told
    assert 'portal_register_manual{register="population"} 0.0' in told
    assert 'portal_key_turning{key="encryption"} 0.0' in told
    assert "example.org" not in told
