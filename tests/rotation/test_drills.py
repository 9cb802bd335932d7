"""Each key is turned while three people sign in at two processes without a pause: none of them notices."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from identity import jobs, rotation, seals
from identity.account import find_account
from identity.jobs import LEASE, Job
from identity.key_check import keys_fit, remember_keys
from identity.key_use import settle_uses
from identity.rotation import reindex, reseal
from identity.rotation.reseal import is_under
from identity.session import find_session
from identity.vault import Purpose, Use, Vault
from portal.database import Database
from portal.gateways.keys import KeyFolder, save
from tests.fakes import A_MONDAY, Clock
from tests.identity.account_scene import LOGIN
from tests.rotation.office_hours import Hours, everybody_is_found, office_hours, open_process


@pytest.fixture
def folder(tmp_path: Path, vault: Vault, database: Database) -> Path:
    save(tmp_path / "keys", vault.keys)
    with database.transaction() as db:
        remember_keys(db)
        settle_uses(db, now=A_MONDAY)
    return tmp_path / "keys"


def begin(hours: Hours, purpose: Purpose) -> None:
    version = KeyFolder(hours.folder).make(purpose)
    hours.operator.vault.renew()
    with hours.operator.transaction() as db:
        rotation.begin(db, purpose, version, now=hours.clock.now)


def drop(process: Database, folder: Path, purpose: Purpose, clock: Clock) -> None:
    with process.transaction() as db:
        rotation.let_go(db, purpose, 1, now=clock.now)
    KeyFolder(folder).drop(purpose, 1)


def test_the_encryption_key_is_turned(
    database_url: str, folder: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with office_hours(database_url, folder, clock) as hours:
        begin(hours, Purpose.ENCRYPTION)
        hours.next_stage()
        with monkeypatch.context() as patch:
            patch.setattr(reseal, "BATCH", 7)
            died = hours.work(most=3)
        hours.all_go_on()
        with hours.operator.session(write=False) as db:
            assert is_under(db, 1), "the worker died before the end"
            assert jobs.is_waiting(db, now=clock.now + hours.passed + LEASE * 2)
        hours.passed += LEASE + timedelta(seconds=1)
        done = hours.work()
        assert done.id == died.id
        assert done.cursor["rows"] > died.cursor["rows"] > 0, "the second worker went on where the first had died"
        assert hours.stage(Purpose.ENCRYPTION) == Use(2)
        with hours.operator.session(write=False) as db:
            assert not is_under(db, 1)
        drop(hours.operator, folder, Purpose.ENCRYPTION, clock)
        hours.all_go_on()
    everybody_is_found(hours)


def test_the_blind_index_is_turned(
    database_url: str, folder: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with office_hours(database_url, folder, clock) as hours:
        begin(hours, Purpose.INDEX)
        hours.next_stage()
        assert hours.stage(Purpose.INDEX) == Use(2, 1)
        hours.next_stage()
        with monkeypatch.context() as patch:
            patch.setattr(reindex, "BATCH", 7)
            died = hours.work(most=3)
        hours.all_go_on()
        hours.passed += LEASE + timedelta(seconds=1)
        assert hours.work().id == died.id
        hours.next_stage(timedelta(days=3))
        assert hours.stage(Purpose.INDEX) == Use(2)
        drop(hours.operator, folder, Purpose.INDEX, clock)
        hours.all_go_on()
    everybody_is_found(hours)


def test_the_token_pepper_is_turned_and_the_older_one_counts_until_it_is_dropped(
    database_url: str, folder: Path, clock: Clock
) -> None:
    with office_hours(database_url, folder, clock) as hours:
        begin(hours, Purpose.PEPPER)
        hours.next_stage()
        hours.next_stage()
        assert hours.stage(Purpose.PEPPER) == Use(2, 1)
    lasting = hours.operator.vault.keys.lasting
    last = open_process(database_url, folder)
    drop(last, folder, Purpose.PEPPER, clock)
    last.engine.dispose()
    fresh = open_process(database_url, folder)
    with fresh.session(write=False) as db:
        caller = hours.callers[0]
        assert find_session(db, caller.token, now=clock.now) is not None
        assert find_session(db, caller.first_token, now=clock.now) is None, (
            "it was stored under the pepper that is gone"
        )
        assert fresh.vault.keys.lasting == lasting, "pseudonyms stay what they were"
    fresh.engine.dispose()


def test_the_audit_seal_is_turned_and_what_the_older_key_signs_later_does_not_count(
    database_url: str, folder: Path, clock: Clock
) -> None:
    origin, notes = "portal.example/trail", []
    with office_hours(database_url, folder, clock) as hours:
        for _ in range(3):
            hours.all_go_on()
            with hours.operator.transaction() as db:
                notes.append(seals.seal_some(db, origin, now=clock.now).note)
            if len(notes) == 2:
                begin(hours, Purpose.SEAL)
        with hours.operator.session(write=False) as db:
            report = seals.verify(db, origin, notes)
            assert not report.findings
            assert report.published == len(notes)
            old = seals.note.Ed25519PrivateKey.from_private_bytes(hours.operator.vault.audit_signing_seed(1))
            forged = seals.note.sign(seals.read_checkpoint(db, notes[-1], origin), old)
            with pytest.raises(seals.Unproven):
                seals.read_checkpoint(db, forged, origin)
        drop(hours.operator, folder, Purpose.SEAL, clock)
    fresh = open_process(database_url, folder)
    with fresh.session(write=False) as db:
        assert not seals.verify(db, origin, notes).findings, "the public half of the older key is enough"
    fresh.engine.dispose()


def test_a_key_in_use_is_not_dropped_and_no_turn_begins_twice(database_url: str, folder: Path, clock: Clock) -> None:
    from identity.base import Refused

    process = open_process(database_url, folder)
    KeyFolder(folder).make(Purpose.PEPPER)
    process.vault.renew()
    with process.transaction() as db:
        rotation.begin(db, Purpose.PEPPER, 2, now=clock.now)
    for version in (1, 2):
        with process.session(write=True) as db, pytest.raises(Refused, match="key-used"):
            rotation.let_go(db, Purpose.PEPPER, version, now=clock.now)
    with process.session(write=True) as db, pytest.raises(Refused, match="key-turning"):
        rotation.begin(db, Purpose.PEPPER, 2, now=clock.now)
    with process.session(write=False) as db:
        assert keys_fit(db)
        assert find_account(db, LOGIN) is None
        assert db.scalar(select(func.count()).select_from(Job)) == 0
    process.engine.dispose()
