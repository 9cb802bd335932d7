"""The code on the trainer's screen: a QR code that changes every 15 seconds, and six digits to say aloud.

Nothing is stored: a code is a keyed digest of the session and its time step, so any process can check it, and a screen
without network goes on with codes prepared beforehand, for the whole session (rule `check_in_prepared`). A code that is
too old is a screenshot and is refused; only where the trainer says that the room had no network is an old one, scanned
or spoken, taken as late proof: of the session's own hours, and while rule `late_proof_hours` allows.
"""

from __future__ import annotations

import base64
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy.orm import Session

from identity import once
from identity.base import Refused
from identity.credentials.codes import clean_digits
from identity.deadlines import rule, today_in_vietnam
from identity.sealed import vault
from onboarding.training import TrainingSession

MAC_BYTES = 10
TICKET = "check-in"


class Method(StrEnum):
    """How somebody's attendance was proven."""

    SCREEN = "screen"
    LATE = "late"
    SPOKEN = "spoken"
    ROSTER = "roster"
    SLIP = "slip"


@dataclass(frozen=True, slots=True)
class Rules:
    """The numbers of rule `check_in`, as spans of time."""

    step: timedelta
    margin: timedelta
    spoken: timedelta
    spoken_margin: timedelta
    opens_before: timedelta
    closes_after: timedelta
    ticket: timedelta
    spoken_misses: int
    late: timedelta


@dataclass(frozen=True, slots=True)
class Code:
    """What the screen shows from `at` until the next step."""

    at: datetime
    token: str
    spoken: str


def check_in_rules(now: datetime) -> Rules:
    """The rules of the day."""
    numbers = rule("check_in", today_in_vietnam(now))
    return Rules(
        step=timedelta(seconds=numbers["step_seconds"]),
        margin=timedelta(seconds=numbers["margin_seconds"]),
        spoken=timedelta(seconds=numbers["spoken_seconds"]),
        spoken_margin=timedelta(seconds=numbers["spoken_margin_seconds"]),
        opens_before=timedelta(minutes=numbers["opens_before_minutes"]),
        closes_after=timedelta(minutes=numbers["closes_after_minutes"]),
        ticket=timedelta(minutes=numbers["ticket_minutes"]),
        spoken_misses=numbers["spoken_misses"],
        late=timedelta(hours=rule("late_proof_hours", today_in_vietnam(now))),
    )


def is_open(session: TrainingSession, at: datetime) -> bool:
    """Whether people may check in at that moment."""
    opens, closes = doors(session, at)
    return session.cancelled_at is None and opens <= at <= closes


def doors(session: TrainingSession, now: datetime) -> tuple[datetime, datetime]:
    """From when until when people check in."""
    rules = check_in_rules(now)
    return session.starts_at - rules.opens_before, session.ends_at + rules.closes_after


def takes_late_proof(session: TrainingSession, now: datetime) -> bool:
    """Whether what was scanned or heard in a room without network may still arrive."""
    opens, closes = doors(session, now)
    is_late = opens <= now <= closes + check_in_rules(now).late
    return session.late_proof and session.cancelled_at is None and is_late


def codes_from(db: Session, session: TrainingSession, now: datetime, *, count: int = 1) -> list[Code]:
    """The code of this step and of those that follow, as far as the session goes."""
    rules = check_in_rules(now)
    first = _number(now, rules.step)
    found = []
    for number in range(first, first + count):
        at = _start(number, rules.step)
        if number == first or is_open(session, at):
            spoken = _spoken(db, session.id, _number(at, rules.spoken))
            found.append(Code(at, f"{number:x}-{_mac(db, session.id, number)}", f"{spoken[:3]} {spoken[3:]}"))
    return found


