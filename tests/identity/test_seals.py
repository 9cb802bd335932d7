"""The seal over the trail: nothing can be changed, left out, moved or made up without being found."""

from __future__ import annotations

import gzip
from base64 import b64decode
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text

from identity import audit, rotation, seals
from identity.audit import SYSTEM, AuditEvent, Event
from identity.base import Refused
from identity.seals import merkle
from identity.seals.keys import RetiredSealKey
from identity.seals.model import AuditArchive, AuditNode, AuditSeal, Checkpoint
from identity.seals.seal import signing_key
from identity.vault import Purpose, Vault
from portal.database import connect
from tests.races.at_once import at_once

ORIGIN = "portal.example/audit"


def happen(database, now, count):
    with database.transaction() as db:
        for number in range(count):
            audit.record(db, Event.REGISTER_LOOKED_UP, SYSTEM, now=now, purpose="ø", number=number)


def seal(database, now, most=1000):
    with database.transaction() as db:
        return seals.seal_some(db, ORIGIN, now=now, most=most)


def found(database, published=()):
    with database.session(write=False) as db:
        return [(one.kind, one.place) for one in seals.verify(db, ORIGIN, published).findings]


def behind_the_back(database, statement, **values):
    """As somebody with the database in hand, who takes the guards away and puts them back."""
    with database.engine.begin() as connection, without_guards(connection):
        assert connection.execute(text(statement), values).rowcount > 0


@contextmanager
def without_guards(connection):
    if connection.dialect.name == "postgresql":
        for table in ("audit_event", "audit_seal", "audit_node", "audit_checkpoint", "audit_archive"):
            connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        yield
        for table in ("audit_event", "audit_seal", "audit_node", "audit_checkpoint", "audit_archive"):
            connection.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER USER"))
        return
    guards = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")).all()
    for name, _sql in guards:
        connection.execute(text(f"DROP TRIGGER {name}"))
    yield
    for _name, sql in guards:
        connection.exec_driver_sql(sql)


@pytest.fixture
def sealed(bare_database, now):
    """600 events under two checkpoints: two complete blocks of 256 and a rest."""
    happen(bare_database, now, 300)
    seal(bare_database, now)
    happen(bare_database, now, 300)
    seal(bare_database, now)
    return bare_database


# the tree, against the definition of RFC 9162 section 2.1.1 written down plainly


def plain_root(leaves):
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return merkle.node_hash(plain_root(leaves[:split]), plain_root(leaves[split:]))


def over(leaves):
    return lambda level, place: merkle.fold(leaves[place << level : (place + 1) << level])


@given(st.integers(1, 70))
def test_root_and_paths_agree_with_the_definition(size):
    leaves = [merkle.leaf_hash(bytes([number])) for number in range(size)]
    root = merkle.root(size, over(leaves))
    assert root == plain_root(leaves)
    for index, leaf in enumerate(leaves):
        path = merkle.inclusion(index, size, over(leaves))
        assert merkle.root_from(leaf, index, size, path) == root
        assert merkle.root_from(leaf, index, size, [*path, leaf]) != root
        assert merkle.root_from(leaf, index + 1, size, path) != root
        assert merkle.root_from(leaves[index - 1], index, size, path) != root or size == 1


