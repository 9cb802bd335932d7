"""Asking the register to compare, before the transaction: it may take seconds, and it may be away."""

from __future__ import annotations

from identity.application import Application, match_reference
from identity.gateways import MatchResult, RegisterUnavailable
from portal.services import services

PURPOSE = "match-at-counter"


def compare(application: Application, capture_reference: str) -> MatchResult | None:
    """What the register says about this capture; None when it does not answer."""
    citizen = application.person_kind == "citizen"
    register = services().population if citizen else services().immigration
    try:
        return register.match_biometrics(match_reference(application), capture_reference, PURPOSE)
    except RegisterUnavailable:
        return None
