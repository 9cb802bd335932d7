"""What a call may do, each act on record and told to the person.

Without an answer: stop new sign-ins for a day, once a week. With right answers: send the activation notice anew, to the
phone on file and nowhere else. With a call back to that phone as well: freeze the account, which an office opens again.
A changed phone, a lock of another ground, anything else is for the counter or for people whom the owner trusts.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from identity import freeze as freezing
from identity.account import Account, AccountState, get_account
from identity.activation import reissue
from identity.application import Application, notices
from identity.audit import Actor, Event, record
from identity.base import Refused
from identity.deadlines import rule, today_in_vietnam
from identity.hotline.find import subject_of
from identity.hotline.model import HotlineCall
from identity.hotline.questions import Question, Said, is_right, known_about
from identity.locks import grounds_of
from identity.person import Person
from identity.telling import tell
from identity.turns import take_turns

VERIFIED, NOT_VERIFIED, NOTICE_SENT = "hotline-verified", "hotline-not-verified", "hotline-notice-sent"
OF_A_FILE = {VERIFIED: "hotline-file-verified", NOT_VERIFIED: "hotline-file-not-verified"}
"""The same to somebody who has no account yet."""
OUTCOMES = ("informed", "notice-sent", "frozen", "held", "sent-to-counter", "hung-up")


def verify(db: Session, call: HotlineCall, agent: Actor, said: Mapping[str, Said], *, now: datetime) -> Refused | None:
    """Hold what the caller said against the case. A wrong answer is a result: it counts, and which it was stays hidden.

    Refused "hotline-tries" when there were too many about this person, by whichever agents.
    """
    take_turns(db, subject_of(call)[1].bytes)
    if _tries_left(db, call, now) <= 0:
        raise Refused("hotline-tries")
    account = get_account(db, call.account_id) if call.account_id else None
    application = db.get(Application, call.application_id) if call.application_id else None
    known = known_about(db, account, application, now=now)
    asked = [Question(name) for name in call.questions.split()]
    if asked and all(is_right(known, question, said.get(question)) for question in asked):
        call.verified_at = now
        record(db, Event.HOTLINE_VERIFIED, agent, now=now, subject=subject_of(call))
        _tell(db, call, VERIFIED, now)
        return None
    call.tries += 1
    db.flush()
    record(db, Event.HOTLINE_NOT_VERIFIED, agent, now=now, subject=subject_of(call))
    if _tries_left(db, call, now) <= 0:
        _tell(db, call, NOT_VERIFIED, now)
        return Refused("hotline-tries")
    return Refused("hotline-wrong")


def send_notice(db: Session, call: HotlineCall, agent: Actor, *, now: datetime) -> None:
    """A new activation code to the phone on file; the old one is worthless.

    Refused "hotline-verify-first", "hotline-no-phone", "hotline-sent-lately", "account-already-active" and
    "recover-locked".
    """
    account = _verified(db, call)
    person = db.get(Person, account.person_id) if account.person_id else None
    if account.state != AccountState.ISSUED:
        raise Refused("account-already-active")
    if grounds_of(db, account, now=now):
        raise Refused("recover-locked")
    if person is None or person.phone is None:
        raise Refused("hotline-no-phone")
    take_turns(db, account.id.bytes)
    if call.outcome == "notice-sent" or _sent_lately(db, account, now) >= int(
        rule("hotline", today_in_vietnam(now))["tries"]
    ):
        raise Refused("hotline-sent-lately")
    reissue(db, account, agent, now=now)
    call.outcome = "notice-sent"
    tell(db, account, NOTICE_SENT, now=now, ways=[], called_at=now.isoformat())


def call_back(db: Session, call: HotlineCall, agent: Actor, *, now: datetime) -> str:
    """The phone on file, for the agent to dial. That it was shown is on record, and its owner sees it."""
    account = _verified(db, call)
    person = db.get(Person, account.person_id) if account.person_id else None
    if person is None or person.phone is None:
        raise Refused("hotline-no-phone")
    if call.called_back_at is None:
        call.called_back_at = now
        record(db, Event.HOTLINE_CALLED_BACK, agent, now=now, subject=("account", account.id))
    return person.phone


def freeze(db: Session, call: HotlineCall, agent: Actor, *, now: datetime) -> None:
    """Shut the account at once, on its owner's request. Refused "hotline-verify-first", "hotline-call-back-first"."""
    account = _verified(db, call)
    if call.called_back_at is None:
        raise Refused("hotline-call-back-first")
    freezing.freeze(db, account, agent, now=now)
    call.outcome = "frozen"


def hold(db: Session, call: HotlineCall, agent: Actor, *, now: datetime) -> None:
    """Stop new sign-ins and changes for a day; nobody need prove anything. Refused "hotline-held-lately"."""
    account = _account(db, call)
    if not freezing.pause_once(db, account, freezing.HOTLINE, agent, now=now):
        raise Refused("hotline-held-lately")
    call.outcome = call.outcome or "held"  # the least of the acts hides none: notices sent are counted by it


def close(db: Session, call: HotlineCall, agent: Actor, outcome: str, *, now: datetime) -> None:
    """The call is over. What was done in it says more than what the agent chooses."""
    if outcome not in OUTCOMES:
        raise Refused("hotline-outcome", field="outcome")
    call.outcome, call.closed_at = call.outcome or outcome, now
    record(db, Event.HOTLINE_CLOSED, agent, now=now, subject=subject_of(call), outcome=call.outcome)


def _account(db: Session, call: HotlineCall) -> Account:
    if call.account_id is None:
        raise Refused("hotline-no-account")
    return get_account(db, call.account_id)


def _verified(db: Session, call: HotlineCall) -> Account:
    if call.verified_at is None:
        raise Refused("hotline-verify-first", audited=True)
    return _account(db, call)


def _tries_left(db: Session, call: HotlineCall, now: datetime) -> int:
    limits = rule("hotline", today_in_vietnam(now))
    same = (
        HotlineCall.account_id == call.account_id
        if call.account_id
        else HotlineCall.application_id == call.application_id
    )
    since = now - timedelta(hours=limits["tries_hours"])
    used = db.scalar(select(func.sum(HotlineCall.tries)).where(same, HotlineCall.opened_at > since)) or 0
    return int(limits["tries"]) - int(used)


def _sent_lately(db: Session, account: Account, now: datetime) -> int:
    sent = (HotlineCall.account_id == account.id, HotlineCall.outcome == "notice-sent")
    day = now - timedelta(days=1)
    return db.scalar(select(func.count()).select_from(HotlineCall).where(*sent, HotlineCall.opened_at > day)) or 0


def _tell(db: Session, call: HotlineCall, notice: str, now: datetime) -> None:
    """The holder of the account, or whoever applied, on the ways on file."""
    application = db.get(Application, call.application_id) if call.application_id else None
    if call.account_id is not None:
        tell(db, get_account(db, call.account_id), notice, now=now, called_at=now.isoformat())
    elif application is not None:
        notices.tell(db, application, OF_A_FILE[notice], now=now, called_at=now)
