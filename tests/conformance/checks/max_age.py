"""How old a sign-in may be (Core section 3.1.2.1)."""

from __future__ import annotations

import time

from tests.conformance.registry import check, refused_somehow, with_code
from tests.conformance.subject import Subject


@check
def max_age_brings_auth_time(at: Subject) -> None:
    """Core 1.0 section 3.1.2.1: MUST include auth_time."""
    claims = at.party().read(at.party().tokens(max_age="10000")["id_token"])
    assert 0 <= time.time() - claims["auth_time"] < 10000


@check
def a_sign_in_that_is_young_enough_is_not_repeated(at: Subject) -> None:
    """Core 1.0 section 3.1.2.1."""
    landing = at.party().authorize(at.friend(), max_age="10000")
    with_code(landing)
    assert landing.shown == ()


@check
def a_sign_in_that_is_too_old_is_repeated(at: Subject) -> None:
    """Core 1.0 section 3.1.2.1: MUST attempt to actively re-authenticate."""
    party, somebody = at.party(), at.resident()
    first = party.read(party.tokens(somebody, max_age="10000")["id_token"])
    time.sleep(2.1)
    landing = party.authorize(somebody, max_age="1")
    assert "login" in landing.shown
    second = party.read(party.redeem(with_code(landing)).json()["id_token"])
    assert second["auth_time"] > first["auth_time"]


@check
def max_age_zero_is_a_sign_in_now(at: Subject) -> None:
    """Core 1.0 section 3.1.2.1: as prompt=login."""
    landing = at.party().authorize(at.resident(), max_age="0")
    assert landing.shown.count("login") == 1
    with_code(landing)


@check
def too_old_and_nobody_to_ask_is_login_required(at: Subject) -> None:
    """Core 1.0 section 3.1.2.6."""
    somebody = at.resident()
    with_code(at.party().authorize(somebody))
    time.sleep(2.1)
    landing = at.party().authorize(somebody, max_age="1", prompt="none")
    assert landing.sent.get("error") == "login_required", landing.sent


@check
def a_registered_max_age_counts(at: Subject) -> None:
    """Registration 1.0 section 2: default_max_age."""
    party, somebody = at.register(default_max_age=1), at.resident()
    with_code(party.authorize(somebody))
    time.sleep(2.1)
    assert "login" in party.authorize(somebody).shown


@check
def auth_time_comes_when_it_is_registered(at: Subject) -> None:
    """Registration 1.0 section 2: require_auth_time."""
    party = at.register(require_auth_time=True)
    assert isinstance(party.read(party.tokens()["id_token"])["auth_time"], int)


@check
def an_age_that_is_no_number_is_refused(at: Subject) -> None:
    """Core 1.0 section 3.1.2.1: seconds."""
    for age in ("-1", "soon", "1.5", "9" * 400):
        refused_somehow(at.party().authorize(at.friend(), max_age=age), "invalid_request")