def test_known_answers():
    """Roots of the reference tree of Certificate Transparency."""
    leaves = [bytes.fromhex(x) for x in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657")]
    hashes = [merkle.leaf_hash(leaf) for leaf in leaves]
    assert merkle.root(0, over([])).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert merkle.root(1, over(hashes)).hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert merkle.root(7, over(hashes)).hex() == "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"


# sealing


def test_every_event_gets_one_place_and_nothing_is_found(sealed, now):
    with sealed.session(write=False) as db:
        report = seals.verify(db, ORIGIN)
        assert (report.sealed, report.unsealed, report.checkpoints, report.findings) == (600, 0, 2, [])
        assert db.scalars(select(AuditSeal.position).order_by(AuditSeal.position)).all() == list(range(600))
        assert db.scalar(select(AuditNode.place).where(AuditNode.level == 8, AuditNode.place == 1)) == 1
        assert not seals.is_waiting(db, now=now)


def test_an_event_that_was_committed_late_is_still_sealed(sealed, now):
    with sealed.transaction() as db:
        audit.record(db, Event.REGISTER_LOOKED_UP, SYSTEM, now=now - timedelta(hours=5))
    assert seal(sealed, now).size == 601
    midnight = (now + timedelta(days=1)).replace(hour=0, minute=5)
    with sealed.transaction() as db:
        audit.record(db, Event.REGISTER_LOOKED_UP, SYSTEM, now=now - timedelta(days=40))
    assert seal(sealed, now) is None
    assert seal(sealed, midnight).size == 602


def test_the_unsealed_tail_is_told_with_its_age(sealed, now):
    happen(sealed, now + timedelta(hours=1), 3)
    with sealed.session(write=False) as db:
        report = seals.verify(db, ORIGIN)
    assert (report.unsealed, report.oldest_unsealed) == (3, now + timedelta(hours=1))


def test_pages_look_for_the_unsealed_as_far_back_as_the_sealer(sealed, now):
    """A trail of years is gone through by `verify`, and once a day; not by each page and each scrape."""
    happen(sealed, now - timedelta(days=10), 1)
    happen(sealed, now, 3)
    with sealed.session(write=False) as db:
        assert (seals.unsealed_tail(db)[0], seals.unsealed_tail(db, now=now)) == (4, (3, now))


def test_sixteen_sealers_leave_no_gap_and_no_double(bare_database, now):
    happen(bare_database, now, 320)
    at_once(lambda: seal(bare_database, now, most=20))
    while seal(bare_database, now):
        pass
    assert found(bare_database) == []
    with bare_database.session(write=False) as db:
        assert len(db.scalars(select(AuditSeal.event_id)).all()) == 320


@pytest.mark.parametrize(
    ("table", "column"),
    [("audit_event", "name"), ("audit_seal", "leaf"), ("audit_node", "digest"), ("audit_checkpoint", "note")],
)
def test_the_database_refuses_to_change_or_delete(sealed, table, column):
    column = {"audit_event": "name", "audit_checkpoint": "note"}.get(
        table, "leaf" if table == "audit_seal" else "digest"
    )
    for statement in (f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}"):
        with pytest.raises(Exception, match="append-only"), sealed.engine.begin() as connection:
            connection.execute(text(statement))


# tampering


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("UPDATE audit_event SET name = 'session:signed-in' WHERE id = :id", "event-changed"),
        ('UPDATE audit_event SET facts = \'{"purpose": "o"}\' WHERE id = :id', "event-changed"),
        ("UPDATE audit_event SET actor_role = 'officer' WHERE id = :id", "event-changed"),
        ("UPDATE audit_event SET subject_kind = 'person' WHERE id = :id", "event-changed"),
        ('UPDATE audit_event SET facts = \'{"purpose": "\\ud800"}\' WHERE id = :id', "event-changed"),
        ("DELETE FROM audit_event WHERE id = :id", "event-missing"),
        ("DELETE FROM audit_seal WHERE event_id = :id", "seal-missing"),
        (
            "UPDATE audit_seal SET leaf = (SELECT root FROM audit_checkpoint LIMIT 1) WHERE event_id = :id",
            "event-changed",
        ),
        ("UPDATE audit_node SET digest = (SELECT root FROM audit_checkpoint LIMIT 1) WHERE place = 1", "node-changed"),
        (
            "UPDATE audit_checkpoint SET root = (SELECT digest FROM audit_node LIMIT 1) WHERE size = 300",
            "checkpoint-root",
        ),
        ("UPDATE audit_checkpoint SET note = note || ' ' WHERE size = 300", "checkpoint-signature"),
        (
            "UPDATE audit_checkpoint SET note = note || '\N{EM DASH} elsewhere AAAA\n' WHERE size = 300",
            "checkpoint-signature",
        ),
        ("DELETE FROM audit_checkpoint WHERE size = 600", "checkpoint-missing"),
        ("DELETE FROM audit_checkpoint WHERE size = 300", "checkpoint-missing"),
        ("UPDATE audit_checkpoint SET at = '2020-01-01 00:00:00+00' WHERE size = 300", "checkpoint-signature"),
        ("UPDATE audit_seal SET batch = 600 WHERE event_id = :id", "seal-changed"),
        ("UPDATE audit_seal SET batch = 300 WHERE position = 300", "seal-changed"),
        ("UPDATE audit_seal SET batch = 601 WHERE position >= 300", "checkpoint-missing"),
        ("INSERT INTO audit_node SELECT 8, 2, digest FROM audit_node WHERE place = 0", "node-strange"),
        ("INSERT INTO audit_node SELECT 7, 0, digest FROM audit_node WHERE place = 0", "node-strange"),
    ],
)
def test_a_change_behind_the_back_is_found(sealed, statement, kind):
    with sealed.session(write=False) as db:
        event = db.scalars(select(AuditSeal.event_id).where(AuditSeal.position == 299)).one()
    id_ = event.hex if sealed.engine.dialect.name == "sqlite" else event
    behind_the_back(sealed, statement, **({"id": id_} if ":id" in statement else {}))
    assert kind in {name for name, _ in found(sealed)}


