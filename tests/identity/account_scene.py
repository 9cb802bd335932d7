"""Accounts to test with."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

import pyotp

from identity.account import Account, AccountState, create_account
from identity.activation import make_activation_code
from identity.credentials.passwords import hash_password
from identity.credentials.totp import new_secret
from identity.person import DocumentKind, Kind, Person, add_document, add_person

PASSWORD = "ba con mèo trên mái"
LOGIN = "001158012345"
PHONE = "+84912345678"
PASSPORT = "M4567X123"
hashed = lru_cache(hash_password)
"""Slow, so the same password is hashed once a run."""


def make_account(db, now, login=LOGIN, *, kind="resident", totp=True, person_id=None) -> Account:
    """An active account with a password and, unless told otherwise, an authenticator app."""
    account = create_account(
        db, kind, login, display_name="Nguyễn Thị Hoa", now=now, state=AccountState.ACTIVE, person_id=person_id
    )
    account.password_hash = hashed(PASSWORD)
    if totp:
        account.totp_secret = new_secret()
    db.flush()
    return account


def code_of(account: Account, now) -> str:
    """What the person's app shows at that moment."""
    return pyotp.TOTP(account.totp_secret).at(int(now.timestamp()))


def make_person(db, now, *, kind=Kind.FOREIGNER, phone=PHONE) -> Person:
    """A foreign resident with a passport, or a citizen with a card that is valid until 31 December 2030."""
    person = Person(
        kind=kind.value,
        sex="F",
        nationality="FRA" if kind is Kind.FOREIGNER else "VNM",
        age_band="30-44",
        created_at=now,
    )
    add_person(db, person, full_name="Marie Durand", birth_date=date(1988, 2, 29), phone=phone)
    paper, number = DocumentKind.PASSPORT, PASSPORT
    if kind is Kind.CITIZEN:
        paper, number = DocumentKind.CITIZEN_CARD, LOGIN
    db.flush()
    add_document(db, person, paper, number, expires_on=date(2030, 12, 31), issued_by="FRA", now=now)
    db.flush()
    return person


def make_issued(db, now, *, kind=Kind.FOREIGNER) -> tuple[Account, str]:
    """An account that waits to be activated, and the code of its notice."""
    person = make_person(db, now, kind=kind)
    account = create_account(db, "resident", "901234567890", display_name="Marie Durand", now=now, person_id=person.id)
    return account, make_activation_code(db, account, now=now)


def sent_otp(db) -> str:
    """The code in the newest message of the outbox."""
    import orjson
    from sqlalchemy import select

    from identity.outbox import COLUMN, OutboxMessage
    from identity.sealed import vault

    row = db.scalars(
        select(OutboxMessage)
        .where(OutboxMessage.kind == "otp")
        .order_by(OutboxMessage.posted_at.desc(), OutboxMessage.id.desc())
    ).first()
    return orjson.loads(vault(db).open(COLUMN, row.id, row.payload_sealed))["facts"]["code"]
