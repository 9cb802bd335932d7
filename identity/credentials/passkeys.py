"""Passkeys (WebAuthn level 3): a key pair in a phone or computer, opened by face, fingerprint or screen lock.

Nothing to type, nothing to be talked out of, and bound to our own address, so a look-alike site gets nothing. User
verification is asked for each time: a passkey alone is two factors (NIST SP 800-63B, AAL2). No attestation: which make
of phone somebody owns is not our business. The challenge is signed, not stored, and spent when it is used.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from identity.account import Account, Act, check_may, get_account
from identity.audit import Actor, Event, record
from identity.base import Refused
from identity.credentials import challenge, new_passkey
from identity.credentials.new_passkey import LIFE
from identity.credentials.passkey import LONGEST_NAME, Passkey, Site, find_own, passkeys_of
from identity.credentials.second_factor import check_one_stays
from identity.credentials.sign_in import PASSWORD_ONLY, Visit, begin_session, failed, pass_second_step, waiting_for
from identity.deadlines import rule, today_in_vietnam
from identity.sealed import vault
from identity.session import Opened, end_all_sessions
from identity.telling import tell

ADD, SIGN_IN = "passkey-add", "passkey-sign-in"
NOTICE = "sign-in-way-changed"


def options_to_add(db: Session, site: Site, account: Account, *, now: datetime) -> str:
    """What the browser needs to make one more, as JSON."""
    return new_passkey.options(db, site, account, ADD, account.id, passkeys_of(db, account.id), now=now)


def add_passkey(db: Session, site: Site, account: Account, answer: str, name: str, *, now: datetime) -> Passkey:
    """Keep the passkey that the browser made. Refused "passkey-not-made", "passkeys-enough"."""
    check_may(db, account.id, Act.CHANGE, now=now)
    made = new_passkey.read(db, site, ADD, account.id, answer, name, now=now)
    if len(passkeys_of(db, account.id)) >= int(rule("most_passkeys", today_in_vietnam(now))):
        raise Refused("passkeys-enough")
    record(db, Event.PASSKEY_ADDED, _actor(account), now=now, subject=("account", account.id))
    tell(db, account, NOTICE, now=now)
    return new_passkey.keep(db, account.id, made, now=now)


def rename(db: Session, account_id: UUID, passkey_id: UUID, name: str) -> None:
    """Give one of one's own passkeys another name. Refused "passkey-unknown"."""
    _own(db, account_id, passkey_id).name = name.strip()[:LONGEST_NAME]


def remove(db: Session, account: Account, passkey_id: UUID, keep: UUID, *, now: datetime) -> None:
    """The passkey opens nothing any more; other sessions end, since one of them may be on the device that is lost.
    Refused "passkey-unknown" for one that is gone or somebody else's, and "last-second-factor" for the last one of an
    account without an app."""
    check_may(db, account.id, Act.CHANGE, now=now)
    check_one_stays(db, account, passkey_id)
    _own(db, account.id, passkey_id)
    db.execute(delete(Passkey).where(Passkey.id == passkey_id), execution_options={"synchronize_session": False})
    end_all_sessions(db, account.id, now=now, but=keep)
    record(db, Event.PASSKEY_REMOVED, _actor(account), now=now, subject=("account", account.id))
    tell(db, account, NOTICE, now=now)


def options_to_sign_in(db: Session, site: Site, *, now: datetime) -> str:
    """What the browser needs to offer its passkeys, as JSON: nobody is named, so nobody can be asked about."""
    from identity.credentials import ceremony  # late, here and below: what it brings takes 5 MB of each process

    asked = challenge.make(vault(db), SIGN_IN, None, now=now, life=LIFE)
    return ceremony.authentication_options(site, asked)


def sign_in(db: Session, site: Site, answer: str, visit: Visit, *, now: datetime) -> Opened | Refused:
    """A session of two factors for whoever holds the passkey. A refusal is a result: it is recorded."""
    passkey, sign_count, asked = _prove(db, site, answer, now)
    if passkey is None or sign_count is None or not new_passkey.spend(db, asked, now=now):
        return failed(db, passkey.account_id if passkey else None, Refused("passkey-wrong"), now)
    try:
        check_may(db, passkey.account_id, Act.SIGN_IN, now=now)
    except Refused as refusal:
        return failed(db, passkey.account_id, refusal, now)
    passkey.sign_count, passkey.used_at = sign_count, now
    return begin_session(db, get_account(db, passkey.account_id), passkey.methods, 2, visit, now=now)


def second_step(db: Session, site: Site, ticket: str, answer: str, visit: Visit, *, now: datetime) -> Opened | Refused:
    """After the right password, in place of a code: one of this very account's passkeys. The ticket is used up."""
    account = waiting_for(db, ticket, now=now)
    if account is None:
        return Refused("second-step-over")
    passkey, sign_count, asked = _prove(db, site, answer, now)
    is_theirs = passkey is not None and passkey.account_id == account.id
    if passkey is None or not is_theirs or sign_count is None or not new_passkey.spend(db, asked, now=now):
        return failed(db, account.id, Refused("passkey-wrong"), now)
    passed = pass_second_step(db, account, ticket, (*PASSWORD_ONLY, *passkey.methods), visit, now=now)
    if isinstance(passed, Opened):
        passkey.sign_count, passkey.used_at = sign_count, now
    return passed


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


def _own(db: Session, account_id: UUID, passkey_id: UUID) -> Passkey:
    found = find_own(db, account_id, passkey_id)
    if found is None:
        raise Refused("passkey-unknown")
    return found


def _actor(account: Account) -> Actor:
    return Actor(account.id, account.kind)
