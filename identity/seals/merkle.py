"""The Merkle tree of RFC 9162 section 2.1, over leaves that somebody else keeps.

A tree of n leaves is told by its complete subtrees: `subtree(level, index)` is the hash over the 2**level leaves that
begin at index * 2**level. Everything below asks for few of them, so that a tree of millions is never read whole.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

Subtree = Callable[[int, int], bytes]


def leaf_hash(content: bytes) -> bytes:
    """Leaves and nodes are told apart by their first byte, so that a node never passes for a leaf."""
    return hashlib.sha256(b"\x00" + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash over two subtrees."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def fold(hashes: Sequence[bytes]) -> bytes:
    """The root over a power of two of hashes."""
    while len(hashes) > 1:
        hashes = [node_hash(*hashes[at : at + 2]) for at in range(0, len(hashes), 2)]
    return hashes[0]


def root(size: int, subtree: Subtree) -> bytes:
    """The root of the tree's first `size` leaves; that of no leaf is the hash of nothing."""
    return _over(0, size, subtree) if size else hashlib.sha256().digest()


def inclusion(index: int, size: int, subtree: Subtree) -> list[bytes]:
    """The path that leads from leaf `index` to the root over `size` leaves, the deepest first (section 2.1.3.1)."""
    path, begin, end = [], 0, size
    while end - begin > 1:
        middle = begin + _split(end - begin)
        if index < middle:
            path.append(_over(middle, end, subtree))
            end = middle
        else:
            path.append(_over(begin, middle, subtree))
            begin = middle
    return path[::-1]


def root_from(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """The root that `path` proves for a leaf, or None when the path does not fit the place (section 2.1.3.2)."""
    if not 0 <= index < size:
        return None
    node, last, found = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return None
        if node & 1 or node == last:
            found = node_hash(sibling, found)
            while node and not node & 1:
                node, last = node >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        node, last = node >> 1, last >> 1
    return found if last == 0 else None


def _over(begin: int, end: int, subtree: Subtree) -> bytes:
    """The hash over leaves begin … end - 1, where begin is where a subtree of that size may begin."""
    size = end - begin
    if size & (size - 1) == 0:
        level = size.bit_length() - 1
        return subtree(level, begin >> level)
    middle = begin + _split(size)
    return node_hash(_over(begin, middle, subtree), _over(middle, end, subtree))


def _split(size: int) -> int:
    """The largest power of two below `size`."""
    return 1 << (size - 1).bit_length() - 1
