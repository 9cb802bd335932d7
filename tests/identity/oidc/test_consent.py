"""Consent is remembered by item with the words that were shown, and taken back at any time."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from identity import consent
from identity.audit import Actor
from identity.oidc import grants
from tests.identity.oidc.making import a_code, a_resident, a_service


def test_only_what_was_never_answered_is_missing(db: Session, now: datetime) -> None:
    account, client = a_resident(db, now=now), a_service(db, now=now)
    actor = Actor(account.id, "resident")
    choices = {"name": True, "phone_number": False}
    consent.answer(db, account.id, client.id, choices, {}, actor=actor, now=now)
    answers = consent.answers(db, account.id, client.id)
    assert answers.missing({"name", "phone_number", "address"}) == {"address"}
    assert answers.given == {"name"}


def test_a_new_answer_takes_the_place_of_the_old_one_and_the_old_one_is_kept(db: Session, now: datetime) -> None:
    account, client = a_resident(db, now=now), a_service(db, now=now)
    actor = Actor(account.id, "resident")
    for choice in (True, False):
        words = {"name": {"label": "Họ và tên", "language": "vi"}}
        consent.answer(db, account.id, client.id, {"name": choice}, words, actor=actor, now=now)
    assert consent.given(db, account.id, client.id) == frozenset()
    assert db.query(consent.Consent).count() == 2
    assert consent.consents_of(db, account.id)[client.id][0].words["label"] == "Họ và tên"


def test_withdrawing_takes_everything_back_and_says_whether_there_was_anything(db: Session, now: datetime) -> None:
    account, client = a_resident(db, now=now), a_service(db, now=now)
    actor = Actor(account.id, "resident")
    consent.answer(db, account.id, client.id, {"name": True}, {}, actor=actor, now=now)
    a_code(db, account, client, now=now)
    assert consent.withdraw(db, account.id, client.id, actor=actor, now=now)
    assert grants.revoke_for_client(db, account.id, client.id, now=now) == 1
    assert not consent.withdraw(db, account.id, client.id, actor=actor, now=now)
    assert consent.consents_of(db, account.id) == {}
