"""QR codes: inline SVG for pages, PNG for mail. Error correction M survives a fold or a smudge on paper.

The library is imported when the first one is drawn: it brings the pictures' too, 5 MB of each process.
"""

from __future__ import annotations

import io
from functools import lru_cache
from typing import Any

from markupsafe import Markup

QUIET_ZONE = 4
"""Blank modules around the symbol (ISO/IEC 18004 section 5.3.8)."""


def qr_svg(text: str) -> Markup:
    """A QR code as inline SVG, for `components/qr.html`."""
    from qrcode.image.svg import SvgPathImage

    drawn = _code(text).make_image(image_factory=SvgPathImage).to_string(encoding="unicode")
    return Markup(drawn)  # noqa: S704 - drawn by us, holds no markup of others


def qr_rows(text: str) -> list[str]:
    """A QR code as rows of 0 and 1, quiet zone included, for a script to draw."""
    return ["".join("1" if dark else "0" for dark in row) for row in _uniform(text).get_matrix()]


TAIL_BITS = (0, 1, 2, 3, 4, 6)
"""Bits in which small letters and digits differ from each other."""


def qr_packed(text: str) -> tuple[int, bytes]:
    """A QR code as the length of its side and its modules, row by row, eight a byte; no quiet zone.

    One mask and one mode for all: so texts of one length that differ in a bit differ in the same modules, whatever
    else they say (ISO/IEC 18004: error correction is linear), and a script can make a code out of another.
    """
    code = _uniform(text)
    code.make()
    bits = "".join("1" if dark else "0" for row in code.modules for dark in row)
    return len(code.modules), int(bits.ljust(-(-len(bits) // 8) * 8, "0"), 2).to_bytes(-(-len(bits) // 8))


@lru_cache(maxsize=4)
def qr_changes(length: int, tail: int) -> bytes:
    """What each bit of the last letters changes in the packed code of a text: in the order of letters, `TAIL_BITS`."""
    plain = "a" * length
    _side, packed = qr_packed(plain)
    changes = []
    for place in range(length - tail, length):
        for bit in TAIL_BITS:
            other = plain[:place] + chr(ord("a") ^ 1 << bit) + plain[place + 1 :]
            changes.append(bytes(one ^ two for one, two in zip(packed, qr_packed(other)[1], strict=True)))
    return b"".join(changes)


def qr_png(text: str) -> bytes:
    """A QR code as a picture to attach."""
    content = io.BytesIO()
    _code(text).make_image().save(content)
    return content.getvalue()


def _uniform(text: str) -> Any:
    """One mask for all, which is quicker, and one mode: by itself the library packs a long run of digits closer."""
    from qrcode.util import MODE_8BIT_BYTE, QRData

    return _code(QRData(text.encode(), mode=MODE_8BIT_BYTE), mask_pattern=2)


def _code(text: Any, **options: Any) -> Any:
    from qrcode import QRCode
    from qrcode.constants import ERROR_CORRECT_M

    code = QRCode(error_correction=ERROR_CORRECT_M, border=QUIET_ZONE, **options)
    code.add_data(text)
    return code
