"""Guided activation: whom a team may offer help, the steps that lie before the person, and what goes wrong at each.

The list is read online, never stored. It holds people who wait to be activated and agreed to be helped, in the member's
unit and below. Causes and remedies: reference of activation failures (Decree 69/2024 Art. 14 and practice).
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy.orm import Session

from identity.audit import Actor
from identity.base import Refused
from identity.helping import Waiting, count_waiting, find_waiting, waiting_people
from identity.places import units_within
from identity.staff import RoleName
from onboarding.team import Membership

PAGE = 20


class Step(StrEnum):
    """What the person does, in order; the helper stands beside and touches nothing secret."""

    NOTICE = "notice"
    PHONE = "phone"
    SECOND_PROOF = "second-proof"
    PASSWORD = "password"  # noqa: S105 (a step, not a secret)
    SECOND_FACTOR = "second-factor"
    RECOVERY_CODES = "recovery-codes"
    DONE = "done"


class Trouble(StrEnum):
    """Something that goes wrong; the portal has a remedy in words for each."""

    NO_NOTICE = "no-notice"
    CODE_REFUSED = "code-refused"
    PAST_WINDOW = "past-window"
    NO_OTP = "no-otp"
    PHONE_CHANGED = "phone-changed"
    SIM_NOT_OWN = "sim-not-own"
    SECRET_LOST = "secret-lost"  # noqa: S105 (a trouble, not a secret)
    TRIES_USED_UP = "tries-used-up"
    DATA_MISMATCH = "data-mismatch"
    PASSWORD_REFUSED = "password-refused"  # noqa: S105 (a trouble, not a secret)
    NO_SMARTPHONE = "no-smartphone"
    TOTP_REFUSED = "totp-refused"
    NO_PAPER = "no-paper"
    LOCKED = "locked"
    SCAM = "scam"


TROUBLES: dict[Step, tuple[Trouble, ...]] = {
    Step.NOTICE: (Trouble.NO_NOTICE, Trouble.CODE_REFUSED, Trouble.PAST_WINDOW, Trouble.LOCKED),
    Step.PHONE: (Trouble.NO_OTP, Trouble.PHONE_CHANGED, Trouble.SIM_NOT_OWN),
    Step.SECOND_PROOF: (Trouble.SECRET_LOST, Trouble.TRIES_USED_UP, Trouble.DATA_MISMATCH),
    Step.PASSWORD: (Trouble.PASSWORD_REFUSED,),
    Step.SECOND_FACTOR: (Trouble.NO_SMARTPHONE, Trouble.TOTP_REFUSED),
    Step.RECOVERY_CODES: (Trouble.NO_PAPER,),
    Step.DONE: (Trouble.SCAM,),
}


@dataclass(frozen=True, slots=True)
class Worklist:
    """One page of the people to help; `total` counts all of them."""

    people: list[Waiting]
    total: int
    page: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PAGE))


def worklist(db: Session, member: Membership, *, now: datetime, page: int = 1) -> Worklist:
    """The people of the member's unit and below who wait and agreed. Each name shown is recorded."""
    units = _reach(db, member)
    page = max(page, 1)
    people = waiting_people(db, units, _actor(member), now=now, limit=PAGE, offset=(page - 1) * PAGE)
    return Worklist(people, count_waiting(db, units), page)


def get_person_to_guide(db: Session, member: Membership, pseudonym: bytes, *, now: datetime) -> Waiting:
    """One of them. Someone else's unit, an active account or a withdrawn consent: not found, whichever it is."""
    person = find_waiting(db, pseudonym, _reach(db, member), _actor(member), now=now)
    if person is None:
        raise Refused("nobody-waits-here", audited=True)
    return person


def _reach(db: Session, member: Membership) -> Set[UUID]:
    return units_within(db, member.unit_id)


def _actor(member: Membership) -> Actor:
    return Actor(member.account_id, RoleName.LEAD if member.is_lead else RoleName.MEMBER)
