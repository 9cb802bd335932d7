"""Whoever checks on the record reads words: every fact of an entry has a name, and every code is said as elsewhere."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest

from identity.account import Ground
from identity.activation.journey import Step
from identity.application.decision_paper import Outcome as Decided
from identity.application.lookup import Outcome as RegisterAnswer
from identity.application.tasks import Kind as TaskKind
from identity.audit import AuditEvent
from identity.credentials.sign_in import TWO_FACTORS
from identity.credentials.sms_factor import AMR as BY_SMS
from identity.guardians import Basis
from identity.guardians.confirming import Purpose as GuardianPurpose
from identity.hotline.find import Way
from identity.key_use import Stage
from identity.oidc.withdrawal import Reason
from identity.operation.lanes import GiveUp
from identity.operation.routes import Register
from identity.recovery.model import Rung
from identity.rights.model import RightKind
from portal.chores import STEPS as JOBS
from portal.words.entry import FACTS
from portal.words.entry import facts as words_of
from portal.words.entry_codes import fact_in_words

ROOT = Path(__file__).parents[2]


def test_every_fact_of_an_entry_has_a_name() -> None:
    """As they stand in the calls that write entries; what a dict brings along is named by the test of its words."""
    houses = [path for house in ("identity", "onboarding", "portal") for path in (ROOT / house).rglob("*.py")]
    calls = [call for path in houses for call in ast.walk(ast.parse(path.read_text())) if isinstance(call, ast.Call)]
    written = [call for call in calls if any(ast.unparse(given).startswith("Event.") for given in call.args)]
    assert len(written) > 150
    named = {keyword.arg for call in written for keyword in call.keywords} - {"now", "subject", "actor", None}
    assert named - set(FACTS) == set()


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"register": "immigration", "outcome": "unavailable"}, "National Immigration Database|No answer"),
        ({"rule": "keep_portraits_days"}, "How long portraits are kept after the issue"),
        ({"kind": "second-look", "outcome": "agree"}, "Second look at an approval|I agree with the approval"),
        ({"kind": "retention"}, "Erase data whose time is over"),
        ({"reasons": ["card-photo"]}, "A clear picture of both sides of your identity card"),
        ({"by": "dossier", "outcome": "hung-up"}, "Dossier number|The caller hung up"),
        ({"purpose": "blind-index", "stage": "filling"}, "Blind index|What lies under the older key is written anew"),
        ({"because": "leaked"}, "It was in strange hands"),
        ({"changed": "name address"}, "Name, Address"),
        ({"cause": "loss", "categories": ["name"]}, "Something was lost or stolen|Names, birth dates, nationality"),
        ({"role": "member", "valid_to": None}, "Member of a team"),
        ({"wish": "lock", "ground": "terms", "late": True}, "Lock|Breach of the terms|Yes"),
        ({"tie": "quarrel"}, "We are in a dispute"),
        ({"state": "doing"}, "In hand"),
        ({"way": "applicant-here"}, "The applicant stood at the counter"),
        ({"part": "register-photo", "purpose": "data-rights"}, "Photo of the register|A request about personal data"),
    ],
)  # fmt: skip
def test_codes_in_the_facts_are_said_in_words(app: Any, facts: dict[str, Any], said: str) -> None:
    with app.test_request_context(headers={"Accept-Language": "en"}):
        entry = AuditEvent(facts=facts)
        assert "|".join(words for _name, words in words_of(entry, {})) == said


@pytest.mark.parametrize(
    ("fact", "codes"),
    [
        ("ground", Ground), ("register", Register), ("outcome", RegisterAnswer), ("outcome", Decided),
        ("kind", TaskKind), ("kind", RightKind), ("kind", JOBS), ("purpose", GuardianPurpose), ("step", Step),
        ("by", Way), ("rung", Rung), ("basis", Basis), ("because", Reason), ("reason", GiveUp), ("stage", Stage),
        ("amr", {*TWO_FACTORS, *BY_SMS, "swk", "hwk", "user"}),
    ],
)  # fmt: skip
def test_every_code_of_a_closed_list_has_words(app: Any, fact: str, codes: Any) -> None:
    with app.test_request_context():
        assert [str(code) for code in codes if fact_in_words(fact, str(code)) is None] == []
