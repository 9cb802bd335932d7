"""The words for what teams and their coordinators do besides logging help: desks, outcomes, states."""

from __future__ import annotations

from onboarding.badge import ReportOutcome
from onboarding.delegation import DelegationState
from onboarding.outreach import CallResult, Choice
from onboarding.referral import Desk, ReferralOutcome, ReferralState
from onboarding.shift import RefusedFor, ShiftState
from portal.language import _l
from portal.words.assistance import Mark

DESKS = {
    Desk.WARD_POLICE: _l("Ward police"),
    Desk.IMMIGRATION: _l("Immigration office"),
    Desk.ONE_STOP: _l("One-stop desk of the commune"),
    Desk.OPERATOR_SHOP: _l("Shop of the phone operator"),
    Desk.HELPLINE: _l("Helpline"),
}
REFERRAL_STATES = {
    ReferralState.SENT: Mark(_l("Sent"), "waiting", "clock"),
    ReferralState.ACCEPTED: Mark(_l("The desk has it"), "plain", "check"),
    ReferralState.CLOSED: Mark(_l("Closed"), "good", "circle-check"),
}
REFERRAL_OUTCOMES = {
    ReferralOutcome.SOLVED: _l("Solved"),
    ReferralOutcome.NOT_SOLVED: _l("Could not be solved"),
    ReferralOutcome.NOT_COME: _l("The person did not come"),
    ReferralOutcome.WITHDRAWN: _l("The person no longer wants it"),
}
SHIFT_STATES = {
    ShiftState.PLANNED: Mark(_l("To be approved"), "waiting", "clock"),
    ShiftState.APPROVED: Mark(_l("Approved"), "good", "check"),
    ShiftState.REFUSED: Mark(_l("Not approved"), "bad", "x"),
    ShiftState.WITHDRAWN: Mark(_l("Taken back"), "plain", "x"),
}
SHIFT_REASONS = {
    RefusedFor.NOT_THERE: _l("The member was not there"),
    RefusedFor.OTHER_HOURS: _l("It was at other hours"),
    RefusedFor.OTHER_DAY: _l("It was on another day"),
    RefusedFor.TOLD_TWICE: _l("It is here twice"),
}
"""Why a shift is not approved."""
DELEGATION_STATES = {
    DelegationState.VALID: Mark(_l("Valid"), "good", "check"),
    DelegationState.OVER: Mark(_l("Over"), "plain", "clock"),
    DelegationState.REVOKED: Mark(_l("Ended by the person"), "bad", "x"),
    DelegationState.MEMBER_LEFT: Mark(_l("Over: the member left the team"), "plain", "clock"),
}
REPORT_OUTCOMES = {
    ReportOutcome.REAL_SCAM: _l("It was a scam: take the badge back"),
    ReportOutcome.MISUNDERSTANDING: _l("A misunderstanding"),
    ReportOutcome.UNCLEAR: _l("Could not be cleared up"),
}
OUTCOMES_WITHOUT_BADGE = {**REPORT_OUTCOMES, ReportOutcome.REAL_SCAM: _l("It was a scam")}
"""Of a report about no badge of ours: there is none to take back."""
CALL_CHOICES = {
    Choice.ALL: _l("All"),
    Choice.FREE: _l("Nobody calls yet"),
    Choice.MINE: _l("Mine"),
    Choice.DUE: _l("Mine, to call today"),
}
CALL_RESULTS = {
    CallResult.NO_ANSWER: _l("No answer"),
    CallResult.CALL_LATER: _l("Wants to be called later"),
    CallResult.APPOINTMENT: _l("Has an appointment"),
    CallResult.WILL_DO_IT: _l("Will do it alone"),
    CallResult.NOT_WANTED: _l("Does not want help"),
    CallResult.WRONG_NUMBER: _l("Wrong number"),
}
