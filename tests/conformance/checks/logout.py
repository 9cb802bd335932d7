"""Signing out at the wish of a service (RP-Initiated Logout 1.0)."""

from __future__ import annotations

from urllib.parse import urlencode

from tests.conformance.pages import Landing, Resident
from tests.conformance.party import Party
from tests.conformance.registry import check, with_code
from tests.conformance.subject import Subject

AFTER = "https://service.example/signed-out"


def _party(at: Subject) -> Party:
    found: Party = at.kept.get("logout") or at.register(post_logout_redirect_uris=[AFTER])
    at.kept["logout"] = found
    return found


def _leave(at: Subject, somebody: Resident, *, post: bool = False, **wish: str) -> Landing:
    return somebody.visit(f"{at.address('end_session_endpoint')}?{urlencode(wish)}", post=post)


def _is_signed_in(at: Subject, somebody: Resident) -> bool:
    return "code" in at.party().authorize(somebody, prompt="none").sent


def _somebody(at: Subject) -> tuple[Resident, str]:
    """A person who signed in to the service, and the hint that the service holds."""
    somebody = at.resident()
    hint = str(_party(at).tokens(somebody)["id_token"])
    at.party().authorize(somebody)
    return somebody, hint


@check
def a_service_can_sign_a_person_out(at: Subject) -> None:
    """RP-Initiated Logout 1.0 sections 2 and 3: back at the registered address with the state."""
    somebody, hint = _somebody(at)
    landing = _leave(at, somebody, id_token_hint=hint, post_logout_redirect_uri=AFTER, state="after & before")
    assert landing.is_back and landing.url == AFTER and landing.sent == {"state": "after & before"}
    assert not _is_signed_in(at, somebody)


@check
def no_state_comes_back_when_none_was_sent(at: Subject) -> None:
    """RP-Initiated Logout 1.0 section 3."""
    somebody, hint = _somebody(at)
    landing = _leave(at, somebody, id_token_hint=hint, post_logout_redirect_uri=AFTER)
    assert landing.url == AFTER and landing.sent == {}


@check
def the_wish_may_be_posted(at: Subject) -> None:
    """RP-Initiated Logout 1.0 section 2: MUST support GET and POST."""
    somebody, hint = _somebody(at)
    landing = _leave(at, somebody, post=True, id_token_hint=hint, post_logout_redirect_uri=AFTER, state="posted")
    assert landing.url == AFTER and landing.sent == {"state": "posted"}
    assert not _is_signed_in(at, somebody)


@check
def an_address_that_is_not_registered_is_not_visited_after(at: Subject) -> None:
    """RP-Initiated Logout 1.0 section 3: MUST NOT redirect."""
    somebody, hint = _somebody(at)
    for address in ("https://attacker.example/", AFTER + "/more", AFTER + "?foo=bar", AFTER + "x"):
        assert not _leave(at, somebody, id_token_hint=hint, post_logout_redirect_uri=address).is_back


@check
def nobody_is_signed_out_without_being_asked_when_there_is_no_hint(at: Subject) -> None:
    """RP-Initiated Logout 1.0 section 2: MUST ask when no id_token_hint."""
    somebody, _hint = _somebody(at)
    url = at.address("end_session_endpoint")
    landing = somebody.visit(url, stop_at=("confirm-logout",))
    assert landing.shown == ("confirm-logout",)
    assert _is_signed_in(at, somebody)


@check
def the_person_who_confirms_is_signed_out(at: Subject) -> None:
    """RP-Initiated Logout 1.0 section 2."""
    somebody, _hint = _somebody(at)
    landing = _leave(at, somebody)
    assert "confirm-logout" in landing.shown and not landing.is_back
    assert not _is_signed_in(at, somebody)


@check
def without_a_hint_nobody_is_sent_to_an_address_of_nobody(at: Subject) -> None:
    """RP-Initiated Logout 1.0 section 3: the address must be registered to a client that is known."""
    somebody, _hint = _somebody(at)
    assert not _leave(at, somebody, post_logout_redirect_uri=AFTER).is_back


@check
def a_forged_hint_is_no_hint(at: Subject) -> None:
    """RP-Initiated Logout 1.0 section 4: validate the id_token_hint."""
    somebody, hint = _somebody(at)
    head, body, signature = hint.split(".")
    forged = f"{head}.{body}.{signature[::-1]}"
    landing = _leave(at, somebody, id_token_hint=forged, post_logout_redirect_uri=AFTER, state="x")
    assert not landing.is_back


@check
def a_hint_and_a_client_that_differ_are_refused(at: Subject) -> None:
    """RP-Initiated Logout 1.0 section 2: MUST verify that the client_id matches."""
    somebody, hint = _somebody(at)
    wish = {"id_token_hint": hint, "client_id": at.other().client_id, "post_logout_redirect_uri": AFTER}
    assert not _leave(at, somebody, **wish).is_back


@check
def a_hint_for_another_person_signs_nobody_out_unasked(at: Subject) -> None:
    """RP-Initiated Logout 1.0 section 2: not the current session's End-User."""
    other = str(_party(at).tokens(at.resident(1))["id_token"])
    somebody, _hint = _somebody(at)
    wish = urlencode({"id_token_hint": other, "post_logout_redirect_uri": AFTER})
    somebody.visit(f"{at.address('end_session_endpoint')}?{wish}", stop_at=("confirm-logout",))
    assert _is_signed_in(at, somebody)


@check
def who_signed_out_is_asked_again(at: Subject) -> None:
    """RP-Initiated Logout 1.0 section 2: the session is over."""
    somebody, hint = _somebody(at)
    _leave(at, somebody, id_token_hint=hint, post_logout_redirect_uri=AFTER)
    landing = at.party().authorize(somebody)
    with_code(landing)
    assert "login" in landing.shown
