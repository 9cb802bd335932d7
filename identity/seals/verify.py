"""Looking for any change: every event against its leaf, every node and root against the leaves, every signature.

Whoever can write the database can also write seals and nodes anew. What they cannot do is sign, nor reach the
checkpoints that were published outside; so those are compared too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.append_only import is_guarded
from identity.seals import merkle, reading
from identity.seals.keys import read_checkpoint, strange_keys
from identity.seals.model import STEP, AuditArchive, AuditNode, Checkpoint
from identity.seals.note import Unproven
from identity.seals.reading import Sealed
from identity.seals.seal import content_of, sealed_so_far, unsealed_tail
from identity.seals.verify_archives import wrong_archives

GUARDED = ("audit_event", "audit_seal", "audit_node", "audit_checkpoint", "audit_archive")
LINES = 6
"""Of a note of ours: four of text, an empty one, and one signature."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it was sealed. `kind` is a closed name, `place` the position or the tree's size."""

    kind: str
    place: int


@dataclass(slots=True)
class Report:
    """What was looked at, and what was found."""

    sealed: int
    archived: int
    unsealed: int
    oldest_unsealed: datetime | None
    checkpoints: int = 0
    published: int = 0
    findings: list[Finding] = field(default_factory=list)


def verify(db: Session, origin: str, published: Iterable[str] = (), *, archives: Path | None = None) -> Report:
    """Compare everything; `published` are the notes kept outside the database, `archives` where old events went.

    `db` sees one moment only (`Database.snapshot`): the sealer goes on meanwhile.
    """
    archived = _archived(db)
    report = Report(sealed_so_far(db), sum(end - first for first, end in archived), *unsealed_tail(db))
    stored = reading.checkpoints(db)
    outside = list(published)
    heads = list(_signed(db, origin, outside, report))
    report.findings += [Finding(kind, place) for kind, place in wrong_archives(db, archives)]
    report.findings += [Finding("key-unknown", version) for version in strange_keys(db)]
    report.findings += [Finding(f"{table}-unguarded", 0) for table in GUARDED if not is_guarded(db.connection(), table)]
    report.findings += _strange_nodes(db, report.sealed)
    roots = _walk(db, {*stored, *(size for size, _ in heads)}, archived, report)
    for size, checkpoint in sorted(stored.items()):
        report.checkpoints += 1
        _compare(report, "checkpoint-root", size, checkpoint.root if checkpoint else b"", roots)
        if checkpoint is None or not _is_signed(db, origin, checkpoint):
            report.findings.append(Finding("checkpoint-signature", size))
    for size, root in heads:
        report.published += 1
        _compare(report, "published-root", size, root, roots)
        if size not in stored:
            report.findings.append(Finding("checkpoint-missing", size))
    if report.sealed and report.sealed not in stored:
        report.findings.append(Finding("checkpoint-missing", report.sealed))
    return report


def _archived(db: Session) -> list[tuple[int, int]]:
    """What left, neighbouring partitions together: every event is looked for in it."""
    found: list[tuple[int, int]] = []
    for first, end in db.execute(select(AuditArchive.first, AuditArchive.end).order_by(AuditArchive.first)):
        begins = found.pop()[0] if found and found[-1][1] == first else first
        found.append((begins, end))
    return found


def _walk(db: Session, sizes: set[int], archived: list[tuple[int, int]], report: Report) -> Mapping[int, bytes]:
    """Every leaf once, in order: events and nodes are compared on the way, roots are kept for the sizes asked for."""
    stack: list[tuple[int, bytes]] = []
    roots: dict[int, bytes] = {}
    batch = 0
    for position, seal in enumerate(reading.sealed_events(db)):
        if seal.position != position:
            report.findings.append(Finding("seal-missing", position))
            return roots
        _check_event(seal, archived, report)
        batch = _check_batch(seal, batch, sizes, report)
        size = position + 1
        _push(db, stack, seal.leaf, size, report)
        if size in sizes:
            roots[size] = _join(stack)
    return roots


def _strange_nodes(db: Session, size: int) -> Iterator[Finding]:
    """Nodes that a tree of this size does not have: one in the place of a node to come would stop the sealer."""
    for level in db.scalars(select(AuditNode.level).distinct()).all():
        complete = size >> level if isinstance(level, int) and level > 0 and level % STEP == 0 else 0
        beyond = select(AuditNode.place).where(AuditNode.level == level, ~AuditNode.place.between(0, complete - 1))
        yield from (Finding("node-strange", place) for place in db.scalars(beyond.order_by(AuditNode.place)))


def _check_event(seal: Sealed, archived: list[tuple[int, int]], report: Report) -> None:
    event = seal.event
    if not seal.is_readable:
        report.findings.append(Finding("event-changed", seal.position))
    elif event is None:
        if not any(first <= seal.position < end for first, end in archived):
            report.findings.append(Finding("event-missing", seal.position))
    elif merkle.leaf_hash(content_of(event)) != seal.leaf:
        report.findings.append(Finding("event-changed", seal.position))


def _check_batch(seal: Sealed, before: int, sizes: set[int], report: Report) -> int:
    """A batch goes up to its checkpoint, and the next one begins behind it; returns the batch of this seal."""
    size = seal.position + 1
    if seal.batch == before and size <= before:
        return before
    if size != before + 1 or seal.batch < size:
        report.findings.append(Finding("seal-changed", seal.position))
    elif seal.batch not in sizes:
        report.findings.append(Finding("checkpoint-missing", seal.batch))
    return seal.batch


def _push(db: Session, stack: list[tuple[int, bytes]], leaf: bytes, size: int, report: Report) -> None:
    level, digest = 0, leaf
    while stack and stack[-1][0] == level:
        digest = merkle.node_hash(stack.pop()[1], digest)
        level += 1
        if level % STEP == 0:
            kept = db.get(AuditNode, (level, (size >> level) - 1))
            if kept is None or kept.digest != digest:
                report.findings.append(Finding("node-changed", size))
    stack.append((level, digest))


def _join(stack: list[tuple[int, bytes]]) -> bytes:
    digest = stack[-1][1]
    for _, left in reversed(stack[:-1]):
        digest = merkle.node_hash(left, digest)
    return digest


def _signed(db: Session, origin: str, notes: list[str], report: Report) -> Iterator[tuple[int, bytes]]:
    for at, note in enumerate(notes):
        try:
            head = read_checkpoint(db, note, origin)
        except Unproven:
            report.findings.append(Finding("published-signature", at))
        else:
            yield head.size, head.root


def _is_signed(db: Session, origin: str, checkpoint: Checkpoint) -> bool:
    try:
        head = read_checkpoint(db, checkpoint.note, origin)
    except (Unproven, *reading.UNREADABLE):
        return False
    is_ours_alone = len(checkpoint.note.splitlines()) == LINES
    return is_ours_alone and (head.size, head.root, head.at) == (checkpoint.size, checkpoint.root, checkpoint.at)


def _compare(report: Report, kind: str, size: int, root: bytes, roots: Mapping[int, bytes]) -> None:
    if roots.get(size) != root:
        report.findings.append(Finding(kind, size))
