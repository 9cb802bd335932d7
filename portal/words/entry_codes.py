"""What the codes in the facts of an entry are called.

Every word comes from the list that names the code elsewhere. A slice that keeps such a list adds it where it stands
(`calls`); what no page names is named here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from identity.guardians import Basis
from portal.language import _l
from portal.reasons import REFUSALS, SUPPLEMENTS
from portal.words import breach, complaint, copy_values, field, lock, retention, rights, training
from portal.words.assistance import MODES, RESULTS, STEPS, TASKS

Codes = Mapping[Any, Any]
_CODES: dict[str, dict[str, Any]] = {}


def calls(fact: str, *lists: Codes) -> None:
    """The codes that this fact may hold, and their words; of a word with a sentence or a tag the word counts."""
    held = _CODES.setdefault(fact, {})
    for codes in lists:
        for code, words in codes.items():
            held[str(code)] = words if not isinstance(words, tuple) else words[0]


def fact_in_words(fact: str, code: str) -> str | None:
    """None where it is none of the codes that this fact may hold."""
    words = _CODES.get(fact, {}).get(code)
    return None if words is None else str(words)


ANSWERS: Codes = {
    "asked": _l("Asked"),
    "match": _l("It agrees"),
    "mismatch": _l("It does not agree"),
    "unavailable": _l("No answer"),
    "dead": _l("A death is recorded"),
    "not-dead": _l("No death is recorded"),
}
"""What a register or an operator answered."""
AIMS: Codes = {
    "apply-for-account": _l("An application for an account"),
    "linking": _l("To compare two people"),
    "data-rights": _l("A request about personal data"),
    "death": _l("To confirm a death"),
    "activate": _l("To activate an account"),
    "share": _l("To share data with a service"),
}
"""Why somebody was looked up or asked."""
RUNGS: Codes = {
    "device": _l("With a device’s own lock"),
    "code": _l("With a recovery code"),
    "contact": _l("With trusted people"),
    "counter": _l("At the counter"),
}
TAKEN: Codes = {
    "next": _l("The next one was taken"),
    "supervisor": _l("Out of turn, by a supervisor"),
    "applicant-here": _l("The applicant stood at the counter"),
}
PARTS: Codes = {"supplement": _l("Supplement"), "guardianship": _l("Paper of a guardianship")}
CHANGED: Codes = {"phone": _l("Phone"), "email": _l("E-mail")}
ENDED_BY: Codes = {"applicant": _l("Applicant"), "guardian": _l("Guardian")}
FACTORS: Codes = {
    "pwd": _l("Password"),
    "otp": _l("Code of the authenticator app"),
    "sms": _l("Code by SMS"),
    "hwk": _l("Key in one device"),
    "swk": _l("Key on several devices"),
    "user": _l("The device’s own lock"),
    "mfa": _l("Two factors"),
}
"""How somebody signed in (RFC 8176)."""
BASES: Codes = {Basis.REGISTER: _l("The register"), Basis.PAPER: _l("A paper")}

calls("ground", {ground: words.title for ground, words in lock.GROUNDS.items()})
calls("wish", lock.WISHES)
calls("reason", {code: words.reason for code, words in REFUSALS.items()}, lock.REASONS, rights.REASONS)
calls("reason", field.SHIFT_REASONS)
calls("reasons", SUPPLEMENTS)
calls("rule", retention.RULES, {"same-name": _l("Same name and birth date"), "same-phone": _l("Same mobile number")})
calls("rule", {"earlier-number": _l("Earlier number")})
calls("kind", rights.KINDS, CHANGED)
calls("about", rights.ABOUT)
calls("purpose", AIMS, rights.ABOUT)
calls("outcome", copy_values.DECISIONS, field.REFERRAL_OUTCOMES, field.REPORT_OUTCOMES, ANSWERS)
calls("outcome", {state: words for state, words in rights.STATES.items() if state not in copy_values.DECISIONS})
calls("state", field.SHIFT_STATES)
calls("result", RESULTS, field.CALL_RESULTS)
calls("task", TASKS)
calls("mode", MODES)
calls("step", STEPS)
calls("desk", field.DESKS)
calls("method", training.METHODS)
calls("why", training.REVOKED_FOR)
calls("category", complaint.CATEGORIES)
calls("categories", breach.CATEGORIES)
calls("cause", breach.CAUSES)
calls("rung", RUNGS)
calls("way", TAKEN)
calls("by", {"rule": _l("By rule, because everything agrees")})
calls("part", PARTS)
calls("who", ENDED_BY)
calls("basis", BASES)
calls("people", {"everybody": _l("Everybody")})
calls("amr", FACTORS)
