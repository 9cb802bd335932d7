"""A digest or index under two keys, while one takes over from the other: it is written under one and found under both.

What is compared in the database is compared with both (`find_either` rewrites the statement, `ways` tells a prepared
one), what is compared here goes through `same`. Outside such a time a digest is plain bytes and all this costs nothing.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

from sqlalchemy import BinaryExpression, BindParameter, Executable
from sqlalchemy.sql import operators, visitors


class Either(bytes):
    """The bytes under the key that writes; `other` are those under the key that counts besides."""

    other: bytes

    @classmethod
    def of(cls, made: bytes, other: bytes) -> Either:
        both = cls(made)
        both.other = other
        return both

    def __eq__(self, another: object) -> bool:
        return bytes(self) == another or (not isinstance(another, Either) and self.other == another)

    def __hash__(self) -> int:
        return hash(bytes(self))


def each(keyed: bytes) -> tuple[bytes, ...]:
    """The one or two forms that count."""
    return (bytes(keyed), keyed.other) if isinstance(keyed, Either) else (keyed,)


def same(shown: bytes, keyed: bytes) -> bool:
    """Whether what was shown or kept is this digest, in constant time."""
    return any(hmac.compare_digest(shown, one) for one in each(keyed))


def ways(given: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The values of a statement in every form that counts, as it is written first."""
    names = [name for name, value in given.items() if isinstance(value, Either)]
    for chosen in product(*(each(given[name]) for name in names)):
        yield {**given, **dict(zip(names, chosen, strict=True))}


def find_either(statement: Executable) -> Executable:
    """The same statement, in which a digest that is compared finds both of its forms."""
    return visitors.replacement_traverse(statement, {}, _either)  # type: ignore[call-overload, no-any-return]


def _either(element: Any, **_named: Any) -> Any:
    if not isinstance(element, BinaryExpression) or not isinstance(element.right, BindParameter):
        return None
    value = element.right.value
    if element.operator in (operators.eq, operators.ne) and isinstance(value, Either):
        found = element.left.in_(each(value))
        return found if element.operator is operators.eq else ~found
    listed: list[Any] = list(value) if isinstance(value, list | tuple) else []
    if element.operator in (operators.in_op, operators.not_in_op) and any(isinstance(one, Either) for one in listed):
        found = element.left.in_([form for one in listed for form in each(one)])
        return found if element.operator is operators.in_op else ~found
    return None
