"""A stolen database shows nobody's numbers, phones, birth dates, papers or secrets (architecture, invariant 6)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, create_engine, inspect, text

from tests.browser.conftest import Demo, running_demo
from tests.servers import PostgreSQL

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("browser")]
SHORTEST = 6
"""Shorter values (a nationality, a kind of card) stand for nobody."""
NO_SECRET = {"role", "state", "card_qr", "name", "profile", "auth_method", "link"}


@pytest.fixture(scope="module")
def demo(postgresql: PostgreSQL, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with running_demo(tmp_path_factory.mktemp("stolen"), DATABASE_URL=postgresql.create("stolen")) as started:
        yield started


def everything_in(connection: Connection) -> str:
    """Each row of each table as text; bytes are hexadecimal, so what is sealed or hashed shows as such."""
    lines: list[str] = []
    for table in inspect(connection).get_table_names():
        rows = connection.execute(text(f'SELECT row_to_json(found)::text FROM "{table}" AS found'))
        lines += [f"{table}: {row}" for row in rows.scalars()]
    return "\n".join(lines)


def secrets_of(demo: Demo) -> Iterator[tuple[str, str]]:
    """What the demonstration knows about its people and must not be found, by name."""
    for person in demo.known["people"]:
        yield from person.items()
        yield from person.get("documents", {}).items()
    for way_in in demo.known["activation"].values():
        yield from way_in.items()
    yield from (("client_secret", client.get("client_secret")) for client in demo.known["clients"])


def forms_of(name: str, value: str) -> set[str]:
    """How this value may be written."""
    if name.endswith(("date", "expires_on")):
        year, month, day = value.split("-")
        return {value, f"{day}/{month}/{year}", f"{day}{month}{year}", f"{year}{month}{day}"}
    if name == "phone":
        return {value.removeprefix("+"), "0" + value.removeprefix("+84")}
    return {value}


def test_nothing_that_is_known_about_people_can_be_read_in_it(demo: Demo) -> None:
    engine = create_engine(demo.known["database_url"])
    with engine.connect() as connection:
        dump = everything_in(connection)
    engine.dispose()
    assert len(dump.splitlines()) > 5_000, "a dump that is nearly empty would show nothing either"
    told = [pair for pair in secrets_of(demo) if isinstance(pair[1], str)]
    values = {pair for pair in told if pair[0] not in NO_SECRET and len(pair[1]) >= SHORTEST}
    assert len(values) > 150
    found = sorted({name for name, value in values if any(form in dump for form in forms_of(name, value))})
    assert found == []
