"""Confirmation codes by SMS: 6 digits, minutes to live, ten wrong tries, one winner.

Only a keyed digest is stored, bound to the challenge. A new code replaces the one before it. The message travels in the
outbox lane for codes and expires with the code, so that a late one is never sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from math import ceil
from typing import cast
from uuid import UUID

from sqlalchemy import Index, LargeBinary, String, Table, bindparam, insert, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from identity.base import Base, Keyed, Refused, UTC_DateTime, new_id
from identity.credentials.codes import clean_digits, new_digits
from identity.deadlines import rule, today_in_vietnam
from identity.either_key import each
from identity.outbox import Channel, Lane, post
from identity.sealed import vault
from identity.statements import Prepared
from identity.turns import take_turns

MESSAGE = "otp"
APPLYING, TO_NEW, TO_VOUCH = "apply", "contact-new", "recovery-people"
TYPED = (APPLYING, TO_NEW, TO_VOUCH)
"""The purposes for which anybody may have a message sent: by typing any phone, or (to be vouched for) anybody's number;
the others take the phone on file, behind a code or a sign-in."""


class OneTimeCode(Keyed, Base):
    """One code that was sent. `subject` is what it opens (a draft, an application, an activation)."""

    __tablename__ = "one_time_code"
    __table_args__ = (Index(None, "phone_index", "sent_at"), Index(None, "subject", "purpose"))

    purpose: Mapped[str] = mapped_column(String(40))
    subject: Mapped[UUID | None]
    phone_index: Mapped[bytes] = mapped_column(LargeBinary(32))
    code_digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    sent_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    wrong_tries: Mapped[int] = mapped_column(default=0)
    consumed_at: Mapped[datetime | None]


def send_otp(
    db: Session,
    phone: str,
    purpose: str,
    subject: UUID | None,
    *,
    now: datetime,
    locale: str = "vi",
    test_otp: str = "",
    channel: Channel = Channel.SMS,
) -> UUID:
    """Send a code to `phone` (E.164, or an address if `channel` is mail); returns the challenge.

    `test_otp` is the fixed code of a demonstration.

    Refuses `otp-wait` within the pause after the last message, `otp-too-many` within the hour and the day. Messages
    that anybody may cause count apart: what a stranger asks for must not keep the phone's owner from their own codes.
    """
    day = today_in_vietnam(now)
    index = vault(db).blind("one_time_code.phone", phone)
    take_turns(db, index)  # sixteen requests at once are sixteen messages otherwise
    _check_pace(db, index, purpose, now)
    _replace(db, index, purpose, subject, now)
    challenge, code = new_id(), test_otp or new_digits()
    expires_at = now + timedelta(minutes=rule("otp_minutes", day))
    _KEEP.run(
        db,
        id=challenge,
        purpose=purpose,
        subject=subject,
        phone_index=index,
        code_digest=_digest(db, challenge, code),
        sent_at=now,
        expires_at=expires_at,
        wrong_tries=0,
    )
    facts = {"purpose": purpose, "code": code, "minutes": rule("otp_minutes", day)}
    post(
        db, channel, MESSAGE, phone, now=now, recipient=subject, locale=locale, lane=Lane.CODE,
        expires_at=expires_at, **facts,
    )  # fmt: skip
    return challenge


def check_otp(db: Session, challenge: UUID, typed: str, *, now: datetime) -> bool:
    """Whether the code is right; a right one is used up, a wrong one is counted. A result, so that it is kept."""
    tries = rule("otp_tries", today_in_vietnam(now))
    digest = _digest(db, challenge, clean_digits(typed))
    won = _USE_UP.run(db, challenge=challenge, digest=digest, now=now, tries=tries) == 1
    if not won:
        _COUNT.run(db, challenge=challenge)
    return won


def find_open_otp(db: Session, purpose: str, subject: UUID, *, now: datetime) -> UUID | None:
    """The challenge that still waits for its code, if any (a page opened twice)."""
    return db.scalars(
        select(OneTimeCode.id)
        .where(OneTimeCode.purpose == purpose, OneTimeCode.subject == subject)
        .where(OneTimeCode.consumed_at.is_(None), OneTimeCode.expires_at > now)
        .order_by(OneTimeCode.sent_at.desc())
        .limit(1)
    ).one_or_none()


def seconds_to_wait(db: Session, phone: str, purpose: str, *, now: datetime) -> int:
    """How long until another message may leave for the phone: for the page that waits for one. 0 is at once."""
    return _pause_left(_sent_today(db, vault(db).blind("one_time_code.phone", phone), purpose, now), now)


def why_not(db: Session, challenge: UUID, *, now: datetime) -> Refused:
    """After a check that failed: what to tell the person."""
    row = db.execute(
        select(OneTimeCode.consumed_at, OneTimeCode.expires_at, OneTimeCode.wrong_tries).where(
            OneTimeCode.id == challenge
        )
    ).one_or_none()
    tries = rule("otp_tries", today_in_vietnam(now))
    if row is None or row.consumed_at is not None:
        return Refused("otp-used", field="otp")
    if row.expires_at <= now:
        return Refused("otp-expired", field="otp")
    if row.wrong_tries >= tries:
        return Refused("otp-ended", field="otp", tries=tries)
    return Refused("otp-wrong", field="otp", left=tries - row.wrong_tries)


def _check_pace(db: Session, phone_index: bytes, purpose: str, now: datetime) -> None:
    day = today_in_vietnam(now)
    today = _sent_today(db, phone_index, purpose, now)
    sent = [at for at in today if at > now - timedelta(hours=1)]
    wait = _pause_left(today, now)
    if wait:
        raise Refused("otp-wait", seconds=wait)
    if len(sent) >= rule("otp_messages_per_hour", day):
        raise Refused("otp-too-many", count=len(sent))
    if len(today) >= rule("otp_messages_per_day", day):
        raise Refused("otp-too-many-today", count=len(today))


def _sent_today(db: Session, phone_index: bytes, purpose: str, now: datetime) -> Sequence[datetime]:
    """When messages left for the phone within 24 hours, the newest first; those to typed phones count apart."""
    alike = _SENT_TO_TYPED if purpose in TYPED else _SENT_TO_KNOWN
    since = now - timedelta(days=1)
    sent = [row.sent_at for form in each(phone_index) for row in alike.all(db, phone_index=form, since=since)]
    return sorted(sent, reverse=True)


def _pause_left(sent: Sequence[datetime], now: datetime) -> int:
    """Seconds until the pause after the newest message is over; 0 if it is."""
    if not sent:
        return 0
    pause = timedelta(seconds=rule("otp_resend_seconds", today_in_vietnam(now)))
    return max(ceil((sent[0] + pause - now).total_seconds()), 0)


def _replace(db: Session, phone_index: bytes, purpose: str, subject: UUID | None, now: datetime) -> None:
    for form in each(phone_index):
        if subject is None:
            _END.run(db, phone=form, purpose=purpose, now=now)
        else:
            _END_OF.run(db, phone=form, purpose=purpose, now=now, subject=subject)


def _digest(db: Session, challenge: UUID, code: str) -> bytes:
    return vault(db).digest("one-time-code", f"{challenge}:{code}")


_TABLE = cast(Table, OneTimeCode.__table__)
_COLUMNS = _TABLE.c
_OPEN = _COLUMNS.consumed_at.is_(None)
_SENT = (
    select(_COLUMNS.sent_at)
    .where(_COLUMNS.phone_index == bindparam("phone_index"))
    .where(_COLUMNS.sent_at > bindparam("since", type_=UTC_DateTime()))
)
_TYPED = or_(*(_COLUMNS.purpose == one for one in TYPED))
_SENT_TO_TYPED = Prepared(_SENT.where(_TYPED))
_SENT_TO_KNOWN = Prepared(_SENT.where(~_TYPED))
_KEPT = ("id", "purpose", "subject", "phone_index", "code_digest", "sent_at", "expires_at", "wrong_tries")
_KEEP = Prepared(insert(_TABLE).values({name: bindparam(name, type_=_COLUMNS[name].type) for name in _KEPT}))
_USE_UP = Prepared(
    update(_TABLE)
    .where(_COLUMNS.id == bindparam("challenge"), _COLUMNS.code_digest == bindparam("digest"), _OPEN)
    .where(_COLUMNS.expires_at > bindparam("now"), _COLUMNS.wrong_tries < bindparam("tries"))
    .values(consumed_at=bindparam("now"))
)
_COUNT = Prepared(
    update(_TABLE).where(_COLUMNS.id == bindparam("challenge"), _OPEN).values(wrong_tries=_COLUMNS.wrong_tries + 1)
)
_ENDED = update(_TABLE).values(consumed_at=bindparam("now")).where(_COLUMNS.phone_index == bindparam("phone"))
_ENDED = _ENDED.where(_COLUMNS.purpose == bindparam("purpose"), _OPEN)
_END = Prepared(_ENDED.where(_COLUMNS.subject.is_(None)))
_END_OF = Prepared(_ENDED.where(_COLUMNS.subject == bindparam("subject")))
