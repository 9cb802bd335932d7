"""The memory of a hash is kept while people sign in: same answers, nothing left in it, given back."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import enumerate as threads

import pytest
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from identity.credentials import argon_block
from identity.credentials.argon_block import Block
from identity.credentials.passwords import BLOCK, DUMMY, HASHER

SMALL = PasswordHasher(time_cost=2, memory_cost=4096, parallelism=1)
WORDS = ("", "ba con mèo trên mái", "a", "x" * 256, "ok\x00ok")


@pytest.fixture
def block(monkeypatch):
    monkeypatch.setattr(argon_block, "KEPT_SECONDS", 0.05)
    return Block(SMALL)


def rest(block):
    """Until the memory is given back."""
    for one in threads():
        if one.name == "password memory":
            one.join()


@pytest.mark.parametrize("plain", WORDS)
def test_it_judges_as_the_library_does(block, plain):
    stored = SMALL.hash(plain)
    assert block.verify(stored, plain)
    assert not block.verify(stored, plain + " ")


def test_it_is_the_library_s_setting_that_the_passwords_have(monkeypatch):
    """Nothing was made cheaper: who has neither block nor hasher of another setting gets the same hash."""
    assert BLOCK.setting == (HASHER.memory_cost, HASHER.time_cost, HASHER.parallelism) == (19456, 2, 1)
    monkeypatch.setattr(BLOCK, "hasher", None)  # who asks the library would fail
    assert not BLOCK.verify(DUMMY, "a password")


def test_nothing_of_a_password_stays_in_it(block):
    assert block.verify(SMALL.hash("ba con mèo trên mái"), "ba con mèo trên mái")
    assert block.memory is not None
    assert not any(block.memory[:])


def test_it_goes_back_when_nobody_signs_in(block):
    stored = SMALL.hash("a")
    for _ in range(2):  # and is there again for the next
        assert block.verify(stored, "a")
        block.memory[-1] = 1
        rest(block)
        assert block.memory[-1] == 0, "what goes back comes empty"


def test_many_at_once_get_the_right_answers(block):
    """One has the block; the others take memory of their own, and nobody waits for it."""
    stored = SMALL.hash("right")
    said = ["right", "wrong"] * 16
    with ThreadPoolExecutor(8) as callers:
        answers = list(callers.map(lambda plain: _answer(block, stored, plain), said))
    assert answers == [plain == "right" for plain in said]


def _answer(block, stored, plain) -> bool:
    try:
        return block.verify(stored, plain)
    except VerifyMismatchError:
        return False


def test_a_system_without_such_memory_hashes_as_the_library_does(block, monkeypatch):
    def refuse(*_given, **_named):
        raise OSError("no")

    monkeypatch.setattr(argon_block.mmap, "mmap", refuse)
    assert block.verify(SMALL.hash("a"), "a")
