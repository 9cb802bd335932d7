"""Whether the person is asked, and what for (Core section 3.1.2.1)."""

from __future__ import annotations

from tests.conformance.registry import check, refused_somehow, sent_back, with_code
from tests.conformance.subject import Subject

NOBODY = ("login_required", "interaction_required", "account_selection_required")


@check
def prompt_none_without_a_session_asks_nothing(at: Subject) -> None:
    """Core 1.0 section 3.1.2.6: login_required."""
    landing = at.party().authorize(at.resident(), prompt="none")
    sent_back(landing, "login_required")
    assert landing.shown == ()


@check
def prompt_none_with_a_session_gives_a_code(at: Subject) -> None:
    """Core 1.0 section 3.1.2.1."""
    landing = at.party().authorize(at.friend(), prompt="none")
    with_code(landing)
    assert landing.shown == ()


@check
def prompt_none_to_a_new_service_says_what_is_missing(at: Subject) -> None:
    """Core 1.0 section 3.1.2.6: consent_required."""
    sent_back(at.register().authorize(at.friend(), prompt="none"), "consent_required", "interaction_required")


@check
def prompt_none_goes_with_nothing_else(at: Subject) -> None:
    """Core 1.0 section 3.1.2.1: an error is returned."""
    for prompt in ("none login", "none consent", "select_account none"):
        refused_somehow(at.party().authorize(at.friend(), prompt=prompt), "invalid_request")


@check
def an_unknown_prompt_is_refused(at: Subject) -> None:
    """Initiating User Registration 1.0 section 3: an unsupported value is invalid_request."""
    refused_somehow(at.party().authorize(at.friend(), prompt="dance"), "invalid_request")


@check
def prompt_login_asks_for_a_new_sign_in(at: Subject) -> None:
    """Core 1.0 section 3.1.2.1."""
    import time

    party, somebody = at.party(), at.resident()
    first = party.read(party.tokens(somebody, max_age="10000")["id_token"])
    time.sleep(1.1)
    landing = party.authorize(somebody, prompt="login", max_age="10000")
    assert "login" in landing.shown
    second = party.read(party.redeem(with_code(landing)).json()["id_token"])
    assert second["auth_time"] > first["auth_time"] and second["sub"] == first["sub"]


@check
def prompt_consent_asks_again(at: Subject) -> None:
    """Core 1.0 section 3.1.2.1."""
    landing = at.party().authorize(at.friend(), prompt="consent")
    with_code(landing)
    assert landing.shown == ("consent",)


@check
def prompt_select_account_asks_who(at: Subject) -> None:
    """Core 1.0 section 3.1.2.1."""
    landing = at.party().authorize(at.friend(), prompt="select_account", stop_at=("login", "account"))
    assert not landing.is_back and landing.shown


@check
def consent_is_remembered(at: Subject) -> None:
    """Core 1.0 section 3.1.2.4: established by earlier consent."""
    party = at.register()
    assert "consent" in party.authorize(at.friend()).shown
    assert party.authorize(at.friend()).shown == ()


@check
def a_hint_of_the_person_who_is_here_is_fine(at: Subject) -> None:
    """Core 1.0 section 3.1.2.1: id_token_hint."""
    hint = at.party().tokens()["id_token"]
    with_code(at.party().authorize(at.friend(), prompt="none", id_token_hint=hint))


@check
def a_hint_of_somebody_else_gives_no_code(at: Subject) -> None:
    """Core 1.0 section 3.1.2.1: login_required if another person is signed in."""
    hint = at.party().tokens(at.resident(1))["id_token"]
    sent_back(at.party().authorize(at.friend(), prompt="none", id_token_hint=hint), *NOBODY)


@check
def a_hint_that_is_no_token_of_ours_is_refused(at: Subject) -> None:
    """Core 1.0 section 3.1.2.1: previously issued by the Authorization Server."""
    landing = at.party().authorize(at.friend(), prompt="none", id_token_hint="e30.e30.e30")
    refused_somehow(landing, "invalid_request", *NOBODY)


@check
def a_login_hint_is_understood(at: Subject) -> None:
    """Core 1.0 section 3.1.2.1: login_hint."""
    with_code(at.party().authorize(at.resident(), login_hint="somebody@example.org"))


@check
def languages_are_no_reason_to_refuse(at: Subject) -> None:
    """Core 1.0 section 3.1.2.1: ui_locales, claims_locales."""
    with_code(at.party().authorize(at.friend(), ui_locales="se vi", claims_locales="se"))


@check
def every_display_is_understood(at: Subject) -> None:
    """Core 1.0 section 3.1.2.1: display."""
    for display in ("page", "popup", "touch", "wap"):
        with_code(at.party().authorize(at.friend(), display=display))
