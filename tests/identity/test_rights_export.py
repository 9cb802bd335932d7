"""A copy of one's data holds everything: each table is found in it, or left out for a reason that is written down."""

from __future__ import annotations

from datetime import timedelta

import orjson
import pytest
from sqlalchemy import select

import onboarding.rights  # noqa: F401 - as the worker does
from identity.account import get_account
from identity.audit import Actor, AuditEvent
from identity.base import Base, Refused, new_id
from identity.evidence import EvidenceKind, Proof, add_proofs
from identity.files import store
from identity.inbox import InboxMessage
from identity.jobs import Job
from identity.person import documents_of
from identity.rights.collect import everything_about, is_reached, walked
from identity.rights.export import JOB, ask_for_copy, copies_of, copy_some, drop_old_copies, open_copy
from identity.rights.left_out import LEFT_OUT, NOT_ABOUT_RESIDENTS
from tests.identity.account_scene import LOGIN, PASSPORT, make_account, make_person
from tests.identity.applicants import FOREIGNER, a_record, submitted
from tests.identity.every_table import Filler


@pytest.fixture
def account(db, now):
    return make_account(db, now, person_id=make_person(db, now).id)


@pytest.fixture
def neighbour(db, now):
    person = make_person(db, now, phone="+84900000002")
    return make_account(db, now, "901000000002", person_id=person.id)


def mine(account):
    return Actor(account.id, "resident")


def filled(db, account, now):
    from identity.person import Person

    Filler(db, account, db.get_one(Person, account.person_id), now=now).fill()
    db.flush()
    db.expire_all()


def test_every_table_is_in_the_copy_or_left_out_for_a_reason(db, account, now):
    filled(db, account, now)
    held = everything_about(db, account)
    unexplained = set(Base.metadata.tables) - set(held) - set(LEFT_OUT) - NOT_ABOUT_RESIDENTS
    assert unexplained == set()


def test_what_is_left_out_exists_and_has_a_reason():
    assert set(LEFT_OUT) | NOT_ABOUT_RESIDENTS <= set(Base.metadata.tables)
    assert all(len(reason) > 10 for reason in LEFT_OUT.values())


def test_a_walk_reaches_every_table_that_it_goes_through():
    missed = {mapper.local_table.name for mapper in walked() if not is_reached(mapper.local_table)}
    assert missed - NOT_ABOUT_RESIDENTS == set()


def test_which_officer_it_was_is_not_in_the_copy(db, account, neighbour, now):
    add_proofs(db, account.person_id, [Proof(EvidenceKind.IN_PERSON, by_account_id=neighbour.id)], now=now)
    db.flush()
    held = everything_about(db, account)
    assert [row["by_account_id"] for row in held["evidence"]] == ["somebody else"]


def test_nothing_of_anybody_else_is_in_the_copy(db, account, neighbour, now):
    filled(db, account, now)
    filled(db, neighbour, now)
    text = orjson.dumps(everything_about(db, account)).decode()
    assert str(account.id) in text
    assert str(neighbour.id) not in text
    assert str(neighbour.person_id) not in text


def test_the_copy_is_readable_and_holds_no_secret(db, account, now):
    store(db, b"a face", "portrait", account.person_id, now=now)
    account = get_account(db, account.id)
    text = orjson.dumps(everything_about(db, account)).decode()
    assert "Marie Durand" in text
    assert PASSPORT in text
    assert LOGIN in text
    assert account.password_hash not in text
    assert account.totp_secret not in text
    assert "_sealed" not in text
    assert "YSBmYWNl" in text  # the portrait itself


def test_who_acted_is_named_by_role_and_never_by_account(db, account, now):
    officer = new_id()
    db.add(
        AuditEvent(
            at=now,
            name="application:viewed",
            actor_id=officer,
            actor_role="approving_officer",
            subject_kind="account",
            subject_id=account.id,
            facts={"purpose": "decision"},
        )
    )
    db.flush()
    held = everything_about(db, account)
    assert str(officer) not in orjson.dumps(held).decode()
    assert held["audit_event"][-1]["actor_id"] == "staff"
    assert held["audit_event"][-1]["actor_role"] == "approving_officer"


def test_an_application_that_was_refused_is_in_the_copy_though_it_led_to_no_account(db, account, now):
    application, _code = submitted(db, a_record(db, FOREIGNER), now=now, phone="+84900000077")
    application.state = "refused"
    for paper in documents_of(db, account.person_id):  # the paper became theirs later
        paper.number, paper.issued_by = FOREIGNER.passport_number, FOREIGNER.nationality
    db.flush()
    assert application.person_id is None
    assert [row["dossier_number"] for row in everything_about(db, account)["application"]] == [
        application.dossier_number
    ]


def test_a_copy_is_asked_for_made_once_and_told(db, account, now):
    first = ask_for_copy(db, account.id, mine(account), now=now)
    assert ask_for_copy(db, account.id, mine(account), now=now).id == first.id
    db.flush()
    assert [job.kind for job in db.scalars(select(Job))] == [JOB]
    assert open_copy(db, account.id, first.id, mine(account), now=now) is None
    assert copy_some(db, None, now=now) == {"made": 1}
    assert copy_some(db, {"made": 1}, now=now) is None
    content = orjson.loads(open_copy(db, account.id, first.id, mine(account), now=now))
    assert content["held"]["person"][0]["full_name"] == "Marie Durand"
    assert db.scalars(select(InboxMessage.kind)).all() == ["export-ready"]


def test_a_second_copy_takes_a_day(db, account, now):
    ask_for_copy(db, account.id, mine(account), now=now)
    copy_some(db, None, now=now)
    with pytest.raises(Refused, match="export-lately"):
        ask_for_copy(db, account.id, mine(account), now=now + timedelta(hours=23, minutes=59))
    ask_for_copy(db, account.id, mine(account), now=now + timedelta(hours=24))
    assert len(copies_of(db, account.id)) == 2


def test_nobody_opens_the_copy_of_another(db, account, neighbour, now):
    copy = ask_for_copy(db, account.id, mine(account), now=now)
    copy_some(db, None, now=now)
    assert open_copy(db, neighbour.id, copy.id, mine(neighbour), now=now) is None


def test_a_copy_goes_after_its_days_and_not_before(db, account, now):
    copy = ask_for_copy(db, account.id, mine(account), now=now)
    copy_some(db, None, now=now)
    assert drop_old_copies(db, now=now + timedelta(days=6, hours=23)) == 0
    assert open_copy(db, account.id, copy.id, mine(account), now=now + timedelta(days=7)) is None
    assert drop_old_copies(db, now=now + timedelta(days=7)) == 1