def test_what_can_no_longer_be_read_is_found_and_the_rest_is_looked_at(sealed):
    """A time that is none ended the search with an error of its own, before anything was said."""
    never = "infinity" if sealed.engine.dialect.name == "postgresql" else "yesterday"
    one, other = event_at(sealed, 7), event_at(sealed, 400)
    behind_the_back(sealed, "UPDATE audit_event SET at = :at WHERE id = :id", at=never, id=one)
    behind_the_back(sealed, "UPDATE audit_event SET name = 'x' WHERE id = :id", id=other)
    behind_the_back(sealed, "UPDATE audit_checkpoint SET at = :at WHERE size = 300", at=never)
    expected = {("event-changed", 7), ("event-changed", 400), ("checkpoint-root", 300), ("checkpoint-signature", 300)}
    assert set(found(sealed)) == expected


def event_at(database, position):
    """The id of a sealed event as SQL takes it."""
    with database.session(write=False) as db:
        event = db.scalars(select(AuditSeal.event_id).where(AuditSeal.position == position)).one()
    return event.hex if database.engine.dialect.name == "sqlite" else event


def test_guards_that_somebody_left_off_are_found(sealed):
    with sealed.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("ALTER TABLE audit_seal DISABLE TRIGGER audit_seal_append_only"))
        else:
            connection.execute(text("DROP TRIGGER audit_seal_no_update"))
    assert found(sealed) == [("audit_seal-unguarded", 0)]


def test_who_looks_while_the_sealer_goes_on_sees_one_moment(sealed, now):
    """On PostgreSQL each statement sees what was committed before it: a batch sealed meanwhile looked like forged."""

    def sealed_meanwhile():
        happen(sealed, now, 3)
        seal(sealed, now)
        yield from ()

    with sealed.snapshot() as db:
        assert seals.verify(db, ORIGIN, sealed_meanwhile()).findings == []
    assert found(sealed) == []


def test_an_event_of_a_day_to_come_does_not_hide_those_of_today(sealed, now):
    happen(sealed, now + timedelta(days=4000), 1)
    seal(sealed, now)
    happen(sealed, now, 2)
    assert seal(sealed, now).size == 603


def test_two_events_that_change_places_are_found(sealed):
    with sealed.session(write=False) as db:
        one, other = db.scalars(select(AuditSeal).where(AuditSeal.position.in_([7, 8])).order_by(AuditSeal.position))
        first, second = one.leaf, other.leaf
    behind_the_back(sealed, "UPDATE audit_seal SET leaf = :leaf WHERE position = 7", leaf=second)
    behind_the_back(sealed, "UPDATE audit_seal SET leaf = :leaf WHERE position = 8", leaf=first)
    assert {("event-changed", 7), ("event-changed", 8)} <= set(found(sealed))


