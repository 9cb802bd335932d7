"""The legal clocks of an application (Decree 45/2020: 8 working hours; Decree 69/2024 Art. 13: working days)."""

from __future__ import annotations

from datetime import date, datetime

from identity.application.model import Application
from identity.deadlines import calendar, decision_due, rule, today_in_vietnam


def days_for(valid_document: bool, *, has_biometrics: bool, level: int, now: datetime) -> int:
    """Working days for a decision: fewer with a valid card, or biometrics in the immigration register."""
    day = today_in_vietnam(now)
    if level == 1:
        return int(rule("decision_days_level_1", day))
    name = "decision_days_level_2" if valid_document and has_biometrics else "decision_days_level_2_long"
    return int(rule(name, day))


def receive(application: Application, *, now: datetime) -> None:
    """The file is complete, and the decision is the next date: the one given with an answer to a supplement stands."""
    if application.decision_due_at is None:
        start(application, now=now)
    application.due_at = application.decision_due_at
    if application.due_at is not None and application.due_at > now:
        application.promised_at = None


def start(application: Application, *, now: datetime) -> None:
    """The decision clock runs."""
    days = application.decision_days if application.days_left is None else application.days_left
    application.decision_due_at = application.due_at = decision_due(now, days)
    application.days_left = application.promised_at = None


def stop(application: Application, *, now: datetime) -> None:
    """A supplement was asked for: the clock stands. Rule `supplement_clock` says what runs later: the rest, or all."""
    if application.decision_due_at is not None:
        whole = rule("supplement_clock", today_in_vietnam(now)) == "restart"
        left = application.decision_days if whole else working_days_left(application.decision_due_at, now=now)
        application.days_left = max(left, 1)
    application.decision_due_at = application.due_at = application.promised_at = None


def end(application: Application, *, now: datetime) -> None:
    """Nobody has to act any more."""
    for name, value in ended(now=now).items():
        setattr(application, name, value)


def ended(*, now: datetime) -> dict[str, datetime | None]:
    """What `end` writes, for whoever writes it with the move itself."""
    return {"due_at": None, "promised_at": None, "closed_at": now}


def working_days_left(due_at: datetime, *, now: datetime) -> int:
    """Working days after today up to the last day."""
    day, last, count = today_in_vietnam(now), today_in_vietnam(due_at), 0
    while day < last:
        day = calendar().add_working_days(day, 1)
        count += day <= last
    return count


def is_valid(expires_on: date | None, *, now: datetime) -> bool:
    """A document counts up to and with its last day, in Vietnam."""
    return expires_on is None or expires_on >= today_in_vietnam(now)
