"""Passkeys (WebAuthn level 3): a key pair in a phone or computer, opened by face, fingerprint or screen lock.

Nothing to type, nothing to be talked out of, and bound to our own address, so a look-alike site gets nothing. User
verification is asked for each time: a passkey alone is two factors (NIST SP 800-63B, AAL2). No attestation: which make
of phone somebody owns is not our business. The challenge is signed, not stored, and spent when it is used.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, LargeBinary, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.authentication.verify_authentication_response import VerifiedAuthentication
from webauthn.helpers import (
    parse_authentication_credential_json,
    parse_client_data_json,
    parse_registration_credential_json,
)
from webauthn.helpers.cose import COSEAlgorithmIdentifier as Algorithm
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    CredentialDeviceType,
    PublicKeyCredentialDescriptor,
    RegistrationCredential,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from identity import once
from identity.account import Account, Act, check_may, get_account
from identity.audit import VISITOR, Actor, Event, record
from identity.base import Base, Keyed, Refused
from identity.credentials import challenge
from identity.credentials.sign_in import Visit, begin_session
from identity.deadlines import rule, today_in_vietnam
from identity.sealed import Sealed, add, vault
from identity.session import Opened
from identity.telling import tell

ALGORITHMS = [Algorithm.EDDSA, Algorithm.ECDSA_SHA_256, Algorithm.RSASSA_PKCS1_v1_5_SHA_256]
ADD, SIGN_IN = "passkey-add", "passkey-sign-in"
LIFE = timedelta(minutes=5)
LONGEST_NAME = 60
NOTICE = "sign-in-way-changed"
UNREADABLE = (WebAuthnException, ValueError, TypeError, KeyError, AttributeError)
"""What the library raises for an answer that no browser gives."""


@dataclass(frozen=True, slots=True)
class Site:
    """Our own address: passkeys belong to the host and answer to the origin."""

    host: str
    origin: str
    name: str


class Passkey(Keyed, Base):
    """One passkey of an account. The public key is public; only its name says something about the person."""

    __tablename__ = "passkey"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    credential_id: Mapped[bytes] = mapped_column(LargeBinary(1023), unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int]
    transports: Mapped[list[str]] = mapped_column(JSON)
    is_synced: Mapped[bool]
    """It travels with the person's cloud account, and is on a new phone at once."""
    name_sealed: Mapped[bytes]
    added_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    name = Sealed(str)


def passkeys_of(db: Session, account_id: UUID) -> list[Passkey]:
    """Every passkey of the account, the oldest first."""
    return list(db.scalars(select(Passkey).where(Passkey.account_id == account_id).order_by(Passkey.added_at)))


def options_to_add(db: Session, site: Site, account: Account, *, now: datetime) -> str:
    """What the browser needs to make one, as JSON. Keys that are there are named: none is made twice."""
    return options_to_json(
        generate_registration_options(
            rp_id=site.host,
            rp_name=site.name,
            user_id=vault(db).derive("passkey-user", account.id.bytes),
            user_name=account.login or "",
            user_display_name=account.display_name or "",
            challenge=challenge.make(vault(db), ADD, account.id, now=now, life=LIFE),
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED,
                user_verification=UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=[_described(one) for one in passkeys_of(db, account.id)],
            supported_pub_key_algs=ALGORITHMS,
        )
    )


def add_passkey(db: Session, site: Site, account: Account, answer: str, name: str, *, now: datetime) -> Passkey:
    """Keep the passkey that the browser made. Refused "passkey-not-made", "passkeys-enough"."""
    check_may(db, account.id, Act.CHANGE, now=now)
    made = _read_registration(answer)
    asked = _asked(made.response.client_data_json)
    if not challenge.is_ours(vault(db), ADD, account.id, asked, now=now):
        raise Refused("passkey-not-made")
    try:
        checked = verify_registration_response(
            credential=made,
            expected_challenge=asked,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            require_user_verification=True,
            supported_pub_key_algs=ALGORITHMS,
        )
    except UNREADABLE:
        raise Refused("passkey-not-made") from None
    _check_room(db, account, checked.credential_id, asked, now)
    kept = Passkey(
        account_id=account.id,
        credential_id=checked.credential_id,
        public_key=checked.credential_public_key,
        sign_count=checked.sign_count,
        transports=[one.value for one in made.response.transports or []],
        is_synced=checked.credential_device_type is CredentialDeviceType.MULTI_DEVICE,
        added_at=now,
    )
    record(db, Event.PASSKEY_ADDED, _actor(account), now=now, subject=("account", account.id))
    tell(db, account, NOTICE, now=now)
    return add(db, kept, name=name.strip()[:LONGEST_NAME])


def rename(db: Session, account_id: UUID, passkey_id: UUID, name: str) -> None:
    """Give one of one's own passkeys another name. Refused "passkey-unknown"."""
    _own(db, account_id, passkey_id).name = name.strip()[:LONGEST_NAME]


