"""Guided activation: whom a team may offer help, the steps that lie before the person, and what goes wrong at each.

The list is read online, never stored. It holds people who wait to be activated and agreed to be helped, in the member's
unit and below. Causes and remedies: reference of activation failures (Decree 69/2024 Art. 14 and practice).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Set
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, and_
from sqlalchemy.orm import Session

from identity.activation import Step
from identity.audit import Actor
from identity.base import Refused
from identity.deadlines import today_in_vietnam
from identity.helping import (
    Waiting,
    count_waiting,
    find_waiting,
    waiting_by_reason,
    waiting_people,
    what_is_in_the_way,
)
from identity.paging import count_pages
from identity.staff import RoleName
from onboarding.map import within_today
from onboarding.team import Membership

PAGE = 20


class Trouble(StrEnum):
    """Something that goes wrong; the portal has a remedy in words for each."""

    NO_NOTICE = "no-notice"
    CODE_REFUSED = "code-refused"
    PAST_WINDOW = "past-window"
    LOCKED = "locked"
    NO_OTP = "no-otp"
    OTP_REFUSED = "otp-refused"
    PHONE_CHANGED = "phone-changed"
    SIM_NOT_OWN = "sim-not-own"
    PROOF_REFUSED = "proof-refused"
    PROOF_ENDED = "proof-ended"
    DATA_MISMATCH = "data-mismatch"
    PASSWORD_REFUSED = "password-refused"  # noqa: S105 (a trouble, not a secret)
    NO_SMARTPHONE = "no-smartphone"
    TOTP_REFUSED = "totp-refused"
    DEVICE_REFUSED = "device-refused"
    NO_PAPER = "no-paper"
    OTHER = "other"


TROUBLES: dict[Step, tuple[Trouble, ...]] = {
    Step.CODE: (Trouble.NO_NOTICE, Trouble.CODE_REFUSED, Trouble.PAST_WINDOW, Trouble.LOCKED),
    Step.PHONE: (Trouble.NO_OTP, Trouble.OTP_REFUSED, Trouble.PHONE_CHANGED, Trouble.SIM_NOT_OWN),
    Step.PROOF: (Trouble.PROOF_REFUSED, Trouble.PROOF_ENDED, Trouble.DATA_MISMATCH),
    Step.PASSWORD: (Trouble.PASSWORD_REFUSED,),
    Step.TOTP: (Trouble.NO_SMARTPHONE, Trouble.TOTP_REFUSED, Trouble.DEVICE_REFUSED),
    Step.RECOVERY: (Trouble.NO_PAPER,),
}
"""What may go wrong at each step of activation."""

CAUSES: dict[str, Trouble] = {
    "activation-code-unknown": Trouble.CODE_REFUSED,
    "activation-window-over": Trouble.PAST_WINDOW,
    "account-locked": Trouble.LOCKED,
    "otp-not-sent": Trouble.NO_OTP,
    "otp-expired": Trouble.NO_OTP,
    "otp-wait": Trouble.NO_OTP,
    "otp-too-many": Trouble.NO_OTP,
    "otp-too-many-today": Trouble.NO_OTP,
    "otp-wrong": Trouble.OTP_REFUSED,
    "otp-used": Trouble.OTP_REFUSED,
    "otp-ended": Trouble.OTP_REFUSED,
    "activation-no-phone": Trouble.PHONE_CHANGED,
    "activation-proof-wrong": Trouble.PROOF_REFUSED,
    "activation-proof-ended": Trouble.PROOF_ENDED,
    "totp-wrong": Trouble.TOTP_REFUSED,
    "passkey-not-made": Trouble.DEVICE_REFUSED,
    "recovery-code-wrong": Trouble.NO_PAPER,
}
"""Reason that the activation recorded, or that the window is over → the trouble behind it."""


def trouble_of(reason: str | None) -> Trouble | None:
    """What stands in the way, from `Waiting.reason`; None when no step has failed and the window is open."""
    if reason is None:
        return None
    if reason.startswith("password-"):
        return Trouble.PASSWORD_REFUSED
    return CAUSES.get(reason, Trouble.OTHER)


def behind(trouble: Trouble | None, *, now: datetime) -> ColumnElement[bool]:
    """`trouble_of` as a condition on people who wait (`identity.helping.waiting_people`)."""
    reason = what_is_in_the_way(now=now)
    if trouble is None:
        return reason.is_(None)
    if trouble is Trouble.PASSWORD_REFUSED:
        return reason.startswith("password-")
    if trouble is Trouble.OTHER:
        return and_(reason.is_not(None), reason.not_in(CAUSES), ~reason.startswith("password-"))
    return reason.in_([code for code, cause in CAUSES.items() if cause is trouble])


@dataclass(frozen=True, slots=True)
class Worklist:
    """One page of the people to help; `total` counts all of them."""

    people: list[Waiting]
    total: int
    page: int

    @property
    def pages(self) -> int:
        return count_pages(self.total, PAGE)


@dataclass(frozen=True, slots=True)
class WaitingFor:
    """People whom one trouble keeps from activating (None: none is known), and how many agreed to be helped."""

    trouble: Trouble | None
    people: int
    agreed: int


def worklist(db: Session, member: Membership, *, now: datetime, page: int = 1) -> Worklist:
    """The people of the member's unit and below who wait and agreed. Each name shown is recorded."""
    units = _reach(db, member, now)
    page = max(page, 1)
    people = waiting_people(db, units, _actor(member), now=now, limit=PAGE, offset=(page - 1) * PAGE)
    return Worklist(people, count_waiting(db, units), page)


def get_person_to_guide(db: Session, member: Membership, handle: str, *, now: datetime) -> Waiting:
    """One of them, by the pseudonym in hexadecimal.

    Another unit's person, an active account, a withdrawn consent: "nobody-waits-here", whichever it is.
    """
    known = re.fullmatch(r"[0-9a-f]{64}", handle)
    person = (
        find_waiting(db, bytes.fromhex(handle), _reach(db, member, now), _actor(member), now=now) if known else None
    )
    if person is None:
        raise Refused("nobody-waits-here")
    return person


def waiting_by_trouble(db: Session, unit_ids: Collection[UUID], *, now: datetime) -> list[WaitingFor]:
    """All who wait in the units, agreed or not, by what stands in their way, most frequent first."""
    people: Counter[Trouble | None] = Counter()
    agreed: Counter[Trouble | None] = Counter()
    for count in waiting_by_reason(db, unit_ids, now=now):
        trouble = trouble_of(count.reason)
        people[trouble] += count.people
        agreed[trouble] += count.agreed
    return [WaitingFor(trouble, number, agreed[trouble]) for trouble, number in people.most_common()]


def _reach(db: Session, member: Membership, now: datetime) -> Set[UUID]:
    return within_today(db, {member.unit_id}, on=today_in_vietnam(now))


def _actor(member: Membership) -> Actor:
    return Actor(member.account_id, RoleName.LEAD if member.is_lead else RoleName.MEMBER)
