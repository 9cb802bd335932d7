"""The portrait on a badge, so that a resident can compare faces. Taken in by the coordinator, never by the member."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.audit import Actor, Event, record
from identity.base import Refused
from identity.files import File, least_side, prepare_image, remove, store
from onboarding.badge import Badge
from onboarding.team import Member

KIND = "badge-portrait"
SIZE = (240, 320)
"""Pixels, three by four like a photograph for an identity card: enough to know a face, nothing to print a card from."""
QUALITY = 82


def prepare_portrait(content: bytes, *, now: datetime) -> bytes:
    """The middle of the picture, small and made anew; what was hidden in the file is gone (`identity.files`)."""
    from identity.pictures import fitted

    picture = prepare_image(content, least_side=least_side("portrait", now), field="portrait")
    return fitted(picture, SIZE, QUALITY)


def set_portrait(db: Session, badge: Badge, picture: bytes, by: Actor, *, now: datetime) -> None:
    """Put a prepared picture on the badge, in place of the one before. Nobody puts their own. Audited."""
    if db.get_one(Member, badge.member_id).account_id == by.account_id:
        raise Refused("own-portrait", audited=True)
    remove(db, badge.id)
    store(db, picture, KIND, badge.id, now=now)
    record(db, Event.BADGE_PORTRAIT_SET, by, now=now, subject=("badge", badge.id))


def portrait_of(db: Session, badge_id: UUID) -> bytes | None:
    """The picture, or None where none was taken yet."""
    row = db.scalar(select(File).where(File.owner_id == badge_id, File.kind == KIND).limit(1))
    return row.content if row is not None else None
