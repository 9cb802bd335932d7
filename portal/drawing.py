"""QR codes: inline SVG for pages, PNG for mail. Error correction M survives a fold or a smudge on paper.

The library is imported when the first one is drawn: it brings the pictures' too, 5 MB of each process.
"""

from __future__ import annotations

import io
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
    """A QR code as rows of 0 and 1, quiet zone included, for a script to draw. One mask for all, which is quicker."""
    code = _code(text, mask_pattern=2)
    return ["".join("1" if dark else "0" for dark in row) for row in code.get_matrix()]


def qr_png(text: str) -> bytes:
    """A QR code as a picture to attach."""
    content = io.BytesIO()
    _code(text).make_image().save(content)
    return content.getvalue()


def _code(text: str, **options: Any) -> Any:
    from qrcode import QRCode
    from qrcode.constants import ERROR_CORRECT_M

    code = QRCode(error_correction=ERROR_CORRECT_M, border=QUIET_ZONE, **options)
    code.add_data(text)
    return code
