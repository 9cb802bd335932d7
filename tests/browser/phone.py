"""A member's phone before a browser: open the app, log help by hand, lose the network, the answers or the battery."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Error, Page
from sqlalchemy import create_engine, select

from onboarding.assistance import AssistanceEvent
from tests.browser.conftest import Demo
from tests.browser.held import hold_session
from tests.browser.visitor import Visitor
from tests.machine import chromium

APP, ENGLISH = "/team/app/vi", "/team/app/en"


def wait(page: Page, condition: str, seconds: float = 30) -> None:
    """Until the expression holds (the driver's own waiting needs `eval`, which the page forbids)."""
    end = time.monotonic() + seconds
    while not _holds(page, condition):
        assert time.monotonic() < end, f"{condition} at {page.url}: {page.locator('main').inner_text()}"
        page.wait_for_timeout(50)


def while_fresh(scan: Callable[[], object], counts: Callable[[], bool], tries: int = 4) -> None:
    """Scan what changes by the clock until it counts: a slow machine may come after the change, as a person may."""
    for _ in range(tries):
        scan()
        if counts():
            return
    raise AssertionError("what was scanned never counted")


def _holds(page: Page, condition: str) -> bool:
    try:
        # what never answers (a worker that is not there) must not stop the test for good
        return bool(page.evaluate(f"Promise.race([{condition}, new Promise(done => setTimeout(done, 1000))])"))
    except Error as error:
        assert "Execution context was destroyed" in str(error)  # the page is being opened anew
        return False


def sign_in(visitor: Visitor, demo: Demo, skip: int) -> Visitor:
    return hold_session(visitor, demo, demo.person("member", skip=skip))


def open_app(visitor: Visitor, page: str = APP) -> Visitor:
    """The page, ready and able to open without network."""
    visitor.go(page)
    visitor.page.wait_for_selector("#outbox[data-ready]")
    wait(visitor.page, "navigator.serviceWorker.ready.then(r => r.active && r.active.state === 'activated')")
    wait(visitor.page, "team.outbox.fact('owner')")
    return visitor


def at_rest(visitor: Visitor) -> Visitor:
    """When everything that the page sends by itself is sent."""
    wait(visitor.page, "navigator.locks.query().then(found => !found.held.length && !found.pending.length)")
    return visitor


def log_by_hand(page: Page, *, minutes: str = "15", note: str = "", code: str = "") -> int:
    """Write one record with the thumb; how many taps it took."""
    taps = 0

    def tap(selector: str) -> None:
        nonlocal taps
        page.locator(selector).first.click()
        taps += 1

    tap("#write a")
    for name, value in (("task", "activation"), ("result", "done"), ("mode", "guided"), ("minutes", minutes)):
        tap(f"label:has(input[name='{name}'][value='{value}'])")
    tap("label:has(input[name='age_band'][value='60-and-over'])")
    tap("label:has(input[name='sex'][value='F'])")
    if code:
        page.locator("[name='help_code']").fill(code)
    if note:
        if not page.locator("[name='note']").is_visible():
            page.locator("details summary").last.click()
        page.locator("[name='note']").fill(note)
    tap("#submit")
    page.wait_for_selector("#listing:not([hidden])")
    return taps


WRITE_MANY = """async n => {
  const owner = await team.outbox.fact('owner'), ids = [];
  for (let i = 0; i < n; i++) {
    const id = crypto.randomUUID();
    ids.push(id);
    await team.outbox.keep(owner, id, 'waiting', {written: Date.now(), entry: {id: id, task: 'payment', mode: 'guided',
      result: 'done', minutes: 15, happened_at: new Date(Date.now() - 60000).toISOString(), obstacle: '', procedure: '',
      authorised: false, age_band: '', sex: '', traits: [], note: '', help_code: '', supersedes: null}});
  }
  return ids; }"""


def unsent(page: Page) -> int:
    return int(page.evaluate("team.outbox.fact('owner').then(o => team.outbox.count(o)).then(c => c.own)"))


def send_all(page: Page, seconds: float = 60) -> None:
    """Send until nothing waits; what fails is tried again, as the page does by itself."""
    end = time.monotonic() + seconds
    while unsent(page) and time.monotonic() < end:
        page.evaluate("team.send().catch(() => {})")
        page.wait_for_timeout(100)
    assert unsent(page) == 0


def stored(demo: Demo) -> dict[str, int]:
    """How often each record stands on the server."""
    engine = create_engine(demo.known["database_url"])
    with engine.connect() as db:
        ids = [str(id_) for id_ in db.scalars(select(AssistanceEvent.id))]
    engine.dispose()
    return {id_: ids.count(id_) for id_ in ids}


DUMP = """async () => {
  const text = new TextDecoder('latin1'), seen = [];
  const show = value => JSON.stringify(value, (key, held) => held instanceof ArrayBuffer ? text.decode(held)
    : ArrayBuffer.isView(held) ? text.decode(held) : held instanceof CryptoKey ? '' : held);
  const db = await new Promise(done => { const r = indexedDB.open('eid-team'); r.onsuccess = () => done(r.result); });
  const all = name => new Promise(done => { const r = db.transaction(name).objectStore(name).getAll();
    r.onsuccess = () => done(r.result); });
  const keys = await all('keys');
  let kept = '';
  for (const name of await caches.keys()) for (const request of await (await caches.open(name)).keys())
    if (!/woff2/.test(request.url)) kept += await (await (await caches.open(name)).match(request)).text();
  return {records: show(await all('records')) + show(await all('facts')), caches: kept,
    storage: JSON.stringify(localStorage) + JSON.stringify(sessionStorage),
    extractable: keys.map(k => k.key.extractable)}; }"""


def lose_answers(context: BrowserContext) -> list[str]:
    """The next sendings never arrive, or arrive and their answer is lost; the losses that are still to come."""
    to_come = ["never", "lost", "never", "lost", "lost"]

    def flap(route: Any) -> None:
        if route.request.method != "POST" or not to_come:
            route.continue_()
        elif to_come.pop(0) == "never":
            route.abort("connectionfailed")
        else:
            route.fetch()
            route.abort("connectionreset")

    context.route("**/team/sync", flap)
    return to_come


def launch(browser: Browser, profile: Path) -> BrowserContext:
    """A browser of its own whose store outlives it."""
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    return browser.browser_type.launch_persistent_context(
        str(profile), executable_path=chromium(), args=arguments, viewport={"width": 390, "height": 844}, locale="vi-VN"
    )


def kill(profile: Path, seconds: float = 10) -> None:
    """As when the battery is taken out: every process of that browser, at once."""
    end, found = time.monotonic() + seconds, processes_of(profile)
    assert found
    for pid in found:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    while processes_of(profile):
        assert time.monotonic() < end, "the browser lives on"
        time.sleep(0.05)
    (profile / "SingletonLock").unlink(missing_ok=True)


def processes_of(profile: Path) -> list[int]:
    """Living ones whose command names the profile (`-ww`: the profile stands far to the right; a zombie has none)."""
    listed = subprocess.run(["ps", "-ww", "-eo", "pid=,args="], capture_output=True, text=True, check=True).stdout
    return [int(line.split()[0]) for line in listed.splitlines() if f"--user-data-dir={profile}" in line]
