"""Which scope releases which claims, and their values for a person (OpenID Connect Core sections 5.1 and 5.4).

An *item* is what a person agrees to in one line: a phone number together with the fact that it was verified.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table, bindparam, select
from sqlalchemy.orm import Session

from identity.levels import PROOF_COLUMNS, WITH_PROOFS, level_by
from identity.oidc.acr import ial_claim
from identity.person import Person
from identity.statements import Prepared
from identity.vault import Vault


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a consent: the scope that asks for it and the claims it releases."""

    scope: str
    claims: tuple[str, ...]


ITEMS: Mapping[str, Item] = {
    "name": Item("profile", ("name",)),
    "birthdate": Item("profile", ("birthdate",)),
    "nationality": Item("profile", ("nationality",)),
    "identity_number": Item("identity", ("personal_number", "foreigner_number")),
    "ial": Item("openid", ("ial",)),
    "phone_number": Item("phone", ("phone_number", "phone_number_verified")),
    "address": Item("address", ("address",)),
    "offline_access": Item("offline_access", ()),
}
SCOPES: Mapping[str, tuple[str, ...]] = {
    scope: tuple(name for name, item in ITEMS.items() if item.scope == scope)
    for scope in ("openid", "profile", "identity", "phone", "address", "offline_access")
}
ITEM_OF_CLAIM: Mapping[str, str] = {claim: name for name, item in ITEMS.items() for claim in item.claims}
PROTOCOL_CLAIMS = ("iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "sid", "at_hash")
CLAIMS_SUPPORTED = (*PROTOCOL_CLAIMS, *ITEM_OF_CLAIM)

OLDER_NAMES: Mapping[str, str] = {
    "personal_number": "SoDinhDanh",
    "foreigner_number": "SoDinhDanh",
    "name": "HoVaTen",
    "birthdate": "NgayThangNamSinh",
    "account_type": "LoaiTaiKhoan",
}
"""What services of the National Public Service Portal were written for; a `claim_mapping` for them."""


def items_of_scopes(scopes: Iterable[str]) -> set[str]:
    """The items that these scopes ask for."""
    return {name for scope in scopes for name in SCOPES.get(scope, ())}


def items_of_claims(claims: Iterable[str]) -> set[str]:
    """The items to which single claims (parameter `claims`) belong; unknown claims belong to none."""
    return {ITEM_OF_CLAIM[claim] for claim in claims if claim in ITEM_OF_CLAIM}


def as_named(claims: dict[str, Any], names: Mapping[str, str] | None) -> dict[str, Any]:
    """The claims, and beside them those that a client of older days reads under names of its own.

    A renamed birth date has no hyphens (yyyyMMdd); `account_type` is 1, a natural person, the only kind that signs in.
    """
    if not names:
        return claims
    known = {**claims, "account_type": "1"}
    renamed = {name: known[claim] for claim, name in names.items() if claim in known}
    birthday = names.get("birthdate")
    if birthday in renamed:
        renamed[birthday] = renamed[birthday].replace("-", "")
    return {**claims, **renamed}


def values_of(db: Session, keys: Vault, person_id: UUID, items: Iterable[str], *, now: datetime) -> dict[str, Any]:
    """The claims of `items` that have a value for this person. Reads the person once and opens only what is asked."""
    wanted = set(items)
    rows = _FIND_PERSON.all(db, person=person_id)
    row = rows[0]._mapping

    def opened(name: str) -> str | None:
        sealed = row[f"{name}_sealed"]
        return None if sealed is None else keys.open(f"person.{name}_sealed", person_id, sealed).decode()

    found: dict[str, Any] = {}
    for item, claim, column in _SEALED:
        if item in wanted and (value := opened(column)):
            found[claim] = value
    if "nationality" in wanted:
        found["nationality"] = row["nationality"]
    if "phone_number" in found:
        found["phone_number_verified"] = True  # proven by a code before an application is taken
    if "address" in found:
        found["address"] = {"formatted": found["address"]}
    if "ial" in wanted:
        found["ial"] = ial_claim(level_by(keys, rows, now=now))
    return found


_SEALED = (
    ("name", "name", "full_name"),
    ("birthdate", "birthdate", "birth_date"),
    ("identity_number", "personal_number", "personal_number"),
    ("identity_number", "foreigner_number", "foreigner_number"),
    ("phone_number", "phone_number", "phone"),
    ("address", "address", "address"),
)
_PERSON = cast(Table, Person.__table__)
_COLUMNS = [_PERSON.c[f"{column}_sealed"] for _item, _claim, column in _SEALED]
_FIND_PERSON = Prepared(
    select(*_COLUMNS, _PERSON.c.nationality, *PROOF_COLUMNS)
    .select_from(WITH_PROOFS)
    .where(_PERSON.c.id == bindparam("person"))
)
