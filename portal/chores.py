"""What is done because time passes: short chores, and jobs done step by step.

Each chore and each step of a job is one short transaction; several workers may run them at once.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

import onboarding.retention
import onboarding.rights  # noqa: F401 - what training holds belongs into copies and erasure
from identity import once, outbox, paper_ends, pausing, recovery, reminders, rotation
from identity.activation import journey
from identity.application import abandon_unanswered, filling
from identity.application.break_glass import end_unanswered
from identity.application.lookup import purge_lookups
from identity.application.review import apologise_when_late
from identity.application.warnings import warn_supervisors
from identity.appointments import reminders as appointments
from identity.breaches import record as breaches
from identity.breaches import telling
from identity.credentials import qr, throttle
from identity.guardians import hand_over
from identity.helping import forget_help_codes
from identity.late_work import warn_of_late_work
from identity.oidc.sweep import sweep as oidc_sweep
from identity.operation.clocks import Ran, note_runs
from identity.retention import run as retention
from identity.rights import export
from identity.staff import idle
from onboarding.campaign import warn_of_overdue
from onboarding.feeds import deliveries
from onboarding.feeds.deliveries import begin_passes, forget_old
from onboarding.feeds.moves import note_moves
from onboarding.figures import filling as figures_filling
from onboarding.figures import published, refresh
from onboarding.forecast import making
from onboarding.sign_up import forget_who_came
from onboarding.villages import follow_communes
from onboarding.warnings import handling, watching

Chore = Callable[..., Any]
Step = Callable[..., dict[str, Any] | None]
Look = Callable[..., Any]

CHORES: tuple[Chore, ...] = (
    outbox.expire,
    once.sweep,
    throttle.sweep,
    qr.sweep,
    recovery.sweep,
    journey.sweep,
    oidc_sweep,
    purge_lookups,
    abandon_unanswered,
    apologise_when_late,
    warn_supervisors,
    warn_of_late_work,
    end_unanswered,
    filling.start_filling,
    figures_filling.start_filling,
    reminders.start_the_days_reminders,
    paper_ends.start_the_days_ends,
    hand_over.start_the_days_hand_overs,
    appointments.remind,
    appointments.start_the_hours_settling,
    retention.start_the_days_purge,
    idle.shut_idle,
    breaches.warn_of_clocks,
    rotation.go_on,
    warn_of_overdue,
    follow_communes,
    refresh.refresh,
    published.publish_once_a_day,
    watching.look_once_a_day,
    handling.raise_overdue,
    making.forecast_once_a_day,
    note_moves,
    begin_passes,
    forget_old,
    forget_who_came,
    forget_help_codes,
)
"""Called as `chore(db, now=now)`."""

STEPS: Mapping[str, Step] = {
    reminders.JOB: reminders.remind_some,
    paper_ends.JOB: paper_ends.take_from_some,
    hand_over.JOB: hand_over.tell_some,
    recovery.JOB: recovery.send_what_is_due,
    pausing.JOB: pausing.pause_some,
    appointments.JOB: appointments.settle_some,
    retention.JOB: retention.purge_some,
    export.JOB: export.copy_some,
    telling.JOB: telling.tell_some,
    rotation.RESEAL_JOB: rotation.reseal_some,
    rotation.INDEX_JOB: rotation.reindex_some,
    filling.JOB: filling.fill_some,
    figures_filling.JOB: figures_filling.fill_some,
    published.JOB: published.publish_some,
    watching.JOB: watching.open_some,
    making.JOB: making.keep_some,
    deliveries.JOB: deliveries.make_some,
}
"""Kind of a job → its step, called as `step(db, cursor, now=now)`; it returns the next cursor, or None at the end."""

LOOKS: Mapping[str, Look] = {
    watching.JOB: watching.find_some,
    making.JOB: making.reckon_some,
    published.JOB: published.cut_some,
}
"""Kind of a job → what takes long and only reads, done before the transaction of its step, which gets it as `found`."""


BEFORE: Mapping[Chore, Look] = {refresh.refresh: refresh.look}
"""Chore → the same for a chore, which gets it as `found`."""


def run_chores(
    transaction: Callable[[], Any], now: datetime, reading: Callable[[], Any] | None = None
) -> dict[str, int]:
    """All of them, each in its own transaction; what those that count have done, by their names.

    One that fails does not hold up the others; its error is raised when all had their turn. `reading` opens a session
    that only reads, for what a chore looks for before; without one it looks in its transaction.
    """
    done, runs, errors = {}, [], []
    for chore in CHORES:
        begun, counted, trouble = time.monotonic(), 0, None
        try:
            given = _looked_before(chore, now, reading)
            looked = time.monotonic() - begun
            with transaction() as db:
                begun = time.monotonic() - looked  # without the wait for one's turn
                answer = chore(db, now=now, **given)
            counted = int(answer) if isinstance(answer, int) else 0
        except Exception as error:  # whatever it is, the other clocks go on
            trouble = type(error).__name__
            errors.append(error)
        runs.append(Ran(name_of(chore), round((time.monotonic() - begun) * 1000), counted, trouble))
        if counted:
            done[chore.__name__] = counted
    with transaction() as db:
        note_runs(db, runs, now=now)
    if errors:
        raise errors[0]
    return done


def _looked_before(chore: Chore, now: datetime, reading: Callable[[], Any] | None) -> dict[str, Any]:
    if reading is None or chore not in BEFORE:
        return {}
    with reading() as db:
        return {"found": BEFORE[chore](db, now=now)}


def name_of(chore: Chore) -> str:
    """What a chore is called in the list of clocks."""
    module = chore.__module__.removeprefix("identity.").removeprefix("onboarding.")
    return f"{module}.{chore.__name__}"


def look_first(db: Session, kind: str, cursor: Mapping[str, Any] | None, now: datetime) -> dict[str, Any]:
    """What a step of this kind is given, from a session that only reads."""
    return {"found": LOOKS[kind](db, cursor, now=now)} if kind in LOOKS else {}


def do_step(
    db: Session, kind: str, cursor: Mapping[str, Any] | None, now: datetime, **given: Any
) -> dict[str, Any] | None:
    """One step of a job, with what `look_first` found."""
    return STEPS[kind](db, cursor, now=now, **given)
