"""From named keys to the set that the vault works with, wherever the names come from."""

from __future__ import annotations

import re
from collections.abc import Mapping

import click

from identity.vault import KEY_BYTES, Keys, Purpose

NAME = re.compile(r"(encryption|blind-index|token-pepper|audit-seal)(?:-(\d{1,3}))?")
LASTING = "lasting"


class KeysMissing(click.ClickException):
    """There is no full set of keys; the portal does not start, and a command says why in one line."""


def key_set(named: Mapping[str, bytes], where: object) -> Keys:
    """The keys of these names; raises `KeysMissing` with what is missing, never with key material."""
    versions: dict[Purpose, dict[int, bytes]] = {purpose: {} for purpose in Purpose}
    for name, key in named.items():
        if found := NAME.fullmatch(name):
            versions[Purpose(found[1])][int(found[2] or 1)] = key
    missing = [purpose.value for purpose in Purpose if not versions[purpose]]
    if Purpose.ENCRYPTION.value in missing:
        raise KeysMissing(f"no encryption key in {where}; `python -m portal.gateways.keys FOLDER` writes a first set")
    if missing:
        raise KeysMissing(f"{missing[0]}.key is missing in {where}")
    _check(named, where)
    encryption = versions[Purpose.ENCRYPTION]
    singles = (versions[purpose] for purpose in (Purpose.INDEX, Purpose.PEPPER, Purpose.SEAL))
    return Keys(encryption, max(encryption), *singles, lasting=named.get(LASTING, b""))


def _check(named: Mapping[str, bytes], where: object) -> None:
    seen: dict[bytes, str] = {}
    for name, key in named.items():
        if len(key) != KEY_BYTES:
            raise KeysMissing(f"{name}.key in {where} has {len(key)} bytes instead of {KEY_BYTES}")
        if name != LASTING and seen.setdefault(key, name) != name:
            raise KeysMissing(f"{seen[key]}.key and {name}.key in {where} hold the same key")


def next_version(keys: Keys, purpose: Purpose) -> int:
    """The number of the key that is made next; a byte holds that of an encryption key."""
    version = max(keys.versions[purpose]) + 1
    if version > 255:
        raise KeysMissing(f"no number is left for {purpose.value}")
    return version
