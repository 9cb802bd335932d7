"""The sealed trail on the web: receipts for their holders, a check for everybody, a search for auditors."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from identity import audit, seals
from identity.application import Application
from identity.application.queue import view_case
from identity.audit import SYSTEM, Actor, AuditEvent, Event
from identity.base import new_id
from identity.key_check import KeyCheck, remember_keys
from identity.seals import archive
from identity.staff import give_role, hire
from portal.database import Database
from portal.gateways import checkpoints
from portal.language import force_locale
from portal.words.entry import SUBJECTS
from portal.words.events import EVENTS
from portal.words.roles import ACTORS
from portal.worker import Worker
from tests.fakes import Clock
from tests.identity.account_scene import make_account
from tests.identity.applicants import CITIZEN, submitted
from tests.portal.work_scene import sign_in, write

ROOT = Path(__file__).parents[2]


@pytest.fixture
def mine(client: FlaskClient, database: Database, clock: Clock) -> AuditEvent:
    """The browser belongs to a resident; this happened to their account."""
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    account = write(database, lambda db: make_account(db, clock()).id)
    sign_in(client, database, account, now=clock())
    return happened(database, clock, account)


def happened(database: Database, clock: Clock, account: Any) -> AuditEvent:
    def note(db: Any) -> AuditEvent:
        audit.record(db, Event.SIGNED_IN, Actor(account, "resident"), now=clock(), subject=("account", account))
        return db.scalars(select(AuditEvent).where(AuditEvent.subject_id == account)).first()

    return write(database, note)


@pytest.fixture(autouse=True)
def _keys_of_this_database(database: Database) -> None:
    """As `flask migrate` leaves it."""
    with database.transaction() as db:
        remember_keys(db)


def work(app: Any) -> Worker:
    worker = Worker(app, {})
    worker.do_seals()
    return worker


def at_work(client: FlaskClient, database: Database, clock: Clock, role: str) -> None:
    def employ(db: Any) -> Any:
        account = hire(db, "kiemtra", "Vũ Thị Kiểm", now=clock())
        db.flush()
        give_role(db, account.id, role, None, SYSTEM, now=clock())
        return account.id

    sign_in(client, database, write(database, employ), now=clock())


def test_a_person_takes_a_receipt_and_anybody_checks_it(app: Any, client: FlaskClient, mine: AuditEvent) -> None:
    assert client.get(f"/trail/receipts/{mine.id}").status_code == 409
    work(app)
    receipt = client.get(f"/trail/receipts/{mine.id}")
    assert receipt.headers["Content-Disposition"].endswith('.tlog-proof"')
    stranger = app.test_client()
    stranger.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    body = stranger.post("/trail", data={"receipt": receipt.text}).text
    assert "The receipt is genuine" in body
    assert "Signed in" in body and "session:signed-in" in body
    windows = receipt.text.replace("\n", "\r\n")
    assert "The receipt is genuine" in stranger.post("/trail", data={"receipt": windows}).text


def test_a_changed_receipt_does_not_hold_and_stays_on_the_page(app: Any, client: FlaskClient, mine: AuditEvent) -> None:
    work(app)
    receipt = client.get(f"/trail/receipts/{mine.id}").text
    broken = receipt.replace("index ", "index 1", 1)
    body = client.post("/trail", data={"receipt": broken}).text
    assert "This receipt does not hold" in body
    assert broken.splitlines()[1] in body
    assert "Paste the text of the receipt" in client.post("/trail", data={"receipt": " "}).text


def test_nobody_takes_the_receipt_of_somebody_else(
    app: Any, client: FlaskClient, database: Database, clock: Clock, mine: AuditEvent
) -> None:
    other = write(database, lambda db: make_account(db, clock(), "079300000001").id)
    theirs = happened(database, clock, other)
    work(app)
    assert client.get(f"/trail/receipts/{theirs.id}").status_code == 404
    assert client.get(f"/trail/receipts/{new_id()}").status_code == 404
    assert app.test_client().get(f"/trail/receipts/{mine.id}").status_code == 302


def test_checkpoints_and_the_key_are_for_everybody(app: Any, client: FlaskClient, mine: AuditEvent) -> None:
    assert client.get("/trail/checkpoint").status_code == 404
    work(app)
    note = client.get("/trail/checkpoint")
    assert note.mimetype == "text/plain"
    size = note.text.splitlines()[1]
    assert client.get(f"/trail/checkpoint/{size}").text == note.text
    assert client.get("/trail/checkpoint/99999999999999999999").status_code == 404
    assert client.get("/trail/key").text.startswith("localhost/trail+")
    assert f"{size} entries, sealed" in client.get("/trail").text


def test_the_worker_publishes_each_checkpoint_once_and_overwrites_none(
    app: Any, database: Database, clock: Clock, mine: AuditEvent
) -> None:
    worker = work(app)
    folder = checkpoints.folder_of(worker.services.settings)
    first = checkpoints.notes_in(folder)
    assert len(first) == 1
    clock.advance(minutes=5)
    worker.do_seals()
    assert checkpoints.notes_in(folder) == first
    happened(database, clock, mine.subject_id)
    worker.do_seals()
    assert checkpoints.notes_in(folder)[:1] == first
    with database.session(write=False) as db:
        report = seals.verify(db, "localhost/trail", checkpoints.notes_in(folder))
    assert (report.published, report.findings) == (2, [])


def test_the_commands_seal_verify_and_say_what_was_changed(app: Any, database: Database, mine: AuditEvent) -> None:
    run = app.test_cli_runner().invoke
    assert "1 checkpoints published" in run(args=["audit", "seal"]).output
    verified = run(args=["audit", "verify"])
    assert (verified.exit_code, "nothing was changed" in verified.output) == (0, True)
    folder = checkpoints.folder_of(app.extensions["services"].settings)
    [path] = folder.glob("*.txt")
    path.write_text(path.read_text().replace("localhost", "elsewhere"))
    failed = run(args=["audit", "verify"])
    assert (failed.exit_code, "published-signature at 0" in failed.output) == (1, True)
    path.unlink()
    alone = run(args=["audit", "verify"])
    assert (alone.exit_code, "no checkpoint is in" in alone.output) == (1, True)
    assert run(args=["audit", "key"]).output.startswith("localhost/trail+")


def test_with_keys_of_another_database_nothing_is_sealed_or_archived(
    app: Any, database: Database, mine: AuditEvent, tmp_path: Any
) -> None:
    with database.transaction() as db:
        db.execute(update(KeyCheck).values(answer=b"\0" * 32))
    folder = tmp_path / "archives"
    for command in (["seal"], ["archive", "--before", "2026-12-01", "--to", str(folder)]):
        refused = app.test_cli_runner().invoke(args=["audit", *command])
        assert (refused.exit_code, "keys" in refused.output) == (1, True), refused.output
    with database.session(write=False) as db:
        assert seals.latest(db) is None
    assert not folder.exists()


def test_old_events_are_archived_by_command(
    app: Any, database: Database, clock: Clock, mine: AuditEvent, tmp_path: Any
) -> None:
    run = app.test_cli_runner().invoke
    run(args=["audit", "seal"])
    young = run(args=["audit", "archive", "--before", "2030-01-01", "--to", str(tmp_path / "old"), "--drop"])
    assert (young.exit_code, "archive-too-young" in young.output) == (1, True)
    clock.advance(days=6 * 366)
    told = run(args=["audit", "archive", "--before", "2030-01-01", "--to", str(tmp_path / "old"), "--drop"]).output
    assert "dropped from the database" in told
    assert "files of archived events were not looked at" in run(args=["audit", "verify"]).output
    assert run(args=["audit", "verify", "--archives", str(tmp_path / "old")]).exit_code == 0
    with database.session(write=False) as db:
        assert db.scalars(select(AuditEvent.name)).all() == ["audit:archived"]
        newest = seals.latest(db)
        assert seals.verify(db, "localhost/trail").findings == []
    folder = checkpoints.folder_of(app.extensions["services"].settings)
    assert newest.note == checkpoints.notes_in(folder)[-1], "dropped under a checkpoint, which is published"
    again = run(args=["audit", "archive", "--before", "2030-01-01", "--to", str(tmp_path / "old")]).output
    assert "nothing to archive" in again


def test_an_archive_leaves_by_partitions_and_ends(
    app: Any, database: Database, clock: Clock, mine: AuditEvent, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While one is deleted nobody can write an event, so each is small; a drop is an event, which must not go on."""
    monkeypatch.setattr(archive, "PARTITION", 3)
    run = app.test_cli_runner().invoke
    for _ in range(6):
        happened(database, clock, new_id())
    run(args=["audit", "seal"])
    clock.advance(days=6 * 366)
    ask = ["audit", "archive", "--before", "2050-01-01", "--to", str(tmp_path / "old")]
    written = run(args=ask).output
    assert run(args=[*ask, "--drop"]).output.startswith(written), "the same files"
    assert len(list((tmp_path / "old").glob("*.gz"))) == written.count("SHA-256") >= 3
    assert run(args=["audit", "verify", "--archives", str(tmp_path / "old")]).exit_code == 0
    with database.session(write=False) as db:
        assert set(db.scalars(select(AuditEvent.name))) == {"audit:archived"}
        assert seals.verify(db, "localhost/trail").archived >= 7


