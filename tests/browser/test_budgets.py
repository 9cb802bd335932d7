"""What a resident's first page costs: bytes over the wire, requests, jumps of the layout (experience: budgets)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.browser.visitor import Visitor

PAGE, STYLE, SCRIPT, REQUESTS, SHIFT = 60_000, 10_000, 8_000, 10, 0.02
SCRIPT_OF_SIGN_IN = 12_000
"""With what a device's lock needs (experience: budgets)."""
SHIFTS = """() => new Promise(done => { let sum = 0;
  new PerformanceObserver(list => { for (const entry of list.getEntries()) sum += entry.value; })
    .observe({type: 'layout-shift', buffered: true}); setTimeout(() => done(sum), 300); })"""


class Weighed:
    """Bytes as they travelled, headers included, by kind of file."""

    def __init__(self, visitor: Visitor) -> None:
        self.kinds: dict[str, str] = {}
        self.bytes: dict[str, float] = {}
        network = visitor.context.new_cdp_session(visitor.page)
        network.send("Network.enable")
        network.send("Network.setCacheDisabled", {"cacheDisabled": True})
        network.on("Network.responseReceived", self._received)
        network.on("Network.loadingFinished", self._finished)

    def _received(self, event: dict[str, Any]) -> None:
        self.kinds[event["requestId"]] = event["type"]

    def _finished(self, event: dict[str, Any]) -> None:
        kind = self.kinds.get(event["requestId"], "Other")
        self.bytes[kind] = self.bytes.get(kind, 0) + event["encodedDataLength"]


@pytest.mark.parametrize("locale", ["vi", "en"])
@pytest.mark.parametrize("path", ["/", "/apply", "/sign-in", "/activate", "/status"])
def test_a_first_visit_stays_within_its_budget(visit: Callable[..., Visitor], path: str, locale: str) -> None:
    visitor = visit(locale=locale)
    weighed = Weighed(visitor)
    visitor.go(path)
    visitor.page.wait_for_load_state("networkidle")
    assert sum(weighed.bytes.values()) <= PAGE, weighed.bytes
    assert weighed.bytes.get("Stylesheet", 0) <= STYLE
    assert weighed.bytes.get("Script", 0) <= (SCRIPT_OF_SIGN_IN if path == "/sign-in" else SCRIPT)
    assert len(weighed.kinds) <= REQUESTS, weighed.kinds
    assert visitor.page.evaluate(SHIFTS) <= SHIFT


@pytest.mark.parametrize("locale", ["vi", "en"])
def test_public_pages_are_readable_by_everybody(visit: Callable[..., Visitor], locale: str) -> None:
    visitor = visit(width=320, locale=locale)
    for path in ("/", "/help", "/privacy", "/accessibility", "/terms", "/apply", "/sign-in", "/activate", "/status"):
        visitor.go(path).check()


@pytest.mark.parametrize("locale", ["vi", "en"])
def test_every_component_is_readable_by_everybody(visit: Callable[..., Visitor], locale: str) -> None:
    visitor = visit(width=320, locale=locale)
    for path in ("/design", "/design/form", "/design/work", "/design/field"):
        visitor.go(path).check()


def test_a_long_word_of_a_record_breaks_inside(visit: Callable[..., Visitor]) -> None:
    """Addresses and file names have no spaces."""
    visitor = visit(width=320).go("/design")
    visitor.page.evaluate("document.querySelectorAll('dl.summary :is(dt, dd)').forEach(e => e.prepend('x'.repeat(60)))")
    assert visitor.page.evaluate("document.documentElement.scrollWidth") == 320


def test_the_place_of_the_device_lock_is_kept_until_the_script_shows_it(visit: Callable[..., Visitor]) -> None:
    """On a slow line the script comes after the first sight: what stands below must not jump."""
    visitor = visit()
    visitor.page.route("**/with-passkey.js*", lambda route: route.abort())
    visitor.go("/sign-in")
    panel = "document.querySelector('[data-passkey]')"
    kept = f"() => [{panel}.getBoundingClientRect().height, getComputedStyle({panel}).visibility]"
    height, visibility = visitor.page.evaluate(kept)
    assert height > 100 and visibility == "hidden"
    visitor.page.unroute("**/with-passkey.js*")
    visitor.go("/sign-in").page.wait_for_selector("#passkey", state="visible")
    assert visitor.page.evaluate(kept) == [height, "visible"]
