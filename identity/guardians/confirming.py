"""Each use of a ward's account is confirmed by the guardian, on the guardian's own device (Decree 69/2024 Art. 14).

The page that uses the account shows a number; the guardian is told, signs in, sees for what, and picks the number out
of three. So nobody confirms what somebody else asked, or without looking. The answer counts in the session that asked,
for some minutes (dated rule). A wrong number is a no.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from identity.account import Account, find_account_of
from identity.audit import Actor, Event, record
from identity.base import Refused
from identity.deadlines import rule, today_in_vietnam
from identity.guardians.guardianship import check_guardian, guardians_of, wards_of
from identity.guardians.model import Confirmation
from identity.telling import tell
from identity.turns import take_turns

NOTICE = "guardian-asked"
CHOICES = 3


class Purpose(StrEnum):
    """What the guardian is asked about."""

    ACTIVATE = "activate"
    SHARE = "share"


class Answer(StrEnum):
    """How a question stands."""

    WAITING = "waiting"
    YES = "yes"
    NO = "no"
    OVER = "over"


def ask(
    db: Session, ward: Account, purpose: Purpose, bound_to: UUID, *, now: datetime, client_id: UUID | None = None
) -> Confirmation:
    """The open question of this session, or a new one with word to the guardians.

    Refused "guardian-asked-often" over the dated limit, "guardian-missing" when nobody may answer.
    """
    take_turns(db, ward.id.bytes)
    waiting = find_question(db, ward.id, purpose, bound_to, client_id)
    if waiting is not None and state_of(waiting, now=now) is Answer.WAITING:
        return waiting
    _check_not_too_often(db, ward.id, now)
    assert ward.person_id is not None
    guardians = [find_account_of(db, row.guardian_id) for row in guardians_of(db, ward.person_id, now=now)]
    if not any(guardians):
        raise Refused("guardian-missing")
    question = Confirmation(
        ward_account_id=ward.id,
        purpose=purpose.value,
        bound_to=bound_to,
        client_id=client_id,
        number=secrets.randbelow(90) + 10,
        asked_at=now,
        expires_at=now + _minutes(now),
    )
    db.add(question)
    record(db, Event.GUARDIAN_ASKED, _of(ward), now=now, subject=("account", ward.id), purpose=purpose.value)
    for guardian in filter(None, guardians):
        tell(db, guardian, NOTICE, now=now, name=ward.display_name, answer_before_at=question.expires_at.isoformat())
    return question


def answer(db: Session, question_id: UUID, guardian: Account, number: int | None, *, now: datetime) -> bool:
    """The guardian's answer; None is "not us". One answer counts. False for a no, and for a wrong number.

    Refused "guardian-question-over" when it is past, answered, or another family's; "guardian-level".
    """
    check_guardian(db, guardian.id, now=now)
    question = find_mine(db, question_id, guardian, now=now)
    is_right = number is not None and number == question.number
    won = db.execute(
        update(Confirmation)
        .where(Confirmation.id == question_id, Confirmation.answered_at.is_(None), Confirmation.expires_at > now)
        .values(answered_at=now, is_confirmed=is_right, by_account_id=guardian.id)
        .returning(Confirmation.id)
        .execution_options(synchronize_session=False)
    ).scalar_one_or_none()
    if won is None:
        raise Refused("guardian-question-over")
    db.expire(question)
    event = Event.GUARDIAN_CONFIRMED if is_right else Event.GUARDIAN_REFUSED
    about = ("account", question.ward_account_id)
    record(db, event, _of(guardian), now=now, subject=about, purpose=question.purpose)
    return is_right


def find_mine(db: Session, question_id: UUID, guardian: Account, *, now: datetime) -> Confirmation:
    """A question that this guardian may answer now; Refused "guardian-question-over" for any other."""
    question = db.get(Confirmation, question_id)
    if question is None or state_of(question, now=now) is not Answer.WAITING:
        raise Refused("guardian-question-over")
    if not _may_answer(db, question, guardian, now):
        raise Refused("guardian-question-over")
    return question


def find_question(
    db: Session, ward_account_id: UUID, purpose: Purpose, bound_to: UUID, client_id: UUID | None = None
) -> Confirmation | None:
    """The last question of this session about this."""
    same_client = Confirmation.client_id == client_id if client_id else Confirmation.client_id.is_(None)
    query = select(Confirmation).where(
        Confirmation.ward_account_id == ward_account_id,
        Confirmation.purpose == purpose.value,
        Confirmation.bound_to == bound_to,
        same_client,
    )
    return db.scalars(query.order_by(Confirmation.asked_at.desc(), Confirmation.id.desc()).limit(1)).one_or_none()


def state_of(question: Confirmation, *, now: datetime) -> Answer:
    """How a question stands; a yes lasts as long as a question waits."""
    if question.is_confirmed is None:
        return Answer.WAITING if question.expires_at > now else Answer.OVER
    if not question.is_confirmed:
        return Answer.NO
    assert question.answered_at is not None
    return Answer.YES if now < question.answered_at + _minutes(now) else Answer.OVER


def is_confirmed(
    db: Session,
    ward_account_id: UUID,
    purpose: Purpose,
    bound_to: UUID,
    *,
    now: datetime,
    client_id: UUID | None = None,
) -> bool:
    """Whether the guardian has said yes to this, here, lately."""
    found = find_question(db, ward_account_id, purpose, bound_to, client_id)
    return found is not None and state_of(found, now=now) is Answer.YES


def open_questions(db: Session, guardian_id: UUID, *, now: datetime) -> list[Confirmation]:
    """What waits for this person's answer, the oldest first."""
    accounts = [find_account_of(db, row.ward_id) for row in wards_of(db, guardian_id, now=now)]
    query = select(Confirmation).where(
        Confirmation.ward_account_id.in_([one.id for one in accounts if one is not None]),
        Confirmation.answered_at.is_(None),
        Confirmation.expires_at > now,
    )
    return list(db.scalars(query.order_by(Confirmation.asked_at)))


def choices_of(question: Confirmation) -> list[int]:
    """The numbers to choose from, the same each time the page is drawn."""
    apart = 1 + question.id.int % 43  # the last bits of the key are random
    return sorted((question.number - 10 + place * apart) % 90 + 10 for place in range(CHOICES))


def _may_answer(db: Session, question: Confirmation, guardian: Account, now: datetime) -> bool:
    ward = db.get_one(Account, question.ward_account_id)
    assert ward.person_id is not None
    return guardian.person_id in {row.guardian_id for row in guardians_of(db, ward.person_id, now=now)}


def _check_not_too_often(db: Session, ward_account_id: UUID, now: datetime) -> None:
    asked = select(func.count()).where(
        Confirmation.ward_account_id == ward_account_id, Confirmation.asked_at > now - timedelta(hours=1)
    )
    if (db.scalar(asked) or 0) >= int(rule("guardian_asked_per_hour", today_in_vietnam(now))):
        raise Refused("guardian-asked-often")


def _minutes(now: datetime) -> timedelta:
    return timedelta(minutes=int(rule("guardian_confirm_minutes", today_in_vietnam(now))))


def _of(account: Account) -> Actor:
    return Actor(account.id, account.kind)
