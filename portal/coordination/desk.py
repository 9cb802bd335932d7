"""What waits for the coordinator: shifts, referrals, scam reports, records of former members; and unmet needs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from flask import Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as Answer

from identity.deadlines import today_in_vietnam
from identity.paging import count_pages
from onboarding.backlog import admit, count_held, count_lost, get_held, held_records, turn_away
from onboarding.badge import ReportOutcome, count_reports, open_reports, settle_report
from onboarding.delegation import count_in_force, end_at_desk, in_force
from onboarding.overview import MOST_UNITS, waiting_by_unit
from onboarding.records import day_span
from onboarding.referral import ReferralOutcome, accept, close, count_open, get_referral, is_late, open_referrals
from onboarding.shift import RefusedFor, count_to_decide, decide_shift, shifts_to_decide
from onboarding.unmet import unmet_needs
from portal.coordination import blueprint
from portal.coordination.scope import acting, scope
from portal.database import db
from portal.pages import page, page_number
from portal.services import now
from portal.words.assistance import OBSTACLES, TASKS, TROUBLES
from portal.words.field import (
    DESKS,
    OUTCOMES_WITHOUT_BADGE,
    REFERRAL_OUTCOMES,
    REFERRAL_STATES,
    REPORT_OUTCOMES,
    SHIFT_REASONS,
)

NEEDS_DAYS = 30
SHOWN = 50
"""On a page of each list. What is not decided, or cannot be today, must not hide what came after it."""


@dataclass(frozen=True, slots=True)
class Turned:
    """Which page of one list stands on the desk. A page behind the last is the last: decided ones make it shorter."""

    part: str
    total: int

    @property
    def pages(self) -> int:
        return count_pages(self.total, SHOWN)

    @property
    def number(self) -> int:
        return min(page_number(), self.pages) if request.args.get("part") == self.part else 1

    @property
    def span(self) -> dict[str, int]:
        return {"limit": SHOWN, "offset": (self.number - 1) * SHOWN}

    def href_for(self, number: int) -> str:
        return _address(self.part, number)


@blueprint.get("/desk")
def desk() -> Response:
    units, moment = scope(), now()
    today = today_in_vietnam(moment)
    shifts = Turned("shifts", count_to_decide(db, units, on=today))
    allowed = Turned("allowed", count_in_force(db, units, on=today))
    referrals, reports = Turned("referrals", count_open(db, units)), Turned("reports", count_reports(db, units))
    held = Turned("held", count_held(db, units))
    words = {"tasks": TASKS, "obstacles": OBSTACLES, "desks": DESKS}
    words |= {"report_outcomes": REPORT_OUTCOMES, "outcomes_without_badge": OUTCOMES_WITHOUT_BADGE}
    return page(
        "coordination/desk.html",
        turned={one.part: one for one in (shifts, allowed, referrals, reports, held)},
        shifts=shifts_to_decide(db, units, on=today, **shifts.span),
        shift_reasons=SHIFT_REASONS,
        allowed=in_force(db, units, on=today, **allowed.span),
        referrals=[(one, by, is_late(one, now=moment)) for one, by in open_referrals(db, units, **referrals.span)],
        reports=open_reports(db, units, **reports.span),
        held=held_records(db, units, **held.span),
        lost=count_lost(db, units, now=moment),
        waiting=waiting_by_unit(db, units, now=moment),
        most_units=MOST_UNITS,
        troubles=TROUBLES,
        needs=unmet_needs(db, units, since=moment - timedelta(days=NEEDS_DAYS), until=day_span(today)[0]),
        referral_states=REFERRAL_STATES,
        referral_outcomes=REFERRAL_OUTCOMES,
        **words,
    )


@blueprint.post("/desk/shift/<uuid:id>")
def decide(id: UUID) -> Answer:
    choice = _chosen("approve", *RefusedFor)
    decide_shift(db, id, None if choice == "approve" else RefusedFor(choice), acting(), scope(), now=now())
    return _back("shifts")


@blueprint.post("/desk/referral/<uuid:id>")
def follow(id: UUID) -> Answer:
    choice = _chosen("accept", *ReferralOutcome)
    referral = get_referral(db, id, scope())
    if choice == "accept":
        accept(db, referral, acting(), now=now())
    else:
        close(db, referral, ReferralOutcome(choice), acting(), now=now())
    return _back("referrals")


@blueprint.post("/desk/report/<uuid:id>")
def settle(id: UUID) -> Answer:
    settle_report(db, id, ReportOutcome(_chosen(*ReportOutcome)), acting(), scope(), now=now())
    return _back("reports")


@blueprint.post("/desk/held/<uuid:id>")
def look_at_held(id: UUID) -> Answer:
    choice = _chosen("admit", "turn-away")
    held = get_held(db, id, scope())
    act = admit if choice == "admit" else turn_away
    act(db, held, acting(), now=now())
    return _back("held")


@blueprint.post("/desk/authorisation/<uuid:id>")
def end_authorisation(id: UUID) -> Answer:
    _chosen("end")
    end_at_desk(db, id, acting(), scope(), now=now())
    return _back("allowed")


def _chosen(*choices: str) -> str:
    choice = request.form.get("choice", "")
    return choice if choice in choices else abort(400)


def _back(part: str) -> Answer:
    return redirect(_address(part, page_number()), 303)


def _address(part: str, number: int) -> str:
    """Of the desk, where one list is turned to a page."""
    return url_for("coordination.desk", part=part, page=number if number > 1 else None, _anchor=part)
