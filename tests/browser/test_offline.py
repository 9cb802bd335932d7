"""The member's phone without network: every record ends once on the server, whatever happens on the way."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Browser
from sqlalchemy import create_engine, select

from onboarding.assistance import AssistanceEvent
from onboarding.free_text import personal_words
from tests.browser.conftest import Demo
from tests.browser.held import hold_session
from tests.browser.phone import (
    APP,
    DUMP,
    WRITE_MANY,
    kill,
    launch,
    log_by_hand,
    lose_answers,
    open_app,
    send_all,
    sign_in,
    stored,
    unsent,
    wait,
)
from tests.browser.test_budgets import PAGE, Weighed
from tests.browser.visitor import Visitor

NOTES = json.loads((Path(__file__).parents[1] / "onboarding" / "notes.json").read_text("utf-8"))
Visit = Callable[..., Visitor]
SECRET_NOTE = "bà cụ ở cuối xóm"
HELP_CODE = "73194628"


def test_the_app_can_be_installed_and_is_light(visit: Visit, demo: Demo) -> None:
    visitor = visit()
    weighed = Weighed(visitor)
    visitor.go(APP)
    wait(visitor.page, "navigator.serviceWorker.ready.then(r => r.active.state === 'activated')")
    assert sum(weighed.bytes.values()) <= PAGE, weighed.bytes
    sign_in(visitor, demo, 0)
    open_app(visitor)
    network = visitor.context.new_cdp_session(visitor.page)
    errors = network.send("Page.getInstallabilityErrors")["installabilityErrors"]
    assert [error["errorId"] for error in errors if error["errorId"] != "in-incognito"] == []
    scope = visitor.page.evaluate("navigator.serviceWorker.ready.then(r => r.scope)")
    assert scope.endswith("/team/")


@pytest.mark.parametrize("locale", ["vi", "en"])
def test_the_page_is_readable_by_everybody(visit: Visit, demo: Demo, locale: str) -> None:
    visitor = open_app(sign_in(visit(width=320, locale=locale), demo, 0))
    visitor.go(f"/team/app/{locale}").page.wait_for_selector("#outbox[data-ready]")
    visitor.context.set_offline(True)
    log_by_hand(visitor.page)
    visitor.check()
    visitor.page.locator("#write a").click()
    visitor.page.locator("#submit").click()
    visitor.page.wait_for_selector("#problems:not([hidden])")
    visitor.checked.clear()
    visitor.check()
    visitor.context.set_offline(False)
    send_all(visitor.page)


def test_a_record_takes_eight_taps_and_is_there_after_an_offline_reload(visit: Visit, demo: Demo) -> None:
    visitor = open_app(sign_in(visit(), demo, 0))
    visitor.context.set_offline(True)
    began = time.monotonic()
    assert log_by_hand(visitor.page) <= 8
    assert time.monotonic() - began < 30
    for address in (APP, "/team/", "/team/people"):
        visitor.go(address).page.wait_for_selector("#outbox[data-ready]")
        assert visitor.page.locator("#count").inner_text() == "1"
    assert "Chờ sóng" in visitor.text
    assert "Vẫn ghi được" in visitor.text
    visitor.context.set_offline(False)
    wait(visitor.page, "document.getElementById('count').textContent === '0'")
    assert "Đã gửi" in visitor.text
    assert "máy chủ nhận" in visitor.text


def test_fifty_records_in_two_browsers_over_a_flapping_network_are_each_stored_once(visit: Visit, demo: Demo) -> None:
    phones = [open_app(sign_in(visit(), demo, skip)) for skip in (0, 1)]
    written, flaps = [], []
    for phone in phones:
        phone.context.set_offline(True)
        written += phone.page.evaluate(WRITE_MANY, 50)
        assert unsent(phone.page) == 50
        flaps.append(lose_answers(phone.context))
        phone.context.set_offline(False)
    end = time.monotonic() + 60
    while any(flaps):
        assert time.monotonic() < end, flaps
        for number, phone in enumerate(phones):
            phone.page.evaluate("team.send().catch(() => {})")
            phone.context.set_offline(len(flaps[number]) % 2 == 1)
            phone.context.set_offline(False)
    for phone in phones:
        send_all(phone.page)
        phone.page.reload()
        phone.page.wait_for_selector("#outbox[data-ready]")
        assert phone.page.locator("#count").inner_text() == "0"
    found = stored(demo)
    assert [id_ for id_ in written if found.get(id_) != 1] == []


def test_what_the_server_returns_is_mended_and_two_versions_are_settled(visit: Visit, demo: Demo) -> None:
    visitor = open_app(sign_in(visit(locale="en"), demo, 0))
    page = visitor.page
    visitor.go("/team/app/en").page.wait_for_selector("#outbox[data-ready]")
    [good] = page.evaluate(WRITE_MANY, 1)
    send_all(page)
    # a wrong help code comes back with its reason, is taken out, and goes
    log_by_hand(page, code=HELP_CODE)
    page.wait_for_selector("li[data-state='fix']")
    assert "This help code is not known for that day" in visitor.text
    page.get_by_role("button", name="Fix this record").click()
    page.locator("[name='help_code']").fill("")
    page.locator("#submit").click()
    wait(page, "document.getElementById('count').textContent === '0'")
    # the same name with other content: shown with both versions, and mine becomes a correction
    change = """async id => { const owner = await team.outbox.fact('owner');
      const held = (await team.outbox.list(owner)).find(r => r.id === id);
      held.entry.minutes = 60;
      await team.outbox.keep(owner, id, 'waiting', {entry: held.entry, written: held.written}); }"""
    page.evaluate(change, good)
    page.locator("#send").click()
    page.wait_for_selector("li[data-state='conflict']")
    assert "The server has another version of this record" in visitor.text
    assert page.locator("#count").inner_text() == "1"
    page.get_by_role("button", name="Send mine instead").click()
    wait(page, "document.getElementById('count').textContent === '0'")
    engine = create_engine(demo.known["database_url"])
    with engine.connect() as db:
        mended = db.scalars(select(AssistanceEvent.minutes).where(AssistanceEvent.supersedes == UUID(good))).all()
    engine.dispose()
    assert mended == [60]


def test_a_new_version_never_drops_the_outbox(visit: Visit, demo: Demo) -> None:
    visitor = sign_in(visit(bypass_csp=True), demo, 0)
    page = visitor.go("/help").page
    # what was installed some releases ago
    page.evaluate("""() => navigator.serviceWorker.register('/team/worker.js?older', {scope: '/team/'})
      .then(() => caches.open('eid-team-older')).then(cache => cache.put('/team/app/xx', new Response('older')))""")
    active = "navigator.serviceWorker.getRegistration('/team/').then(r => r.active && r.active.state === 'activated')"
    wait(page, active)
    open_app(visitor)
    visitor.context.route("**/team/sync", lambda route: route.abort())
    page.evaluate(WRITE_MANY, 3)
    page.wait_for_selector("#update:not([hidden])")
    with page.expect_navigation():  # the page is opened anew by itself
        page.locator("#update button").click()
    wait(
        page,
        """navigator.serviceWorker.getRegistration('/team/').then(r => r.active
      && !r.active.scriptURL.includes('older'))""",
    )
    wait(page, "caches.keys().then(names => names.length === 1)")
    page.wait_for_selector("#outbox[data-ready]")
    assert unsent(page) == 3
    visitor.context.unroute("**/team/sync")
    send_all(page)


def test_a_new_version_in_the_middle_of_typing_takes_nothing_away(visit: Visit, demo: Demo) -> None:
    visitor = sign_in(visit(bypass_csp=True), demo, 0)
    page = visitor.go("/help").page
    page.evaluate(
        """() => navigator.serviceWorker.register('/team/worker.js?older', {scope: '/team/'}).then(() => null)"""
    )
    wait(
        page, "navigator.serviceWorker.getRegistration('/team/').then(r => r.active && r.active.state === 'activated')"
    )
    open_app(visitor)
    page.wait_for_selector("#update:not([hidden])")
    page.locator("#write a").click()
    page.locator("label:has(input[name='task'][value='payment'])").first.click()
    page.evaluate("() => navigator.serviceWorker.addEventListener('controllerchange', () => { self.changed = true; })")
    page.locator("#update button").click()
    wait(page, "self.changed")
    assert page.locator("input[name='task'][value='payment']").is_checked()
    for name, value in (("result", "done"), ("mode", "guided"), ("minutes", "15")):
        page.locator(f"label:has(input[name='{name}'][value='{value}'])").first.click()
    page.locator("#submit").click()
    page.wait_for_selector("#listing:not([hidden])")
    send_all(page)


def test_signing_out_with_records_unsent_asks_and_keeps_them_for_their_member(visit: Visit, demo: Demo) -> None:
    visitor = open_app(sign_in(visit(), demo, 1))
    page = visitor.page
    visitor.context.route("**/team/sync", lambda route: route.abort())
    page.evaluate(WRITE_MANY, 2)
    visitor.go("/team/")
    page.locator("form[action='/sign-out'] button").click()
    page.wait_for_selector("#unsent-dialog[open]")
    assert "2 lượt còn chờ trong máy này" in page.locator("#unsent-dialog").inner_text()
    page.locator("#unsent-dialog button[value='stay']").click()
    wait(page, "!document.querySelector('form[data-asked]')")  # the dialog is closed, and so is the question
    assert visitor.path == "/team/"
    page.locator("form[action='/sign-out'] button").click()
    with page.expect_navigation():
        page.locator("#unsent-dialog button[value='leave']").click()
    visitor.context.unroute("**/team/sync")
    # another member on the same phone neither sees nor sends them
    sign_in(visitor, demo, 0)
    open_app(visitor)
    wait(page, "document.getElementById('count').textContent === '0'")
    assert "2 lượt của người khác" in visitor.text
    # their own member sends them
    visitor.context.clear_cookies()
    sign_in(visitor, demo, 1)
    visitor.go(APP).page.wait_for_selector("#outbox[data-ready]")
    wait(page, "document.getElementById('count').textContent === '0'")
    page.wait_for_selector("#others", state="hidden")


def test_a_killed_browser_keeps_the_outbox_and_nothing_readable(browser: Browser, demo: Demo, tmp_path: Path) -> None:
    member, profile = demo.person("lead"), tmp_path / "profile"
    context = launch(browser, profile)
    visitor = Visitor(context, context.pages[0], demo.portal)
    open_app(hold_session(visitor, demo, member))
    context.set_offline(True)
    log_by_hand(visitor.page, note=SECRET_NOTE, code=HELP_CODE)
    assert unsent(visitor.page) == 1
    everything = visitor.page.evaluate(DUMP)
    kill(profile)
    again = launch(browser, profile)
    page = again.pages[0]
    page.goto(f"{demo.portal}/help")
    wait(page, "navigator.serviceWorker.getRegistration('/team/').then(r => Boolean(r && r.active))")
    again.set_offline(True)
    page.goto(f"{demo.portal}{APP}")
    page.wait_for_selector("#outbox[data-ready]")
    assert page.locator("#count").inner_text() == "1"
    again.close()
    on_disk = b"".join(path.read_bytes() for path in profile.rglob("*") if path.is_file() and "IndexedDB" in str(path))
    assert len(on_disk) > 1000
    for words in (SECRET_NOTE, "cuối xóm", HELP_CODE, member["login"], member["name"], "60-and-over"):
        for coded in (words.encode(), words.encode("utf-16-le")):
            assert coded not in on_disk
        assert words not in everything["records"] + everything["storage"]
    for words in (SECRET_NOTE, HELP_CODE, member["login"], member["name"]):
        assert words not in everything["caches"]
    assert everything["extractable"] == [False]


def test_the_phone_finds_what_the_server_finds(visit: Visit) -> None:
    visitor = visit()
    visitor.go(APP).page.wait_for_selector("#outbox[data-ready]")
    notes = [
        "Nguyễn Văn An đến hỏi", "gọi 0912 345 678", "số 001158012345", "Ở thôn Nà Hin mất điện", "Bà Lan chưa có sim",
        "Cài VNeID trên iPhone", "Chợ Đồng Xuân", "ông Bảy", "Mất mạng. Hẹn thứ Hai", "gặp anh Trần Quốc Toản ở chợ",
        "12345", "Smith John", "đã cài Zalo, Viettel Money", "phường Ba Đình", "Lê-Thị-Mai", "", "hẹn 14:30 ngày 21/11",
        "sđt0912345678", "0912 - 345 - 678", "C1234567", "bà nguyễn thị lan", "mai thị trấn mở", "nộp 1.004222",
    ]  # fmt: skip
    notes += [*NOTES["ordinary"], *(words for _kind, words in NOTES["personal"])]
    notes += [f"đã giúp {words} hôm qua" for _kind, words in NOTES["personal"]]
    script = """notes => notes.map(note => team.personalWords(note))
      .map(found => found && [found.kind, found.words])"""
    found = visitor.page.evaluate(script, notes)
    expected = [(lambda one: one and [one.kind, one.words])(personal_words(note)) for note in notes]
    assert found == expected
    assert sum(each is not None for each in expected) >= 6 + 2 * len(NOTES["personal"])


FILL_UP = """() => { self.fits = IDBObjectStore.prototype.put;
  IDBObjectStore.prototype.put = () => { throw new DOMException('', 'QuotaExceededError'); }; }"""
NO_ROOM = "() => { IDBObjectStore.prototype.put = function () { this.transaction.abort(); return {}; }; }"
"""The disk is full only when it is written to: the transaction ends, with all that is in it."""
MAKE_ROOM = "() => { IDBObjectStore.prototype.put = self.fits; }"
"""The browser's own switch for a small quota (Storage.overrideQuotaForOrigin) does not hold for IndexedDB."""


