"""The keys of checkpoints: one signs, those before it are known by their public halves and by where they ended.

An older key that leaks signs nothing that counts: only checkpoints up to the size at which it was retired are its own.
The key that takes over signs where the one before it ended, back to the first: whoever can write the database can add
no key of their own to the row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import BigInteger, LargeBinary, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from identity.base import Base
from identity.key_use import read_uses
from identity.sealed import vault
from identity.seals.model import Checkpoint
from identity.seals.note import Head, Proof, Unproven, check, read
from identity.turns import take_turns
from identity.vault import Purpose

LOCK = b"audit-sealer"
Looker = Callable[[Ed25519PublicKey], Head]


class RetiredSealKey(Base):
    """A key that signed the checkpoints up to `last_size`; `endorsed` by the key after it."""

    __tablename__ = "audit_retired_key"

    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    public: Mapped[bytes] = mapped_column(LargeBinary(32))
    last_size: Mapped[int] = mapped_column(BigInteger)
    retired_at: Mapped[datetime]
    endorsed: Mapped[bytes | None] = mapped_column(LargeBinary(64))

    @property
    def statement(self) -> bytes:
        """What the key after it signs."""
        return f"retired audit seal key\n{self.version}\n{self.public.hex()}\n{self.last_size}\n".encode()


def signing_key(db: Session) -> Ed25519PrivateKey:
    """The key of checkpoints, derived from the vault's audit seal: who holds only the database cannot sign."""
    use = read_uses(db).get(Purpose.SEAL)  # asked each time: the sealer must not sign with a key that was retired
    return _private(db, use.version if use else None)


def retire_seal_key(db: Session, version: int, successor: int, *, now: datetime) -> None:
    """Its public half stays, signed by the one that takes over; the sealer waits, so that `last_size` is the last
    thing it signed."""
    take_turns(db, LOCK)
    last = db.scalar(select(func.max(Checkpoint.size))) or 0
    public = _private(db, version).public_key().public_bytes_raw()
    row = RetiredSealKey(version=version, public=public, last_size=last, retired_at=now)
    row.endorsed = _private(db, successor).sign(row.statement)
    db.add(row)


def verifying_keys(db: Session) -> list[Ed25519PublicKey]:
    """The key that signs, then the earlier ones, the newest first."""
    return [key for key, _last in _ring(db)]


def read_checkpoint(db: Session, note: str, origin: str) -> Head:
    """What a checkpoint says, when the key of its time signed it; raises `Unproven`."""
    return _first(db, lambda key: read(note, origin, key))


def check_proof(db: Session, proof: Proof, origin: str) -> Head:
    """The checkpoint that holds what the proof shows, when the key of its time signed it; raises `Unproven`."""
    return _first(db, lambda key: check(proof, origin, key))


def vouches(db: Session, signature: bytes, statement: bytes, place: int | None) -> bool:
    """Whether the key of its time signed this. `place` is where the entry that tells of it is sealed, None before."""
    return any(
        _has_signed(key, signature, statement)
        for key, last in _ring(db)
        if last is None or (place is not None and place < last)
    )


def _first(db: Session, look: Looker) -> Head:
    reason = Unproven("signature")
    for key, last in _ring(db):
        try:
            head = look(key)
        except Unproven as error:
            reason = error if str(error) != "signature" else reason
            continue
        if last is None or head.size <= last:
            return head
    raise reason


def strange_keys(db: Session) -> list[int]:
    """Versions of rows that no key of ours vouches for: nothing that they sign counts."""
    return [row.version for row, key in _retired(db) if key is None]


def _ring(db: Session) -> Iterator[tuple[Ed25519PublicKey, int | None]]:
    yield signing_key(db).public_key(), None
    yield from ((key, row.last_size) for row, key in _retired(db) if key is not None)


def _retired(db: Session) -> Iterator[tuple[RetiredSealKey, Ed25519PublicKey | None]]:
    """The newest first, each with its key when the one after it vouches for it."""
    after = signing_key(db).public_key()
    for row in db.scalars(select(RetiredSealKey).order_by(RetiredSealKey.version.desc())).all():
        if _has_signed(after, row.endorsed or b"", row.statement):
            after = Ed25519PublicKey.from_public_bytes(row.public)
            yield row, after
        else:
            yield row, None


def _has_signed(key: Ed25519PublicKey, signature: bytes, statement: bytes) -> bool:
    try:
        key.verify(signature, statement)
    except InvalidSignature:
        return False
    return True


def _private(db: Session, version: int | None) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(vault(db).audit_signing_seed(version))