def test_an_auditor_searches_and_that_is_written_down(
    client: FlaskClient, database: Database, clock: Clock, mine: AuditEvent
) -> None:
    at_work(client, database, clock, "auditor")
    assert "Nothing asked yet" in client.get("/trail/search").text
    body = client.get(f"/trail/search?who={mine.subject_id}&name=session:signed-in").text
    assert str(mine.subject_id) in body
    with database.session(write=False) as db:
        [search] = db.scalars(select(AuditEvent).where(AuditEvent.name == Event.AUDIT_SEARCHED))
    assert search.facts == {"name": "session:signed-in", "who": str(mine.subject_id), "found": 1}
    assert search.actor_role == "auditor"
    assert "No entry fits" in client.get("/trail/search?since=2026-12-24").text


@pytest.mark.parametrize("query", ["role=Nguyễn Văn A", "since=31.12.2026", "until=0001-01-01", "name=x:y", "before=1"])
def test_what_cannot_be_read_is_said_and_kept(
    client: FlaskClient, database: Database, clock: Clock, mine: AuditEvent, query: str
) -> None:
    at_work(client, database, clock, "auditor")
    answer = client.get(f"/trail/search?{query}")
    assert answer.status_code == 200
    name, typed = query.split("=")
    if name in {"since", "until"}:
        assert "This cannot be read" in answer.text
        assert f'value="{typed}"' in answer.text
    if name == "role":
        assert "This cannot be read" in answer.text
    with database.session(write=False) as db:
        searches = select(AuditEvent).where(AuditEvent.name == Event.AUDIT_SEARCHED)
        assert db.scalars(searches).all() == [], "nobody's name comes into the record"


