"""What the person must still do before a code is given: a list of checks, each with its reason.

The first check that applies names the next step; with `prompt=none` it names the error instead (Core section 3.1.2.6).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from identity.oidc.acr import HIGHEST_AAL, lowest
from identity.oidc.request import AuthorizationRequest


class Step(StrEnum):
    """What the person is asked to do."""

    SIGN_IN = "sign-in"
    SIGN_IN_AGAIN = "sign-in-again"
    RAISE_LEVEL = "raise-level"
    CHOOSE_ACCOUNT = "choose-account"
    APPLY = "apply"
    """For an account of their own, or go on with the one they have."""
    ASK_GUARDIAN = "ask-guardian"
    CONSENT = "consent"
    GIVE_UP = "give-up"
    """Nothing that the person can do would help; the client is told."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """The signed-in resident before us."""

    account_id: UUID
    person_id: UUID
    session_id: UUID
    auth_time: datetime
    aal: int
    amr: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything that decides. `asked_at` is when this very request first sent the person to sign in."""

    request: AuthorizationRequest
    visitor: Visitor | None
    subject: str | None
    missing_items: frozenset[str]
    asked_at: datetime | None
    now: datetime
    is_decided: bool = False
    """The person has just answered the consent page of this request."""
    is_chosen: bool = False
    """The person went on with the account that is signed in."""
    given: frozenset[str] = frozenset()
    """What the person agreed to before."""
    waits_for_guardian: bool = False
    """A ward's account, and the guardian has not confirmed this service in this session."""

    @property
    def signed_in_since_asked(self) -> bool:
        return self.visitor is not None and self.asked_at is not None and self.visitor.auth_time >= self.asked_at

    @property
    def age(self) -> float:
        """Seconds since the person last proved who they are."""
        return (self.now - self.visitor.auth_time).total_seconds() if self.visitor else float("inf")


@dataclass(frozen=True, slots=True)
class Check:
    """If `applies`, the person has to take `step`; a client that wants no page gets `error`."""

    reason: str
    step: Step
    error: str
    applies: Callable[[Situation], bool]


def _level_out_of_reach(s: Situation) -> bool:
    """An essential level above what we offer, or none that we know."""
    wanted = lowest(s.request.acr_values)
    return s.request.acr_essential and bool(s.request.acr_values) and (wanted is None or wanted > HIGHEST_AAL)


def _level_too_low(s: Situation) -> bool:
    wanted = min(s.request.least_aal, HIGHEST_AAL)
    return s.visitor is not None and s.visitor.aal < wanted


def _too_long_ago(s: Situation) -> bool:
    limit = s.request.max_age
    return limit is not None and s.age > limit and not s.signed_in_since_asked


def _another_person_meant(s: Situation) -> bool:
    return any(s.subject not in meant for meant in s.request.meant_subjects)


CHECKS = (
    Check("level-out-of-reach", Step.GIVE_UP, "unmet_authentication_requirements", _level_out_of_reach),
    Check(
        "account-creation-asked",
        Step.APPLY,
        "login_required",
        lambda s: "create" in s.request.prompts and not s.is_chosen and not s.signed_in_since_asked,
    ),
    Check("no-session", Step.SIGN_IN, "login_required", lambda s: s.visitor is None),
    Check(
        "login-asked",
        Step.SIGN_IN_AGAIN,
        "login_required",
        lambda s: "login" in s.request.prompts and not s.signed_in_since_asked,
    ),
    Check(
        "account-choice-asked",
        Step.CHOOSE_ACCOUNT,
        "account_selection_required",
        lambda s: "select_account" in s.request.prompts and not s.is_chosen and not s.signed_in_since_asked,
    ),
    Check("signed-in-too-long-ago", Step.SIGN_IN_AGAIN, "login_required", _too_long_ago),
    Check(
        "level-still-too-low",
        Step.GIVE_UP,
        "unmet_authentication_requirements",
        lambda s: _level_too_low(s) and s.signed_in_since_asked,
    ),
    Check("level-too-low", Step.RAISE_LEVEL, "unmet_authentication_requirements", _level_too_low),
    Check(
        "still-another-person",
        Step.GIVE_UP,
        "login_required",
        lambda s: _another_person_meant(s) and s.signed_in_since_asked,
    ),
    Check("another-person-meant", Step.SIGN_IN_AGAIN, "login_required", _another_person_meant),
    Check("guardian-unasked", Step.ASK_GUARDIAN, "interaction_required", lambda s: s.waits_for_guardian),
    Check(
        "consent-asked",
        Step.CONSENT,
        "consent_required",
        lambda s: "consent" in s.request.prompts and not s.is_decided,
    ),
    Check(
        "new-items",
        Step.CONSENT,
        "consent_required",
        lambda s: bool(s.missing_items) and not s.is_decided,
    ),
)


def next_prompt(situation: Situation) -> Check | None:
    """The first thing that is still to be done; None when the code may be given."""
    return next((check for check in CHECKS if check.applies(situation)), None)
