"""Step 3: a second proof that is not the SIM. The secret of the counter, or a field of a document the person holds.

A citizen's card number is the personal number, which many know: of the card its last day is asked, of a card without
end the day of issue. Five tries, then the
desk, which reissues the code after seeing the person.
"""

from __future__ import annotations

import hmac
import re
from datetime import date, datetime
from enum import StrEnum
from typing import cast

from sqlalchemy import Table, bindparam, select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from identity.activation.journey import Journey, Step, check_step, step_done, step_failed
from identity.activation.model import Activation
from identity.base import Refused
from identity.counter_secret import CounterSecret, is_counter_secret
from identity.credentials.codes import clean_code
from identity.deadlines import rule, today_in_vietnam
from identity.guardians import Confirmation, Purpose, ask, find_question, has_guardian, state_of
from identity.guardians.confirming import Answer
from identity.person import Document, DocumentKind, documents_of
from identity.statements import Prepared

ENDING = 6
"""How many last characters of a document number are asked."""


class ProofKind(StrEnum):
    """What may be shown."""

    COUNTER_SECRET = "counter_secret"  # noqa: S105 - the name of a proof
    CITIZEN_CARD = "citizen_card"
    PASSPORT = "passport"
    RESIDENCE_CARD = "residence_card"
    GUARDIAN = "guardian"
    """A child or ward: the guardian confirms in their own account (Decree 69/2024 Art. 14)."""


def proofs_for(db: Session, journey: Journey) -> list[ProofKind]:
    """What this person can be asked for, the counter's secret first. For a ward it is the guardian's yes, only."""
    if has_guardian(journey.account):
        return [ProofKind.GUARDIAN]
    has_secret = select(CounterSecret.application_id).where(CounterSecret.account_id == journey.account.id)
    found = [ProofKind.COUNTER_SECRET] if db.scalars(has_secret).first() else []
    documents = _documents(db, journey)
    return found + [ProofKind(kind) for kind in dict.fromkeys(row.kind for row in documents if _answer(row))]


def prove_identity(db: Session, journey: Journey, kind: str, typed: str, *, now: datetime) -> Refused | None:
    """Check the proof. The try is counted first, so that parallel guesses share the five."""
    check_step(db, journey, Step.PROOF, now=now)
    if has_guardian(journey.account):
        return step_failed(db, journey.account, Step.PROOF, Refused("guardian-waits"), now=now)
    most = rule("second_proof_tries", today_in_vietnam(now))
    count = _count_try(db, journey.activation, most)
    if count is None:
        return step_failed(db, journey.account, Step.PROOF, Refused("activation-proof-ended", tries=most), now=now)
    if not _is_right(db, journey, kind, typed):
        last = Refused("activation-proof-ended", tries=most)
        wrong = last if count >= most else Refused("activation-proof-wrong", field="proof", left=most - count)
        return step_failed(db, journey.account, Step.PROOF, wrong, now=now)
    journey.activation.wrong_proofs = 0
    journey.visit.proved_at = now
    step_done(db, journey, Step.PROOF, now=now, proof=kind)
    return None


def ask_guardian(db: Session, journey: Journey, *, now: datetime) -> Confirmation | Refused:
    """Put the question, or find the one that waits; nobody to ask is a failure that is recorded."""
    check_step(db, journey, Step.PROOF, now=now)
    try:
        return ask(db, journey.account, Purpose.ACTIVATE, journey.visit.id, now=now)
    except Refused as refusal:
        return step_failed(db, journey.account, Step.PROOF, refusal, now=now)


def guardians_answer(db: Session, journey: Journey) -> Confirmation | None:
    """The question of this sitting, answered or not."""
    return find_question(db, journey.account.id, Purpose.ACTIVATE, journey.visit.id)


def take_guardians_yes(db: Session, journey: Journey, *, now: datetime) -> Refused | None:
    """Go on when the guardian has said yes in this sitting; a no is recorded with its remedy."""
    check_step(db, journey, Step.PROOF, now=now)
    question = guardians_answer(db, journey)
    state = state_of(question, now=now) if question is not None else Answer.OVER
    if state is not Answer.YES:
        code = {Answer.NO: "guardian-said-no", Answer.WAITING: "guardian-waits"}.get(state, "guardian-question-over")
        return step_failed(db, journey.account, Step.PROOF, Refused(code), now=now)
    journey.visit.proved_at = now
    step_done(db, journey, Step.PROOF, now=now, proof=ProofKind.GUARDIAN.value)
    return None


def tries_left(journey: Journey, *, now: datetime) -> int:
    """How many tries are left before the desk."""
    return max(int(rule("second_proof_tries", today_in_vietnam(now))) - journey.activation.wrong_proofs, 0)


def _count_try(db: Session, activation: Activation, most: int) -> int | None:
    row = _COUNT.one(db, activation=activation.id, most=most)
    if row is None:
        db.refresh(activation, ["wrong_proofs"])
        return None
    set_committed_value(activation, "wrong_proofs", row.wrong_proofs)
    return int(row.wrong_proofs)


def _is_right(db: Session, journey: Journey, kind: str, typed: str) -> bool:
    if kind == ProofKind.COUNTER_SECRET:
        return is_counter_secret(db, journey.account.id, typed)
    wanted = [_answer(row) for row in _documents(db, journey) if row.kind == kind]
    given = _read_day(typed) if kind == ProofKind.CITIZEN_CARD else clean_code(typed)[-ENDING:]
    return any(hmac.compare_digest(answer.encode(), given.encode()) for answer in wanted if answer)


def _answer(document: Document) -> str:
    """What is to be typed for this document; empty if it cannot serve."""
    if document.kind == DocumentKind.CITIZEN_CARD:
        day = document.expires_on or document.issued_on
        return day.isoformat() if day else ""
    number = clean_code(document.number or "")
    return number[-ENDING:] if len(number) >= ENDING else ""


def _documents(db: Session, journey: Journey) -> list[Document]:
    return documents_of(db, journey.account.person_id) if journey.account.person_id else []


def _read_day(typed: str) -> str:
    """A day as people write it (31/12/2030, 31 12 2030, 31122030), as ISO text; empty when it is none."""
    parts = re.findall(r"\d+", typed)
    if len(parts) == 1 and len(parts[0]) == 8:
        parts = [parts[0][:2], parts[0][2:4], parts[0][4:]]
    try:
        day, month, year = (int(part) for part in parts)
        return date(year, month, day).isoformat()
    except ValueError:
        return ""


_COUNT = Prepared(
    update(cast(Table, Activation.__table__))
    .where(Activation.id == bindparam("activation"), Activation.wrong_proofs < bindparam("most"))
    .values(wrong_proofs=Activation.wrong_proofs + 1)
    .returning(Activation.wrong_proofs)
)
