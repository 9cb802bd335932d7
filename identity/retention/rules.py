"""The rules, one a kind of data: which rows are over, and what is done with some of them in one short transaction.

How long is dated data (`rules.json`); what the law keeps (persons, papers, accounts, decisions, the audit trail) has no
rule here. Deleting takes dependent rows along in the same transaction, so that no foreign key is left hanging.
Other packages add rules for what they hold (`onboarding.retention`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, func, or_, select, update
from sqlalchemy.orm import Session

from identity.account import Account
from identity.activation.model import Activation
from identity.application import Appeal, Application, State
from identity.application.break_glass import BreakGlass
from identity.application.draft import Draft, drop_drafts
from identity.application.supplement_wish import SupplementWish
from identity.application.tasks import Task
from identity.base import Base
from identity.breaches.model import Breach, BreachApplicant, BreachPerson
from identity.complaints import Complaint
from identity.credentials.otp import OneTimeCode
from identity.deadlines import rule, today_in_vietnam, years_before
from identity.files import FACES, File
from identity.guardians.model import Confirmation
from identity.hotline.model import HotlineCall
from identity.inbox import InboxMessage
from identity.lock_requests.model import LockRequest
from identity.outbox import OutboxMessage
from identity.recovery.model import Recovery, TrustedContact
from identity.retention.emptying import WITHOUT_ACCOUNT, empty
from identity.rights.model import DataExport, RightsRequest
from identity.session import SignInSession

Over = Callable[[datetime], Select[Any]]
"""From a moment to the keys of the rows that were over before it."""
Purge = Callable[[Session, list[Any]], None]


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of data. `period` is a rule of `rules.json` in days or years; without one the rows carry their end."""

    name: str
    period: str | None
    over: Over
    purge: Purge

    def before(self, now: datetime) -> datetime:
        """Rows older than this are over."""
        if self.period is None:
            return now
        length = int(rule(self.period, today_in_vietnam(now)))
        return years_before(now, length) if self.period.endswith("_years") else now - timedelta(days=length)

    def count(self, db: Session, now: datetime) -> int:
        """How many would go now."""
        return db.scalar(select(func.count()).select_from(self.over(self.before(now)).subquery())) or 0

    def purge_some(self, db: Session, before: datetime, most: int) -> int:
        """Purge at most `most` rows; returns how many."""
        keys = list(db.scalars(self.over(before).limit(most)))
        if keys:
            self.purge(db, keys)
        return len(keys)


def drop(model: Any) -> Purge:
    """Delete the rows, and first whatever hangs on them."""

    def purge(db: Session, keys: list[Any]) -> None:
        for table in Base.metadata.sorted_tables:
            for key in table.foreign_keys:
                if key.column.table is model.__table__:
                    db.execute(delete(table).where(key.parent.in_(keys)))
        db.execute(delete(model).where(model.id.in_(keys)).execution_options(synchronize_session=False))

    return purge


def blank(model: Any, *columns: str) -> Purge:
    """Take the sealed words out of the rows."""

    def purge(db: Session, keys: list[Any]) -> None:
        nothing = dict.fromkeys(columns)
        db.execute(
            update(model).where(model.id.in_(keys)).values(**nothing).execution_options(synchronize_session=False)
        )

    return purge


def _closed(before: datetime) -> ColumnElement[bool]:
    return Application.state.in_(WITHOUT_ACCOUNT) & (Application.closed_at < before)


def _closed_applications(before: datetime) -> Select[Any]:
    """Also one that was erased before, but for the groups that it was counted in."""
    filled = or_(Application.full_name_folded != "", Application.age_band.is_not(None))
    return select(Application.id).where(_closed(before), filled)


def _empty_applications(db: Session, keys: list[Any]) -> None:
    for application in db.scalars(select(Application).where(Application.id.in_(keys))):
        empty(application)


def _closed_files(before: datetime) -> Select[Any]:
    return select(File.id).join(Application, Application.id == File.owner_id).where(_closed(before))


def _portraits(before: datetime) -> Select[Any]:
    issued = (Application.state == State.ISSUED.value) & (Application.closed_at < before)
    return select(File.id).join(Application, Application.id == File.owner_id).where(issued, File.kind.in_(FACES))


def _sessions(before: datetime) -> Select[Any]:
    ended = or_(SignInSession.ended_at < before, SignInSession.expires_at < before)
    return select(SignInSession.id).where(SignInSession.created_at < before, ended)


def _recoveries(before: datetime) -> Select[Any]:
    return select(Recovery.id).where(Recovery.expires_at < before)


def _trust_ended(before: datetime) -> Select[Any]:
    """Each names somebody else by number."""
    return select(TrustedContact.id).where(TrustedContact.ended_at < before)


def _sent(before: datetime) -> Select[Any]:
    return select(OutboxMessage.id).where(or_(OutboxMessage.delivered_at < before, OutboxMessage.gave_up_at < before))


def _inbox(before: datetime) -> Select[Any]:
    return select(InboxMessage.id).where(InboxMessage.posted_at < before, InboxMessage.values_sealed.is_not(None))


def _answered(before: datetime) -> Select[Any]:
    words = or_(RightsRequest.words_sealed.is_not(None), RightsRequest.answer_sealed.is_not(None))
    return select(RightsRequest.id).where(RightsRequest.answered_at < before, words)


