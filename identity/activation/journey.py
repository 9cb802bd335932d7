"""Where an activation stands: the steps in order, what each needs, and the record of every success and failure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from identity.account import Account, Act, check_may
from identity.activation.model import Activation, ActivationVisit
from identity.audit import VISITOR, Event, record
from identity.base import Refused
from identity.sealed import vault


class Step(StrEnum):
    """The steps, in the order in which a person takes them."""

    CODE = "code"
    PHONE = "phone"
    PROOF = "proof"
    PASSWORD = "password"  # noqa: S105 - the name of a step
    TOTP = "totp"
    """The second factor: the code of an app, or the lock of the person's own device."""
    RECOVERY = "recovery"


@dataclass(frozen=True, slots=True)
class Journey:
    """An activation as one browser sees it."""

    account: Account
    activation: Activation
    visit: ActivationVisit

    @property
    def next_step(self) -> Step | None:
        """The first step that is not done; None when the account is active."""
        return next((step for step, done in DONE if not done(self)), None)


DONE: tuple[tuple[Step, Callable[[Journey], bool]], ...] = (
    (Step.PHONE, lambda journey: journey.visit.phone_at is not None),
    (Step.PROOF, lambda journey: journey.visit.proved_at is not None),
    (Step.PASSWORD, lambda journey: journey.activation.password_hash is not None),
    (Step.TOTP, lambda journey: journey.activation.has_second_factor),
    (Step.RECOVERY, lambda journey: journey.activation.finished_at is not None),
)
"""Each sitting proves phone and person again: whoever holds the phone alone, a thief or a helper, must not go on with
what the person has begun."""


def find_journey(db: Session, token: str, *, now: datetime) -> Journey | None:
    """The journey of this browser, or None: unknown, over, or taken up elsewhere."""
    query = (
        select(Account, Activation, ActivationVisit)
        .join(Activation, Activation.account_id == Account.id)
        .join(ActivationVisit, ActivationVisit.activation_id == Activation.id)
        .where(ActivationVisit.token_digest == visit_digest(db, token), ActivationVisit.ended_at.is_(None))
        .where(ActivationVisit.expires_at > now, Activation.finished_at.is_(None))
    )
    row = db.execute(query).one_or_none()
    return None if row is None else Journey(*row)


def leave(journey: Journey, *, now: datetime) -> None:
    """End this sitting; what was reached stays for the next one."""
    journey.visit.ended_at = now


def check_step(db: Session, journey: Journey, step: Step, *, now: datetime) -> None:
    """Ask the gate, and refuse a step out of its turn (back button, second tab)."""
    check_may(db, journey.account.id, Act.ACTIVATE, now=now)
    if journey.next_step is not step:
        raise Refused("activation-other-step")


def step_done(db: Session, journey: Journey, step: Step, *, now: datetime, **facts: Any) -> None:
    """Record a success."""
    about = ("account", journey.account.id)
    record(db, Event.ACTIVATION_STEP_DONE, VISITOR, now=now, subject=about, step=step.value, **facts)


def step_failed(db: Session, account: Account, step: Step, refusal: Refused, *, now: datetime) -> Refused:
    """Record a failure with its reason; the refusal is a result, so that the record is kept."""
    about = ("account", account.id)
    record(db, Event.ACTIVATION_STEP_FAILED, VISITOR, now=now, subject=about, step=step.value, reason=refusal.code)
    return refusal


def sweep(db: Session, *, now: datetime) -> None:
    """Drop sittings that are over (run by the worker)."""
    db.execute(delete(ActivationVisit).where(ActivationVisit.expires_at < now))


def visit_digest(db: Session, token: str) -> bytes:
    """Under what a sitting's token is stored and found."""
    return vault(db).digest("activation-visit", token)
