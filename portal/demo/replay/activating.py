"""People take their accounts over: the whole walk of an activation, and a passkey at its end.

The password is one that nobody knows, hashed once for all: what they sign in with is the passkey.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from identity.account import Account
from identity.activation import begin, confirm_recovery, confirm_totp, prove_identity, prove_phone, set_password
from identity.activation.begin import Begun
from identity.activation.proof import ENDING, ProofKind
from identity.application import Application
from identity.base import Refused
from identity.credentials.passkey import Site
from identity.credentials.passkeys import add_passkey, options_to_add
from identity.credentials.passwords import hash_password
from identity.registers.synthetic import SyntheticCitizen, SyntheticForeigner
from portal.demo.replay.looking import accounts_of
from portal.demo.replay.messages import read_codes
from portal.demo.replay.passkey import made_passkey

OTP = "246810"
PHONE = "Điện thoại của tôi"


@dataclass(frozen=True, slots=True)
class Settled:
    """What is the same for everybody: our address, and the hash of a password that nobody knows."""

    site: Site
    password_hash: str

    @classmethod
    def at(cls, site: Site) -> Settled:
        return cls(site, hash_password(secrets.token_urlsafe(32)))


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody whose account was issued, and when they activate it."""

    person: SyntheticForeigner | SyntheticCitizen
    file: Application
    at: datetime


def activate_all(db: Session, settled: Settled, holders: Sequence[Holder]) -> None:
    """Each reads the notice at home and walks through the steps."""
    codes = read_codes(db, [holder.file.id for holder in holders])
    accounts, _held = accounts_of(db, [holder.file for holder in holders])
    journeys = []  # their rows stay in the session until all are written together
    for holder in holders:
        journey = _begun(db, codes[holder.file.id], holder)
        _done(prove_phone(db, journey.journey, OTP, now=holder.at))
        _done(prove_identity(db, journey.journey, *_proof_of(holder.person), now=holder.at))
        set_password(db, journey.journey, settled.password_hash, now=holder.at)
        _done(confirm_totp(db, journey.journey, OTP, now=holder.at, test_otp=OTP))
        sheet = journey.journey.activation.recovery or {}
        _done(confirm_recovery(db, journey.journey, sheet["codes"][0], now=holder.at))
        journeys.append(journey)
    db.flush()  # the gate asks the database whether the accounts are active
    for holder in holders:
        assert holder.file.person_id is not None
        _bind(db, settled, accounts[holder.file.person_id], now=holder.at)


def _proof_of(person: SyntheticForeigner | SyntheticCitizen) -> tuple[ProofKind, str]:
    """From the paper that everybody has at hand: the day on which the card ends, or the passport's last signs."""
    if isinstance(person, SyntheticCitizen):
        assert person.card_expires_on is not None
        return ProofKind.CITIZEN_CARD, f"{person.card_expires_on:%d/%m/%Y}"
    return ProofKind.PASSPORT, person.passport_number[-ENDING:]


def _begun(db: Session, code: str, holder: Holder) -> Begun:
    """At home, from an address of one's own (2001:db8::/32 is nobody's)."""
    number = int.from_bytes(holder.file.id.bytes[-6:], "big")
    network = f"2001:db8:{number >> 16 & 0xFFFF:x}:{number & 0xFFFF:x}::1"
    begun = begin(db, code, address=network, now=holder.at, test_otp=OTP)
    if isinstance(begun, Refused):
        raise begun
    return begun


def _bind(db: Session, settled: Settled, account: Account, *, now: datetime) -> None:
    answer = made_passkey(options_to_add(db, settled.site, account, now=now), settled.site)
    add_passkey(db, settled.site, account, answer, PHONE, now=now)


def _done(result: Refused | Account | None) -> None:
    if isinstance(result, Refused):
        raise result
