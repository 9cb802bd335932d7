"""What the applicant is told, on the channels they chose; the words are in `portal/messages.py`."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from identity import inbox, outbox
from identity.account import find_account_of
from identity.application.model import Application
from identity.outbox import Channel

SUBMITTED = "application-submitted"
RECEIVED = "application-received"
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
    """Queue one message a chosen channel. Moments travel as ISO text in UTC. Whoever has an account finds it in the
    inbox as well, without codes; not `keep`: there is nobody yet who could read it there."""
    told = {"dossier_number": application.dossier_number} | {name: _plain(value) for name, value in facts.items()}
    for channel in CHANNELS[application.notify_by]:
        address = application.phone if channel is Channel.SMS else application.email
        if address:
            outbox.post(
                db,
                channel,
                kind,
                address,
                now=now,
                recipient=application.id,
                locale=application.locale,
                **told,
            )
    kept_by = _account_of(db, application) if keep else None
    if kept_by is not None:
        inbox.put(db, kept_by, kind, {name: told[name] for name in told.keys() - inbox.SECRET_NAMES}, now=now)


def _account_of(db: Session, application: Application) -> UUID | None:
    """Whose account hears of the file: the guardian's who applied, else that of whom it is about."""
    whose = application.guardian_id or application.person_id
    account = find_account_of(db, whose) if whose is not None else None
    return account.id if account is not None else None


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
