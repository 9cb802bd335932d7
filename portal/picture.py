"""A small picture inside the page that shows it: no address of its own that could be kept or guessed."""

from __future__ import annotations

import base64


def data_uri(picture: bytes | None) -> str:
    """A JPEG as the source of an image; empty where there is none."""
    return f"data:image/jpeg;base64,{base64.b64encode(picture).decode()}" if picture else ""
