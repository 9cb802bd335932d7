"""The made-up population has the size that was asked for."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from portal.demo.population import fill_registers

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize("size", [2_000, 2_500])
def test_the_registers_hold_as_many_people_as_asked_for(tmp_path: Path, size: int) -> None:
    url = f"sqlite:///{tmp_path / 'registers.db'}"
    neighbours = fill_registers(url, size, TODAY)
    people = (*neighbours.citizens, *neighbours.foreigners, *neighbours.guardians)
    assert len({person.photo for person in people} - {None}) == len(people)
    engine = create_engine(url)
    with engine.connect() as connection:
        tables = ("register_citizen", "register_foreigner")
        held = sum(connection.scalar(text(f"SELECT count(*) FROM {table}")) for table in tables)
        photos = sum(connection.scalar(text(f"SELECT count(photo) FROM {table}")) for table in tables)
    engine.dispose()
    assert held == size
    assert 120 < photos < 150, "of those who are met, and no more: each takes six kilobytes"
    assert len(neighbours.citizens) > 60
    assert len(neighbours.foreigners) >= 30
