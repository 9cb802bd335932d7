"""Making a passkey (WebAuthn level 3, section 7.1): asked, read, and kept, at once or when an activation is finished.

The challenge is marked with our key for one purpose and one subject (an account, a sitting), so that what was made on
one page counts on no other; it is spent when it is read.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity import once
from identity.account import Account
from identity.base import Refused
from identity.credentials import challenge
from identity.credentials.passkey import LONGEST_NAME, Passkey, Site
from identity.sealed import add, vault

LIFE = timedelta(minutes=5)


def options(
    db: Session, site: Site, account: Account, purpose: str, subject: UUID, held: Iterable[Passkey], *, now: datetime
) -> str:
    """What the browser needs to make one, as JSON. Keys that are there are named: none is made twice."""
    from identity.credentials import ceremony  # late, here and below: what it brings takes 5 MB of each process

    return ceremony.registration_options(
        site,
        user_id=vault(db).derive("passkey-user", account.id.bytes),
        user_name=account.login or "",
        user_display_name=account.display_name or "",
        challenge=challenge.make(vault(db), purpose, subject, now=now, life=LIFE),
        held=[(one.credential_id, one.transports) for one in held],
    )


def read(
    db: Session, site: Site, purpose: str, subject: UUID, answer: str, name: str, *, now: datetime
) -> dict[str, Any]:
    """What the browser made, ready to wait or to be kept. Refused "passkey-not-made"."""
    from identity.credentials import ceremony

    made = ceremony.read_registration(answer)
    if made is None or not challenge.is_ours(vault(db), purpose, subject, made.asked, now=now):
        raise Refused("passkey-not-made")
    checked = made.check(site)
    if checked is None or _is_taken(db, checked.credential_id) or not spend(db, made.asked, now=now):
        raise Refused("passkey-not-made")
    return {
        "credential_id": checked.credential_id.hex(),
        "public_key": checked.credential_public_key.hex(),
        "sign_count": checked.sign_count,
        "transports": made.transports,
        "is_synced": ceremony.is_synced(checked),
        "name": name.strip()[:LONGEST_NAME],
    }


def keep(db: Session, account_id: UUID, made: dict[str, Any], *, now: datetime) -> Passkey:
    """It opens this account from here on. Refused "passkey-not-made" if it has come to open another meanwhile."""
    credential_id = bytes.fromhex(made["credential_id"])
    if _is_taken(db, credential_id):
        raise Refused("passkey-not-made")
    kept = Passkey(
        account_id=account_id,
        credential_id=credential_id,
        public_key=bytes.fromhex(made["public_key"]),
        sign_count=made["sign_count"],
        transports=made["transports"],
        is_synced=made["is_synced"],
        added_at=now,
    )
    return add(db, kept, name=made["name"])


def spend(db: Session, asked: bytes, *, now: datetime) -> bool:
    """Use a challenge up; whoever is second gets False."""
    return once.spend(db, "passkey-challenge", asked.hex(), expires_at=now + LIFE)


def _is_taken(db: Session, credential_id: bytes) -> bool:
    return db.scalar(select(Passkey.id).where(Passkey.credential_id == credential_id)) is not None
