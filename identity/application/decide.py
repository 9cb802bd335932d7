"""The decision: by another officer than the one who received, and the only place that adds level-2 evidence."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from identity.application import clocks, notices
from identity.application.by_hand import check_matched
from identity.application.decision_paper import Outcome, make_paper
from identity.application.eligibility import check_documents
from identity.application.hands import RECEIVING, acts_of
from identity.application.issue import Issued, issue
from identity.application.model import Application, approving, check_move, check_version, move
from identity.application.refusing import check_reason, check_visited
from identity.application.registered import from_facts
from identity.application.review import check_not_own
from identity.application.tasks import check_linked, draw
from identity.audit import Actor, Event, record
from identity.base import Refused

APPROVER = "approving_officer"


def decide(
    db: Session,
    application: Application,
    officer: Actor,
    outcome: str,
    reason: str | None = None,
    *,
    now: datetime,
    version: int | None = None,
) -> Issued | None:
    """`outcome` is "approved" or "refused" (with a reason of the list). Approved is issued at once.

    Refused "four-eyes" when the officer received or captured the file or handed over a new slip, "own-file",
    "approver-only", "conflict-declared", "not-matched" or "hand-register-back" (see `by_hand`), "linking-open" or
    "linking-same" while a namesake is not told apart, "card-expired" and the like for papers that ended meanwhile.
    What must have happened before: `refusing`.
    """
    check_decision(db, application, officer, outcome, reason, now=now, version=version)
    if outcome == "approved":
        return _approve(db, application, officer, now=now)
    _refuse(db, application, officer, reason, now=now)
    return None


def check_decision(
    db: Session,
    application: Application,
    officer: Actor,
    outcome: str,
    reason: str | None = None,
    *,
    now: datetime,
    version: int | None = None,
) -> None:
    """All that `decide` refuses, before anything is written: who only looks at the notice learns it, too."""
    check_version(application, version)
    if outcome == "approved":
        check_visited(application)
    check_move(application, {"approved": approving(application), "refused": "refuse"}[outcome])
    check_may_decide(db, application, officer)
    if outcome == "refused":
        check_reason(application, reason, now=now)
        return
    check_matched(db, application)
    check_linked(db, application)
    check_documents(from_facts(application.record or {}), now=now)


def check_may_decide(db: Session, application: Application, officer: Actor) -> None:
    """Four eyes: receiving and approving are two people, and neither decides on their own file.

    After an appeal the officer who refused does not decide again.
    """
    if officer.role != APPROVER:
        raise Refused("approver-only", audited=True)
    took_part = officer.account_id in (application.received_by_id, application.captured_by_id)
    acts = acts_of(db, application, officer.account_id)
    if took_part or not acts.isdisjoint(RECEIVING):
        raise Refused("four-eyes", audited=True)
    if Event.APPLICATION_REFUSED in acts:
        raise Refused("refused-before", audited=True)
    check_not_own(db, application, officer)


def _approve(db: Session, application: Application, officer: Actor, *, now: datetime) -> Issued:
    move(db, application, approving(application), decided_at=now, decided_by_id=officer.account_id)
    with db.no_autoflush:  # the paper is written with the person
        record(db, Event.APPLICATION_APPROVED, officer, now=now, subject=application.subject)
        make_paper(db, application, Outcome.APPROVED, now=now)
        draw(db, application, now=now)
    return issue(db, application, now=now)


def _refuse(db: Session, application: Application, officer: Actor, reason: str | None, *, now: datetime) -> None:
    decision = {"decided_at": now, "decided_by_id": officer.account_id, "refusal_reason": reason}
    move(db, application, "refuse", **decision, **clocks.ended(now=now))
    record(db, Event.APPLICATION_REFUSED, officer, now=now, subject=application.subject, reason=reason)
    make_paper(db, application, Outcome.REFUSED, now=now, reason=reason)
    notices.tell(db, application, notices.REFUSED, now=now, reason=reason)
