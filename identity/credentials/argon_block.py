"""The memory in which passwords are verified: one block a process, kept from hash to hash while people sign in.

A hash's 19 MiB otherwise come from the system, which clears them, and go back to it: an eighth of its time. The block
is of large pages, and goes back two seconds after the last hash. Nothing of a password stays in it meanwhile: the
library wipes it at the end of each hash. Whoever comes while it is in use hashes as the library does.
"""

from __future__ import annotations

import mmap
import os
import re
import time
from base64 import b64decode
from hmac import compare_digest
from threading import Lock, Thread
from typing import Any

from argon2 import PasswordHasher
from argon2.low_level import ARGON2_VERSION, Type, core, ffi

KEPT_SECONDS = 2.0
LARGE_PAGE = 2 * 1024 * 1024
CLEAR_PASSWORD = 1
"""ARGON2_FLAG_CLEAR_PASSWORD: the library wipes our copy of the password too."""
ENCODED = re.compile(r"\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)")


class Block:
    """Room for one hash at a time, at the setting of `hasher`."""

    def __init__(self, hasher: PasswordHasher) -> None:
        self.hasher, self.setting = hasher, (hasher.memory_cost, hasher.time_cost, hasher.parallelism)
        self.size = -(-hasher.memory_cost * 1024 // LARGE_PAGE) * LARGE_PAGE
        self.memory: mmap.mmap | None = None
        self._calls: tuple[Any, Any] | None = None
        self._in_use, self._used, self._is_watched = Lock(), 0, False
        os.register_at_fork(after_in_child=self._begin_anew)

    def verify(self, encoded: str, plain: str) -> bool:
        """Whether it is the hash of `plain`. What is no hash, or one at another setting, is the library's to judge."""
        found = ENCODED.fullmatch(encoded)
        if found and tuple(map(int, found.groups()[:3])) == self.setting and self._in_use.acquire(blocking=False):
            try:
                tag = _read(found[5])
                made = self._hash(plain.encode(), _read(found[4]), len(tag))
            except (MemoryError, OSError, RuntimeError, ValueError):  # no room, call or thread to be had, or no hash
                made = None
            finally:
                self._in_use.release()
            if made is not None:
                return compare_digest(made, tag)
        return bool(self.hasher.verify(encoded, plain))

    def _hash(self, plain: bytes, salt: bytes, length: int) -> bytes | None:
        """The tag, or None where the library refuses."""
        allocate, free = self._calls = self._calls or self._prepare()
        self._used += 1
        if not self._is_watched:
            Thread(target=self._give_back_when_idle, daemon=True, name="password memory").start()
            self._is_watched = True
        memory, rounds, lanes = self.setting
        password, salted, tag = ffi.new("uint8_t[]", plain), ffi.new("uint8_t[]", salt), ffi.new("uint8_t[]", length)
        asked = {"out": tag, "outlen": length, "pwd": password, "pwdlen": len(plain), "salt": salted}
        asked |= {"saltlen": len(salt), "m_cost": memory, "t_cost": rounds, "lanes": lanes, "threads": lanes}
        asked |= {"version": ARGON2_VERSION, "flags": CLEAR_PASSWORD, "allocate_cbk": allocate, "free_cbk": free}
        return None if core(ffi.new("argon2_context *", asked), Type.ID.value) else bytes(ffi.buffer(tag))

    def _prepare(self) -> tuple[Any, Any]:
        """The block, at the beginning of a large page, and the calls by which the library takes it and leaves it."""
        self.memory = mmap.mmap(-1, self.size + LARGE_PAGE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        self.memory.madvise(mmap.MADV_HUGEPAGE)
        start = ffi.cast("uint8_t *", ffi.from_buffer(self.memory))
        start += -int(ffi.cast("uintptr_t", start)) % LARGE_PAGE

        def allocate(place: Any, size: int) -> int:
            place[0] = start if size <= self.size else ffi.NULL
            return 0

        return (
            ffi.callback("int(uint8_t **, size_t)", allocate),
            ffi.callback("void(uint8_t *, size_t)", lambda _place, _size: None),
        )

    def _give_back_when_idle(self) -> None:
        used = -1
        while used != self._used:
            used = self._used
            time.sleep(KEPT_SECONDS)
        with self._in_use:
            self._is_watched = False
            if self.memory is not None:
                self.memory.madvise(mmap.MADV_DONTNEED)

    def _begin_anew(self) -> None:
        """Also in a child of `fork`, which has no other threads."""
        self._in_use, self._used, self._is_watched = Lock(), 0, False


def _read(part: str) -> bytes:
    return b64decode(part + "=" * (-len(part) % 4))
