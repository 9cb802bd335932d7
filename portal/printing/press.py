"""The press: HTML on standard input, PDF on standard output. Run as a program, with nothing of the portal in it.

It reads stylesheets and fonts of the static folder and nothing else, neither of this machine nor of the network. A
letter that the fonts lack would garble its whole line, so it becomes a question mark.
"""

from __future__ import annotations

import resource
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

STATIC = Path(__file__).resolve().parent.parent.parent / "static"
FONT = STATIC / "print" / "bvp-400.ttf"
BASE = "https://sheet.invalid/"
KINDS = {".css": "text/css", ".ttf": "font/ttf"}
SECONDS = 20
BYTES = 1024**3


def known_letters(html: str) -> str:
    """The text with every letter that the font cannot set replaced."""
    from fontTools.ttLib import TTFont

    with TTFont(FONT, lazy=True) as font:
        known = font.getBestCmap()
    strange = {letter for letter in set(html) if not letter.isascii() and ord(letter) not in known}
    return html.translate({ord(letter): "?" for letter in strange})


def pressed(html: str) -> bytes:
    """The sheet as PDF."""
    from weasyprint import HTML
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class OwnFiles(URLFetcher):
        """Styles and fonts of the portal, by the address that a browser would ask for."""

        def fetch(self, url: str, headers: object = None) -> URLFetcherResponse:
            parts = urlsplit(url)
            path = (STATIC / unquote(parts.path).removeprefix("/static/")).resolve()
            if not url.startswith(f"{BASE}static/") or not path.is_relative_to(STATIC) or path.suffix not in KINDS:
                raise ValueError("not a file of ours")
            return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": KINDS[path.suffix]})

    made: bytes = HTML(string=known_letters(html), base_url=BASE, url_fetcher=OwnFiles()).write_pdf()
    return made


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
    sys.stdout.buffer.write(pressed(sys.stdin.buffer.read().decode()))
