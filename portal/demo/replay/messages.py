"""The messages of a replay reach nobody: made-up people have no phones, and a real operator must not be asked.

They are written by the verbs as ever, and marked as delivered in the same transaction, so that no worker ever sees one.
The notice with the activation code is read by its receiver first, like a letter that lies at home for some days.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import orjson
from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from identity.application.notices import ISSUED
from identity.deadlines import end_of_day
from identity.outbox import COLUMN, OutboxMessage
from identity.sealed import vault
from portal.demo.replay.campaign import Played


def sink(db: Session, played: Played) -> None:
    """Nothing posted in the campaign's days waits any more; only unread activation codes keep their words."""
    kept = OutboxMessage.kind == ISSUED
    for which, values in ((kept, {}), (~kept, {"payload_sealed": None})):
        db.execute(
            update(OutboxMessage)
            .where(OutboxMessage.delivered_at.is_(None), OutboxMessage.gave_up_at.is_(None))
            .where(OutboxMessage.due_at <= _end(played), which)
            .values(delivered_at=OutboxMessage.posted_at, attempts=1, **values)
            .execution_options(synchronize_session=False)
        )


def read_codes(db: Session, applications: Sequence[UUID]) -> dict[UUID, str]:
    """The activation code in the notice of each application; the notices are wiped."""
    notices = OutboxMessage.recipient_id.in_(applications), OutboxMessage.kind == ISSUED
    wanted = select(OutboxMessage.id, OutboxMessage.recipient_id, OutboxMessage.payload_sealed)
    rows, keys = db.execute(wanted.where(*notices)), vault(db)
    codes = {
        row.recipient_id: orjson.loads(keys.open(COLUMN, row.id, row.payload_sealed))["facts"]["code"] for row in rows
    }
    _wipe(db, *notices)
    return codes


def wipe_unread(db: Session, played: Played) -> None:
    """The campaign is over: what nobody read is wiped, too."""
    _wipe(db, OutboxMessage.kind == ISSUED, OutboxMessage.posted_at <= _end(played))


def _wipe(db: Session, *which: ColumnElement[bool]) -> None:
    db.execute(
        update(OutboxMessage)
        .where(OutboxMessage.delivered_at.is_not(None), OutboxMessage.payload_sealed.is_not(None), *which)
        .values(payload_sealed=None)
        .execution_options(synchronize_session=False)
    )


def _end(played: Played) -> datetime:
    return end_of_day(played.last_day)