def remove(db: Session, account: Account, passkey_id: UUID, *, now: datetime) -> None:
    """The passkey opens nothing any more. Twice is once; Refused "passkey-unknown" for somebody else's."""
    check_may(db, account.id, Act.CHANGE, now=now)
    _own(db, account.id, passkey_id)
    db.execute(delete(Passkey).where(Passkey.id == passkey_id), execution_options={"synchronize_session": False})
    record(db, Event.PASSKEY_REMOVED, _actor(account), now=now, subject=("account", account.id))
    tell(db, account, NOTICE, now=now)


def find_own(db: Session, account_id: UUID, passkey_id: UUID) -> Passkey | None:
    """One of one's own passkeys."""
    return db.scalar(select(Passkey).where(Passkey.id == passkey_id, Passkey.account_id == account_id))


def options_to_sign_in(db: Session, site: Site, *, now: datetime) -> str:
    """What the browser needs to offer its passkeys, as JSON: nobody is named, so nobody can be asked about."""
    asked = challenge.make(vault(db), SIGN_IN, None, now=now, life=LIFE)
    required = UserVerificationRequirement.REQUIRED
    return options_to_json(
        generate_authentication_options(rp_id=site.host, challenge=asked, user_verification=required)
    )


def sign_in(db: Session, site: Site, answer: str, visit: Visit, *, now: datetime) -> Opened | Refused:
    """A session of two factors for whoever holds the passkey. A refusal is a result: it is recorded."""
    passkey, checked, asked = _prove(db, site, answer, now)
    if passkey is None or checked is None or not _spend(db, asked, now):
        return _wrong(db, passkey, Refused("passkey-wrong"), now)
    try:
        check_may(db, passkey.account_id, Act.SIGN_IN, now=now)
    except Refused as refusal:
        return _wrong(db, passkey, refusal, now)
    passkey.sign_count, passkey.used_at = checked.new_sign_count, now
    how = ("swk" if passkey.is_synced else "hwk", "user", "mfa")
    return begin_session(db, get_account(db, passkey.account_id), how, 2, visit, now=now)


def _prove(
    db: Session, site: Site, answer: str, now: datetime
) -> tuple[Passkey | None, VerifiedAuthentication | None, bytes]:
    try:
        given = parse_authentication_credential_json(answer)
        asked = _asked(given.response.client_data_json)
    except (*UNREADABLE, Refused):
        return None, None, b""
    passkey = db.scalar(select(Passkey).where(Passkey.credential_id == given.raw_id))
    if passkey is None or not challenge.is_ours(vault(db), SIGN_IN, None, asked, now=now):
        return passkey, None, asked
    try:
        checked = verify_authentication_response(
            credential=given,
            expected_challenge=asked,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
    except UNREADABLE:
        return passkey, None, asked
    return passkey, checked, asked


def _wrong(db: Session, passkey: Passkey | None, refusal: Refused, now: datetime) -> Refused:
    about = ("account", passkey.account_id) if passkey else None
    record(db, Event.SIGN_IN_FAILED, VISITOR, now=now, subject=about, reason=refusal.code)
    return refusal


def _check_room(db: Session, account: Account, credential_id: bytes, asked: bytes, now: datetime) -> None:
    if len(passkeys_of(db, account.id)) >= int(rule("most_passkeys", today_in_vietnam(now))):
        raise Refused("passkeys-enough")
    taken = db.scalar(select(Passkey.id).where(Passkey.credential_id == credential_id))
    if taken is not None or not _spend(db, asked, now):
        raise Refused("passkey-not-made")


def _spend(db: Session, asked: bytes, now: datetime) -> bool:
    return once.spend(db, "passkey-challenge", asked.hex(), expires_at=now + LIFE)


def _read_registration(answer: str) -> RegistrationCredential:
    try:
        return parse_registration_credential_json(answer)
    except UNREADABLE:
        raise Refused("passkey-not-made") from None


def _asked(client_data: bytes) -> bytes:
    """The challenge that the browser says it answers."""
    try:
        return parse_client_data_json(client_data).challenge
    except UNREADABLE:
        raise Refused("passkey-not-made") from None


def _described(passkey: Passkey) -> PublicKeyCredentialDescriptor:
    known = {one.value for one in AuthenticatorTransport}
    transports = [AuthenticatorTransport(one) for one in passkey.transports if one in known]
    return PublicKeyCredentialDescriptor(id=passkey.credential_id, transports=transports)


def _own(db: Session, account_id: UUID, passkey_id: UUID) -> Passkey:
    found = find_own(db, account_id, passkey_id)
    if found is None:
        raise Refused("passkey-unknown")
    return found


def _actor(account: Account) -> Actor:
    return Actor(account.id, account.kind)
