"""Checkpoints as signed notes, and proofs that stand alone, in the open formats of transparency logs.

    c2sp.org/signed-note        text, an empty line, and a signature line (Ed25519)
    c2sp.org/tlog-checkpoint    the text: origin, number of leaves, root; here also when
    c2sp.org/tlog-proof@v1      what was logged, where, the path to the root, and the checkpoint

Anybody with the verifier's line (`verifier_line`) checks them without us; programs for these formats exist.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass
from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from identity.seals import merkle

PROOF = "c2sp.org/tlog-proof@v1"
ED25519 = b"\x01"
DASH = "\N{EM DASH}"


class Unproven(Exception):
    """A note or a proof that does not hold; says which part."""


@dataclass(frozen=True, slots=True)
class Head:
    """What a checkpoint says: the tree's first `size` leaves have this root."""

    origin: str
    size: int
    root: bytes
    at: datetime


@dataclass(frozen=True, slots=True)
class Proof:
    """That `content` is leaf `index` of the tree of a checkpoint."""

    content: bytes
    index: int
    path: tuple[bytes, ...]
    note: str


def sign(head: Head, key: Ed25519PrivateKey) -> str:
    """The checkpoint as a signed note; key and log share their name."""
    text = f"{head.origin}\n{head.size}\n{_base64(head.root)}\n{head.at.isoformat()}\n"
    mark = _key_id(head.origin, key.public_key()) + key.sign(text.encode())
    return f"{text}\n{DASH} {head.origin} {_base64(mark)}\n"


def read(note: str, origin: str, key: Ed25519PublicKey) -> Head:
    """What a checkpoint says, once its signature holds; raises `Unproven`."""
    text, apart, marks = note.rpartition("\n\n")
    text += "\n"
    named = f"{DASH} {origin} "
    signatures = [line.removeprefix(named) for line in marks.splitlines() if line.startswith(named)]
    whole = note.endswith("\n") and all(line.startswith(f"{DASH} ") for line in marks.splitlines())
    if not apart or not whole or not any(_holds(text, mark, origin, key) for mark in signatures):
        raise Unproven("signature")
    try:
        who, size, root, at = text.splitlines()
        head = Head(who, int(size), _bytes(root), datetime.fromisoformat(at))
    except ValueError:
        raise Unproven("checkpoint") from None
    if head.origin != origin:
        raise Unproven("origin")
    return head


def written(proof: Proof) -> str:
    """The proof as one text, to be kept and checked at any time."""
    path = "".join(f"{_base64(step)}\n" for step in proof.path)
    return f"{PROOF}\nextra {_base64(proof.content)}\nindex {proof.index}\n{path}\n{proof.note}"


def parse(text: str) -> Proof:
    """The inverse of `written`, also when copying changed the ends of lines; raises `Unproven` for anything else."""
    first, apart, note = f"{text.replace(chr(13), '').strip()}\n".partition("\n\n")
    lines = first.split("\n")
    if not apart or len(lines) < 3 or lines[0] != PROOF:
        raise Unproven("form")
    try:
        extra, index = lines[1].removeprefix("extra "), int(lines[2].removeprefix("index "))
        return Proof(_bytes(extra), index, tuple(_bytes(line) for line in lines[3:]), note)
    except ValueError:
        raise Unproven("form") from None


def check(proof: Proof, origin: str, key: Ed25519PublicKey) -> Head:
    """The checkpoint that holds what the proof shows; raises `Unproven`."""
    head = read(proof.note, origin, key)
    if merkle.root_from(merkle.leaf_hash(proof.content), proof.index, head.size, proof.path) != head.root:
        raise Unproven("path")
    return head


def verifier_line(origin: str, key: Ed25519PublicKey) -> str:
    """The public key as signed-note programs take it: name, id and key in one line."""
    return f"{origin}+{_key_id(origin, key).hex()}+{_base64(ED25519 + key.public_bytes_raw())}"


def _holds(text: str, mark: str, origin: str, key: Ed25519PublicKey) -> bool:
    try:
        signed = _bytes(mark)
        key.verify(signed[4:], text.encode())
    except (ValueError, InvalidSignature):
        return False
    return signed[:4] == _key_id(origin, key)


def _key_id(name: str, key: Ed25519PublicKey) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + ED25519 + key.public_bytes_raw()).digest()[:4]


def _base64(plain: bytes) -> str:
    return base64.b64encode(plain).decode()


def _bytes(text: str) -> bytes:
    try:
        plain = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError(text) from error
    if _base64(plain) != text:
        raise ValueError(text)  # the last sign has bits that say nothing: they may not be changed either
    return plain
