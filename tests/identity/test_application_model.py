"""An application as a model (Hypothesis): whatever applicants, officers and time do, some things hold.

Four eyes and no ties; no approval without a match and with a namesake not told apart; no step that is not on the list;
no date that comes nearer. What happened is read from the trail, not from the row.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select
from sqlalchemy.orm import close_all_sessions

from identity.application import (
    Application,
    Given,
    abandon_unanswered,
    acknowledge,
    appeal,
    by_hand,
    by_rule,
    clocks,
    decide,
    decide_appeal,
    hand_back,
    record_capture,
    record_match,
    request_supplement,
    resubmit,
    review,
    take_back_appeal,
    take_here,
    take_next,
    withdraw,
)
from identity.application.by_hand import compare_by_hand, confirm_by_hand, keep_check
from identity.application.conflicts import declare
from identity.application.desks import take_to_decide
from identity.application.review import apologise_when_late
from identity.application.tasks import Kind, open_task, settle, task_of
from identity.audit import SYSTEM, AuditEvent, Event
from identity.base import Refused, new_id
from identity.gateways import MatchResult
from identity.lock_requests.deaths import close_the_dead
from identity.operation.routes import Register, set_route
from portal.database import Database, connect
from portal.migrations import upgrade
from tests.identity.applicants import CITIZEN, an_officer, sent_online, submitted

deciding, hearing = (import_module(f"identity.application.{name}") for name in ("decide", "appeal"))
"""The modules; the package has their verbs under the same names."""
QUICK = settings(
    max_examples=10, stateful_step_count=5, deadline=None, database=None, derandomize=True,
    suppress_health_check=list(HealthCheck), phases=[Phase.generate],
)  # fmt: skip
NEXT: dict[str, set[str]] = {
    "submitted": {"received", "supplement_requested", "withdrawn"},
    "received": {"supplement_requested", "captured", "refused", "withdrawn"},
    "supplement_requested": {"resubmitted", "withdrawn", "abandoned"},
    "resubmitted": {"received", "supplement_requested", "captured", "matched", "refused", "withdrawn"},
    "captured": {"captured", "matched", "supplement_requested", "refused", "withdrawn"},
    "matched": {"captured", "supplement_requested", "refused", "issued", "withdrawn"},
    "refused": {"appealed"},
    "appealed": {"refused", "resubmitted", "matched"},
    "issued": set(),
    "withdrawn": set(),
    "abandoned": set(),
    "deceased": set(),
}
"""shared/enrolment.md, *The application*, as one step after the other."""
for still_open in set(NEXT) - {"refused", "issued", "withdrawn", "abandoned", "deceased"}:
    NEXT[still_open].add("deceased")
ONLINE: dict[str, set[str]] = {
    **NEXT,
    "received": {"supplement_requested", "refused", "issued", "withdrawn", "deceased"},
    "resubmitted": {"supplement_requested", "refused", "issued", "withdrawn", "deceased"},
}
WHO = st.integers(0, 2)
MOSTLY = st.sampled_from([True, True, False])


class Life(RuleBasedStateMachine):
    """One application, three who receive and three who approve and supervise; the first of each is one person."""

    database: Database
    start: datetime
    applicant = CITIZEN
    next = NEXT

    @initialize()
    def arrive(self) -> None:
        self.begin(submitted)

    def begin(self, send: Callable[..., Any], **answers: Any) -> None:
        self.now, self.dates = self.start, [self.start]
        with self.database.transaction() as db:
            phone = f"+849{self.applicant.personal_number[-8:]}"
            file, _code = send(db, self.applicant, now=self.now, phone=phone, **answers)
            self.id, self.unit = file.id, file.unit_id
            self.states, self.versions = [file.state], [file.version]
            self.receiving = [an_officer(db, "receiving_officer", now=self.now) for _ in range(3)]
            self.approving = [an_officer(db, "approving_officer", now=self.now) for _ in range(3)]
            both = type(self.approving[0])(self.receiving[0].account_id, "approving_officer")
            self.approving[0] = both
            self.supervising = [replace(officer, role="supervisor") for officer in self.approving]

    def do(self, verb: Any, *given: Any) -> None:
        """One step in a transaction of its own; a refusal undoes it."""
        self.now += timedelta(minutes=1)
        try:
            with self.database.transaction() as db:
                verb(db, db.get_one(Application, self.id), *given, now=self.now)
        except Refused:
            return
        self._look()

    def _look(self) -> None:
        with self.database.session(write=False) as db:
            file = db.get_one(Application, self.id)
            if file.state != self.states[-1] or file.version != self.versions[-1]:
                assert file.state in self.next[self.states[-1]], f"{self.states[-1]} to {file.state}"
                assert file.version > self.versions[-1]
                self.states.append(file.state)
                self.versions.append(file.version)
            if file.decision_due_at is not None:
                assert file.decision_due_at >= self.dates[-1], "a date came nearer"
                self.dates.append(file.decision_due_at)
            if file.promised_at is not None and file.decision_due_at is not None and file.decision_due_at > self.now:
                assert file.promised_at <= file.decision_due_at, "an apology put off a decision that was on its way"

    @rule(hours=st.sampled_from([1, 30, 24 * 40]))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)
        for chore in (apologise_when_late, abandon_unanswered):
            with self.database.transaction() as db:
                chore(db, now=self.now)
            self._look()

    @rule(really=MOSTLY.map(lambda mostly: not mostly))
    def died(self, really: bool) -> None:
        """The daily look; as a rule about others."""
        with self.database.transaction() as db:
            close_the_dead(db, [self.applicant.personal_number if really else "000000000000"], now=self.now)
        self._look()

    @rule(who=WHO)
    def received(self, who: int) -> None:
        self.do(acknowledge, self.receiving[who])

    @rule(who=WHO, by_supervisor=st.booleans())
    def more_is_asked(self, who: int, by_supervisor: bool) -> None:
        officers = self.supervising if by_supervisor else self.receiving
        self.do(request_supplement, officers[who], ["card-photo"], "")

    @rule()
    def answered(self) -> None:
        self.do(resubmit, {"card-photo": Given("Đây.")})

    @rule(who=WHO, hours=st.sampled_from([1, 10]))
    def received_with_what_was_missing(self, who: int, hours: int) -> None:
        """The first look asked for something; the answer is looked at, in time or not."""
        self.more_is_asked(who, False)
        self.answered()
        self.time_passes(hours)
        self.received(who)

    @rule(who=WHO, approver=WHO)
    def something_is_missing_after_the_visit(self, who: int, approver: int) -> None:
        self.received(who)
        self.came(who, True)
        self.received_with_what_was_missing(who, 1)
        self.decided(approver, "approved")

    @rule(who=WHO, recognised=st.booleans())
    def came(self, who: int, recognised: bool) -> None:
        self.do(record_capture, self.receiving[who], new_id(), "CAP-0001", "ABCDE-FGHJK")
        self.do(record_match, self.receiving[who], MatchResult(90 if recognised else 10, recognised))

    @rule(first=WHO, second=WHO, approver=WHO, recognised=st.sampled_from([None, True, False]))
    def by_hand(self, first: int, second: int, approver: int, recognised: bool | None) -> None:
        """The register is away; sometimes it answers before the decision."""
        self._route(True)
        self.do(record_capture, self.receiving[first], new_id(), "CAP-0001", "ABCDE-FGHJK")
        self.do(compare_by_hand, self.receiving[first], self.applicant.card_number)
        self.do(confirm_by_hand, self.supervising[second])
        if recognised is not None:
            self._route(False)
            self.do(self._answered, MatchResult(90 if recognised else 10, recognised))
        self.decided(approver, "approved")
        self._route(False)

    def _route(self, is_manual: bool) -> None:
        with self.database.transaction() as db, suppress(Refused):
            set_route(db, Register.POPULATION, is_manual, "maintenance", SYSTEM, now=self.now)

    @staticmethod
    def _answered(db: Any, file: Application, result: MatchResult, *, now: datetime) -> None:
        keep_check(db, file.id, result, now=now)

    @rule(who=WHO, outcome=st.sampled_from(["approved", "refused"]))
    def decided(self, who: int, outcome: str) -> None:
        self.do(decide, self.approving[who], outcome, "second-account" if outcome == "refused" else None)

    @rule(receiver=WHO, recognised=MOSTLY, asks=st.booleans(), namesake=st.booleans(), approver=WHO)
    def a_day_at_the_office(self, receiver: int, recognised: bool, asks: bool, namesake: bool, approver: int) -> None:
        """A whole story: by chance alone, steps that need one another hardly ever meet."""
        self.received(receiver)
        if asks:
            self.more_is_asked(receiver, False)
            self.answered()
        self.came(receiver, recognised)
        if namesake:
            self.a_namesake("open", approver)
        self.decided(approver, "approved")

    @rule(receiver=WHO, refuser=WHO, hearer=WHO, outcome=st.sampled_from(["upheld", "overturned"]), approver=WHO)
    def no_and_yes(self, receiver: int, refuser: int, hearer: int, outcome: str, approver: int) -> None:
        self.received(receiver)
        self.came(receiver, True)
        self.decided(refuser, "refused")
        self.do(appeal, "Xin xem lại.")
        self.do(decide_appeal, self.supervising[hearer], outcome, "Vì thế.")
        self.decided(approver, "approved")

    @rule()
    def the_applicant_gives_up(self) -> None:
        self.do(take_back_appeal)

    @rule(after=st.sampled_from([0, 24 * 60]))
    def withdrawn(self, after: int) -> None:
        """Mostly late, so that other stories come first."""
        if self.now > self.start + timedelta(hours=after) and len(self.states) > 6:
            self.do(withdraw)

    @rule(who=WHO, approving=st.booleans())
    def taken(self, who: int, approving: bool) -> None:
        officer = self.approving[who] if approving else self.receiving[who]
        with self.database.transaction() as db:
            found = take_next(db, {self.unit}, officer, to_decide=approving, now=self.now)
            assert found is None or found.state in ("submitted", "received", "resubmitted", "captured", "matched")
        self.do(*((take_to_decide, officer, {"supervisor"}) if approving else (take_here, officer, "3456")))

    @rule(who=WHO)
    def handed_back(self, who: int) -> None:
        self.do(hand_back, self.receiving[who], "leaving")

    @rule(approving=st.booleans())
    def tied(self, approving: bool) -> None:
        """The last of three; others go on with the file."""
        self.do(declare, (self.approving if approving else self.receiving)[2], "relative")

    @rule(outcome=st.sampled_from(["open", "two-people", "same-person"]), who=WHO)
    def a_namesake(self, outcome: str, who: int) -> None:
        def say(db: Any, file: Application, *, now: datetime) -> None:
            if file.state == "issued":
                return
            task = open_task(db, file, Kind.LINKING, now=now)
            if outcome != "open":
                settle(db, task, self.approving[who], outcome, "Vì thế.", now=now)

        self.do(say)

    @invariant()
    def what_must_hold_holds(self) -> None:
        with self.database.session(write=False) as db:
            file = db.get_one(Application, self.id)
            events = list(
                db.scalars(select(AuditEvent).where(AuditEvent.subject_id == self.id).order_by(AuditEvent.id))
            )
            _four_eyes(events)
            _matched_and_told_apart(db, file, events)
            if file.state in ("issued", "refused", "withdrawn", "abandoned", "deceased", "appealed"):
                assert file.held_by_id is None
            assert file.held_by_id is None or file.held_by_id not in _tied(events)


class Online(Life):
    """One that was sent online: decided by rule where everything agrees, else by two officers; nobody visits."""

    next = ONLINE

    @initialize(agrees=st.sampled_from([True, False, False, False]))
    def arrive(self, agrees: bool) -> None:
        self.begin(sent_online, portrait_matched=agrees)

    @rule(receiver=WHO, asks=st.booleans(), refuses=st.booleans(), approver=WHO)
    def a_day_without_a_visit(self, receiver: int, asks: bool, refuses: bool, approver: int) -> None:
        self.received(receiver)
        if asks:
            self.more_is_asked(receiver, False)
            self.answered()
        self.decided(approver, "refused" if refuses else "approved")


BY_HAND = {Event.COMPARED_BY_HAND, Event.HAND_MATCH_CONFIRMED}
VISIT = {Event.APPLICATION_CAPTURED, Event.APPLICATION_MATCHED, Event.COUNTER_SECRET_RENEWED, *BY_HAND}
RECEIVED = {Event.APPLICATION_RECEIVED, *VISIT}
HEARD = {Event.APPEAL_UPHELD, Event.APPEAL_OVERTURNED}
DECIDED = {Event.APPLICATION_APPROVED, Event.APPLICATION_REFUSED, *HEARD}
HANDS = {*RECEIVED, *DECIDED, Event.APPLICATION_SUPPLEMENT_REQUESTED}


def _four_eyes(events: list[AuditEvent]) -> None:
    """Whoever decides did not receive; whoever hears had no hand; nobody acts on somebody they are tied to."""
    for place, event in enumerate(events):
        before = [(one.name, one.actor_id) for one in events[:place]]
        if event.name in (Event.APPLICATION_APPROVED, Event.APPLICATION_REFUSED):
            assert not any((name, event.actor_id) in before for name in RECEIVED)
            assert (Event.APPLICATION_REFUSED, event.actor_id) not in before
        if event.name in HEARD:
            assert not any((name, event.actor_id) in before for name in HANDS)
        if event.name in HANDS:
            assert event.actor_id not in _tied(events[:place])


def _tied(events: list[AuditEvent]) -> set[Any]:
    return {event.actor_id for event in events if event.name == Event.CONFLICT_DECLARED}


def _matched_and_told_apart(db: Any, file: Application, events: list[AuditEvent]) -> None:
    """An account is there when an approval is, once, of somebody who was matched at the last visit."""
    names = [event.name for event in events]
    assert names.count(Event.APPLICATION_APPROVED) == names.count(Event.APPLICATION_ISSUED) == (file.state == "issued")
    if file.state == "issued":
        if file.level == 1:
            _by_rule_or_by_officers(file, events)
        else:
            _matched(file, events)
        task = task_of(db, file.id, Kind.LINKING)
        assert task is None or task.outcome == "two-people"


def _matched(file: Application, events: list[AuditEvent]) -> None:
    """At the last visit: by the register, or by two people before the register answered."""
    names = [event.name for event in events]
    visit = events[len(names) - 1 - names[::-1].index(Event.APPLICATION_CAPTURED) :]
    said = [one.facts["matched"] for one in visit if one.name in (Event.APPLICATION_MATCHED, Event.HAND_MATCH_CHECKED)]
    by = [one.actor_id for one in visit if one.name in BY_HAND]
    assert said[-1] and file.matched if said else len(by) == len(set(by)) == len(BY_HAND)


def _by_rule_or_by_officers(file: Application, events: list[AuditEvent]) -> None:
    """Without a visit: the rule takes a match of the portrait, and officers act for a reason that is on record."""
    (approved,) = [event for event in events if event.name == Event.APPLICATION_APPROVED]
    if approved.actor_id is None:
        assert file.matched and file.officer_reasons is None
    else:
        assert file.officer_reasons and any(event.name == Event.APPLICATION_RECEIVED for event in events)


def live(templates: Any, engine: str, vault: Any, now: datetime, examples: int, kind: type[Life] = Life) -> None:
    """Each example has a database of its own."""
    made: list[tuple[Database, str]] = []

    def fresh() -> Life:
        from identity.places import load_units

        def prepare(url: str) -> None:
            upgrade(url)
            opened = connect(url, vault)
            with opened.transaction() as db:
                load_units(db, now=now)
            opened.engine.dispose()

        url = templates.copy(engine, "model_units", prepare)
        machine = kind()
        machine.database, machine.start = connect(url, vault), now
        made.append((machine.database, url))
        return machine

    try:
        run_state_machine_as_test(fresh, settings=settings(QUICK, max_examples=examples))
    finally:
        close_all_sessions()
        for database, url in made:
            database.engine.dispose()
            templates.discard(engine, url)


def test_whatever_happens_the_rules_hold(templates: Any, engine: str, vault: Any, now: datetime) -> None:
    live(templates, engine, vault, now, examples=10)


def test_nothing_sent_online_is_decided_without_a_match_or_an_officer_who_was_asked_to(
    templates: Any, engine: str, vault: Any, now: datetime
) -> None:
    live(templates, engine, vault, now, examples=8, kind=Online)


def test_the_model_sees_a_rule_that_asks_for_no_match(
    database: Database, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    life = Online()
    life.database, life.start = database, now
    monkeypatch.setattr(by_rule, "reasons_for_an_officer", lambda *_given, **_named: [])
    life.arrive(False)
    with pytest.raises(AssertionError):
        life.what_must_hold_holds()


def two_eyes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deciding, "check_may_decide", lambda *_given: None)


def anybody_hears(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hearing, "check_may_hear", lambda *_given: None)


def ties_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    class Untied:
        def one(self, db: Any, **given: Any) -> Any:
            row = known.one(db, **given)
            return row and row._replace(is_tied=False)

    known = review._HOLDER
    monkeypatch.setattr(review, "_HOLDER", Untied())


def a_namesake_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deciding, "check_linked", lambda *_given: None)


def the_match_not_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deciding, "check_matched", lambda *_given: None)


def a_clock_that_runs_out_sooner(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clocks, "working_days_left", lambda *_given, **_named: 0)


def one_person_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(by_hand, "_check_second", lambda *_given: None)


STORIES: dict[Any, Callable[[Life], None]] = {
    two_eyes: lambda life: life.a_day_at_the_office(0, True, False, False, 0),
    anybody_hears: lambda life: life.no_and_yes(0, 1, 1, "overturned", 2),
    a_namesake_passed_over: lambda life: life.a_day_at_the_office(0, True, False, True, 1),
    the_match_not_asked_for: lambda life: life.a_day_at_the_office(0, False, False, False, 1),
    a_clock_that_runs_out_sooner: lambda life: life.a_day_at_the_office(0, True, True, False, 1),
    one_person_by_hand: lambda life: (life.received(0), life.by_hand(0, 0, 1, None)),  # type: ignore[func-returns-value]
    ties_forgotten: lambda life: (life.tied(False), life.received(2)),  # type: ignore[func-returns-value]
}
"""What somebody may get wrong one day, and a story in which it shows."""


@pytest.mark.parametrize("fault", list(STORIES))
def test_the_model_sees_a_fault(database: Database, now: datetime, monkeypatch: pytest.MonkeyPatch, fault: Any) -> None:
    def told(number: str) -> None:
        life = Life()
        life.database, life.start = database, now
        life.applicant = replace(CITIZEN, personal_number=number, card_number=number, full_name=f"Người {number}")
        life.arrive()
        STORIES[fault](life)
        life.what_must_hold_holds()

    told("001190123456")
    fault(monkeypatch)
    with pytest.raises(AssertionError):
        told("001190654321")
