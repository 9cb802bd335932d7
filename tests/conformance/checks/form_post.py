"""Answers that a form of the browser posts to the service (OAuth 2.0 Form Post Response Mode)."""

from __future__ import annotations

from tests.conformance.registry import check, refused_somehow, sent_back, with_code
from tests.conformance.subject import Subject


@check
def the_answer_is_posted(at: Subject) -> None:
    """Form Post Response Mode section 2."""
    at.needs("response_modes_supported", "form_post")
    landing = at.party().authorize(at.friend(), response_mode="form_post", state="a state <\">&'")
    with_code(landing)
    assert landing.by == "form_post" and landing.url == at.party().redirect_uri
    assert landing.sent["state"] == "a state <\">&'"


@check
def a_posted_answer_names_its_issuer(at: Subject) -> None:
    """RFC 9207 section 2."""
    assert at.party().authorize(at.friend(), response_mode="form_post").sent["iss"] == at.issuer


@check
def a_posted_code_is_worth_as_much(at: Subject) -> None:
    """Form Post Response Mode section 4."""
    landing = at.party().authorize(at.friend(), response_mode="form_post")
    assert at.party().redeem(with_code(landing)).status_code == 200


@check
def an_error_is_posted_too(at: Subject) -> None:
    """Form Post Response Mode section 2: the Authorization Response, errors included."""
    landing = at.party().authorize(at.resident(), response_mode="form_post", prompt="none")
    assert landing.by == "form_post"
    sent_back(landing, "login_required", "interaction_required")


@check
def the_page_that_posts_is_not_kept(at: Subject) -> None:
    """Form Post Response Mode section 4: no-store."""
    from urllib.parse import urlencode

    asked = urlencode(at.party().request(response_mode="form_post"))
    answer = at.friend().session.get(f"{at.address('authorization_endpoint')}?{asked}", timeout=20)
    assert answer.status_code == 200 and "no-store" in answer.headers["Cache-Control"]


@check
def the_page_that_posts_needs_no_script(at: Subject) -> None:
    """Form Post Response Mode section 2: a form with a button where scripts are off, and none written inline."""
    landing = at.party().authorize(at.friend(), response_mode="form_post")
    assert 'type="submit"' in landing.text or "<button" in landing.text
    assert "onload=" not in landing.text


@check
def an_unknown_response_mode_is_refused(at: Subject) -> None:
    """Multiple Response Types section 2.1: modes that the server supports."""
    for mode in ("fragment", "web_message", "nonsense"):
        refused_somehow(at.party().authorize(at.friend(), response_mode=mode), "invalid_request")