def test_who_rewrites_everything_is_caught_by_what_was_published(sealed, now):
    """Events, seals, nodes and checkpoints made anew, all consistent: only the notes outside know better."""
    with sealed.session(write=False) as db:
        published = db.scalars(select(Checkpoint.note).order_by(Checkpoint.size)).all()
    assert found(sealed, published) == []
    behind_the_back(
        sealed,
        "DELETE FROM audit_event WHERE facts LIKE '%7%'"
        if sealed.engine.dialect.name == "sqlite"
        else "DELETE FROM audit_event WHERE facts::text LIKE '%7%'",
    )
    for table in ("audit_seal", "audit_node", "audit_checkpoint"):
        behind_the_back(sealed, f"DELETE FROM {table}")
    while seal(sealed, now):
        pass
    assert found(sealed) == []
    assert ("published-root", 300) in found(sealed, published)


def test_a_key_that_somebody_adds_signs_nothing_that_counts(sealed, now):
    """Whoever can write the database can add a key of their own to the retired ones, but not our signature under it."""
    strange = Ed25519PrivateKey.generate()
    note = seals.note.sign(seals.Head(ORIGIN, 600, b"r" * 32, now), strange)
    row = {"version": 7, "public": strange.public_key().public_bytes_raw(), "last_size": 10**6, "retired_at": now}
    with sealed.transaction() as db:
        forged = RetiredSealKey(**row)
        forged.endorsed = strange.sign(forged.statement)
        db.add(forged)
    with sealed.session(write=False) as db:
        with pytest.raises(seals.Unproven):
            seals.read_checkpoint(db, note, ORIGIN)
        assert len(seals.verifying_keys(db)) == 1
    assert found(sealed) == [("key-unknown", 7)]


def test_a_retired_key_ends_where_it_ended(sealed, vault, now):
    """Two turns, the first key destroyed: its checkpoints still hold, and no later one that it might sign."""
    first = vault.keys.versions[Purpose.SEAL][1]
    turned = Vault(replace(vault.keys, audit_seal={1: first, 2: b"2" * 32, 3: b"3" * 32}))
    opened = connect(str(sealed.engine.url.render_as_string(hide_password=False)), turned)
    for version in (2, 3):
        with opened.transaction() as db:
            rotation.begin(db, Purpose.SEAL, version, now=now)
        happen(opened, now, 3)
        seal(opened, now)
    opened.engine.dispose()
    left = Vault(replace(vault.keys, audit_seal={3: b"3" * 32}))
    opened = connect(str(sealed.engine.url.render_as_string(hide_password=False)), left)
    with opened.session(write=False) as db:
        left.use(rotation.read_uses(db))
        assert seals.verify(db, ORIGIN).findings == []
        assert len(seals.verifying_keys(db)) == 3
    behind_the_back(opened, "UPDATE audit_retired_key SET last_size = 100000 WHERE version = 1")
    assert ("key-unknown", 1) in found(opened)
    behind_the_back(opened, "UPDATE audit_retired_key SET endorsed = NULL WHERE version = 1")
    assert ("key-unknown", 1) in found(opened)
    opened.engine.dispose()


def test_a_checkpoint_signed_by_somebody_else_is_found(sealed, now):
    with sealed.session(write=False) as db:
        note = seals.latest(db).note
    forged = note.replace("600", "599")
    assert ("published-signature", 0) in found(sealed, [forged])


# receipts


def test_a_receipt_holds_on_its_own_and_nothing_in_it_can_be_changed(sealed):
    with sealed.session(write=False) as db:
        event = db.scalars(
            select(AuditEvent).join(AuditSeal, AuditSeal.event_id == AuditEvent.id).where(AuditSeal.position == 511)
        ).one()
        receipt, key = seals.written(seals.receipt_for(db, event)), signing_key(db).public_key()
    assert seals.check(seals.parse(receipt), ORIGIN, key).size == 600
    extra = receipt.splitlines()[1].removeprefix("extra ")
    assert b"register:looked-up" in b64decode(extra)
    lines = receipt.splitlines(keepends=True)
    for at, line in enumerate(lines):
        if line.strip():
            changed = "".join([*lines[:at], _other(line), *lines[at + 1 :]])
            with pytest.raises(seals.Unproven):
                seals.check(seals.parse(changed), ORIGIN, key)


def _other(line):
    """The line with one sign changed, where it counts."""
    at = len(line) // 2
    return line[:at] + ("A" if line[at] != "A" else "B") + line[at + 1 :]


