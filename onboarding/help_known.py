"""Whether a member helped a person: for recovery, where nobody vouches whom the person knows from a team's help.

Records know a person by the pseudonym of a consent that stands. After a withdrawal nothing leads from a record to the
person any more, so it cannot be known here either.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.helping import HelpConsent
from identity.own_work import staff_accounts_of
from identity.recovery.trusted import HELPED
from onboarding.delegation import Delegation
from onboarding.event import AssistanceEvent
from onboarding.outreach import OutreachCall


def has_helped(db: Session, helper: UUID, helped: UUID) -> bool:
    """By a record of help, an authorisation, or a call that was taken on."""
    pseudonyms = select(HelpConsent.pseudonym).where(HelpConsent.person_id == helped)
    members = (AssistanceEvent.account_id, Delegation.account_id, OutreachCall.assigned_to_id)
    for column in members:
        row = column.class_
        query = select(row.id).where(row.pseudonym.in_(pseudonyms), column.in_(staff_accounts_of(helper)))
        if db.scalar(query.limit(1)) is not None:
            return True
    return False


HELPED.append(has_helped)
