"""Where the page of one's own data calls a detail otherwise than its column is called, and its codes in words.

What says nothing to its owner (which factor, which strength, when a message was due) is in the file alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portal.language import _, _l
from portal.locales import NAMES
from portal.messages import TEMPLATES
from portal.words import rights
from portal.words.assistance import AGE_BANDS, MODES, RESULTS, TASKS
from portal.words.decision import OUTCOMES
from portal.words.lock import GROUNDS
from portal.words.training import METHODS

NETWORK = _l("Network address")
CALLED: Mapping[tuple[str, str], Any] = {
    ("document", "number"): _l("Number of the paper"),
    ("application", "number"): _l("Number of the paper"),
    ("sign_in_session", "address"): NETWORK,
    ("qr_sign_in", "address"): NETWORK,
    ("passkey", "name"): _l("Name of the device"),
    ("audit_event", "name"): _l("What it was"),
    ("audit_event", "actor_role"): _l("By whom"),
    **dict.fromkeys(
        (
            ("account", "kind"),
            ("application", "kind"),
            ("audit_event", "actor_id"),
            ("audit_event", "subject_kind"),
            ("evidence", "strength"),
            ("outbox_message", "due_at"),
            ("outbox_message", "last_error"),
            ("sign_in_session", "amr"),
            ("sign_up", "standing"),
        )
    ),
}
"""Table and column → its name there; None: in the file alone."""
DECISIONS = {outcome: words.title for outcome, words in OUTCOMES.items()}
CODES: Mapping[tuple[str, str], Mapping[Any, Any]] = {
    ("decision_paper", "outcome"): DECISIONS,
    ("appeal", "outcome"): DECISIONS,
    ("rights_request", "kind"): rights.KINDS,
    ("rights_request", "state"): {state: words for state, (words, _tag) in rights.STATES.items()},
    ("rights_request", "reason"): rights.REASONS,
    ("rights_request", "about"): rights.ABOUT,
    ("purpose_consent", "purpose"): rights.ABOUT,
    ("lock_ground", "ground"): {ground: words.title for ground, words in GROUNDS.items()},
    ("assistance_event", "task"): TASKS,
    ("assistance_event", "mode"): MODES,
    ("assistance_event", "result"): RESULTS,
    ("attendance", "method"): METHODS,
    ("outbox_message", "channel"): {"sms": "SMS", "email": _l("E-mail")},
}
EVERYWHERE: Mapping[str, Mapping[Any, Any]] = {"age_band": AGE_BANDS, "locale": NAMES}


def code_in_words(table: str, column: str, value: str) -> str | None:
    """What a code of a closed list is called; None where it is none."""
    if (table, column) in {("inbox_message", "kind"), ("outbox_message", "kind")}:
        subject = str(TEMPLATES[value].subject) if value in TEMPLATES else ""
        return subject if subject and "%" not in subject else _("A message about your account")
    words = CODES.get((table, column), EVERYWHERE.get(column, {}))
    found = next((words[code] for code in words if str(code) == value), None)
    return None if found is None else str(found)
