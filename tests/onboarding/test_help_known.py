"""Nobody vouches for a person whom they helped as a member of a team, whatever kind of help it was."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from identity.account import Account, find_account_of
from identity.audit import SYSTEM, Actor
from identity.base import Refused
from identity.helping import HelpConsent, new_help_code, withdraw_help
from identity.person import Person
from identity.recovery import choose, confirm
from onboarding.assistance import take_in
from onboarding.catalogue import Task
from onboarding.delegation import delegate
from onboarding.help_known import has_helped
from onboarding.outreach import take_over
from onboarding.team import Membership
from tests.identity.recovery_scene import make_contact
from tests.onboarding.scene import activate, communes, entry, member_of, resident, team_in

NUMBER = "001174000001"


@pytest.fixture
def helped(db: Session, now: datetime) -> Person:
    person = resident(db, communes(db)[0], now=now)
    activate(db, person, now=now)
    return person


@pytest.fixture
def contact(db: Session, now: datetime) -> Account:
    return make_contact(db, now - timedelta(days=40), NUMBER)


@pytest.fixture
def member(db: Session, contact: Account, now: datetime) -> Membership:
    """The contact works in the team of that commune, with a staff account of their own."""
    found = member_of(db, team_in(db, communes(db)[0], now=now), now=now)
    db.get_one(Account, found.account_id).person_id = contact.person_id
    db.flush()
    return found


def by_record(db: Session, member: Membership, helped: Person, now: datetime) -> None:
    code = new_help_code(db, helped.id, now=now)
    take_in(db, member.account_id, entry(now, help_code=code.replace(" ", "")), now=now)


def by_receipt(db: Session, member: Membership, helped: Person, now: datetime) -> None:
    code = new_help_code(db, helped.id, now=now)
    delegate(db, member, Task.LAND, 3, SYSTEM, now=now, agreed=True, help_code=code)


def by_call(db: Session, member: Membership, helped: Person, now: datetime) -> None:
    account = find_account_of(db, helped.id)
    assert account is not None
    account.state, account.activated_at = "issued", None
    db.flush()
    consent = db.query(HelpConsent).filter(HelpConsent.person_id == helped.id).one()
    by = Actor(member.account_id, "member")
    assert consent.pseudonym is not None
    assert take_over(db, [consent.pseudonym], member.account_id, by, [member.unit_id], now=now) == 1
    account.state, account.activated_at = "active", now
    db.flush()


def trust(db: Session, helped: Person, contact: Account, now: datetime) -> None:
    owner = find_account_of(db, helped.id)
    assert owner is not None
    row = choose(db, owner, NUMBER, now=now)
    db.flush()
    confirm(db, contact, row.id, now=now)


@pytest.mark.parametrize("help_by", [by_record, by_receipt, by_call])
def test_whoever_helped_as_a_member_does_not_vouch(
    db: Session, helped: Person, contact: Account, member: Membership, now: datetime, help_by: object
) -> None:
    help_by(db, member, helped, now)  # type: ignore[operator]
    db.flush()
    with pytest.raises(Refused, match="trusted-helper"):
        trust(db, helped, contact, now)


def test_a_member_who_helped_somebody_else_may(
    db: Session, helped: Person, contact: Account, member: Membership, now: datetime
) -> None:
    other = resident(db, communes(db)[0], now=now, name="Lò Văn Khác", phone="+84912345299")
    by_record(db, member, other, now)
    db.flush()
    trust(db, helped, contact, now)


def test_after_the_consent_was_withdrawn_nothing_is_known_any_more(
    db: Session, helped: Person, contact: Account, member: Membership, now: datetime
) -> None:
    by_record(db, member, helped, now)
    db.flush()
    assert contact.person_id is not None and has_helped(db, contact.person_id, helped.id)
    withdraw_help(db, helped, now=now, actor=SYSTEM)
    assert not has_helped(db, contact.person_id, helped.id)


def test_the_portal_asks_the_teams_records() -> None:
    asked = "import portal.assembly\nfrom identity.recovery.trusted import HELPED\nassert HELPED, 'nobody is asked'"
    subprocess.run([sys.executable, "-c", asked], check=True, timeout=120)
