"""Pictures made anew from their pixels: position, camera, thumbnails and anything appended to the file are gone.

Imported when a picture comes in: the library takes 4 MB of each process.
"""

from __future__ import annotations

import io
import warnings

from PIL import Image, ImageOps

from identity.base import Refused

LARGEST_IMAGE = 25_000_000
"""Pixels; a small file may unfold to gigabytes."""
LONGEST_EDGE = 2400
FORMATS = ("JPEG", "PNG")


def made_anew(content: bytes, quality: int, *, field: str | None) -> bytes:
    """A fresh JPEG, upright and at most 2,400 pixels long. Refused `file-too-large`, `not-an-image`."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # odd metadata is dropped below, no reason to refuse
            return _jpeg(_upright(content, field), quality)
    except (OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError):
        raise Refused("not-an-image", field=field) from None


def fitted(picture: bytes, size: tuple[int, int], quality: int) -> bytes:
    """The middle of a picture, a little above it, where a face is."""
    with Image.open(io.BytesIO(picture)) as opened:
        return _jpeg(ImageOps.fit(opened, size, centering=(0.5, 0.35)), quality)


def contrast(picture: bytes) -> int:
    """How far its lightest shade of grey is from its darkest, of 255."""
    with Image.open(io.BytesIO(picture)) as opened:
        shades = [shade for shade, count in enumerate(opened.convert("L").histogram()) if count]
    return shades[-1] - shades[0]


def _upright(content: bytes, field: str | None) -> Image.Image:
    with Image.open(io.BytesIO(content), formats=FORMATS) as opened:
        if opened.width * opened.height > LARGEST_IMAGE:
            raise Refused("file-too-large", field=field)
        upright = ImageOps.exif_transpose(opened)
        upright.thumbnail((LONGEST_EDGE, LONGEST_EDGE))
        pixels = Image.new("RGB", upright.size, "white")
        picture = upright.convert("RGBA")
        pixels.paste(picture, mask=picture)
    return pixels


def _jpeg(pixels: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    pixels.save(out, "JPEG", quality=quality, optimize=True)
    return out.getvalue()
