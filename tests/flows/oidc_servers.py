"""A live portal and a live demonstration relying party, each on a port of its own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from werkzeug.serving import make_server


@contextmanager
def served(app: Flask, port: int) -> Iterator[str]:
    """Serve `app` over real HTTP; gives its address."""
    try:
        server = make_server("127.0.0.1", port, app, threaded=True)
    except SystemExit as error:  # which no fixture survives
        raise OSError(f"nothing can be served at port {port}") from error
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def fields_of(text: str) -> dict[str, Any]:
    """The hidden fields of the forms of a page."""
    import re

    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', text))
