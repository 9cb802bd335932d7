"""Sealed values are bound to their row and column; digests and blind indexes mean nothing without their key."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity.base import new_id
from identity.key_check import keys_fit, remember_keys
from identity.vault import Keys, Unsealable, Vault
from portal.database import Database, connect

COLUMN = "person.full_name_sealed"


@given(st.binary(max_size=300))
def test_what_was_sealed_can_be_opened_in_its_place(plain: bytes) -> None:
    vault, row = Vault(Keys.generate()), new_id()
    assert vault.open(COLUMN, row, vault.seal(COLUMN, row, plain)) == plain


def test_a_value_moved_to_another_row_or_column_does_not_open(vault: Vault) -> None:
    row = new_id()
    sealed = vault.seal(COLUMN, row, b"An")
    for column, other in ((COLUMN, new_id()), ("person.address_sealed", row)):
        with pytest.raises(Unsealable):
            vault.open(column, other, sealed)


def test_a_changed_byte_is_noticed_wherever_it_is(vault: Vault) -> None:
    row = new_id()
    sealed = vault.seal(COLUMN, row, b"An")
    for position in range(len(sealed)):
        changed = bytearray(sealed)
        changed[position] ^= 1
        with pytest.raises(Unsealable):
            vault.open(COLUMN, row, bytes(changed))


def test_the_same_value_is_sealed_differently_each_time(vault: Vault) -> None:
    row = new_id()
    assert vault.seal(COLUMN, row, b"An") != vault.seal(COLUMN, row, b"An")


def test_equal_values_of_two_columns_have_different_indexes(vault: Vault) -> None:
    assert vault.blind("person.phone", "+84912345678") != vault.blind("person.email", "+84912345678")


def test_indexes_and_digests_depend_on_their_keys(vault: Vault) -> None:
    other = Vault(Keys.generate())
    assert vault.blind("a", "x") != other.blind("a", "x")
    assert vault.digest("a", "x") != other.digest("a", "x")
    assert vault.digest("a", "x") != vault.blind("a", "x")


def test_parts_that_run_together_derive_different_values(vault: Vault) -> None:
    assert vault.derive("p", b"ab", b"c") != vault.derive("p", b"a", b"bc")


def test_an_old_key_still_opens_and_the_newest_seals() -> None:
    old = Keys.generate()
    row = new_id()
    sealed = Vault(old).seal(COLUMN, row, b"An")
    new = Keys({**old.encryption, 2: b"\7" * 32}, 2, old.blind_index, old.token_pepper, old.audit_seal)
    assert Vault(new).open(COLUMN, row, sealed) == b"An"
    assert Vault(new).seal(COLUMN, row, b"An")[0] == 2


def test_keys_of_different_purposes_must_differ() -> None:
    same = b"\1" * 32
    with pytest.raises(ValueError, match="differ"):
        Keys({1: same}, 1, same, b"\2" * 32, b"\3" * 32)


def test_a_database_notices_foreign_keys(bare_database: Database, bare_url: str) -> None:
    with bare_database.transaction() as db:
        assert not keys_fit(db)
        remember_keys(db)
        assert keys_fit(db)
    stranger = connect(bare_url, Vault(Keys.generate()))
    with stranger.transaction() as db:
        remember_keys(db)
        assert not keys_fit(db)
    stranger.engine.dispose()
