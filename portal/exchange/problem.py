"""Problem documents (RFC 9457): every failure of this slice, in the reader's language."""

from __future__ import annotations

import orjson
from flask import Response, g


def problem(status: int, title: str, detail: str, code: str | None = None) -> Response:
    """`type` names the refusal where there is a code for it."""
    said = {
        "type": "about:blank" if code is None else f"urn:problem:{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "instance": f"urn:request:{g.get('request_id', '')}",
    }
    answer = Response(orjson.dumps(said), status, mimetype="application/problem+json")
    answer.headers["Cache-Control"] = "no-store"
    return answer
