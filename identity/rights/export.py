"""A copy of everything that is held about a person: asked for, made by the worker, fetched for some days.

Made in a job, because a long life is many rows; the copy is sealed like everything else and goes by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from identity.account import get_account
from identity.application import Application
from identity.audit import Actor, Event, record
from identity.base import Refused
from identity.deadlines import rule, today_in_vietnam
from identity.files import REGISTER_PHOTO, File
from identity.jobs import enqueue
from identity.oidc.clients import client_names
from identity.rights.collect import Held, everything_about, everything_in
from identity.rights.left_out import LEFT_OUT
from identity.rights.model import DataExport
from identity.telling import tell
from identity.turns import take_turns

JOB = "data-export"
FILES = File.__tablename__
FROM_REGISTER = "what the register answered: shown at the counter, or to whoever is signed in"


def ask_for_copy(db: Session, account_id: UUID, actor: Actor, *, now: datetime) -> DataExport:
    """Ask for a copy. Refused "export-lately" within a day of the last one; one that is being made is that one."""
    take_turns(db, account_id.bytes)
    last = copies_of(db, account_id, most=1)
    hours = int(rule("export_every_hours", today_in_vietnam(now)))
    if last and last[0].pending_for is not None:
        return last[0]
    if last and last[0].asked_at > now - timedelta(hours=hours):
        raise Refused("export-lately", hours=hours)
    row = DataExport(account_id=account_id, pending_for=account_id, asked_at=now)
    db.add(row)
    record(db, Event.EXPORT_ASKED, actor, now=now, subject=("account", account_id))
    enqueue(db, JOB, {}, now=now)
    return row


def copy_some(db: Session, cursor: Mapping[str, Any] | None, *, now: datetime) -> dict[str, Any] | None:
    """Make the copy that waits longest, one a step; None when nobody waits."""
    waiting = select(DataExport).where(DataExport.pending_for.is_not(None)).order_by(DataExport.asked_at).limit(1)
    row = db.scalar(waiting.with_for_update(skip_locked=True))
    if row is None:
        return None
    account = get_account(db, row.account_id)
    held = everything_about(db, account)
    row.content = content = _content(held, LEFT_OUT, now=now, services=_services_in(db, held))
    row.size, row.pending_for, row.ready_at = len(content), None, now
    row.expires_at = now + timedelta(days=int(rule("export_kept_days", today_in_vietnam(now))))
    tell(db, account, "export-ready", now=now, until_on=today_in_vietnam(row.expires_at))
    return {"made": int((cursor or {}).get("made", 0)) + 1}


def _content(held: Held, left_out: Mapping[str, str], *, now: datetime, **more: Any) -> bytes:
    return orjson.dumps({"made_at": now.isoformat(), "held": held, **more, "left_out": dict(left_out)})


def copy_of_application(db: Session, application: Application, actor: Actor, *, now: datetime) -> bytes:
    """Everything that is held about somebody who applied and has no account, at once: it is few rows. Audited.

    What the register answered is left out: matched values stay masked until the counter or a sign-in, and whoever
    applied under a number that is not theirs learns nothing.
    """
    held = everything_in(db, application)
    for row in held[Application.__tablename__]:
        row.pop("record", None)
    held[FILES] = [row for row in held.get(FILES, []) if row["kind"] != REGISTER_PHOTO]
    record(db, Event.EXPORT_OPENED, actor, now=now, subject=application.subject)
    return _content(held, {**LEFT_OUT, "application.record": FROM_REGISTER}, now=now)


def _services_in(db: Session, held: Held) -> dict[str, dict[str, str]]:
    """What the services are called that the rows name by their keys."""
    text = orjson.dumps(held).decode()
    return {str(key): dict(name) for key, name in client_names(db).items() if str(key) in text}


def open_copy(db: Session, account_id: UUID, export_id: UUID, actor: Actor, *, now: datetime) -> bytes | None:
    """The content of the person's own copy; None when it is somebody else's, not ready, or gone. Audited."""
    row = db.get(DataExport, export_id)
    if row is None or row.account_id != account_id or not is_there(row, now):
        return None
    record(db, Event.EXPORT_OPENED, actor, now=now, subject=("account", account_id))
    return row.content


def is_there(row: DataExport, now: datetime) -> bool:
    """Whether the copy can be fetched."""
    return row.ready_at is not None and row.expires_at is not None and row.expires_at > now


def copies_of(db: Session, account_id: UUID, *, most: int = 5) -> list[DataExport]:
    """The newest copies, made or being made."""
    query = select(DataExport).where(DataExport.account_id == account_id)
    return list(db.scalars(query.order_by(DataExport.asked_at.desc(), DataExport.id.desc()).limit(most)))


def drop_old_copies(db: Session, *, now: datetime, account_id: UUID | None = None) -> int:
    """Empty the copies whose days are over (all of one account when it is named); returns how many."""
    gone = update(DataExport).where(DataExport.content_sealed.is_not(None))
    gone = gone.where(DataExport.expires_at <= now if account_id is None else DataExport.account_id == account_id)
    return len(
        db.scalars(
            gone.values(content_sealed=None, expires_at=now)
            .returning(DataExport.id)
            .execution_options(synchronize_session=False)
        ).all()
    )
