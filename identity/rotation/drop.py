"""When an older key may be destroyed: once nothing lies under it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from identity.audit import SYSTEM, Actor, Event, record
from identity.base import Refused
from identity.key_check import forget_key
from identity.key_use import Stage, read_uses, use_for_change
from identity.rotation.reseal import is_under
from identity.sealed import vault
from identity.vault import Purpose, key_name


def let_go(db: Session, purpose: Purpose, version: int, *, now: datetime, actor: Actor = SYSTEM) -> None:
    """The last act before a version is destroyed. Refused "key-used" while it writes or counts, "key-known" without it.

    The older token pepper counts until this moment: whatever lies under it alone (recovery codes, secrets of services,
    sheets with codes) is worth nothing from now on, and the operator has said so.
    """
    row = use_for_change(db, purpose, now=now)
    if version not in vault(db).keys.versions[purpose]:
        raise Refused("key-known")
    if purpose is Purpose.PEPPER and row.stage == Stage.WAITING and version == row.other:
        row.stage, row.other, row.since = Stage.RESTS.value, None, now
    if version in (row.version, row.other) or (purpose is Purpose.ENCRYPTION and is_under(db, version)):
        raise Refused("key-used")
    forget_key(db, key_name(purpose, version))
    record(db, Event.KEY_DROPPED, actor, now=now, purpose=purpose.value, version=version)
    db.flush()
    vault(db).use(read_uses(db))
