"""One entry of the record in words, for whoever checks on it: what happened, who acted, what it concerns, its facts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from portal.errors import SENTENCES
from portal.language import _l
from portal.words.copy_details import IN_A_DETAIL
from portal.words.copy_values import code_in_words
from portal.words.copy_words import said
from portal.words.entry_codes import fact_in_words
from portal.words.events import EVENTS
from portal.words.roles import ACTORS

SUBJECTS: dict[str, Any] = {
    "account": _l("Account"),
    "application": _l("Application"),
    "assistance": _l("Help that was written down"),
    "badge": _l("Badge"),
    "breach": _l("Incident"),
    "campaign": _l("Campaign"),
    "campaign-task": _l("Task"),
    "client": _l("Service"),
    "complaint": _l("Complaint"),
    "delegation": _l("Standing in for a lead"),
    "draft": _l("Application that is not sent yet"),
    "feed": _l("Feed to another system"),
    "figure-warning": _l("Warning"),
    "job": _l("Background job"),
    "learner": _l("Learner"),
    "message": _l("Message"),
    "office": _l("Office"),
    "outreach": _l("Somebody to be called"),
    "person": _l("Person"),
    "referral": _l("Somebody sent on to another desk"),
    "rule-change": _l("Change of a rule"),
    "scam-report": _l("Report of a scam"),
    "shift": _l("Shift of a team"),
    "signing-key": _l("Signing key"),
    "supplement-wish": _l("Wish for a second supplement"),
    "team": _l("Team"),
    "training-session": _l("Training session"),
    "unit": _l("Unit"),
}
"""What an entry concerns."""
FACTS: dict[str, Any] = {
    **IN_A_DETAIL,
    "since": _l("From (day)"),
    "until": _l("Until (day)"),
    "who": _l("Person, account or application"),
    "found": _l("Entries found"),
    "granted": _l("Granted"),
    "people": _l("People"),
    "rule": _l("Rule"),
    "account_id": _l("Account"),
    "active_since": _l("Activated"),
    "team": _l("Team"),
    "unit": _l("Unit"),
    "version": _l("Version"),
    "aal": _l("Level of the sign-in"),
    "kid": _l("Id of the key"),
    "lead": _l("Lead of a team"),
    "rows": _l("Rows deleted"),
    "again": _l("Again"),
    "because": _l("Reason"),
    "categories": _l("Kinds of data"),
    "cause": _l("Cause"),
    "endpoint": _l("Page"),
    "format": _l("Format"),
    "freed": _l("Taken from the account before"),
    "held_by_id": _l("Worked on by"),
    "late": _l("Late"),
    "looks": _l("Look-ups"),
    "manual": _l("Manual route"),
    "on": _l("From (day)"),
    "quarter": _l("Quarter"),
    "roles": _l("Roles"),
    "tie": _l("Conflict of interest"),
    "attendance": _l("Attendance"),
    "slip": _l("Slip"),
    "session": _l("Sign-in"),
    "target": _l("Target"),
    "why": _l("Reason"),
    "applications": _l("Applications"),
    "messages": _l("Messages"),
    "copies": _l("Copies of data"),
    "complaints": _l("Complaints"),
    "earlier-requests": _l("Earlier requests"),
    "first": _l("First position"),
    "end": _l("Position after the last"),
    "file": _l("Digest of the file"),
    "signed": _l("Signature"),
    "valid_from": _l("From (day)"),
    "valid_to": _l("Until (day)"),
}
NOBODY = "nobody"
VALUES: Mapping[str, Any] = {
    **EVENTS,
    **ACTORS,
    NOBODY: _l("nobody known"),
    "break-glass": _l("Emergency opening"),
}


def facts(entry: Any, names: Mapping[UUID, str]) -> list[tuple[str, str]]:
    """Each fact under its name; ids as `names` calls them. A role without end has no last day."""
    known = {str(key): name for key, name in names.items()}
    there = {name: value for name, value in entry.facts.items() if value is not None}
    return [(str(FACTS.get(name, name)), _worded(name, value, known)) for name, value in there.items()]


def ids_in(entries: Iterable[Any]) -> set[UUID]:
    """Everybody and everything that the entries name."""
    found: set[UUID] = set()
    for entry in entries:
        found |= {entry.actor_id, entry.subject_id} - {None}
        for value in entry.facts.values():
            found |= {UUID(one) for one in (value if isinstance(value, list) else [value]) if _is_id(one)}
    return found


def _worded(name: str, value: Any, names: Mapping[str, str]) -> str:
    if isinstance(value, list):
        return ", ".join(_worded(name, one, names) for one in value)
    if not isinstance(value, str):
        return said(name, value, names)
    if value in names:
        return names[value]
    if name == "changed":
        return ", ".join(str(FACTS.get(one, one)) for one in value.split())
    if name in {"reason", "refusal", "code"} and "%" not in (sentence := str(SENTENCES.get(value, "%"))):
        return sentence
    if (called := fact_in_words(name, value)) is not None:
        return called
    if value in VALUES:
        return str(VALUES[value])
    return code_in_words("audit_event", name, value) or said(name, value, names)


def _is_id(value: Any) -> bool:
    try:
        return isinstance(value, str) and len(value) == len(str(UUID(int=0))) and bool(UUID(value))
    except ValueError:
        return False
