"""What the applicant is told, on the channels they chose; the words are in `portal/messages.py`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from identity import inbox, outbox
from identity.account import Account, find_account_of
from identity.application.model import Application, State
from identity.outbox import Channel
from identity.telling import Way, ways_to

SUBMITTED = "application-submitted"
RECEIVED = "application-received"
COMPLETE = "application-complete"
"""Received, and nobody has to come to the counter (any more)."""
SUPPLEMENT_REQUESTED = "application-supplement-requested"
RESUBMITTED = "application-resubmitted"
ISSUED = "account-issued"
RAISED = "account-level-raised"
OF_AGE = "issued-of-age"
REFUSED = "application-refused"
WITHDRAWN = "application-withdrawn"
ABANDONED = "application-abandoned"
ENDED_BY_DEATH = "application-ended-by-death"
OVERDUE = "application-overdue"
FILE_OPENED = "file-opened"
COMPLAINT_MADE = "complaint-made"
COMPLAINT_ANSWERED = "complaint-answered"
APPEALED = "application-appealed"
APPEAL_UPHELD = "appeal-upheld"
APPEAL_OVERTURNED = "appeal-overturned"
BY_HAND = "application-by-hand"
HAND_MATCH_RIGHT = "hand-match-right"
HAND_MATCH_WRONG = "hand-match-wrong"
CHANNELS = {"sms": (Channel.SMS,), "email": (Channel.EMAIL,), "both": (Channel.SMS, Channel.EMAIL)}


def tell(db: Session, application: Application, kind: str, *, now: datetime, keep: bool = True, **facts: Any) -> None:
    """Queue one message a way (`_ways`). Moments travel as ISO text in UTC. Whoever has an account finds it in the
    inbox as well, without codes; not `keep`: there is nobody yet who could read it there."""
    told = {"dossier_number": application.dossier_number} | {name: _plain(value) for name, value in facts.items()}
    codes = told.keys() & inbox.SECRET_NAMES
    account = _account_of(db, application) if keep or not codes else None
    for channel, address in own_ways(application) if codes else _ways(db, application, account, kind):
        outbox.post(db, channel, kind, address, now=now, recipient=application.id, locale=application.locale, **told)
    if account is not None and keep:
        inbox.put(db, account.id, kind, {name: told[name] for name in told.keys() - codes}, now=now)


def _ways(db: Session, application: Application, account: Account | None, kind: str) -> list[Way]:
    """The address that was proved for the file, and where the account is reached now on the channels that were chosen.

    Once it is issued the account's alone: the other may be somebody else's by then. A code goes to the file's alone.
    """
    own = own_ways(application)
    if account is None:
        return own
    reached = ways_to(db, account)
    theirs = [way for way in reached if way[0] in CHANNELS[application.notify_by]] or reached
    is_over = application.state == State.ISSUED and kind != RAISED
    return theirs if is_over and theirs else list(dict.fromkeys([*own, *theirs]))


def own_ways(application: Application) -> list[Way]:
    """Where the file itself says that its applicant is reached."""
    addresses = {Channel.SMS: application.phone, Channel.EMAIL: application.email}
    return [(channel, address) for channel in CHANNELS[application.notify_by] if (address := addresses[channel])]


def _account_of(db: Session, application: Application) -> Account | None:
    """Whose account hears of the file: the guardian's who applied, else that of whom it is about."""
    whose = application.guardian_id or application.person_id
    return find_account_of(db, whose) if whose is not None else None


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
