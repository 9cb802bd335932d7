"""Where pictures are made anew from their pixels: position, camera, thumbnails and what hangs behind the file are gone.

Also a program of its own, for pictures that would take much memory or time of the process that asks: the picture comes
in at stdin, the new one goes out at stdout. It imports the picture library and nothing of ours, so that it starts
quickly.
"""

from __future__ import annotations

import io
import resource
import sys
import warnings

from PIL import Image, ImageOps

LARGEST_IMAGE = 25_000_000
"""Pixels; a small file may unfold to gigabytes."""
LONGEST_EDGE = 2400
FORMATS = ("JPEG", "PNG")
MEMORY, SECONDS = 1 << 30, 10
DONE, NO_PICTURE, MANY_PIXELS, SMALL_PICTURE = 0, 3, 4, 5
UNREADABLE = (OSError, SyntaxError, ValueError, EOFError)


class TooManyPixels(Exception):
    """More than `LARGEST_IMAGE`."""


class TooSmall(Exception):
    """Nobody could recognise anything in it. `width` and `height` in pixels."""

    def __init__(self, width: int, height: int) -> None:
        super().__init__(f"{width} {height}")
        self.width, self.height = width, height


def size_of(content: bytes, least_side: int = 0) -> tuple[int, int]:
    """How wide and high the picture says it is; nothing is unfolded.

    Raises `UNREADABLE`, `TooManyPixels`, and `TooSmall` when the shorter side has fewer pixels than `least_side`.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with Image.open(io.BytesIO(content), formats=FORMATS) as opened:
                width, height = opened.size
        except Image.DecompressionBombError:
            raise TooManyPixels from None
    if width * height > LARGEST_IMAGE:
        raise TooManyPixels
    if min(width, height) < least_side:
        raise TooSmall(width, height)
    return width, height


def upright_jpeg(content: bytes, quality: int) -> bytes:
    """A fresh JPEG, upright and at most 2,400 pixels long. Raises `UNREADABLE`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # odd metadata is dropped below, no reason to refuse
        with Image.open(io.BytesIO(content), formats=FORMATS) as opened:
            opened.thumbnail((LONGEST_EDGE, LONGEST_EDGE))
            upright = ImageOps.exif_transpose(opened)
        return as_jpeg(_on_white(upright), quality)


def as_jpeg(pixels: Image.Image, quality: int) -> bytes:
    """What is kept of a picture."""
    out = io.BytesIO()
    pixels.save(out, "JPEG", quality=quality, optimize=True)
    return out.getvalue()


def _on_white(picture: Image.Image) -> Image.Image:
    """Only the colours, in memory of their own: where a picture is seen through, paper shines."""
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        pixels = Image.new("RGB", picture.size, "white")
        pixels.paste(picture, mask=picture)
        return pixels
    pixels = picture.convert("RGB")
    pixels.info.clear()
    return pixels


def main() -> int:
    """Develop one picture, given its quality and least side; what went wrong is said by the exit code."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    quality, least_side = map(int, sys.argv[1:])
    try:
        content = sys.stdin.buffer.read()
        size_of(content, least_side)
        sys.stdout.buffer.write(upright_jpeg(content, quality))
    except TooManyPixels:
        return MANY_PIXELS
    except TooSmall as small:
        sys.stdout.write(str(small))
        return SMALL_PICTURE
    except (*UNREADABLE, MemoryError):
        return NO_PICTURE
    return DONE


if __name__ == "__main__":
    sys.exit(main())