def prepared_codes(db: Session, session: TrainingSession, now: datetime) -> list[Code]:
    """What a screen shows from now, or from when the doors open, until they close; none when that is too far ahead."""
    opens, closes = doors(session, now)
    limits = rule("check_in_prepared", today_in_vietnam(now))
    begins = max(now, opens)
    if opens - now > timedelta(hours=limits["ahead_hours"]) or begins > closes or session.cancelled_at is not None:
        return []
    span = min(closes - begins, timedelta(hours=limits["longest_hours"]))
    return codes_from(db, session, begins, count=span // check_in_rules(now).step + 1)


def check_token(
    db: Session, session: TrainingSession, token: str, *, now: datetime, scanned_at: datetime | None = None
) -> tuple[Method, datetime]:
    """How and when a scanned code proves that its bearer was there. Refused: wrong, stale, or out of hours.

    `scanned_at` is what a phone noted that could reach nobody: the code must have stood on the screen at that moment.
    """
    rules = check_in_rules(now)
    number = _read_number(token)
    if number is None or not hmac.compare_digest(
        token.partition("-")[2].encode(), _mac(db, session.id, number).encode()
    ):
        raise Refused("check-in-wrong")
    at = _start(number, rules.step)
    if not is_open(session, at):
        raise Refused("check-in-closed")
    shown = at - rules.margin, at + rules.step + rules.margin
    if shown[0] <= now < shown[1]:
        return Method.SCREEN, at
    if scanned_at is not None and not shown[0] <= scanned_at < shown[1]:
        raise Refused("check-in-stale")
    if not at <= now <= at + rules.late:
        raise Refused("check-in-stale")
    if not session.late_proof:
        raise Refused("check-in-not-late")
    return Method.LATE, at


def give_ticket(db: Session, session: TrainingSession, token: str, *, now: datetime) -> str:
    """Swap a scanned code for a ticket of a few minutes, so that there is time to sign in. One ticket, one person."""
    method, at = check_token(db, session, token, now=now)
    payload: dict[str, object] = {"method": method.value, "at": at.isoformat()}
    return once.issue(db, TICKET, session.id, now=now, expires_at=now + check_in_rules(now).ticket, payload=payload)


def is_spoken_code(db: Session, session: TrainingSession, code: str, *, now: datetime) -> bool:
    """Whether these are the six digits of this minute, or of the one that has just ended."""
    rules = check_in_rules(now)
    digits = clean_digits(code)
    numbers = {_number(now, rules.spoken), _number(now - rules.spoken_margin, rules.spoken)}
    return any(hmac.compare_digest(digits, _spoken(db, session.id, number)) for number in numbers)


def check_spoken(
    db: Session, session: TrainingSession, code: str, *, now: datetime, heard_at: datetime | None = None
) -> tuple[Method, datetime] | None:
    """How and when six digits prove that somebody heard them; None when they do not.

    `heard_at`, which a phone without network noted, must lie in the digits' own minute or the margin after it. Whether
    late ones count is the caller's to ask (`takes_late_proof`); before that only what a phone noted is looked for.
    """
    if is_open(session, now) and is_spoken_code(db, session, code, now=now):
        return Method.SPOKEN, now
    if heard_at is None and not takes_late_proof(session, now):
        return None
    rules, (opens, closes) = check_in_rules(now), doors(session, now)
    first, last = max(opens, now - rules.late), min(closes, now)
    if heard_at is not None:
        first, last = max(first, heard_at - rules.spoken_margin), min(last, heard_at)
    digits = clean_digits(code)
    for number in range(_number(first, rules.spoken), _number(last, rules.spoken) + 1):
        if hmac.compare_digest(digits, _spoken(db, session.id, number)):
            return Method.LATE, min(max(_start(number, rules.spoken), opens), closes)
    return None


def _number(at: datetime, step: timedelta) -> int:
    return int(at.timestamp() // step.total_seconds())


def _start(number: int, step: timedelta) -> datetime:
    return datetime.fromtimestamp(number * step.total_seconds(), UTC)


def _read_number(token: str) -> int | None:
    try:
        number = int(token.partition("-")[0], 16)
    except ValueError:
        return None
    return number if 0 <= number < 1 << 32 else None


def _mac(db: Session, session_id: UUID, number: int) -> str:
    digest = vault(db).derive("check-in", session_id.bytes, number.to_bytes(8, "big"))
    return base64.b32encode(digest[:MAC_BYTES]).decode().lower()


def _spoken(db: Session, session_id: UUID, number: int) -> str:
    digest = vault(db).derive("check-in-spoken", session_id.bytes, number.to_bytes(8, "big"))
    return f"{int.from_bytes(digest[:8], 'big') % 10**6:06}"
