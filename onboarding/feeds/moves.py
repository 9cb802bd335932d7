"""Which published figures may have changed since a moment, for those who ask for changes only.

A figure changes when its facts were counted anew, when a paper gives it another number, or when the days move at which
its place may be cut (`PublishedSpan`), which decides what is shown and suppressed. The last is noted here, once a
publication. For what is shown, facts and papers count too; what is suppressed is repeated by the days alone, so that no
repeat tells of an event in a small cell. More may be repeated than has changed, and nothing that has is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from sqlalchemy import ColumnElement, LargeBinary, String, and_, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from identity.base import Base
from onboarding.feeds.rows import Rest, Row, Spot, id_of
from onboarding.figures.facts import fact
from onboarding.figures.model import IndicatorFact, PublishedSpan, ReferenceCount
from onboarding.figures.published import Status

MARGIN = timedelta(days=2)
"""Facts are counted before they are published: whoever asks by the clock has seen none younger than the publication."""
AT_ONCE = 500


class PublishedMove(Base):
    """When the days of a family and place last moved, as noted up to the publication `noted_as_of`."""

    __tablename__ = "published_move"

    family: Mapped[str] = mapped_column(String(20), primary_key=True)
    unit_id: Mapped[UUID] = mapped_column(primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    noted_as_of: Mapped[datetime]
    moved_at: Mapped[datetime]


def note_moves(db: Session, *, now: datetime) -> int:
    """Chore: look at some of the places that were published since; how many."""
    query = select(PublishedSpan, PublishedMove).outerjoin(PublishedMove, _same_place())
    query = query.where(or_(PublishedMove.noted_as_of.is_(None), PublishedMove.noted_as_of < PublishedSpan.as_of))
    found = db.execute(query.order_by(PublishedSpan.family, PublishedSpan.unit_id).limit(AT_ONCE)).all()
    for span, known in found:
        move: PublishedMove | None = known
        digest = sha256(",".join(span.boundaries).encode()).digest()
        if move is None:
            move = PublishedMove(family=span.family, unit_id=span.unit_id, digest=digest, moved_at=now)
            db.add(move)
        elif bytes(move.digest) != digest:
            move.digest, move.moved_at = digest, now
        move.noted_as_of = span.as_of
    db.flush()
    return len(found)


def changed_since(db: Session, rows: Sequence[Row], spots: Sequence[Spot], since: datetime) -> list[bool]:
    """For each row whether it may differ from what was published at that moment. A rest moves with any of its parts."""
    return [
        row.as_of is not None if isinstance(spot, Rest) else _has_changed(db, row, id_of(spot), since)
        for row, spot in zip(rows, spots, strict=True)
    ]


def _has_changed(db: Session, row: Row, unit_id: UUID, since: datetime) -> bool:
    move = db.get(PublishedMove, (row.indicator.family, unit_id))
    if row.as_of is None:
        return move is not None
    if move is None or move.noted_as_of < row.as_of or move.moved_at > since:
        return True
    if row.status is Status.SUPPRESSED:
        return False
    if _was_told(db, row, since - MARGIN):
        return True
    if row.numerator is None:  # missing now: it is told where something was counted then
        return any(fact(db, row.indicator.code, unit_id, row.period, at) for at in (since, since - MARGIN))
    return _was_counted(db, row, unit_id, since - MARGIN)


def _was_counted(db: Session, row: Row, unit_id: UUID, since: datetime) -> bool:
    one = IndicatorFact
    query = select(one.starts).where(one.indicator == row.indicator.code, one.unit_id == unit_id, one.kind == "day")
    query = query.where(one.starts >= row.period.first, one.starts <= row.period.last)
    return db.scalar(query.where(or_(one.as_of > since, one.replaced_at > since)).limit(1)) is not None


def _was_told(db: Session, row: Row, since: datetime) -> bool:
    """Whether a paper said anything new of any place: it may be part of the sum."""
    parts = (row.indicator.numerator, row.indicator.denominator)
    measures = [part.measure for part in parts if part.is_imported]
    if not measures:
        return False
    paper = ReferenceCount
    said = select(paper.day).where(paper.measure.in_(measures), paper.day <= row.period.last)
    return db.scalar(said.where(or_(paper.imported_at > since, paper.replaced_at > since)).limit(1)) is not None


def _same_place() -> ColumnElement[bool]:
    return and_(PublishedMove.family == PublishedSpan.family, PublishedMove.unit_id == PublishedSpan.unit_id)
