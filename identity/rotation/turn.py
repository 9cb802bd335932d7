"""One turn of a key, from its beginning to the moment in which the older key counts no longer."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from identity.audit import SYSTEM, Actor, Event, record
from identity.base import Refused
from identity.key_check import remember_keys
from identity.key_use import KeyUse, Stage, read_uses, use_for_change
from identity.sealed import vault
from identity.seals.keys import retire_seal_key
from identity.vault import Purpose

RESEAL_JOB, INDEX_JOB = "keys-encryption", "keys-blind-index"


def begin(db: Session, purpose: Purpose, version: int, *, now: datetime, actor: Actor = SYSTEM) -> KeyUse:
    """Let `version` take over. Refused "key-turning" while one is under way, "key-known" without a newer key."""
    row = use_for_change(db, purpose, now=now)
    if row.stage != Stage.RESTS:
        raise Refused("key-turning")
    if version == row.version or version not in vault(db).keys.versions[purpose]:
        raise Refused("key-known")
    remember_keys(db)
    if purpose is Purpose.SEAL:
        retire_seal_key(db, row.version, version, now=now)
        move(db, row, Stage.RESTS, version, None, now=now, actor=actor)
    elif purpose is Purpose.ENCRYPTION:
        move(db, row, Stage.TURNED, version, row.version, now=now, actor=actor)
    else:
        move(db, row, Stage.BOTH, row.version, version, now=now, actor=actor)
    db.flush()
    vault(db).use(read_uses(db))
    return row


def finish(db: Session, purpose: Purpose, *, now: datetime) -> None:
    """The job has left nothing: the older encryption key rests, the older index waits for what is short-lived."""
    row = use_for_change(db, purpose, now=now)
    if row.stage == Stage.FILLING and row.other is not None:
        if purpose is Purpose.INDEX:
            move(db, row, Stage.WAITING, row.version, row.other, now=now)
        else:
            move(db, row, Stage.RESTS, row.version, None, now=now)


def move(
    db: Session, row: KeyUse, stage: Stage, version: int, other: int | None, *, now: datetime, actor: Actor = SYSTEM
) -> None:
    """To a stage, written down."""
    row.stage, row.version, row.other, row.since = stage.value, version, other, now
    record(db, Event.KEY_TURNED, actor, now=now, purpose=row.purpose, stage=stage.value, version=version)
