"""The code on the trainer's screen: a QR code that changes every 15 seconds, and six digits to say aloud.

Nothing is stored: a code is a keyed digest of the session and its time step, so any process can check it, and a screen
without network goes on with codes prepared beforehand. A code that is too old is a screenshot and is refused; only
where the trainer says that the room had no network is an old one taken as late proof, within the session's own hours.
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
    prepared_steps: int


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
        prepared_steps=numbers["prepared_steps"],
    )


def is_open(session: TrainingSession, at: datetime) -> bool:
    """Whether people may check in at that moment."""
    rules = check_in_rules(at)
    opens, closes = session.starts_at - rules.opens_before, session.ends_at + rules.closes_after
    return session.cancelled_at is None and opens <= at <= closes


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


def check_token(db: Session, session: TrainingSession, token: str, *, now: datetime) -> tuple[Method, datetime]:
    """How and when a scanned code proves that its bearer was there. Refused: wrong, stale, or out of hours."""
    rules = check_in_rules(now)
    number = _read_number(token)
    if number is None or not hmac.compare_digest(token.partition("-")[2], _mac(db, session.id, number)):
        raise Refused("check-in-wrong")
    at = _start(number, rules.step)
    if not is_open(session, at):
        raise Refused("check-in-closed")
    if at - rules.margin <= now < at + rules.step + rules.margin:
        return Method.SCREEN, at
    late = timedelta(hours=rule("late_proof_hours", today_in_vietnam(now)))
    if session.late_proof and at <= now <= at + late:
        return Method.LATE, at
    raise Refused("check-in-stale")


def give_ticket(db: Session, session: TrainingSession, token: str, *, now: datetime) -> str:
    """Swap a scanned code for a ticket of a few minutes, so that there is time to sign in. One ticket, one person."""
    method, at = check_token(db, session, token, now=now)
    payload: dict[str, object] = {"method": method.value, "at": at.isoformat()}
    return once.issue(db, TICKET, session.id, now=now, expires_at=now + check_in_rules(now).ticket, payload=payload)


def is_spoken_code(db: Session, session: TrainingSession, code: str, *, now: datetime) -> bool:
    """Whether these are the six digits of this minute, or of the one that has just ended."""
    rules = check_in_rules(now)
    digits = "".join(letter for letter in code if letter.isdigit())
    numbers = {_number(now, rules.spoken), _number(now - rules.spoken_margin, rules.spoken)}
    return any(hmac.compare_digest(digits, _spoken(db, session.id, number)) for number in numbers)


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
