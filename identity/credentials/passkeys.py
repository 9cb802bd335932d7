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

ADD, SIGN_IN = "passkey-add", "passkey-sign-in"
LIFE = timedelta(minutes=5)
LONGEST_NAME = 60
NOTICE = "sign-in-way-changed"


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
    from identity.credentials import ceremony  # late, here and below: what it brings takes 5 MB of each process

    return ceremony.registration_options(
        site,
        user_id=vault(db).derive("passkey-user", account.id.bytes),
        user_name=account.login or "",
        user_display_name=account.display_name or "",
        challenge=challenge.make(vault(db), ADD, account.id, now=now, life=LIFE),
        held=[(one.credential_id, one.transports) for one in passkeys_of(db, account.id)],
    )


def add_passkey(db: Session, site: Site, account: Account, answer: str, name: str, *, now: datetime) -> Passkey:
    """Keep the passkey that the browser made. Refused "passkey-not-made", "passkeys-enough"."""
    from identity.credentials import ceremony

    check_may(db, account.id, Act.CHANGE, now=now)
    made = ceremony.read_registration(answer)
    if made is None or not challenge.is_ours(vault(db), ADD, account.id, made.asked, now=now):
        raise Refused("passkey-not-made")
    checked = made.check(site)
    if checked is None:
        raise Refused("passkey-not-made")
    _check_room(db, account, checked.credential_id, made.asked, now)
    kept = Passkey(
        account_id=account.id,
        credential_id=checked.credential_id,
        public_key=checked.credential_public_key,
        sign_count=checked.sign_count,
        transports=made.transports,
        is_synced=ceremony.is_synced(checked),
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
    from identity.credentials import ceremony

    asked = challenge.make(vault(db), SIGN_IN, None, now=now, life=LIFE)
    return ceremony.authentication_options(site, asked)


def sign_in(db: Session, site: Site, answer: str, visit: Visit, *, now: datetime) -> Opened | Refused:
    """A session of two factors for whoever holds the passkey. A refusal is a result: it is recorded."""
    passkey, sign_count, asked = _prove(db, site, answer, now)
    if passkey is None or sign_count is None or not _spend(db, asked, now):
        return _wrong(db, passkey, Refused("passkey-wrong"), now)
    try:
        check_may(db, passkey.account_id, Act.SIGN_IN, now=now)
    except Refused as refusal:
        return _wrong(db, passkey, refusal, now)
    passkey.sign_count, passkey.used_at = sign_count, now
    how = ("swk" if passkey.is_synced else "hwk", "user", "mfa")
    return begin_session(db, get_account(db, passkey.account_id), how, 2, visit, now=now)


def _prove(db: Session, site: Site, answer: str, now: datetime) -> tuple[Passkey | None, int | None, bytes]:
    """Whose passkey it says it is, the count of its uses if that is proven, and the challenge that was answered."""
    from identity.credentials import ceremony

    given = ceremony.read_authentication(answer)
    if given is None:
        return None, None, b""
    passkey = db.scalar(select(Passkey).where(Passkey.credential_id == given.credential_id))
    if passkey is None or not challenge.is_ours(vault(db), SIGN_IN, None, given.asked, now=now):
        return passkey, None, given.asked
    return passkey, given.check(site, passkey.public_key, passkey.sign_count), given.asked


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


def _own(db: Session, account_id: UUID, passkey_id: UUID) -> Passkey:
    found = find_own(db, account_id, passkey_id)
    if found is None:
        raise Refused("passkey-unknown")
    return found


def _actor(account: Account) -> Actor:
    return Actor(account.id, account.kind)
