"""Letters to the staff who own tasks of campaigns, or gave them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.account import Account
from identity.outbox import Channel, post
from identity.staff.record import StaffRecord


def write_to(db: Session, message: str, account_id: UUID, *, now: datetime, **facts: Any) -> None:
    """To the address of their work; to nobody who is no staff."""
    query = select(Account, StaffRecord).join(StaffRecord, StaffRecord.account_id == Account.id)
    for account, kept in db.execute(query.where(Account.id == account_id)):
        to, locale = kept.email or "", account.locale
        post(db, Channel.EMAIL, message, to, now=now, recipient=account.id, locale=locale, **facts)
