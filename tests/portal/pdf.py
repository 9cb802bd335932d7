"""What stands in a PDF, letter by letter."""

from __future__ import annotations

import io
import unicodedata

import pytest
from pypdf import PdfReader

from tests.machine import has_pango


def read(pdf: bytes) -> str:
    """Its text in one line."""
    if not has_pango():  # in CI it is there; without it none of this can be told
        pytest.fail("install libpango-1.0-0 and libpangoft2-1.0-0")
    text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
    return unicodedata.normalize("NFC", " ".join(text.split()))
