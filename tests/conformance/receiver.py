"""A place of ours on the web: it serves the documents that a provider fetches and keeps what is posted to it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

import orjson
from werkzeug.wrappers import Request, Response


@dataclass
class Receiver:
    """A WSGI application; `url` is where the provider finds it."""

    url: str
    documents: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    posted: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    fetched: list[str] = field(default_factory=list)
    refuse: set[str] = field(default_factory=set)
    patience: float = 20

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        request = Request(environ)
        return self._answer(request)(environ, start_response)

    def _answer(self, request: Request) -> Response:
        if request.method == "POST":
            self.posted.setdefault(request.path, []).append(dict(request.form))
            return Response("", 503 if request.path in self.refuse else 200)
        self.fetched.append(request.path)
        if request.path not in self.documents:
            return Response("nothing here", 404)
        kind, content = self.documents[request.path]
        return Response(content, 200, content_type=kind)

    def serve(self, path: str, content: Any, kind: str = "application/json") -> str:
        """Put a document there; returns its address."""
        self.documents[path] = (kind, content if isinstance(content, bytes) else orjson.dumps(content))
        return self.url + path

    def wait_for(self, path: str, *, count: int = 1) -> list[dict[str, str]]:
        """What was posted there, once it is `count` or the patience is over."""
        end = time.monotonic() + self.patience
        while len(self.posted.get(path, [])) < count and time.monotonic() < end:
            time.sleep(0.05)
        return self.posted.get(path, [])
