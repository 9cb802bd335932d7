"""Pictures that come in: made anew, the large ones in a process of their own (`identity.darkroom`).

A portrait of 12 megapixels takes 130 MB while it is unfolded, one of 25 twice as much; that memory belongs to a process
that ends. So does the time of a large file: 10 MB of empty segments take five seconds and 340 MB only to be looked at.
It may use a gigabyte and ten seconds, and what a broken file does to it is no harm to the portal.
Imported when a picture comes in: the library takes 4 MB of each process.
"""

from __future__ import annotations

import io
import subprocess
from threading import BoundedSemaphore

from PIL import Image, ImageOps

from identity import darkroom, programs
from identity.base import Refused

SMALL, SHORT = 1_500_000, 256 * 1024
"""Pixels that may be unfolded here, and bytes that may be read: making a process takes longer than that."""
AT_ONCE = BoundedSemaphore(2)
LONGEST = 30
"""Seconds to wait for a place, and for the picture; 12 megapixels take less than one."""


def made_anew(content: bytes, quality: int, *, least_side: int = 0, field: str | None) -> bytes:
    """A fresh JPEG, upright and at most 2,400 pixels long.

    Refused `picture-too-small`, `too-many-pixels`, `not-an-image`, and `pictures-busy` when many come at once.
    """
    if len(content) > SHORT:
        return _developed(content, quality, least_side, field)
    try:
        width, height = darkroom.size_of(content, least_side)
        if width * height <= SMALL:
            return darkroom.upright_jpeg(content, quality)
    except darkroom.TooManyPixels:
        raise Refused("too-many-pixels", field=field) from None
    except darkroom.TooSmall as small:
        raise _too_small(small.width, small.height, least_side, field) from None
    except darkroom.UNREADABLE:
        raise Refused("not-an-image", field=field) from None
    return _developed(content, quality, least_side, field)


def _developed(content: bytes, quality: int, least_side: int, field: str | None) -> bytes:
    if not AT_ONCE.acquire(timeout=LONGEST):
        raise Refused("pictures-busy", field=field)
    try:
        done = programs.run(darkroom.__file__, str(quality), str(least_side), given=content, seconds=LONGEST)
    except subprocess.TimeoutExpired:
        raise Refused("pictures-busy", field=field) from None
    finally:
        AT_ONCE.release()
    if done.returncode == darkroom.MANY_PIXELS:
        raise Refused("too-many-pixels", field=field)
    if done.returncode == darkroom.SMALL_PICTURE:
        width, height = map(int, done.stdout.split())
        raise _too_small(width, height, least_side, field)
    if done.returncode != darkroom.DONE:
        raise Refused("not-an-image", field=field)
    return done.stdout


def _too_small(width: int, height: int, least_side: int, field: str | None) -> Refused:
    return Refused("picture-too-small", field=field, width=width, height=height, least=least_side)


def fitted(picture: bytes, size: tuple[int, int], quality: int) -> bytes:
    """The middle of a picture, a little above it, where a face is."""
    with Image.open(io.BytesIO(picture)) as opened:
        return darkroom.as_jpeg(ImageOps.fit(opened, size, centering=(0.5, 0.35)), quality)


def contrast(picture: bytes) -> int:
    """How far its lightest shade of grey is from its darkest, of 255."""
    with Image.open(io.BytesIO(picture)) as opened:
        opened.draft("L", (600, 600))  # a quarter of the lines is enough to tell a face from a wall
        shades = [shade for shade, count in enumerate(opened.convert("L").histogram()) if count]
    return shades[-1] - shades[0]
