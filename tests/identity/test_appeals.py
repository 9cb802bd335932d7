"""A refusal can be appealed: in its time, to somebody without a hand in the file, once."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

import orjson
import pytest
from joserfc import jws
from joserfc.jwk import ECKey
from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.application import (
    Application,
    acknowledge,
    appeal,
    apply,
    check_may_decide,
    decide,
    decide_appeal,
    find_paper,
    is_name_on,
    may_appeal,
    open_appeal,
    paper_of,
    record_capture,
    record_match,
    signed,
    take_back_appeal,
    waiting_appeals,
)
from identity.audit import Actor, AuditEvent
from identity.base import Refused, new_id
from identity.gateways import MatchResult
from identity.outbox import OutboxMessage
from identity.paper_key import published_paper_keys
from identity.person import find_person_by_number
from tests.identity.applicants import CITIZEN, a_draft, a_record, an_officer, matched, submitted

TEXT = "Thẻ của tôi còn hạn."


def refused(code: str) -> Any:
    """The block is refused with this code."""
    return pytest.raises(Refused, match=f"^{code}$")


def a_refusal(db: Session, now, **answers) -> tuple[Application, Actor, Actor]:
    """A refused file, who received it and who refused it."""
    application, receiver = matched(db, now=now, **answers)
    refuser = an_officer(db, "approving_officer", now=now)
    decide(db, application, refuser, "refused", "document-not-genuine", now=now)
    return application, receiver, refuser


def supervisor(db: Session, now) -> Actor:
    return an_officer(db, "supervisor", now=now)


def as_supervisor(officer: Actor) -> Actor:
    return Actor(officer.account_id, "supervisor")


def as_approver(officer: Actor) -> Actor:
    return Actor(officer.account_id, "approving_officer")


def test_an_appeal_waits_for_another_officer_with_its_own_clock(db: Session, now) -> None:
    application, _receiver, _refuser = a_refusal(db, now)
    appeal(db, application, TEXT, now=now)
    assert application.state == "appealed" and application.due_at == open_appeal(db, application).due_at
    assert (application.due_at - now).days == 30
    found, total = waiting_appeals(db, [application.unit_id], new_id())
    assert total == 1 and found[0][0].text == TEXT and found[0][1].id == application.id


def test_nobody_with_a_hand_in_the_file_hears_the_appeal(db: Session, now) -> None:
    application, receiver, refuser = a_refusal(db, now)
    appeal(db, application, TEXT, now=now)
    for officer in (as_supervisor(receiver), as_supervisor(refuser)):
        with refused("appeal-four-eyes"):
            decide_appeal(db, application, officer, "overturned", "Ra vậy", now=now)
    for role in ("receiving_officer", "approving_officer"):
        with refused("supervisor-only"):
            decide_appeal(db, application, an_officer(db, role, now=now), "upheld", "Không", now=now)
    assert application.state == "appealed"


def test_an_overturned_refusal_goes_through_four_eyes_anew(db: Session, now) -> None:
    application, receiver, refuser = a_refusal(db, now)
    appeal(db, application, TEXT, now=now)
    hearer = supervisor(db, now)
    decide_appeal(db, application, hearer, "overturned", "Thẻ còn hạn.", now=now)
    assert application.state == "matched" and application.refusal_reason is None and application.due_at is not None
    with refused("refused-before"):
        check_may_decide(db, application, refuser)
    with refused("four-eyes"):
        check_may_decide(db, application, as_approver(receiver))
    assert find_person_by_number(db, CITIZEN.personal_number) is None
    assert decide(db, application, as_approver(hearer), "approved", now=now) is not None
    assert paper_of(db, application).outcome == "approved"


@pytest.mark.parametrize(
    ("came", "verdict", "reason", "goes_on"),
    [
        (False, None, "second-account", "received"),
        (True, None, "document-not-genuine", "captured"),
        (True, False, "identity-not-matched", "received"),
    ],
)
def test_an_overturned_refusal_says_what_is_to_be_done(db: Session, now, came, verdict, reason, goes_on) -> None:
    """Nobody supplemented anything; who was not recognised, or never came, comes to the counter."""
    application, receiver = submitted(db, now=now)[0], an_officer(db, "receiving_officer", now=now)
    acknowledge(db, application, receiver, now=now)
    if came:
        record_capture(db, application, receiver, new_id(), "CAP-0001", None, now=now)
    if verdict is not None:
        record_match(db, application, receiver, MatchResult(12, verdict), now=now)
    decide(db, application, an_officer(db, "approving_officer", now=now), "refused", reason, now=now)
    appeal(db, application, TEXT, now=now)
    decide_appeal(db, application, supervisor(db, now), "overturned", "Xem lại", now=now)
    assert application.state == goes_on and application.held_by_id == receiver.account_id


def test_who_heard_one_appeal_does_not_hear_the_next(db: Session, now) -> None:
    application, _receiver, _refuser = a_refusal(db, now)
    appeal(db, application, TEXT, now=now)
    hearer, third = supervisor(db, now), supervisor(db, now)
    decide_appeal(db, application, hearer, "overturned", "Xem lại", now=now)
    decide(db, application, as_approver(third), "refused", "document-not-genuine", now=now)
    appeal(db, application, TEXT, now=now)
    for officer in (hearer, third):  # each as a supervisor
        with refused("appeal-four-eyes"):
            decide_appeal(db, application, officer, "upheld", "Không", now=now)


def test_an_upheld_refusal_is_final_here(db: Session, now) -> None:
    application, _receiver, _refuser = a_refusal(db, now)
    appeal(db, application, TEXT, now=now)
    decide_appeal(db, application, supervisor(db, now), "upheld", "Thẻ đã hết hạn.", now=now)
    assert application.state == "refused" and application.closed_at == now and application.open_index is None
    assert paper_of(db, application).outcome == "upheld" and not may_appeal(db, application, now=now)
    with refused("appeal-late"):
        appeal(db, application, TEXT, now=now)


def test_the_clock_of_an_appeal_is_the_dated_rule(db: Session, now) -> None:
    application, _receiver, _refuser = a_refusal(db, now)
    assert may_appeal(db, application, now=now + timedelta(days=91)), "the 90th day is a Sunday"
    with refused("appeal-late"):
        appeal(db, application, TEXT, now=now + timedelta(days=92))


def test_an_appeal_says_something_and_not_too_much(db: Session, now) -> None:
    application, _receiver, _refuser = a_refusal(db, now)
    for text, code in (("  ", "appeal-empty"), ("x" * 2001, "appeal-too-long")):
        with refused(code):
            appeal(db, application, text, now=now)
    assert application.state == "refused"


def test_a_new_application_and_an_appeal_do_not_stand_side_by_side(db: Session, now) -> None:
    application, _receiver, _refuser = a_refusal(db, now)
    record = a_record(db, CITIZEN)
    db.flush()
    apply(db, a_draft(db, record, now=now), record, now=now)
    with refused("application-open-beside"):
        appeal(db, application, TEXT, now=now)
    assert application.state == "refused"


def test_while_an_appeal_runs_nobody_applies_anew(db: Session, now) -> None:
    application, _receiver, _refuser = a_refusal(db, now)
    appeal(db, application, TEXT, now=now)
    db.flush()
    record = a_record(db, CITIZEN)
    with refused("application-open"):
        apply(db, a_draft(db, record, now=now), record, now=now)


def test_an_appeal_taken_back_leaves_the_refusal(db: Session, now) -> None:
    application, _receiver, _refuser = a_refusal(db, now)
    appeal(db, application, TEXT, now=now)
    take_back_appeal(db, application, now=now)
    assert application.state == "refused" and paper_of(db, application).outcome == "refused"
    assert not may_appeal(db, application, now=now)


def test_every_turn_is_told_and_recorded(db: Session, now) -> None:
    application, _receiver, _refuser = a_refusal(db, now)
    appeal(db, application, TEXT, now=now)
    decide_appeal(db, application, supervisor(db, now), "overturned", "Xem lại", now=now)
    kinds = set(db.scalars(select(OutboxMessage.kind)))
    assert {"application-appealed", "appeal-overturned"} <= kinds
    names = set(db.scalars(select(AuditEvent.name).where(AuditEvent.subject_id == application.id)))
    assert {"appeal:filed", "appeal:overturned"} <= names


def test_a_decision_can_be_checked_without_us(db: Session, now) -> None:
    application, _receiver, _refuser = a_refusal(db, now)
    token = signed(db, paper_of(db, application), "https://eid.example", "Công an xã Thử")
    key = ECKey.import_key(published_paper_keys(db)["keys"][0])
    facts = orjson.loads(jws.deserialize_compact(token, key, ["ES256"]).payload)
    assert facts["outcome"] == "refused" and facts["reason"] == "document-not-genuine"
    assert facts["dossier"] == application.dossier_number and facts["on"] == "2026-11-23"
    for personal in (CITIZEN.full_name, CITIZEN.personal_number, "Nguy"):
        assert personal not in orjson.dumps(facts).decode()


def test_the_code_of_a_decision_is_long_and_kept_as_a_digest(db: Session, now) -> None:
    application, _receiver, _refuser = a_refusal(db, now)
    paper = paper_of(db, application)
    code = paper.code
    assert len(code.replace("-", "")) == 16
    assert find_paper(db, code.lower().replace("-", " ")).id == paper.id
    assert find_paper(db, "0000-0000-0000-0000") is None
    assert hashlib.sha256(code.encode()).digest() != paper.code_digest and code.encode() not in paper.code_sealed


@pytest.mark.parametrize(
    ("name", "fits"), [(CITIZEN.full_name, True), ("NGUYEN thi anh  thu", True), ("Trần Văn Khác", False), ("", False)]
)
def test_a_checker_learns_whether_the_name_fits(db: Session, now, name: str, fits: bool) -> None:
    application, _receiver, _refuser = a_refusal(db, now)
    paper = paper_of(db, application)
    assert is_name_on(db, paper, paper.code, name) is fits


def test_a_later_decision_takes_the_place_of_the_earlier(db: Session, now) -> None:
    application, _receiver, _refuser = a_refusal(db, now)
    first = paper_of(db, application)
    appeal(db, application, TEXT, now=now)
    later = now + timedelta(days=1)
    decide_appeal(db, application, supervisor(db, now), "upheld", "Không", now=later)
    db.refresh(first)
    assert first.replaced_at == later and paper_of(db, application).outcome == "upheld"
