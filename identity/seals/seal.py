"""The sealer: every committed audit event gets its place in the tree, and the tree a signed checkpoint.

Ids are not committed in their order, so the sealer looks for events without a seal, never for ids above the last one
(architecture, invariant 7). One sealer at a time: positions have no gap and no event has two.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import cast
from uuid import UUID

import orjson
from sqlalchemy import Select, Table, func, insert, select
from sqlalchemy.orm import Session

from identity.audit import AuditEvent
from identity.seals.keys import LOCK, signing_key
from identity.seals.merkle import leaf_hash
from identity.seals.model import AuditSeal, Checkpoint
from identity.seals.note import Head, sign
from identity.seals.tree import Tree, complete_nodes
from identity.turns import take_turns

MOST = 2000
"""Events a batch: the lock is held for moments only."""
LOOK_BACK = timedelta(days=1)
"""How much earlier than the newest sealed event a late commit is looked for each time; once a day everything is."""


def content_of(event: AuditEvent) -> bytes:
    """What is hashed of an event: all its columns, as JSON with sorted names and UTC times."""
    values = {
        "id": event.id,
        "at": event.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "name": event.name,
        "actor": event.actor_id,
        "actor_role": event.actor_role,
        "subject": [event.subject_kind, event.subject_id] if event.subject_id or event.subject_kind else None,
        "facts": event.facts,
    }
    return orjson.dumps(values, option=orjson.OPT_SORT_KEYS)


def is_waiting(db: Session, *, now: datetime) -> bool:
    """Whether an event has no seal yet; asked without a write transaction."""
    return db.scalar(select(_unsealed(_horizon(db, now)).exists())) is True


def seal_some(db: Session, origin: str, *, now: datetime, most: int = MOST) -> Checkpoint | None:
    """Seal the oldest events that have none and sign a checkpoint over all; None when there is nothing to seal."""
    take_turns(db, LOCK)
    old_size = sealed_so_far(db)
    waiting = _unsealed(_horizon(db, now)).order_by(AuditEvent.at, AuditEvent.id).limit(most)
    events = db.scalars(waiting.with_only_columns(AuditEvent)).all()
    if not events:
        return None
    size = old_size + len(events)
    rows = [
        {"position": place, "event_id": event.id, "leaf": leaf_hash(content_of(event)), "batch": size}
        for place, event in enumerate(events, old_size)
    ]
    db.execute(insert(cast(Table, AuditSeal.__table__)), rows)
    complete_nodes(db, old_size, size)
    head = Head(origin, size, Tree(db).root(size), now.astimezone(UTC))
    checkpoint = Checkpoint(size=size, root=head.root, at=now, note=sign(head, signing_key(db)))
    db.add(checkpoint)
    db.flush()
    return checkpoint


def sealed_so_far(db: Session) -> int:
    """How many events have a seal."""
    last = db.scalar(select(func.max(AuditSeal.position)))
    return 0 if last is None else last + 1


def unsealed_tail(db: Session, *, now: datetime | None = None) -> tuple[int, datetime | None]:
    """How many events have no seal, and when the oldest of them happened.

    With `now` only as far back as the sealer looks by day: pages and figures do not go through the trail of years.
    """
    waiting = _unsealed(None if now is None else _lately(db, now)).subquery()
    count, oldest = db.execute(
        select(func.count(), func.min(AuditEvent.at)).where(AuditEvent.id.in_(select(waiting.c.id)))
    ).one()
    return count, oldest


def _unsealed(since: datetime | None) -> Select[UUID]:
    sealed = select(AuditSeal.position).where(AuditSeal.event_id == AuditEvent.id).exists()
    query = select(AuditEvent.id).where(~sealed)
    return query if since is None else query.where(AuditEvent.at >= since)


def _horizon(db: Session, now: datetime) -> datetime | None:
    """Where to begin to look: an event of a day to come moves it nowhere. In the first minutes of each day (UTC)
    everything is looked through."""
    whole = now.astimezone(UTC).hour == 0 and now.minute < 10
    return None if whole else _lately(db, now)


def _lately(db: Session, now: datetime) -> datetime | None:
    newest = select(AuditSeal.event_id).order_by(AuditSeal.position.desc()).limit(1).scalar_subquery()
    at = db.scalar(select(AuditEvent.at).where(AuditEvent.id == newest))
    return None if at is None else min(at, now) - LOOK_BACK
