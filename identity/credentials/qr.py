"""Signing in on a computer with a phone that is signed in: the computer shows a picture, the phone says yes.

A picture can be relayed, so the phone shows who asks, from where and for which service, and takes the number that the
computer shows, one of three, once. The picture changes twice a minute and an older one fails. The approval belongs to
the browser that began: nobody else's can use it, and of many tries one wins. A passkey is better (the browser checks
the address itself), and is offered first.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, LargeBinary, String, delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from identity.account import Act, check_may, get_account
from identity.audit import Actor, Event, record
from identity.base import Base, Keyed, Refused
from identity.credentials import challenge
from identity.credentials.sign_in import Visit, begin_session
from identity.deadlines import rule, today_in_vietnam
from identity.either_key import each
from identity.locks import LOSSES
from identity.sealed import Sealed, add, vault
from identity.session import Opened

MARK = 12
"""96 bits of the mark travel in the picture: guessed, it would have to be found within a minute."""
CHANNELS = "mca"
"""More than one channel took part (RFC 8176 section 2)."""
CHOICES = 3


class QrSignIn(Keyed, Base):
    """One computer that waits for a phone."""

    __tablename__ = "qr_sign_in"

    browser_digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    choices: Mapped[list[int]] = mapped_column(JSON)
    number: Mapped[int]
    client_id: Mapped[str | None] = mapped_column(String(300))
    address_sealed: Mapped[bytes]
    user_agent_sealed: Mapped[bytes]
    begun_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    approved_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    approved_at: Mapped[datetime | None]
    amr: Mapped[str | None] = mapped_column(String(40))
    refused_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]

    address = Sealed(str)
    user_agent = Sealed(str)


@dataclass(frozen=True, slots=True)
class Begun:
    """What the computer's browser keeps."""

    secret: str
    waiting: QrSignIn


def begin(db: Session, visit: Visit, client_id: str | None, *, now: datetime) -> Begun:
    """A computer begins; `secret` goes into its cookie."""
    numbers = secrets.SystemRandom().sample(range(10, 100), CHOICES)
    secret = secrets.token_urlsafe(32)
    row = QrSignIn(
        browser_digest=_digest(db, secret), choices=sorted(numbers), number=numbers[0], client_id=client_id,
        begun_at=now, expires_at=now + timedelta(minutes=_rules(now)["minutes"]),
    )  # fmt: skip
    add(db, row, address=visit.address[:60], user_agent=visit.user_agent[:300])
    return Begun(secret, row)


def find_waiting(db: Session, secret: str) -> QrSignIn | None:
    """What this browser began, over or not."""
    return db.scalar(select(QrSignIn).where(QrSignIn.browser_digest == _digest(db, secret)))


def state_of(row: QrSignIn | None, *, now: datetime) -> str:
    """ "waiting", "approved", "refused" or "over"."""
    if row is None or row.used_at is not None or row.expires_at <= now:
        return "over"
    if row.refused_at is not None:
        return "refused"
    return "approved" if row.approved_at is not None else "waiting"


def token(db: Session, row: QrSignIn, *, now: datetime) -> str:
    """What the picture holds now."""
    return base64.urlsafe_b64encode(row.id.bytes + _mark(db, row.id, _step(now))[:MARK]).decode().rstrip("=")


def find_shown(db: Session, shown: str, *, now: datetime) -> QrSignIn:
    """The computer whose picture this is. Refused "qr-old" for one older than the last change, and for any other."""
    try:
        raw = base64.urlsafe_b64decode(shown + "=" * (-len(shown) % 4))
        row_id, mark = UUID(bytes=raw[:16]), raw[16:]
    except (ValueError, binascii.Error):
        raise Refused("qr-old") from None
    steps = (_step(now), _step(now) - 1)
    marks = (one[:MARK] for step in steps for one in each(_mark(db, row_id, step)))
    if not any(hmac.compare_digest(mark, one) for one in marks):
        raise Refused("qr-old")
    row = db.get(QrSignIn, row_id)
    if row is None or state_of(row, now=now) != "waiting":
        raise Refused("qr-old")
    return row


def ask(db: Session, row: QrSignIn, account_id: UUID, *, now: datetime) -> str:
    """What the phone's page carries while its holder thinks: for this account and this computer, some minutes."""
    life = timedelta(minutes=_rules(now)["decide_minutes"])
    return challenge.make(vault(db), _purpose(row.id), account_id, now=now, life=life).hex()