def _heard(before: datetime) -> Select[Any]:
    return select(Appeal.id).where(Appeal.ended_at < before, Appeal.text_sealed.is_not(None))


def _settled(before: datetime) -> Select[Any]:
    return select(Complaint.id).where(Complaint.answered_at < before, Complaint.text_sealed.is_not(None))


def _looked_into(before: datetime) -> Select[Any]:
    return select(Task.id).where(Task.done_at < before, Task.note_sealed.is_not(None))


def _wishes(before: datetime) -> Select[Any]:
    """Answered or not: the file was decided long ago."""
    words = or_(SupplementWish.reason_sealed.is_not(None), SupplementWish.answer_sealed.is_not(None))
    return select(SupplementWish.id).where(SupplementWish.asked_at < before, words)


def _glasses(before: datetime) -> Select[Any]:
    """Answered or not: an old wish is nobody's any more."""
    return select(BreakGlass.id).where(BreakGlass.asked_at < before, BreakGlass.reason_sealed.is_not(None))


def _decided(before: datetime) -> Select[Any]:
    return select(LockRequest.id).where(LockRequest.decided_at < before, LockRequest.words_sealed.is_not(None))


def _calls(before: datetime) -> Select[Any]:
    return select(HotlineCall.id).where(HotlineCall.opened_at < before)


def _closed_breaches(before: datetime) -> Select[Any]:
    return select(Breach.id).where(Breach.closed_at < before, Breach.what_sealed.is_not(None))


def _forget_breaches(db: Session, keys: list[Any]) -> None:
    """The words go, and who was concerned; that it happened and was reported stays."""
    for kind in (BreachPerson, BreachApplicant):
        db.execute(delete(kind).where(kind.breach_id.in_(keys)))
    blank(Breach, "what_sealed", "measures_sealed", "advice_sealed", "why_late_sealed", "conclusion_sealed")(db, keys)


def _copies(before: datetime) -> Select[Any]:
    return select(DataExport.id).where(DataExport.expires_at <= before, DataExport.content_sealed.is_not(None))


def _drafts(before: datetime) -> Select[Any]:
    return select(Draft.id).where(Draft.expires_at <= before)


def _unfinished(before: datetime) -> Select[Any]:
    """Keys that somebody chose and did not finish setting in time: the code is worthless, and a new one begins anew."""
    late = select(Activation.id).join(Account, Account.id == Activation.account_id).where(Account.activate_by <= before)
    return late.where(Activation.finished_at.is_(None), or_(*(getattr(Activation, one).is_not(None) for one in KEYS)))


def _guardians_asked(before: datetime) -> Select[Any]:
    """How an account was used, as a sign-in is."""
    return select(Confirmation.id).where(Confirmation.asked_at < before)


def _codes(before: datetime) -> Select[Any]:
    """A day later than they ended: until then they pace the messages."""
    return select(OneTimeCode.id).where(OneTimeCode.expires_at < before - timedelta(days=1))


KEYS = ("password_hash", "totp_secret_sealed", "totp_step", "passkey_sealed", "recovery_sealed")
WORDS_OF_LOCKS = ("authority_sealed", "paper_sealed", "words_sealed", "answer_sealed")
RULES: list[Rule] = [
    Rule("drafts", None, _drafts, drop_drafts),
    Rule("codes", None, _codes, drop(OneTimeCode)),
    Rule("copies", None, _copies, blank(DataExport, "content_sealed")),
    Rule("closed-files", "keep_closed_files_days", _closed_files, drop(File)),
    Rule("closed-applications", "keep_closed_applications_days", _closed_applications, _empty_applications),
    Rule("appeals", "keep_closed_applications_days", _heard, blank(Appeal, "text_sealed", "answer_sealed")),
    Rule("complaints", "keep_closed_applications_days", _settled, blank(Complaint, "text_sealed", "answer_sealed")),
    Rule("office-notes", "keep_closed_applications_days", _looked_into, blank(Task, "note_sealed")),
    Rule(
        "supplement-wishes",
        "keep_closed_applications_days",
        _wishes,
        blank(SupplementWish, "reason_sealed", "answer_sealed"),
    ),
    Rule("break-glass", "usage_history_years", _glasses, blank(BreakGlass, "reason_sealed")),
    Rule("portraits", "keep_portraits_days", _portraits, drop(File)),
    Rule("inbox", "keep_inbox_days", _inbox, blank(InboxMessage, "values_sealed")),
    Rule("sent", "keep_sent_days", _sent, drop(OutboxMessage)),
    Rule("sessions", "usage_history_years", _sessions, drop(SignInSession)),
    Rule("unfinished-keys", None, _unfinished, blank(Activation, *KEYS)),
    Rule("guardian-questions", "usage_history_years", _guardians_asked, drop(Confirmation)),
    Rule("recoveries", "usage_history_years", _recoveries, drop(Recovery)),
    Rule("trusted-people", "usage_history_years", _trust_ended, drop(TrustedContact)),
    Rule("breaches", "keep_breaches_years", _closed_breaches, _forget_breaches),
    Rule("lock-requests", "keep_lock_requests_years", _decided, blank(LockRequest, *WORDS_OF_LOCKS)),
    Rule("calls", "usage_history_years", _calls, drop(HotlineCall)),
    Rule("rights", "keep_rights_years", _answered, blank(RightsRequest, "words_sealed", "answer_sealed")),
]
