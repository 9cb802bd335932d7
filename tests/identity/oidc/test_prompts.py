"""What the person must still do, and what a silent client is told instead."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from identity.oidc.prompts import CHECKS, Situation, Step, Visitor, next_prompt
from tests.fakes import A_MONDAY
from tests.identity.oidc.test_request import ask

NOW = A_MONDAY


def visitor(*, aal: int = 2, minutes_ago: float = 1) -> Visitor:
    return Visitor(uuid4(), uuid4(), uuid4(), NOW - timedelta(minutes=minutes_ago), aal, ("pwd", "otp"))


def situation(who: Visitor | None = None, *, asked_at: datetime | None = None, **changes: Any) -> Situation:
    missing = changes.pop("missing", frozenset())
    decided = changes.pop("decided", False)
    return Situation(ask(**changes), who, "s1", missing, asked_at, NOW, decided)


def step(standing: Situation) -> tuple[Step, str, str] | None:
    check = next_prompt(standing)
    return None if check is None else (check.step, check.reason, check.error)


def test_a_signed_in_person_who_agreed_is_not_asked_anything() -> None:
    assert step(situation(visitor())) is None


def test_nobody_signed_in_means_sign_in() -> None:
    assert step(situation()) == (Step.SIGN_IN, "no-session", "login_required")


def test_new_items_are_asked_until_they_are_decided() -> None:
    new = frozenset({"name"})
    assert step(situation(visitor(), missing=new)) == (Step.CONSENT, "new-items", "consent_required")
    assert step(situation(visitor(), missing=new, decided=True)) is None


@pytest.mark.parametrize(
    ("prompt", "error"), [("login", "login_required"), ("select_account", "account_selection_required")]
)
def test_a_fresh_sign_in_is_asked_once(prompt: str, error: str) -> None:
    assert step(situation(visitor(), prompt=prompt)) is not None
    assert next_prompt(situation(visitor(), prompt=prompt)).error == error  # type: ignore[union-attr]
    before, after = NOW - timedelta(minutes=2), NOW - timedelta(seconds=30)
    assert step(situation(visitor(), prompt=prompt, asked_at=before)) is None
    assert step(situation(visitor(), prompt=prompt, asked_at=after)) is not None


def test_a_chosen_account_is_not_asked_for_again() -> None:
    chosen = replace(situation(visitor(), prompt="select_account"), is_chosen=True)
    assert step(chosen) is None
    asked = step(situation(visitor(), prompt="select_account"))
    assert asked == (Step.CHOOSE_ACCOUNT, "account-choice-asked", "account_selection_required")


def test_applying_is_offered_to_whoever_has_not_answered() -> None:
    asked = (Step.APPLY, "account-creation-asked", "login_required")
    assert step(situation(prompt="create")) == asked
    assert step(situation(visitor(), prompt="create")) == asked
    assert step(replace(situation(visitor(), prompt="create"), is_chosen=True)) is None
    assert step(situation(visitor(), prompt="create", asked_at=NOW - timedelta(minutes=5))) is None


def test_consent_is_asked_again_when_the_client_wants_it() -> None:
    assert step(situation(visitor(), prompt="consent")) == (Step.CONSENT, "consent-asked", "consent_required")
    assert step(situation(visitor(), prompt="consent", decided=True)) is None


def test_max_age_counts_from_the_last_sign_in() -> None:
    assert step(situation(visitor(minutes_ago=4), max_age="300")) is None
    assert step(situation(visitor(minutes_ago=6), max_age="300")) == (
        Step.SIGN_IN_AGAIN,
        "signed-in-too-long-ago",
        "login_required",
    )


def test_max_age_zero_is_met_by_signing_in_for_this_request() -> None:
    assert step(situation(visitor(minutes_ago=0.1), max_age="0")) is not None
    asked_at = NOW - timedelta(minutes=1)
    assert step(situation(visitor(minutes_ago=0.1), max_age="0", asked_at=asked_at)) is None


def test_a_password_alone_is_raised_to_level_two() -> None:
    assert step(situation(visitor(aal=1))) == (
        Step.RAISE_LEVEL,
        "level-too-low",
        "unmet_authentication_requirements",
    )
    assert step(situation(visitor(aal=1), acr_values="urn:vn:eid:aal:1")) is None


def test_a_wished_level_out_of_reach_takes_the_best_there_is() -> None:
    assert step(situation(visitor(), acr_values="urn:vn:eid:aal:3")) is None


@pytest.mark.parametrize("value", ["urn:vn:eid:aal:3", "phrh"])
def test_an_essential_level_out_of_reach_is_said_at_once(value: str) -> None:
    claims = f'{{"id_token": {{"acr": {{"essential": true, "value": "{value}"}}}}}}'
    gives_up = (Step.GIVE_UP, "level-out-of-reach", "unmet_authentication_requirements")
    assert step(situation(visitor(), claims=claims)) == gives_up
    assert step(situation(claims=claims)) == gives_up


def test_the_person_meant_must_be_the_one_who_is_there() -> None:
    other = replace(situation(visitor(), id_token_hint="ours"), subject="another")
    assert step(other) == (Step.SIGN_IN_AGAIN, "another-person-meant", "login_required")
    still = replace(other, asked_at=NOW - timedelta(minutes=2))
    assert step(still) == (Step.GIVE_UP, "still-another-person", "login_required")
    assert step(situation(visitor(), id_token_hint="ours")) is None


def test_every_check_has_a_reason_of_its_own_and_a_protocol_error() -> None:
    assert len({check.reason for check in CHECKS}) == len(CHECKS)
    assert {check.error for check in CHECKS} <= {
        "login_required",
        "account_selection_required",
        "consent_required",
        "interaction_required",
        "unmet_authentication_requirements",
    }
