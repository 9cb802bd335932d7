"""Alive, ready, figures, and the page of messages; what the log may hold."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from identity.key_check import remember_keys
from identity.outbox import Channel, Lane, post
from identity.vault import Keys, Vault
from portal.database import Database, connect
from portal.gateways import keys
from portal.migrations import is_current, newest
from portal.settings import Setting, Settings
from tests.fakes import Clock


def test_alive_asks_nothing_of_the_database(client: Any, database: Database) -> None:
    with database.transaction() as db:
        db.execute(text("DROP TABLE key_check"))
    assert client.get("/healthz").text == "ok\n"


def test_ready_when_database_migrations_and_keys_fit(client: Any, database: Database) -> None:
    with database.transaction() as db:
        remember_keys(db)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json) == (200, {"database": True, "migrations": True, "keys": True})


def test_not_ready_with_keys_of_another_database(client: Any, database: Database) -> None:
    stranger = Database(database.engine, database.reading, database.writing, Vault(Keys.generate()))
    with stranger.transaction() as db:
        remember_keys(db)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["keys"]) == (503, False)


def test_not_ready_on_an_older_revision(client: Any, database: Database) -> None:
    with database.transaction() as db:
        db.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["migrations"]) == (503, False)


def test_not_ready_while_the_database_is_away(app: Any, client: Any, vault: Vault) -> None:
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    app.extensions["database"] = connect("postgresql://portal:word@127.0.0.1:9/portal", vault)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json) == (503, {"database": False, "migrations": False, "keys": False})
    assert client.get("/healthz").status_code == 200
    page = client.get("/trail")
    assert (page.status_code, "Out of reach for the moment" in page.text) == (503, True)


def test_the_newest_revision_is_what_the_tests_run_on(database: Database) -> None:
    with database.engine.connect() as connection:
        assert is_current(connection)
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == newest()


def test_figures_tell_how_long_codes_have_waited(client: Any, database: Database, clock: Clock) -> None:
    with database.transaction() as db:
        post(db, Channel.SMS, "otp", "+84900000001", now=clock(), lane=Lane.CODE, code="1", minutes=5)
    clock.advance(seconds=42)
    figures = client.get("/metrics").text
    assert 'portal_outbox_waiting{lane="code"} 1.0' in figures
    assert 'portal_outbox_delay_seconds{lane="code"} 42.0' in figures


def test_figures_are_not_told_to_strangers(client: Any) -> None:
    assert client.get("/metrics", environ_base={"REMOTE_ADDR": "203.0.113.9"}).status_code == 404


def test_outside_a_demonstration_there_is_no_page_of_messages(client: Any) -> None:
    assert client.get("/operation/messages").status_code == 404


class TestDemonstration:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings.model_copy(update={"setting": Setting.DEMONSTRATION})

    def test_the_page_shows_what_would_have_been_sent(self, client: Any, settings: Settings) -> None:
        folder = settings.var / "messages"
        folder.mkdir()
        for number, to in (("1", "+84900000001"), ("2", "b@example.org")):
            entry = {"id": number, "sent_at": "2026-11-23T03:00:00+00:00", "channel": "sms", "kind": "otp", "to": to}
            (folder / f"{number}.json").write_text(
                json.dumps({**entry, "locale": "vi", "subject": "", "text": f"T{to}"})
            )
        everything = client.get("/operation/messages").text
        assert "T+84900000001" in everything
        assert "Tb@example.org" in everything
        assert "Tb@example.org" not in client.get("/operation/messages?to=%2B849").text


def test_a_first_set_of_keys_is_never_overwritten(tmp_path: Path) -> None:
    assert keys.make(tmp_path / "keys")
    first = keys.load(tmp_path / "keys")
    assert not keys.make(tmp_path / "keys")
    assert keys.load(tmp_path / "keys") == first
    assert {path.stat().st_mode & 0o077 for path in (tmp_path / "keys").iterdir()} == {0}


def test_a_missing_key_is_named_and_none_is_shown(tmp_path: Path) -> None:
    keys.make(tmp_path)
    content = (tmp_path / "token-pepper.key").read_text()
    (tmp_path / "token-pepper.key").unlink()
    with pytest.raises(keys.KeysMissing, match=r"token-pepper\.key") as problem:
        keys.load(tmp_path)
    assert content.strip() not in str(problem.value)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("blind-index-2", "audit-seal", "audit-seal.key and blind-index-2.key in .* hold the same key"),
        ("token-pepper", "QUJD", r"token-pepper\.key in .* has 3 bytes instead of 32"),
    ],
)
def test_a_key_that_cannot_be_one_is_named(tmp_path: Path, name: str, content: str, told: str) -> None:
    keys.make(tmp_path)
    other = tmp_path / f"{content}.key"
    (tmp_path / f"{name}.key").write_text(other.read_text() if other.exists() else content)
    with pytest.raises(keys.KeysMissing, match=told):
        keys.load(tmp_path)