@given(st.text(max_size=300) | st.text(alphabet="c2sp.org/tlog-proof@v1\nextra index 0123=", max_size=200))
def test_what_is_no_receipt_is_said_so(garbage):
    with pytest.raises(seals.Unproven):
        seals.parse(garbage)


def test_an_event_without_seal_has_no_receipt_yet(sealed, now):
    happen(sealed, now, 1)
    with sealed.session(write=False) as db:
        event = db.scalars(select(AuditEvent).order_by(AuditEvent.id.desc()).limit(1)).one()
        assert seals.receipt_for(db, event) is None


def test_the_verifiers_line_names_the_key(sealed):
    with sealed.session(write=False) as db:
        line = seals.verifier_line(ORIGIN, signing_key(db).public_key())
    name, key_id, key = line.split("+", 2)
    assert (name, len(key_id), b64decode(key)[:1]) == (ORIGIN, 8, b"\x01")


# archive


def test_old_events_leave_for_a_file_and_the_seal_still_holds(sealed, now, tmp_path):
    later = now + timedelta(days=6 * 366)
    happen(sealed, now + timedelta(days=2), 5)
    seal(sealed, now + timedelta(days=2))
    with sealed.session(write=False) as db:
        archived = seals.archive_before(db, tmp_path, before=now + timedelta(days=1))
    assert (archived.first, archived.end) == (0, 600)
    with gzip.open(archived.path) as file:
        assert len(file.readlines()) == 600
    with sealed.transaction() as db:
        seals.drop_archived(db, archived, ORIGIN, actor=SYSTEM, now=later)
    with sealed.session(write=False) as db:
        report = seals.verify(db, ORIGIN)
        assert (report.archived, report.findings, report.unsealed) == (600, [], 0), "under a checkpoint of its own"
        assert len(db.scalars(select(AuditEvent)).all()) == 6
        assert seals.archive_before(db, tmp_path, before=now + timedelta(days=1)) is None
    with pytest.raises(Exception, match="append-only"), sealed.engine.begin() as connection:
        connection.execute(text("DELETE FROM audit_event"))


def test_an_archive_that_lacks_a_line_drops_nothing(sealed, now, tmp_path):
    with sealed.session(write=False) as db:
        archived = seals.archive_before(db, tmp_path, before=now + timedelta(days=1))
    with gzip.open(archived.path) as file:
        lines = file.readlines()
    with gzip.open(archived.path, "wb") as file:
        file.writelines(lines[:-1])
    with pytest.raises(Refused), sealed.transaction() as db:
        seals.drop_archived(db, archived, ORIGIN, actor=SYSTEM, now=now)
    assert found(sealed) == []


def archived_in(database, folder, now):
    with database.session(write=False) as db:
        return seals.archive_before(db, folder, before=now + timedelta(days=1))


def test_young_events_do_not_leave(sealed, now, tmp_path):
    """Else nobody would know any more who received a file, nor that anybody had signed in."""
    archived = archived_in(sealed, tmp_path, now)
    for years, is_young in ((4, True), (6, False)):
        with sealed.transaction() as db:
            if is_young:
                with pytest.raises(Refused, match="archive-too-young"):
                    seals.drop_archived(db, archived, ORIGIN, actor=SYSTEM, now=now + timedelta(days=366 * years))
                assert len(db.scalars(select(AuditEvent.id)).all()) == 600
            else:
                seals.drop_archived(db, archived, ORIGIN, actor=SYSTEM, now=now + timedelta(days=366 * years))


def test_a_command_that_was_stopped_or_did_not_drop_is_given_again(sealed, now, tmp_path):
    (tmp_path / "audit-0-600.jsonl.part").write_bytes(b"cut off")
    first = archived_in(sealed, tmp_path, now)
    assert archived_in(sealed, tmp_path, now) == first
    assert [path.name for path in tmp_path.iterdir()] == ["audit-0-600.jsonl.gz"]
    first.path.write_bytes(first.path.read_bytes()[:-20])
    with pytest.raises(Refused, match="archive-broken"):
        archived_in(sealed, tmp_path, now)


