"""A turn leaves no table out: everything sealed is sealed anew, every index is written anew or gone within days."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import LargeBinary, select

from identity import rotation
from identity.append_only import APPEND_ONLY
from identity.base import Base
from identity.key_use import settle_uses
from identity.rotation.reindex import INDEXES, SHORT_LIVED
from identity.rotation.reseal import is_under, sealed_tables
from identity.vault import Purpose, Unsealable, Vault
from portal.database import Database
from portal.gateways.keys import KeyFolder, save
from tests.identity.account_scene import make_account, make_person
from tests.identity.every_table import Filler
from tests.rotation.office_hours import open_process


def test_every_index_is_written_anew_or_short_lived() -> None:
    places = {place for index in INDEXES for place in index.places}
    columns = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if column.name.endswith("_index") and isinstance(column.type, LargeBinary) and table.name not in SHORT_LIVED
    }
    assert places == columns


def test_what_is_sealed_in_any_table_is_sealed_anew(
    database: Database, database_url: str, vault: Vault, tmp_path: Path, now: datetime
) -> None:
    save(tmp_path / "keys", vault.keys)
    with database.transaction() as db:
        settle_uses(db, now=now)
        person = make_person(db, now)
        account = make_account(db, now, person_id=person.id)
        Filler(db, account, person, now=now).fill()
    before = opened(database)
    assert {table for table, _, _ in before} >= APPEND_ONLY & {table.name for table in sealed_tables()}
    KeyFolder(tmp_path / "keys").make(Purpose.ENCRYPTION)
    process = open_process(database_url, tmp_path / "keys")
    with process.transaction() as db:
        rotation.begin(db, Purpose.ENCRYPTION, 2, now=now)
    cursor = None
    for _ in range(500):
        with process.transaction() as db:
            cursor = rotation.reseal_some(db, cursor, now=now)
        if cursor is None:
            break
    assert cursor is None, "the job comes to its end"
    with process.session(write=False) as db:
        assert not is_under(db, 1)
    assert opened(process) == before
    process.engine.dispose()


def opened(database: Database) -> dict[tuple[str, str, str], bytes]:
    """Every sealed value that can be opened, by its place."""
    found = {}
    with database.session(write=False) as db:
        for table in sealed_tables():
            columns = [column for column in table.columns if column.name.endswith("_sealed")]
            for row in db.execute(select(table.c.id, *columns)):
                for column in columns:
                    if (stored := getattr(row, column.name)) is not None:
                        place = f"{table.name}.{column.name}"
                        found[table.name, column.name, str(row.id)] = database.vault.open(place, row.id, stored)
    return found


def test_a_value_that_opens_with_no_key_is_left_alone(
    database: Database, database_url: str, vault: Vault, tmp_path: Path, now: datetime
) -> None:
    save(tmp_path / "keys", vault.keys)
    with database.transaction() as db:
        settle_uses(db, now=now)
        account = make_account(db, now)
        account.display_name_sealed = b"\1" + b"no such thing under any key"
    KeyFolder(tmp_path / "keys").make(Purpose.ENCRYPTION)
    process = open_process(database_url, tmp_path / "keys")
    with process.transaction() as db:
        rotation.begin(db, Purpose.ENCRYPTION, 2, now=now)
    cursor, steps = None, 0
    while steps == 0 or cursor is not None:
        steps += 1
        assert steps < 500
        with process.transaction() as db:
            last, cursor = cursor, rotation.reseal_some(db, cursor, now=now)
    assert last["unreadable"] == 1
    with process.session(write=False) as db, pytest.raises(Unsealable):
        assert db.get(type(account), account.id).display_name
    process.engine.dispose()
