"""Three small figures of My account in one statement: they are on every page that a person comes back to."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from identity.credentials.recovery import RecoveryCode
from identity.helping.consent import HelpConsent
from identity.inbox import InboxMessage


@dataclass(frozen=True, slots=True)
class Glance:
    """Messages not opened yet, recovery codes still good, and whether the person agreed to be helped."""

    unread: int
    codes_left: int
    helped: bool


def at_a_glance(db: Session, account_id: UUID, person_id: UUID | None) -> Glance:
    """The figures of this account and its person."""
    unread = select(func.count()).where(InboxMessage.account_id == account_id, InboxMessage.read_at.is_(None))
    codes = select(func.count()).where(RecoveryCode.account_id == account_id, RecoveryCode.used_at.is_(None))
    agreed = select(HelpConsent.id).where(HelpConsent.person_id == person_id, HelpConsent.withdrawn_at.is_(None))
    row = db.execute(select(unread.scalar_subquery(), codes.scalar_subquery(), agreed.exists())).one()
    return Glance(row[0], row[1], bool(row[2]))