def find_asked(db: Session, qr_id: UUID, asked: str, account_id: UUID, *, now: datetime) -> QrSignIn:
    """The computer that the phone's page was about. Refused "qr-over"."""
    try:
        is_ours = challenge.is_ours(vault(db), _purpose(qr_id), account_id, bytes.fromhex(asked), now=now)
    except ValueError:
        is_ours = False
    row = db.get(QrSignIn, qr_id)
    if not is_ours or row is None or state_of(row, now=now) != "waiting":
        raise Refused("qr-over")
    return row


def approve(
    db: Session, row: QrSignIn, account_id: UUID, number: int, amr: tuple[str, ...], *, now: datetime
) -> Refused | None:
    """The phone says yes and names the number. A wrong one ends it: a result, so that it is kept."""
    check_may(db, account_id, Act.SIGN_IN, now=now)
    if number != row.number:
        refuse(db, row, account_id, now=now)
        return Refused("qr-wrong-number")
    won = db.execute(
        update(QrSignIn)
        .where(QrSignIn.id == row.id, QrSignIn.approved_at.is_(None), QrSignIn.refused_at.is_(None))
        .where(QrSignIn.expires_at > now)
        .values(approved_at=now, approved_by=account_id, amr=" ".join(amr))
        .returning(QrSignIn.id)
        .execution_options(synchronize_session=False)
    ).scalar_one_or_none()
    if won is None:
        raise Refused("qr-over")
    actor = _actor(db, account_id)
    record(db, Event.QR_SIGN_IN_APPROVED, actor, now=now, subject=("account", account_id), client=row.client_id)
    return None


def refuse(db: Session, row: QrSignIn, account_id: UUID, *, now: datetime) -> None:
    """Not me, or the wrong number: nobody can use this one any more."""
    db.execute(
        update(QrSignIn)
        .where(QrSignIn.id == row.id, QrSignIn.used_at.is_(None))
        .values(refused_at=now)
        .execution_options(synchronize_session=False)
    )
    actor = _actor(db, account_id)
    record(db, Event.QR_SIGN_IN_REFUSED, actor, now=now, subject=("account", account_id), client=row.client_id)


def finish(db: Session, secret: str, qr_id: UUID, visit: Visit, *, now: datetime) -> Opened | Refused:
    """The computer goes on: a session as strong as the phone's, for the browser that began, once."""
    begun = find_waiting(db, secret)
    if begun is None or begun.id != qr_id:
        return Refused("qr-other-browser")
    state = state_of(begun, now=now)
    if state != "approved":
        return Refused({"waiting": "qr-waiting", "refused": "qr-refused"}.get(state, "qr-over"))
    won = db.execute(
        update(QrSignIn)
        .where(QrSignIn.id == begun.id, QrSignIn.used_at.is_(None), QrSignIn.approved_at.is_not(None))
        .where(QrSignIn.refused_at.is_(None), QrSignIn.expires_at > now)
        .values(used_at=now)
        .returning(QrSignIn.approved_by, QrSignIn.amr)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if won is None:
        return Refused("qr-over")
    try:
        check_may(db, won.approved_by, Act.SIGN_IN, now=now)
    except Refused as refusal:
        return refusal
    amr = tuple(dict.fromkeys((*won.amr.split(), CHANNELS)))
    return begin_session(db, get_account(db, won.approved_by), amr, 2, visit, now=now)


def _drop(db: Session, account_id: UUID, now: datetime) -> None:
    """A lock ends what the phone approved and no computer has used yet."""
    db.execute(
        update(QrSignIn)
        .where(QrSignIn.approved_by == account_id, QrSignIn.used_at.is_(None))
        .values(used_at=now)
        .execution_options(synchronize_session=False)
    )


def sweep(db: Session, *, now: datetime) -> None:
    """Drop what is over (run by the worker)."""
    db.execute(delete(QrSignIn).where(QrSignIn.expires_at < now))


def _actor(db: Session, account_id: UUID) -> Actor:
    return Actor(account_id, get_account(db, account_id).kind)


def _purpose(row_id: UUID) -> str:
    return f"qr-approve:{row_id}"


def _step(now: datetime) -> int:
    return int(now.timestamp()) // int(_rules(now)["step_seconds"])


def _mark(db: Session, row_id: UUID, step: int) -> bytes:
    return vault(db).digest("qr-picture", f"{row_id}:{step}")


def _digest(db: Session, secret: str) -> bytes:
    return vault(db).digest("qr-browser", secret)


def _rules(now: datetime) -> dict[str, Any]:
    found: dict[str, Any] = rule("qr_sign_in", today_in_vietnam(now))
    return found


if _drop not in LOSSES:
    LOSSES.append(_drop)
