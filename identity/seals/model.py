"""Rows of the seal: where each audit event stands in the tree, the tree's inner nodes, and the signed checkpoints."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from identity.base import Base

STEP = 8
"""Inner nodes are kept for every eighth level: one row for 256 leaves, and nothing to read that is longer."""


class AuditSeal(Base):
    """One committed event and its leaf. Positions have no gap; `batch` is the size of the checkpoint it came with."""

    __tablename__ = "audit_seal"

    position: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    event_id: Mapped[UUID] = mapped_column(unique=True)
    leaf: Mapped[bytes] = mapped_column(LargeBinary(32))
    batch: Mapped[int] = mapped_column(BigInteger)


class AuditNode(Base):
    """The hash over 2**level leaves, complete for ever; levels are multiples of `STEP`."""

    __tablename__ = "audit_node"

    level: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    place: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))


class Checkpoint(Base):
    """A signed note over the first `size` events; also published outside the database."""

    __tablename__ = "audit_checkpoint"

    size: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    root: Mapped[bytes] = mapped_column(LargeBinary(32))
    at: Mapped[datetime]
    note: Mapped[str] = mapped_column(String(600))


class AuditArchive(Base):
    """Events from `first` to before `end` have left for a file; their seals stay."""

    __tablename__ = "audit_archive"

    first: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    end: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime]
    file_digest: Mapped[str] = mapped_column(String(64))
