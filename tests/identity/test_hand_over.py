"""What ends when a young person takes the account over from a guardian."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import identity.rights.effects  # noqa: F401 - as the portal does
from identity import consent, purposes
from identity.audit import Actor, AuditEvent, Event
from identity.base import new_id
from identity.counter_secret import bind_counter_secret, is_counter_secret, keep_counter_secret, new_counter_secret
from identity.helping import agree_to_help, has_agreed
from identity.helping.consent import find_open_consent
from identity.person import Person
from tests.identity.applicants import CHILD, a_ward, sent_online
from tests.identity.oidc.making import a_service
from tests.identity.test_guardians import FOURTEEN

pytestmark = pytest.mark.any_engine


@pytest.mark.parametrize("own", [False, True])
def test_what_the_guardian_agreed_to_ends_with_the_hand_over_and_the_child_is_asked_afresh(
    db: Session, now: datetime, own: bool
) -> None:
    ward, _guardian = a_ward(db, now=now)
    child, actor = db.get_one(Person, ward.person_id), Actor(ward.id, "resident")
    service = a_service(db, now=now)
    consent.answer(db, ward.id, service.id, {"name": True, "phone": False}, {}, actor=actor, now=now)
    purposes.agree(db, ward.id, "survey", 1, "vi", actor, now=now)
    agree_to_help(db, child, now=now)
    before = find_open_consent(db, child.id)
    sent_online(
        db, replace(CHILD, card_expires_on=date(2043, 5, 4)), now=FOURTEEN, phone="+84987654321", agreed_to_help=own
    )
    assert consent.answers(db, ward.id, service.id).missing({"name", "phone"}) == {"name", "phone"}
    assert not purposes.has_agreed(db, ward.id, "survey")
    assert has_agreed(db, child.id) is own and find_open_consent(db, child.id) != before
    ended = db.scalars(select(AuditEvent).where(AuditEvent.name == Event.CONSENT_WITHDRAWN)).one()
    assert (ended.subject_id, ended.actor_role, ended.facts["items"]) == (ward.id, "system", ["name"])


def test_the_slip_that_a_guardian_may_hold_proves_nothing_once_the_child_takes_over(db: Session, now: datetime) -> None:
    ward, _guardian = a_ward(db, now=now)
    visit, secret = new_id(), new_counter_secret()
    keep_counter_secret(db, visit, secret, now=now)
    db.flush()
    bind_counter_secret(db, visit, ward.id)
    assert is_counter_secret(db, ward.id, secret)
    sent_online(db, CHILD, now=FOURTEEN, phone="+84987654321")
    assert not is_counter_secret(db, ward.id, secret)
