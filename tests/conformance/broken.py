"""The lies of the broken provider, one after the other, and the checks that must notice each."""

from __future__ import annotations

from tests.conformance.flow_lies import (
    MatchesPrefixes,
    PostsByRedirect,
    RepeatsOldKeys,
    Rotates,
    SaysTooMuch,
    SignsOutUnasked,
    TakesAnyVerifier,
    TakesCodesTwice,
    TakesPlain,
    TakesUnsigned,
)
from tests.conformance.lies import (
    AUTHORIZE,
    DISCOVERY,
    PAR,
    REGISTER,
    TOKEN,
    Answers,
    AnswersWithout,
    Document,
    Drops,
    Lie,
    Registers,
    Resigned,
)
from tests.live.front import Front

TOKENS = {"access_token": "anything", "token_type": "Bearer", "expires_in": 60, "id_token": "x.y.z"}
PUSHED = {"request_uri": "urn:ietf:params:oauth:request_uri:anything", "expires_in": 3600}


def all_lies(front: Front) -> dict[str, Lie]:
    """Every lie by its name."""
    return {
        "another audience": Resigned(
            lambda claims: claims.update(aud="somebody-else"),
            "the_audience_is_this_client_alone",
            "an_id_token_can_be_verified",
        ),
        "another issuer": Resigned(
            lambda claims: claims.update(iss="https://other.example"), "an_id_token_can_be_verified"
        ),
        "no nonce": Resigned(
            lambda claims: claims.pop("nonce", None), "the_nonce_comes_back_unchanged", "an_id_token_can_be_verified"
        ),
        "no at_hash": Resigned(lambda claims: claims.pop("at_hash", None), "the_hash_of_the_access_token_is_right"),
        "tokens without an end": Resigned(
            lambda claims: claims.update(exp=claims["iat"] + 10**8), "an_id_token_does_not_live_for_ever"
        ),
        "no auth_time": Resigned(
            lambda claims: claims.pop("auth_time", None),
            "max_age_brings_auth_time",
            "auth_time_comes_when_it_is_registered",
        ),
        "one name for everybody": Resigned(
            lambda claims: claims.update(sub="everybody"),
            "another_sector_knows_another_name",
        ),
        "codes twice": TakesCodesTwice(),
        "plain": TakesPlain(),
        "any verifier": TakesAnyVerifier(),
        "prefixes": MatchesPrefixes(),
        "unsigned requests": TakesUnsigned(),
        "sign-out unasked": SignsOutUnasked(front),
        "too much said": SaysTooMuch(),
        "rotation for everybody": Rotates(),
        "no posted form": PostsByRedirect(),
        "one nameless key": RepeatsOldKeys(),
        "answers without issuer": AnswersWithout(
            "iss", ("the_answer_names_its_issuer", "an_error_names_its_issuer", "a_posted_answer_names_its_issuer")
        ),
        "answers without state": AnswersWithout("state", ("a_code_comes_back_with_the_state", "the_answer_is_posted")),
        "prompt unseen": Drops(
            AUTHORIZE,
            ("prompt",),
            (
                "prompt_none_without_a_session_asks_nothing",
                "prompt_login_asks_for_a_new_sign_in",
                "prompt_consent_asks_again",
            ),
        ),
        "max_age unseen": Drops(AUTHORIZE, ("max_age",), ("a_sign_in_that_is_too_old_is_repeated",)),
        "claims unseen": Drops(
            AUTHORIZE,
            ("claims",),
            ("a_single_claim_can_be_asked_for_userinfo", "an_essential_acr_out_of_reach_is_an_error"),
        ),
        "hints unseen": Drops(AUTHORIZE, ("id_token_hint",), ("a_hint_of_somebody_else_gives_no_code",)),
        "services untold": Registers(("backchannel_logout_uri",), ("a_service_is_told_that_the_session_is_over",)),
        "sectors unseen": Registers(
            ("sector_identifier_uri",), ("services_that_share_a_sector_document_know_one_name",)
        ),
        "anybody registers": Answers(
            REGISTER,
            201,
            {"client_id": "anybody", "redirect_uris": ["http://anywhere"]},
            ("an_unsafe_address_is_refused", "a_private_key_is_refused", "keys_come_in_one_way_only"),
        ),
        "tokens for anything": Answers(
            TOKEN,
            200,
            TOKENS,
            (
                "a_code_of_another_client_is_refused",
                "a_wrong_secret_is_refused",
                "a_proof_for_another_method_is_refused",
                "a_token_without_a_proof_is_not_given",
                "a_client_assertion_counts_once",
                "a_key_that_nobody_published_is_refused",
            ),
        ),
        "anything pushed": Answers(
            PAR,
            201,
            PUSHED,
            (
                "pkce_is_needed",
                "pushing_asks_who_calls",
                "an_assertion_for_somebody_else_is_refused",
                "an_assertion_counts_once",
                "a_proof_counts_once",
            ),
        ),
        "requests that live too long": Document(
            PAR, lambda body: body.update(expires_in=3600), ("a_pushed_request_lives_shortly",)
        ),
        "weak things offered": Document(
            DISCOVERY,
            lambda body: body.update(
                code_challenge_methods_supported=["plain", "S256"], id_token_signing_alg_values_supported=["none"]
            ),
            ("s256_is_offered_and_plain_is_not", "rs256_is_among_the_algorithms_of_id_tokens"),
        ),
        "another name in the document": Document(
            DISCOVERY,
            lambda body: body.update(issuer="https://other.example"),
            ("the_issuer_is_the_address_that_was_asked",),
        ),
    }
