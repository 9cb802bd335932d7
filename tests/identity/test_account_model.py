"""The life of an account as a model (Hypothesis): whatever people, strangers, officers and time do, four things hold.

No level without evidence that still counts; no open door while a ground stands, and none that a lock shut ever opens
again; no recovery without its wait, counted from the last who vouched; and something always stands beside the password,
an app or a device.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import close_all_sessions

from identity import account as gate
from identity import levels, locks
from identity.account import Act, Ground, check_may, get_account
from identity.audit import SYSTEM, VISITOR, Actor
from identity.base import Refused
from identity.credentials import new_passkey, passkeys, second_factor
from identity.credentials.passkey import passkeys_of
from identity.credentials.recovery import Sheet, keep_sheet
from identity.credentials.sign_in import Visit, begin_session
from identity.evidence import EvidenceKind, add_evidence, evidence_of
from identity.freeze import ANYBODY, freeze, lift, pause_once, paused_until
from identity.levels import LEVEL_1, LEVEL_2, level_of
from identity.locks import grounds_of, lock, note_paper, unlock
from identity.person import Kind
from identity.recovery import (
    Begun,
    CoSignature,
    Recovery,
    begin_with_code,
    begin_with_device,
    co_sign,
    finish,
    keep_device,
    keys,
    people,
    prove_phone,
    recover_at_counter,
    set_password,
    stop_own,
)
from identity.session import find_session
from portal.database import Database, connect
from portal.migrations import upgrade
from tests.identity.account_scene import LOGIN, make_account, sent_otp
from tests.identity.recovery_scene import ADDRESS, asked, make_owner, set_keys, trusted_since

KINDS = sorted({*LEVEL_1[Kind.CITIZEN], *LEVEL_2[Kind.CITIZEN]})
GROUNDS = (Ground.TERMS, Ground.AUTHORITY, Ground.CARD_WITHDRAWN, Ground.HOLD)
TWO = ("pwd", "otp", "mfa")
QUICK = settings(
    max_examples=8, stateful_step_count=20, deadline=None, database=None, derandomize=True,
    suppress_health_check=list(HealthCheck), phases=[Phase.generate],
)  # fmt: skip


class Life(RuleBasedStateMachine):
    """One account with two trusted people; each step is a transaction of its own."""

    database: Database
    start: Any

    @initialize()
    def arrive(self) -> None:
        self.now = self.start
        self.tokens: list[str] = []
        self.ended: list[str] = []
        self.started: dict[Any, Any] = {}
        with self.database.transaction() as db:
            owner = make_owner(db, self.now - timedelta(days=60))
            self.sheet = Sheet.draw(self.now)
            keep_sheet(db, owner.id, self.sheet, now=self.now)
            self.account, self.person = owner.id, owner.person_id
            self.contacts = [trusted_since(db, owner, f"00117400000{n}", self.now).id for n in (1, 2)]
            self.officer = Actor(make_account(db, self.now, "officer.one", kind="staff").id, "receiving_officer")
        self.words: list[tuple[Any, str]] = []

    def do(self, work: Any) -> Any:
        """One step; a refusal undoes it."""
        try:
            with self.database.transaction() as db:
                return work(db, get_account(db, self.account))
        except Refused:
            return None

    @rule(hours=st.sampled_from([1, 23, 71, 72, 24 * 8, 24 * 31]))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule(kind=st.sampled_from(KINDS), days=st.sampled_from([None, 0, 10]))
    def something_is_proved(self, kind: EvidenceKind, days: int | None) -> None:
        ends = None if days is None else (self.now + timedelta(days=days)).date()
        self.do(lambda db, _account: add_evidence(db, self.person, kind, now=self.now, ends_on=ends))

    @rule(days=st.sampled_from([0, 10]))
    def all_is_proved(self, days: int) -> None:
        for kind in KINDS:
            self.something_is_proved(kind, days)

    @rule(days=st.sampled_from([0, 10]))
    def a_level_runs_out(self, days: int) -> None:
        """A whole story at once: by chance alone, steps that need one another hardly ever meet."""
        self.all_is_proved(days)
        self.time_passes(24 * (days + 1))

    @rule(hours=st.sampled_from([1, 71, 72]), between=st.sampled_from([0, 30]))
    def people_lead_back_in(self, hours: int, between: int) -> None:
        """Another story: nothing stands in the way, both vouch, and somebody is early or in time."""
        self.the_doors_open()
        self.now += timedelta(days=32)  # an earlier stop is forgotten by then
        self.both_people_vouch(between)
        self.now += timedelta(hours=hours)
        self.whoever_can_sets_new_keys()

    def the_office_opens(self) -> None:
        def open_all(db: Any, account: Any) -> None:
            for one in grounds_of(db, account, now=self.now):
                unlock(db, account, Ground(one.ground), one.source, SYSTEM, now=self.now)
            far = (self.now + timedelta(days=3650)).date()
            note_paper(db, account, "citizen_card", Ground.DOCUMENT_EXPIRED, far, now=self.now)

        self.do(open_all)

    @rule(between=st.sampled_from([0, 30]))
    def both_people_vouch(self, between: int) -> None:
        self.somebody_asks_the_people()
        self.now += timedelta(hours=between)
        for which in (0, 1) if self.words else ():
            self.a_contact_agrees(which, 1)

    @rule()
    def a_device_is_added(self) -> None:
        """Devices are made without their cryptography here: what counts is who has one."""
        made = {"public_key": "00", "sign_count": 0, "transports": [], "is_synced": False, "name": "x"}
        made["credential_id"] = secrets.token_hex(16)

        def add(db: Any, account: Any) -> None:
            check_may(db, account.id, Act.CHANGE, now=self.now)
            new_passkey.keep(db, account.id, made, now=self.now)

        self.do(add)

    @rule()
    def the_oldest_device_is_removed(self) -> None:
        def take(db: Any, account: Any) -> None:
            if held := passkeys_of(db, account.id):
                passkeys.remove(db, account, held[0].id, account.id, now=self.now)

        self.do(take)

    @rule()
    def the_app_is_removed(self) -> None:
        self.do(lambda db, account: second_factor.remove_app(db, account, account.id, now=self.now))

    @rule()
    def a_device_is_enough(self) -> None:
        """A whole story: nothing stands in the way, a device is added, the app goes, and then the device is to go."""
        self.the_doors_open()
        self.a_device_is_added()
        self.the_app_is_removed()
        self.the_oldest_device_is_removed()

    def the_doors_open(self) -> None:
        for ground in GROUNDS:
            self.somebody_unlocks(ground)
        self.the_office_opens()
        self.a_device_lifts()

    @rule()
    def a_forgotten_password_is_replaced_with_a_device(self) -> None:
        self.the_doors_open()

        def keep(db: Any, account: Any) -> None:
            recovery = begin_with_device(db, account, now=self.now).recovery
            set_password(db, recovery, "a hash", now=self.now)
            keep_device(db, recovery, now=self.now)
            finish(db, recovery, Sheet.read(recovery.sheet).codes[0], now=self.now)

        self.do(keep)

    @rule()
    def the_owner_signs_in(self) -> None:
        def enter(db: Any, account: Any) -> str:
            check_may(db, account.id, Act.SIGN_IN, now=self.now)
            return begin_session(db, account, TWO, 2, Visit(ADDRESS), now=self.now).token

        if token := self.do(enter):
            self.tokens.append(token)

    @rule(ground=st.sampled_from(GROUNDS))
    def somebody_locks(self, ground: Ground) -> None:
        self.do(lambda db, account: lock(db, account, ground, "model", SYSTEM, now=self.now))
        self._what_was_open_is_over()

    def _what_was_open_is_over(self) -> None:
        self.ended, self.tokens = [*self.ended, *self.tokens], []

    @rule(ground=st.sampled_from(GROUNDS))
    def shut_and_opened_again(self, ground: Ground) -> None:
        """A whole story: whoever was in when it was locked is not in when it is open again."""
        self.the_doors_open()
        self.the_owner_signs_in()
        self.somebody_locks(ground)
        self.the_doors_open()

    @rule(ground=st.sampled_from(GROUNDS))
    def somebody_unlocks(self, ground: Ground) -> None:
        self.do(lambda db, account: unlock(db, account, ground, "model", SYSTEM, now=self.now))

    @rule(days=st.sampled_from([-1, 3, 400]))
    def a_paper_ends(self, days: int) -> None:
        day = (self.now + timedelta(days=days)).date()
        self.do(lambda db, account: note_paper(db, account, "citizen_card", Ground.DOCUMENT_EXPIRED, day, now=self.now))

    @rule()
    def the_owner_freezes(self) -> None:
        self.do(lambda db, account: freeze(db, account, Actor(account.id, account.kind), now=self.now))
        self._what_was_open_is_over()

    @rule()
    def a_stranger_pauses(self) -> None:
        self.do(lambda db, account: pause_once(db, account, ANYBODY, VISITOR, now=self.now))

    @rule()
    def a_device_lifts(self) -> None:
        self.do(lambda db, account: lift(db, account.id, Actor(account.id, account.kind), now=self.now))

    @rule()
    def somebody_asks_the_people(self) -> None:
        begun = self.do(lambda db, _account: (lambda one: (one.recovery.id, one.word))(asked(db, self.now)))
        if begun is not None:
            self.words.append(begun)

    @precondition(lambda self: self.words)
    @rule(which=st.integers(0, 1), last=st.integers(1, 2))
    def a_contact_agrees(self, which: int, last: int) -> None:
        _recovery, word = self.words[-min(last, len(self.words))]
        self.do(lambda db, _account: co_sign(db, get_account(db, self.contacts[which]), word, now=self.now))

    @rule()
    def the_owner_stops_it(self) -> None:
        self.do(lambda db, account: stop_own(db, account, now=self.now))

    @rule(way=st.sampled_from(["device", "code", "counter"]))
    def another_rung(self, way: str) -> None:
        def climb(db: Any, account: Any) -> None:
            if way == "device":
                begin_with_device(db, account, now=self.now)
            elif way == "counter":
                recover_at_counter(db, self.officer, account.id, new_phone=None, now=self.now)
            else:
                begun = begin_with_code(db, LOGIN, self.sheet.codes[0], ADDRESS, now=self.now)
                if isinstance(begun, Begun):
                    prove_phone(db, begun.recovery, sent_otp(db), now=self.now)

        self.do(climb)

    @rule()
    def whoever_can_sets_new_keys(self) -> None:
        """Tries every recovery there is, whatever its state."""
        with self.database.session(write=False) as db:
            ids = [row.id for row in db.query(Recovery).filter(Recovery.finished_at.is_(None))]
        for recovery_id in ids:

            def end(db: Any, _account: Any, recovery_id: Any = recovery_id) -> None:
                recovery = db.get(Recovery, recovery_id)
                recovery.password_hash = None
                recovery.totp_step = None
                set_keys(db, recovery, self.now)

            self.do(end)

    @invariant()
    def the_four_hold(self) -> None:
        with self.database.session(write=False) as db:
            self._no_level_without_evidence(db)
            self._no_open_door_while_a_ground_stands(db)
            self._no_recovery_without_its_wait(db)
            self._no_password_that_stands_alone(db)

    def _no_level_without_evidence(self, db: Any) -> None:
        proofs = evidence_of(db, self.person)
        valid = {EvidenceKind(one.kind) for one in proofs if one.expires_at is None or one.expires_at > self.now}
        expected = 2 if LEVEL_2[Kind.CITIZEN] <= valid else 1 if LEVEL_1[Kind.CITIZEN] <= valid else 0
        assert level_of(db, self.person, now=self.now) == expected

    def _no_password_that_stands_alone(self, db: Any) -> None:
        account = get_account(db, self.account)
        assert account.password_hash is None or account.totp_secret_sealed or passkeys_of(db, account.id)

    def _no_open_door_while_a_ground_stands(self, db: Any) -> None:
        standing = {one.ground for one in grounds_of(db, get_account(db, self.account), now=self.now)}
        shut = bool(standing - {Ground.PAUSE.value})
        open_for = {act for act in Act if self._may(db, act)}
        alive = [token for token in self.tokens if find_session(db, token, now=self.now)]
        assert not (shut and (open_for or alive))
        assert not [token for token in self.ended if find_session(db, token, now=self.now)]
        if paused_until(db, self.account, now=self.now):
            assert not {Act.SIGN_IN, Act.CHANGE} & open_for

    def _may(self, db: Any, act: Act) -> bool:
        try:
            check_may(db, self.account, act, now=self.now)
        except Refused:
            return False
        return True

    def _no_recovery_without_its_wait(self, db: Any) -> None:
        for row in db.query(Recovery).filter(Recovery.opens_at.is_not(None)):
            vouched = [one.signed_at for one in db.query(CoSignature).filter(CoSignature.recovery_id == row.id)]
            assert row.opens_at >= max([row.begun_at, *(at + timedelta(hours=72) for at in vouched[:2])])
            assert row.rung != "contact" or vouched
        for row in db.query(Recovery).filter(Recovery.finished_at.is_not(None)):
            assert row.opens_at is not None and row.finished_at >= row.opens_at and row.cancelled_at is None


def live(templates, engine, vault, now):
    """Each example has a database of its own, a copy of the empty one."""
    made: list[tuple[Database, str]] = []

    def fresh() -> Life:
        url = templates.copy(engine, "bare", upgrade)
        machine = Life()
        machine.database, machine.start = connect(url, vault), now
        made.append((machine.database, url))
        return machine

    try:
        run_state_machine_as_test(fresh, settings=QUICK)
    finally:
        close_all_sessions()
        for database, url in made:
            database.engine.dispose()
            templates.discard(engine, url)


def test_whatever_happens_the_four_hold(templates, engine, vault, now):
    live(templates, engine, vault, now)


def a_wait_of(hours):
    def plant(monkeypatch):
        true = people.rule
        short = lambda name, day: hours if name == "recovery_wait_hours" else true(name, day)  # noqa: E731
        monkeypatch.setattr(people, "rule", short)

    plant.__name__ = f"a_wait_of_{hours}_hours"
    return plant


def no_wait_at_the_end(monkeypatch):
    monkeypatch.setattr(Recovery, "is_open", Recovery.is_alive)
    monkeypatch.setattr(keys, "_win", lambda _db, recovery, now: setattr(recovery, "finished_at", now) or True)


def evidence_without_end(monkeypatch):
    monkeypatch.setattr(levels, "_best_valid", lambda evidence, _now: {EvidenceKind(one.kind): one for one in evidence})


def the_last_may_go(monkeypatch):
    monkeypatch.setattr(second_factor, "is_last", lambda *_given: False)


def the_app_may_go(monkeypatch):
    monkeypatch.setattr(second_factor, "has_passkey", lambda *_given: True)


def a_wait_from_the_asking(monkeypatch):
    true = people.open_if_enough

    def sooner(db, recovery, *, now):
        true(db, recovery, now=now)
        if recovery.opens_at is not None:
            recovery.opens_at = recovery.begun_at + timedelta(hours=72)

    monkeypatch.setattr(people, "open_if_enough", sooner)


def a_lock_that_the_gate_forgets(monkeypatch):
    true = gate.judge
    monkeypatch.setattr(gate, "judge", lambda keys, row, act, *, now: true(keys, Unlocked(row), act, now=now))


class Unlocked:
    """A row of the gate whose ground nobody asked for."""

    def __init__(self, row):
        self.row = row

    def __getattr__(self, name):
        return None if name == "account_ground" else getattr(self.row, name)


def an_ended_paper_that_the_gate_forgets(monkeypatch):
    monkeypatch.setattr(gate, "_ground_of_papers", lambda *_given: None)


def a_pause_that_stops_nothing(monkeypatch):
    monkeypatch.setattr(gate, "STOPPED_BY_A_PAUSE", frozenset())


def a_lock_that_ends_no_session(monkeypatch):
    monkeypatch.setattr(locks, "end_all_sessions", lambda *_given, **_named: None)


FAULTS = (
    the_last_may_go,
    the_app_may_go,
    a_wait_of(71),
    a_wait_of(0),
    a_wait_from_the_asking,
    no_wait_at_the_end,
    evidence_without_end,
    a_lock_that_the_gate_forgets,
    an_ended_paper_that_the_gate_forgets,
    a_pause_that_stops_nothing,
    a_lock_that_ends_no_session,
)


@pytest.mark.parametrize("fault", FAULTS)
def test_the_model_sees_a_fault(templates, vault, now, monkeypatch, fault):
    """Each is a mistake that somebody may make one day; the database itself stands in the way of some of them."""
    fault(monkeypatch)
    with pytest.raises((AssertionError, IntegrityError)):
        live(templates, "sqlite", vault, now)