@pytest.fixture
def viewed(database: Database, clock: Clock) -> Application:
    """An application that an officer opened."""

    def happen(db: Any) -> Application:
        officer = hire(db, "tiepnhan.lan", "Nguyễn Thị Lan", now=clock())
        application, _code = submitted(db, now=clock())
        view_case(db, application.id, Actor(officer.id, "receiving_officer"), now=clock())
        return application

    return write(database, happen)


@pytest.mark.parametrize("who", ["tiepnhan.lan", "nguyen thi lan", "DOSSIER", CITIZEN.personal_number])
def test_an_auditor_asks_for_staff_a_file_or_a_resident_as_they_are_called(
    client: FlaskClient, database: Database, clock: Clock, viewed: Application, who: str
) -> None:
    at_work(client, database, clock, "auditor")
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    typed = viewed.dossier_number if who == "DOSSIER" else who
    query = {"who": typed, "name": "application:viewed"}
    table = client.get("/trail/search", query_string=query).text.partition("<tbody>")[2]
    for words in ("Nguyễn Thị Lan (tiepnhan.lan)", viewed.dossier_number, "Receiving officer", "files opened"):
        assert words in table
    assert CITIZEN.full_name not in table
    with database.session(write=False) as db:
        [search] = db.scalars(select(AuditEvent).where(AuditEvent.name == Event.AUDIT_SEARCHED))
    assert search.facts["found"] == 1
    assert typed not in str(search.facts), "by id alone"
    again = client.get("/trail/search?name=audit:searched").text.partition("<tbody>")[2]
    assert "Entries found: 1" in again
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "vi"
    assert "Cán bộ tiếp nhận" in client.get("/trail/search", query_string=query).text.partition("<tbody>")[2]


