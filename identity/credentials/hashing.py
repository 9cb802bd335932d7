"""One Argon2id hash in memory of large pages, given back at once.

A hash works in 19 MiB. Taken from the allocator, they come as 4,865 small pages, and fetching these costs the kernel a
third of what the hash itself costs (26 ms instead of 18); kept between two hashes they would lie idle in each process.
Ten large pages (Linux: transparent huge pages, `madvise`) come almost free, so nothing has to be kept.
"""

from __future__ import annotations

import mmap
from contextlib import suppress
from typing import Any

from argon2.low_level import ARGON2_VERSION, Type, core, error_to_str, ffi

TIME_COST, MEMORY_KIB, LANES = 2, 19456, 1
"""OWASP's setting. https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html"""
LENGTH = 32
LARGE_PAGE = 2 << 20
CAN_ASK = hasattr(mmap, "MADV_HUGEPAGE")
"""Elsewhere than on Linux the library's own way is taken."""


def argon2id(secret: bytes, salt: bytes) -> bytes:
    """The raw hash (RFC 9106) at the one setting that we write."""
    out, said, grain = ffi.new("uint8_t[]", LENGTH), ffi.new("uint8_t[]", secret), ffi.new("uint8_t[]", salt)
    with mmap.mmap(-1, MEMORY_KIB * 1024 + LARGE_PAGE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as area:
        with suppress(OSError):  # a kernel without large pages: small ones do too
            area.madvise(mmap.MADV_HUGEPAGE)
        with ffi.from_buffer("uint8_t[]", area) as room:
            start = room + -int(ffi.cast("uintptr_t", room)) % LARGE_PAGE
            give, take = _lender(start)
            context = ffi.new(
                "argon2_context *",
                {
                    **{"version": ARGON2_VERSION, "t_cost": TIME_COST, "m_cost": MEMORY_KIB, "flags": 0},
                    **{"lanes": LANES, "threads": LANES, "allocate_cbk": give, "free_cbk": take},
                    **{"out": out, "outlen": LENGTH, "pwd": said, "pwdlen": len(secret)},
                    **{"salt": grain, "saltlen": len(salt), "ad": ffi.NULL, "secret": ffi.NULL},
                },
            )
            problem = core(context, Type.ID.value)
    if problem:
        raise MemoryError(error_to_str(problem))
    return bytes(ffi.buffer(out, LENGTH))


def _lender(start: Any) -> tuple[Any, Any]:
    """The library asks for its memory, wipes it, and hands it back; the mapping is closed by whoever made it."""

    def give(place: Any, size: int) -> int:
        if size > MEMORY_KIB * 1024:
            return 1
        place[0] = start
        return 0

    return ffi.callback("int(uint8_t **, size_t)", give), ffi.callback("void(uint8_t *, size_t)", lambda *_: None)
