"""Locks, calls and breaches from beginning to end: who does what, and how it comes out, by verbs and through pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select

from identity.base import Refused
from identity.breaches.model import Breach
from identity.inbox import InboxMessage
from tests.flows.operation_drivers import Desks, Domain, Pages

pytestmark = pytest.mark.any_engine
Step = Callable[[Any], None]


def step(name: str, *given: Any, **named: Any) -> Step:
    return lambda desks: getattr(desks, name)(*given, **named)


RECEIVE, FORWARD, GRANT, REFUSE = step("receive"), step("forward"), step("grant"), step("refuse")
LOCKED = (RECEIVE, FORWARD, GRANT)
CALL, RIGHT, WRONG = step("call"), step("answer"), step("answer", right=False)
OPEN = "active"


@dataclass(frozen=True)
class Row:
    """`ends`: the refusal that ended it, else the state of the account; `grounds` are those that stand then."""

    what: str
    steps: tuple[Step, ...]
    ends: str
    grounds: frozenset[str] = frozenset()
    told: str = ""

    def __str__(self) -> str:
        return self.what


ROWS = (
    Row("a court locks", LOCKED, OPEN, frozenset({"authority"}), "account-locked-by-decision"),
    Row("a court is refused", (RECEIVE, FORWARD, REFUSE), OPEN),
    Row("a paper is decided before it was examined", (RECEIVE, GRANT), "lock-request-moved"),
    Row("who took it in decides", (step("receive", by="approving"), FORWARD, GRANT), "lock-four-eyes"),
    Row("who examined it decides", (RECEIVE, step("forward", by="approving"), GRANT), "lock-four-eyes"),
    Row("a receiving officer decides", (RECEIVE, FORWARD, step("grant", by="receiving")), "approver-only"),
    Row("a paper comes twice", (RECEIVE, step("receive", by="second", again=True)), "lock-asked-already"),
    Row("it is decided twice", (*LOCKED, step("grant", by="second")), "lock-request-moved", frozenset({"authority"})),
    Row("a court ends its lock", (*LOCKED, step("receive", ends="authority"), FORWARD, GRANT), OPEN,
        told="account-open-again"),
    Row("a breach of the terms", (step("receive", "terms"), FORWARD, GRANT), OPEN, frozenset({"terms"})),
    Row("a card is withdrawn", (step("receive", "card-withdrawn"), FORWARD, GRANT), OPEN,
        frozenset({"card-withdrawn"})),
    Row("the holder opens what the holder froze", (step("freeze_own"), step("open_at_counter")), OPEN,
        told="account-open-again"),
    Row("the holder cannot open a court's lock", (*LOCKED, step("open_at_counter")), "lock-not-there",
        frozenset({"authority"})),
    Row("one of two grounds ends", (step("freeze_own"), *LOCKED, step("open_at_counter")), OPEN,
        frozenset({"authority"}), "account-lock-ended"),
    Row("a death certificate", (step("receive", "death"), FORWARD, GRANT), "closed", frozenset({"death"})),
    Row("the register says death", (step("register_says_dead"),), "closed", frozenset({"death"})),
    Row("a death that was none", (step("receive", "death"), FORWARD, GRANT, step("receive", ends="death"), FORWARD,
        GRANT), OPEN),
    Row("a call holds", (CALL, step("hold"), step("hang_up")), OPEN, frozenset({"pause"}), "account-paused"),
    Row("a call holds twice in a week", (CALL, step("hold"), step("hold")), "hotline-held-lately",
        frozenset({"pause"})),
    Row("a call freezes", (CALL, RIGHT, step("call_back"), step("freeze")), OPEN, frozenset({"own-request"}),
        "account-frozen"),
    Row("a call freezes without answers", (CALL, step("freeze")), "hotline-verify-first"),
    Row("a call freezes without calling back", (CALL, RIGHT, step("freeze")), "hotline-call-back-first"),
    Row("wrong answers", (CALL, WRONG), "hotline-wrong"),
    Row("a code for an account that is active", (CALL, RIGHT, step("send_code")), "account-already-active",
        told="hotline-verified"),
    Row("an act after the call", (CALL, step("hang_up"), step("hold")), "hotline-call-over"),
    Row("a breach is closed too early", (step("write_breach", "name"), step("close_breach")),
        "breach-authority-waits"),
    Row("people must be told first", (step("write_breach", "location"), step("tell_authority"),
        step("close_breach")), "breach-people-wait"),
    Row("a late notice without a reason", (step("write_breach", "name", day="18"), step("tell_authority")),
        "breach-why-late"),
    Row("nobody is named", (step("write_breach", "name"), step("tell_people")), "breach-nobody"),
    Row("a breach to its end", (step("write_breach", "biometric"), step("tell_authority"), step("name_holder"),
        step("tell_people"), step("worker"), step("close_breach")), OPEN, told="breach-notice"),
)  # fmt: skip


def ended(desks: Desks, steps: tuple[Step, ...]) -> str:
    """The code of the refusal that ended the journey, or the state of the account."""
    try:
        for one in steps:
            one(desks)
    except Refused as refusal:
        return refusal.code
    return desks.stands()[0]


@pytest.mark.parametrize("driver", [Domain, Pages])
@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_journey_ends_as_its_row_says(
    request: pytest.FixtureRequest, database: Any, now: Any, row: Row, driver: type[Desks]
) -> None:
    app = request.getfixturevalue("app") if driver is Pages else None
    desks = driver(app, database, now)
    assert ended(desks, row.steps) == row.ends
    assert desks.stands()[1] == row.grounds
    with database.session(write=False) as db:
        told = set(db.scalars(select(InboxMessage.kind).where(InboxMessage.account_id == desks.holder)))
        open_files = db.scalars(select(Breach).where(Breach.closed_at.is_(None))).all()
    assert row.told in told or not row.told
    if row.what == "a breach to its end":
        assert open_files == []
