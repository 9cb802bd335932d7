"""People who trust one another, to recover with."""

from __future__ import annotations

from datetime import date, timedelta

import orjson
import pyotp
from sqlalchemy import select

from identity.account import create_account
from identity.credentials.recovery import Sheet
from identity.evidence import EvidenceKind, add_evidence
from identity.outbox import COLUMN, OutboxMessage
from identity.person import Kind, Person, add_person, set_personal_number
from identity.recovery import (
    ask_people,
    choose,
    co_sign,
    confirm,
    confirm_app,
    finish,
    send_what_is_due,
    set_password,
)
from identity.sealed import vault
from tests.identity.account_scene import LOGIN, PASSWORD, hashed, make_account, make_person

ADDRESS = "203.0.113.7"
LEVEL_2 = (EvidenceKind.REGISTER, EvidenceKind.CITIZEN_CARD, EvidenceKind.IN_PERSON, EvidenceKind.BIOMETRICS)
NEW_PASSWORD = "bốn con cá trong ao"


def make_owner(db, now, *, phone="+84912345678"):
    """Whoever will lose everything."""
    person = make_person(db, now, kind=Kind.CITIZEN, phone=phone)
    set_personal_number(db, person, LOGIN)
    return make_account(db, now, person_id=person.id)


def make_contact(db, now, number, *, level=2):
    """A citizen of level 2, unless told otherwise, with an account of their own."""
    person = Person(kind="citizen", sex="F", nationality="VNM", age_band="30-44", created_at=now)
    phone = f"+8498{number[-7:]}"
    add_person(db, person, full_name=f"Trần Văn {number[-2:]}", birth_date=date(1980, 1, 1), phone=phone)
    db.flush()
    for kind in LEVEL_2 if level == 2 else LEVEL_2[:2]:
        add_evidence(db, person.id, kind, now=now)
    account = create_account(
        db, "resident", number, display_name=person.full_name or "", now=now, person_id=person.id, state="active"
    )
    account.password_hash = hashed(PASSWORD)
    db.flush()
    return account


def trusted_since(db, owner, number, now, *, days=31, level=2):
    """A contact who agreed so many days before `now`."""
    then = now - timedelta(days=days)
    contact = make_contact(db, then, number, level=level)
    row = choose(db, owner, number, now=then)
    db.flush()
    confirm(db, contact, row.id, now=then)
    return contact


def messages(db, kind):
    """The facts of every message of this kind that waits in the outbox, oldest first."""
    rows = db.scalars(select(OutboxMessage).where(OutboxMessage.kind == kind).order_by(OutboxMessage.id))
    return [orjson.loads(vault(db).open(COLUMN, row.id, row.payload_sealed)) for row in rows]


def asked(db, now, *, login=LOGIN, address=ADDRESS):
    """A request to the contacts, which the worker has seen."""
    begun = ask_people(db, login, address, now=now)
    db.flush()
    send_what_is_due(db, None, now=now)
    db.flush()
    return begun


def opened(db, owner, now):
    """A recovery to which two contacts agreed, still waiting its days."""
    contacts = [trusted_since(db, owner, f"00117400000{n}", now) for n in (1, 2)]
    begun = asked(db, now)
    for contact in contacts:
        assert co_sign(db, contact, begun.word, now=now) is None
    return begun.recovery


def set_keys(db, recovery, now):
    """The last steps, as a person takes them; returns what the end gives."""
    set_password(db, recovery, hashed(NEW_PASSWORD), now=now)
    code = pyotp.TOTP(recovery.totp_secret).at(int(now.timestamp()))
    assert confirm_app(db, recovery, code, now=now) is None
    return finish(db, recovery, Sheet.read(recovery.sheet).codes[0], now=now)
