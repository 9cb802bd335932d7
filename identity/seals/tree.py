"""The tree as the database keeps it: leaves in `audit_seal`, every eighth level above in `audit_node`."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.seals import merkle
from identity.seals.model import STEP, AuditNode, AuditSeal


class Tree:
    """Complete subtrees of the sealed events; reads at most 128 hashes for one."""

    def __init__(self, db: Session) -> None:
        self.db = db

    def subtree(self, level: int, place: int) -> bytes:
        """The hash over the 2**level leaves from place * 2**level on."""
        kept = level - level % STEP
        width = 1 << (level - kept)
        hashes = self._kept(kept, place * width, (place + 1) * width)
        if len(hashes) != width:
            raise LookupError(f"the tree has a hole at level {kept}, from {place * width} on")
        return merkle.fold(hashes)

    def root(self, size: int) -> bytes:
        """The root over the first `size` events."""
        return merkle.root(size, self.subtree)

    def _kept(self, level: int, begin: int, end: int) -> list[bytes]:
        if level == 0:
            leaves = select(AuditSeal.leaf).where(AuditSeal.position >= begin, AuditSeal.position < end)
            return list(self.db.scalars(leaves.order_by(AuditSeal.position)))
        nodes = select(AuditNode.digest).where(AuditNode.level == level, AuditNode.place.between(begin, end - 1))
        return list(self.db.scalars(nodes.order_by(AuditNode.place)))


def complete_nodes(db: Session, old_size: int, size: int) -> None:
    """Keep every inner node that became complete between the two sizes, the lowest level first."""
    tree, level = Tree(db), STEP
    while size >> level:
        for place in range(old_size >> level, size >> level):
            width = 1 << STEP
            digest = merkle.fold(tree._kept(level - STEP, place * width, (place + 1) * width))
            db.add(AuditNode(level=level, place=place, digest=digest))
        db.flush()
        level += STEP
