"""Answers that a program may keep and ask about again: an ETag of the bytes, 304 where they are the same."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Response, request


def answer(body: bytes, media_type: str) -> Response:
    """For the one who asked: kept by no cache in between, and asked about again each time."""
    said = Response(body, content_type=media_type)
    said.headers["Cache-Control"] = "private, no-cache"
    said.vary.update(["Authorization", "Accept", "Accept-Language"])
    said.add_etag()
    return said.make_conditional(request)


def as_json(said: Any) -> Response:
    """A document."""
    return answer(orjson.dumps(said), "application/json")


def for_everybody(body: bytes, media_type: str) -> Response:
    """Schemas and code lists, which anybody may read."""
    said = answer(body, media_type)
    said.headers["Cache-Control"] = "public, max-age=3600"
    return said