def test_asking_for_somebody_unknown_is_said_and_written_down_without_the_name(
    client: FlaskClient, database: Database, clock: Clock, mine: AuditEvent
) -> None:
    at_work(client, database, clock, "auditor")
    body = client.get("/trail/search?who=079300009999").text
    assert "Nobody and nothing is known under this" in body
    assert 'value="079300009999"' in body
    with database.session(write=False) as db:
        [search] = db.scalars(select(AuditEvent).where(AuditEvent.name == Event.AUDIT_SEARCHED))
    assert search.facts == {"who": "nobody", "found": 0}


def test_every_entry_has_words() -> None:
    assert set(EVENTS) == set(Event)
    sources = [path.read_text() for house in ("identity", "onboarding") for path in (ROOT / house).rglob("*.py")]
    kinds = {kind for text in sources for kind in re.findall(r'subject=\(\s*"([a-z-]+)"', text)}
    assert kinds - set(SUBJECTS) == set(), "what an entry concerns"


def test_a_list_of_kinds_names_no_number_and_a_service_is_no_union(app: Any) -> None:
    """Words of a plural want a number that a list has not; what relies on us is not the kind of a team."""
    for locale in ("vi", "en"):
        with app.app_context(), force_locale(locale):
            assert [str(words) for words in EVENTS.values() if "%" in str(words)] == []
            assert str(ACTORS["client"]) == str(SUBJECTS["client"]) == {"vi": "Dịch vụ", "en": "Service"}[locale]


def test_pages_of_a_long_record(client: FlaskClient, database: Database, clock: Clock, mine: AuditEvent) -> None:
    for _ in range(60):
        happened(database, clock, mine.subject_id)
    at_work(client, database, clock, "auditor")
    first = client.get(f"/trail/search?who={mine.subject_id}").text
    assert first.count("session:signed-in</code>") == 50
    following = re.search(r'href="(/trail/search[^"]+)"', first.partition('rel="next"')[2]).group(1)
    second = client.get(following.replace("&amp;", "&")).text
    assert second.count("session:signed-in</code>") == 11


@pytest.mark.parametrize("role", ["operator"])
def test_nobody_else_searches(
    client: FlaskClient, database: Database, clock: Clock, mine: AuditEvent, role: str
) -> None:
    assert client.get("/trail/search").status_code == 403
    at_work(client, database, clock, role)
    assert client.get("/trail/search").status_code == 403


def test_the_history_leads_to_the_receipts(app: Any, client: FlaskClient, mine: AuditEvent) -> None:
    work(app)
    body = client.get("/account/history").text
    [address] = re.findall(r'href="(/trail/receipts/[^"]+)"', body)
    assert address.endswith(str(mine.id))
    assert client.get(address).status_code == 200