def dropped(database, folder, now):
    archived = archived_in(database, folder, now)
    with database.transaction() as db:
        seals.drop_archived(db, archived, ORIGIN, actor=SYSTEM, now=now + timedelta(days=6 * 366))
    return archived


def found_in(database, folder):
    with database.session(write=False) as db:
        return [(one.kind, one.place) for one in seals.verify(db, ORIGIN, archives=folder).findings]


def test_a_changed_or_missing_archive_is_found(sealed, now, tmp_path):
    archived = dropped(sealed, tmp_path, now)
    assert found_in(sealed, tmp_path) == []
    with gzip.open(archived.path) as file:
        lines = file.readlines()
    with gzip.open(archived.path, "wb") as file:
        file.writelines([*lines[:5], lines[6], lines[5], *lines[7:]])
    assert found_in(sealed, tmp_path) == [("archive-changed", 0)]
    archived.path.unlink()
    assert found_in(sealed, tmp_path) == [("archive-missing", 0)]


def test_an_event_that_is_only_said_to_be_archived_is_found(sealed, now):
    """A row in the list of archives, and the entry that goes with it in the trail, hid a deleted event."""
    behind_the_back(sealed, "DELETE FROM audit_event WHERE id = :id", id=event_at(sealed, 7))
    with sealed.transaction() as db:
        db.add(AuditArchive(first=7, end=8, at=now, file_digest="0" * 64))
    assert found(sealed) == [("archive-unrecorded", 7)]
    for signed in ("", "00" * 64, "no hex", 7):
        with sealed.transaction() as db:
            audit.record(db, Event.AUDIT_ARCHIVED, SYSTEM, now=now, first=7, end=8, file="0" * 64, signed=signed)
        seal(sealed, now)
        assert found(sealed) == [("archive-unrecorded", 7)]


def test_a_retired_key_vouches_for_no_later_archive(sealed, vault, now, tmp_path):
    """It may have leaked since: only what was sealed in its time counts."""
    first = vault.keys.versions[Purpose.SEAL][1]
    dropped(sealed, tmp_path, now)
    turned = Vault(replace(vault.keys, audit_seal={1: first, 2: b"2" * 32}))
    opened = connect(str(sealed.engine.url.render_as_string(hide_password=False)), turned)
    with opened.transaction() as db:
        leaked = signing_key(db)
        rotation.begin(db, Purpose.SEAL, 2, now=now)
    happen(opened, now, 1)
    seal(opened, now)
    assert found_in(opened, tmp_path) == []
    told = seals.Archived(tmp_path / "none", 601, 602, "0" * 64)
    facts = {"first": 601, "end": 602, "file": told.digest, "signed": leaked.sign(told.statement).hex()}
    with opened.transaction() as db:
        db.add(AuditArchive(first=601, end=602, at=now, file_digest=told.digest))
        audit.record(db, Event.AUDIT_ARCHIVED, SYSTEM, now=now, **facts)
    assert found(opened) == [("archive-unrecorded", 601)]
    seal(opened, now)
    assert found(opened) == [("archive-unrecorded", 601)]
    opened.engine.dispose()


def test_what_says_that_events_left_stays_when_it_is_old_itself(sealed, now, tmp_path):
    dropped(sealed, tmp_path, now)
    years = now + timedelta(days=6 * 366)
    seal(sealed, years)
    happen(sealed, years, 3)
    seal(sealed, years)
    dropped(sealed, tmp_path, years)
    seal(sealed, years + timedelta(days=6 * 366))
    with sealed.session(write=False) as db:
        assert set(db.scalars(select(AuditEvent.name))) == {"audit:archived"}
    assert found_in(sealed, tmp_path) == []


def test_an_archived_event_that_comes_back_changed_is_found(sealed, now, tmp_path):
    archived = dropped(sealed, tmp_path, now)
    with gzip.open(archived.path) as file:
        line = orjson.loads(file.readlines()[7])
    with sealed.transaction() as db:
        again = {"id": UUID(line["id"]), "at": now, "name": line["name"], "actor_role": "system", "facts": {}}
        db.add(AuditEvent(**again))
    assert ("event-changed", 7) in found(sealed)
