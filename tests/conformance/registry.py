"""The list of all checks, and the words in which they judge."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import requests

from tests.conformance.pages import Landing
from tests.conformance.subject import Subject

GROUPS = (
    "configuration",
    "code_flow",
    "token_endpoint",
    "tokens",
    "form_post",
    "registration",
    "request_objects",
    "claims",
    "prompt",
    "max_age",
    "keys",
    "sectors",
    "logout",
    "back_channel",
    "fapi2_request",
    "fapi2_tokens",
)
Work = Callable[[Subject], None]


@dataclass(frozen=True)
class Check:
    """One thing that certification looks at; the docstring names the section that demands it."""

    group: str
    name: str
    work: Work

    @property
    def section(self) -> str:
        return " ".join((self.work.__doc__ or "").split())


CHECKS: dict[str, Check] = {}


def check(work: Work) -> Work:
    """Put it on the list."""
    assert work.__name__ not in CHECKS, work.__name__
    CHECKS[work.__name__] = Check(work.__module__.rpartition(".")[2], work.__name__, work)
    return work


def all_checks() -> list[Check]:
    for group in GROUPS:
        importlib.import_module(f"tests.conformance.checks.{group}")
    return list(CHECKS.values())


# how to judge


def refused(answer: requests.Response, *errors: str, status: tuple[int, ...] = (400,)) -> None:
    """An error of the protocol, in its JSON shape (RFC 6749 section 5.2)."""
    assert answer.status_code in status, f"{answer.status_code} {answer.text[:300]}"
    body: Any = answer.json()
    assert body.get("error") in errors, body
    assert "access_token" not in body


def sent_back(landing: Landing, *errors: str) -> None:
    """An error that went back to the service."""
    assert landing.is_back, f"stayed on a page: {landing.status} {landing.url} {landing.shown}"
    assert landing.sent.get("error") in errors, landing.sent
    assert "code" not in landing.sent


def not_sent_back(landing: Landing) -> None:
    """Nobody was redirected; the person was told (RFC 6749 section 4.1.2.1)."""
    assert not landing.is_back, f"sent to {landing.url}"
    assert 400 <= landing.status < 500, landing.status
    assert "login" not in landing.shown, "the person was asked to sign in first"


def refused_somehow(landing: Landing, *errors: str) -> None:
    """Refused on a page or back at the service; no code."""
    assert "code" not in landing.sent, landing.sent
    if landing.is_back:
        assert landing.sent.get("error") in errors, landing.sent
    else:
        assert 400 <= landing.status < 500, f"{landing.status} {landing.shown}"


def with_code(landing: Landing) -> str:
    assert "code" in landing.sent, f"{landing.by} {landing.url} {landing.sent} {landing.status} {landing.shown}"
    return landing.sent["code"]
