"""People of the demonstration who have an account, wait to activate one, or have not applied yet."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from identity.account import Account
from identity.activation import begin, confirm_recovery, confirm_totp, prove_identity, prove_phone, set_password
from identity.activation.begin import Begun
from identity.base import Refused
from portal.demo.applications import Taken
from portal.demo.population import Neighbour, documents_of, full_name

OTP = "246810"
PASSWORD = "Minh-hoa-2026!"  # noqa: S105 - printed on the screen and refused outside the demonstration


@dataclass(frozen=True, slots=True)
class Known:
    """One person of var/demo.json."""

    role: str
    name: str
    login: str = ""
    password: str = ""
    totp_secret: str = ""
    state: str = "none"
    phone: str = ""
    unit: str = ""
    documents: dict[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, object]:
        return asdict(self)


def role_of(person: Neighbour) -> str:
    return "citizen" if hasattr(person, "personal_number") else "foreigner"


def activate(db: Session, taken: Taken, password_hash: str, *, now: datetime) -> str:
    """Walk through the activation as the person would; returns the authenticator's secret."""
    assert taken.issued is not None
    begun = begin(db, taken.issued.activation_code, address="127.0.0.1", now=now, test_otp=OTP)
    assert isinstance(begun, Begun), begun
    journey = begun.journey
    _must(prove_phone(db, journey, OTP, now=now))
    _must(prove_identity(db, journey, "counter_secret", taken.counter_secret, now=now))
    set_password(db, journey, password_hash, now=now)
    secret = journey.activation.totp_secret or ""
    _must(confirm_totp(db, journey, OTP, now=now, test_otp=OTP))
    codes = (journey.activation.recovery or {})["codes"]
    _must(confirm_recovery(db, journey, codes[0], now=now))
    return secret


def _must(result: Refused | Account | None) -> None:
    if isinstance(result, Refused):
        raise result


def known(
    person: Neighbour, *, phone: str, login: str = "", secret: str = "", state: str = "none", role: str = ""
) -> Known:
    """The person as var/demo.json shows it."""
    password = PASSWORD if state == "active" else ""
    papers = documents_of(person)
    return Known(role or role_of(person), full_name(person), login, password, secret, state, phone, documents=papers)