def test_a_full_phone_says_so_and_keeps_what_was_typed(visit: Visit, demo: Demo) -> None:
    visitor = open_app(sign_in(visit(), demo, 0))
    page = visitor.page
    page.evaluate(FILL_UP)
    page.locator("#write a").click()
    for name, value in (("task", "payment"), ("result", "done"), ("mode", "guided"), ("minutes", "15")):
        page.locator(f"label:has(input[name='{name}'][value='{value}'])").first.click()
    page.locator("#submit").click()
    page.wait_for_selector("#full:not([hidden])")
    assert page.locator("input[name='task'][value='payment']").is_checked()
    assert unsent(page) == 0
    page.evaluate(MAKE_ROOM)
    page.locator("#submit").click()
    page.wait_for_selector("#listing:not([hidden])")
    send_all(page)


def test_a_full_phone_still_hands_in_what_waits_and_counts_it_no_more(visit: Visit, demo: Demo) -> None:
    """Only sending makes room: it needs none itself, and what has no room is the receipt."""
    visitor = open_app(sign_in(visit(), demo, 0))
    page = visitor.page
    visitor.context.set_offline(True)
    written = page.evaluate(WRITE_MANY, 3)
    page.evaluate(NO_ROOM)
    visitor.context.set_offline(False)
    wait(page, "document.getElementById('count').textContent === '0'")
    assert unsent(page) == 0
    assert [stored(demo).get(id_) for id_ in written] == [1, 1, 1]


def test_a_reminder_comes_from_the_seventh_day(visit: Visit, demo: Demo) -> None:
    visitor = open_app(sign_in(visit(), demo, 0))
    page = visitor.page
    visitor.context.set_offline(True)
    page.evaluate(WRITE_MANY, 1)
    page.wait_for_selector("#waiting li")
    assert page.locator("#old").is_hidden()
    page.clock.install(time=time.time() + 7 * 86400 + 60)
    page.reload()
    page.wait_for_selector("#old:not([hidden])")
    page.clock.set_system_time(time.time())
    visitor.context.set_offline(False)
    send_all(page)
