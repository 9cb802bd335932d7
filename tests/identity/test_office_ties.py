"""Ties: to the applicant and to the guardian, kept so that a newer key of the index finds them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from identity import rotation
from identity.application import acknowledge, take_here, take_next
from identity.application.conflicts import check_no_tie, conflicts_of, declare, declare_person
from identity.application.filling import fill_some, start_filling
from identity.application.model import Application
from identity.application.ties import Conflict, is_tied
from identity.audit import Actor
from identity.base import Refused
from identity.hotline.find import Way, open_call
from identity.jobs import Job
from identity.key_use import SETTLE, settle_uses
from identity.lock_requests.receive import look_up
from identity.rights.model import RightKind
from identity.rights.requests import ask, take
from identity.vault import Purpose, Vault
from portal.database import Database
from portal.gateways.keys import KeyFolder, save
from tests.identity.applicants import (
    CHILD,
    CITIZEN,
    FOREIGNER,
    a_guardian,
    activated,
    an_officer,
    for_ward,
    issued,
    submitted,
)
from tests.identity.lock_scene import received
from tests.rotation.office_hours import open_process


def refused(code: str) -> Any:
    """The block is refused with this code."""
    return pytest.raises(Refused, match=f"^{code}$")


def a_childs_file(db: Session, now: datetime) -> Application:
    """It waits for an officer, because the guardianship is on paper."""
    return for_ward(db, a_guardian(db, now=now), replace(CHILD, guardian_number=None), now=now)[0]


def test_a_tie_to_the_guardian_is_a_tie_to_the_file(db: Session, now: datetime) -> None:
    file = a_childs_file(db, now)
    tied, other = (an_officer(db, "receiving_officer", now=now) for _ in range(2))
    file.held_by_id = tied.account_id
    declare_person(db, tied, CITIZEN.personal_number, "relative", "chị", now=now)
    assert file.held_by_id is None, "it leaves the officer's hands at once"
    assert take_next(db, {file.unit_id}, tied, now=now) is None
    for verb, given in ((acknowledge, ()), (take_here, ((file.number or "")[-4:],))):
        with refused("conflict-declared"):
            verb(db, file, tied, *given, now=now)
    assert take_next(db, {file.unit_id}, other, now=now) is file


def test_a_foreigners_own_number_ties_to_their_files_as_well(db: Session, now: datetime) -> None:
    first, made = issued(db, FOREIGNER, now=now)
    account = activated(db, made.account_id, now=now)
    tied = an_officer(db, "receiving_officer", now=now)
    declare_person(db, tied, account.login, "friendship", "bạn", now=now)
    assert is_tied(db, tied.account_id, first.number_index), "files are kept under the passport"
    with refused("conflict-declared"):
        check_no_tie(db, tied, first.person_id)
    assert [row.label for row in conflicts_of(db, tied.account_id)] == ["bạn"], "one person, said once"


def test_a_guardian_who_is_an_officer_does_not_act_on_the_wards_file(db: Session, now: datetime) -> None:
    file = a_childs_file(db, now)
    itself = an_officer(db, "receiving_officer", now=now, person_id=file.guardian_id)
    with refused("own-file"):
        acknowledge(db, file, itself, now=now)


def test_a_tie_keeps_an_officer_from_the_account_too(db: Session, now: datetime) -> None:
    """The desks of locks, of data rights and of the hotline ask as the counter does."""
    application, made = issued(db, now=now)
    account = activated(db, made.account_id, now=now)
    tied = an_officer(db, "receiving_officer", now=now)
    request = ask(db, account, RightKind.ACCESS, Actor(account.id, "resident"), now=now)
    db.flush()
    declare_person(db, tied, CITIZEN.personal_number, "quarrel", "hàng xóm", now=now)
    acts: tuple[Callable[[], object], ...] = (
        lambda: look_up(db, CITIZEN.personal_number, tied, now=now),
        lambda: received(db, account, tied, now),
        lambda: take(db, request, tied, now=now),
        lambda: open_call(db, replace(tied, role="hotline_agent"), Way.DOSSIER, application.dossier_number, now=now),
        lambda: check_no_tie(db, tied, None, account.person_id),
    )
    for act in acts:
        with refused("conflict-declared") as caught:
            act()
        assert caught.value.audited


def test_files_of_an_earlier_release_get_their_groups_and_ties(db: Session, now: datetime) -> None:
    file = a_childs_file(db, now)
    officer = an_officer(db, "receiving_officer", now=now)
    declare(db, file, officer, "friendship", now=now)
    conflict, index = db.scalars(select(Conflict)).one(), file.guardian_index
    file.age_band = file.nationality = file.guardian_index = conflict.number = None
    db.flush()
    start_filling(db, now=now)
    start_filling(db, now=now)
    db.flush()
    assert len(db.scalars(select(Job).where(Job.kind == "application-groups")).all()) == 1
    cursor = fill_some(db, None, now=now)
    assert fill_some(db, cursor, now=now) is None
    assert (file.age_band, file.nationality, file.guardian_index) == ("under-14", "VNM", index)
    assert conflict.number == CHILD.personal_number


def test_a_tie_to_somebody_who_has_no_file_outlives_the_key_of_the_index(
    database: Database, database_url: str, vault: Vault, tmp_path: Path, now: datetime
) -> None:
    save(tmp_path / "keys", vault.keys)
    with database.transaction() as db:
        settle_uses(db, now=now)
        officer = an_officer(db, "receiving_officer", now=now)
        declare_person(db, officer, CITIZEN.personal_number, "relative", "em", now=now)
    KeyFolder(tmp_path / "keys").make(Purpose.INDEX)
    process = open_process(database_url, tmp_path / "keys")
    with process.transaction() as db:
        rotation.begin(db, Purpose.INDEX, 2, now=now)
    for stage in (1, 2):
        with process.transaction() as db:
            assert rotation.go_on(db, now=now + SETTLE * stage) == 1
    cursor: Any = {}
    while cursor is not None:
        with process.transaction() as db:
            cursor = rotation.reindex_some(db, cursor or None, now=now)
    later = now + SETTLE * 2 + rotation.stages.INDEX_RESTS
    with process.transaction() as db:
        assert rotation.go_on(db, now=later) == 1, "no tie holds the older key back"
    with process.transaction() as db:
        rotation.let_go(db, Purpose.INDEX, 1, now=later)
        file, _code = submitted(db, now=now)
        assert is_tied(db, officer.account_id, file.number_index)
    process.engine.dispose()
