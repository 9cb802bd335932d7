"""Where pictures are made anew from their pixels: position, camera, thumbnails and what hangs behind the file are gone.

Also a program of its own, for pictures that would take much memory of the process that asks: the picture comes in at
stdin, the new one goes out at stdout. It imports the picture library and nothing of ours, so that it starts quickly.
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
MEMORY, SECONDS = 1 << 30, 20
DONE, NO_PICTURE = 0, 3
UNREADABLE = (OSError, SyntaxError, ValueError, EOFError)


class TooManyPixels(Exception):
    """More than `LARGEST_IMAGE`."""


def size_of(content: bytes) -> tuple[int, int]:
    """How wide and high the picture says it is; nothing is unfolded. Raises `UNREADABLE`, `TooManyPixels`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with Image.open(io.BytesIO(content), formats=FORMATS) as opened:
                width, height = opened.size
        except Image.DecompressionBombError:
            raise TooManyPixels from None
    if width * height > LARGEST_IMAGE:
        raise TooManyPixels
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
    """Develop one picture; what went wrong is said by the exit code."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    try:
        sys.stdout.buffer.write(upright_jpeg(sys.stdin.buffer.read(), int(sys.argv[1])))
    except (*UNREADABLE, MemoryError):
        return NO_PICTURE
    return DONE


if __name__ == "__main__":
    sys.exit(main())
