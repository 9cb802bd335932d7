"""A member signs out, here or from afar, or is away too long: the next person on the phone reads nothing of theirs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from identity.session import end_all_sessions
from onboarding.assistance import former_owner_tags
from tests.browser.conftest import Demo
from tests.browser.hands import Hand, counting, new_hand, sign_in
from tests.browser.held import in_database
from tests.browser.phone import ENGLISH, at_rest, log_by_hand, open_app, unsent, wait
from tests.browser.visitor import Visitor

Visit = Callable[..., Visitor]
NOTE = "bà cụ ở cuối xóm, tay run"
DIALOG = "#unsent-dialog"


@pytest.fixture
def hand(demo: Demo) -> Hand:
    return new_hand(demo)


@pytest.fixture
def waiting(visit: Visit, demo: Demo, hand: Hand) -> Visitor:
    """A phone that cannot send, with two records that wait."""
    visitor = at_rest(open_app(sign_in(visit(locale="en"), demo, hand), ENGLISH))
    visitor.context.route("**/team/sync", lambda route: route.abort())
    for _ in range(2):
        log_by_hand(visitor.page, note=NOTE)
    return visitor


READABLE = """async () => {
  const db = await new Promise(done => { const r = indexedDB.open('eid-team'); r.onsuccess = () => done(r.result); });
  const all = name => new Promise(done => { const r = db.transaction(name).objectStore(name).getAll();
    r.onsuccess = () => done(r.result); });
  const text = new TextDecoder(), found = [];
  for (const row of await all('records')) for (const held of await all('keys')) {
    for (const key of [held.key].filter(Boolean)) {
      try { found.push(text.decode(await crypto.subtle.decrypt({name: 'AES-GCM', iv: row.iv,
        additionalData: new TextEncoder().encode(row.owner + ':' + row.id)}, key, row.box))); } catch (error) {}
    }
  }
  return found; }"""
"""What a person who holds the phone could read with the keys that lie there."""


def is_locked(visitor: Visitor, number: int = 2) -> None:
    """The app tells that records wait and for whom, and shows, opens and can open none."""
    visitor.go("/team/app/en").page.wait_for_selector("#nobody:not([hidden])")
    assert visitor.page.locator("#count").inner_text() == str(number)
    assert f"{number} records wait on this phone, locked." in visitor.text
    assert visitor.page.locator("#waiting li").count() == 0
    assert visitor.page.evaluate(READABLE) == []


def comes_back(visitor: Visitor, demo: Demo, hand: Hand) -> None:
    """The same member signs in: all is there, and goes."""
    visitor.context.unroute("**/team/sync")
    sign_in(visitor, demo, hand).go("/team/app/en").page.wait_for_selector("#outbox[data-ready]")
    wait(visitor.page, "document.querySelectorAll('#sent li').length === 2")
    assert visitor.page.locator("#count").inner_text() == "0"
    assert [record["note"] for record in counting(demo, hand)] == [NOTE, NOTE]


@pytest.mark.parametrize(
    ("page", "button"),
    [
        ("/account", "form[action='/sign-out'] button"),
        ("/account/sessions", "#end-everywhere"),
        ("/oauth/end-session", "main form button[type='submit'], main form button"),
    ],
)
def test_signing_out_anywhere_asks_and_locks(waiting: Visitor, demo: Demo, hand: Hand, page: str, button: str) -> None:
    assert len(waiting.page.evaluate(READABLE)) == 2
    waiting.go(page).page.locator(button).first.click()
    waiting.page.wait_for_selector(f"{DIALOG}[open]")
    assert "2 records wait on this phone." in waiting.page.locator(DIALOG).inner_text()
    waiting.check()
    waiting.page.locator(f"{DIALOG} button[value='send']").click()
    waiting.page.wait_for_selector(f"{DIALOG}[open] [data-failed]:not([hidden])")
    assert waiting.path == page
    waiting.click(f"{DIALOG} button[value='leave']")
    is_locked(waiting)
    comes_back(waiting, demo, hand)


def test_what_is_sent_before_signing_out_is_sent(waiting: Visitor, demo: Demo, hand: Hand) -> None:
    waiting.go("/account").page.locator("form[action='/sign-out'] button").click()
    waiting.page.wait_for_selector(f"{DIALOG}[open]")
    waiting.context.unroute("**/team/sync")
    waiting.click(f"{DIALOG} button[value='send']")
    assert len(counting(demo, hand)) == 2
    waiting.go("/team/app/en").page.wait_for_selector("#nobody:not([hidden])")
    assert waiting.page.evaluate(READABLE) == []


def test_a_sign_out_that_could_not_ask_locks_also_without_network(waiting: Visitor) -> None:
    waiting.go("/account")
    token = waiting.page.locator("form[action='/sign-out'] input[name='csrf_token']").input_value()
    answer = waiting.context.request.post(
        f"{waiting.portal}/sign-out", form={"csrf_token": token}, headers={"Origin": waiting.portal}
    )
    assert answer.ok
    waiting.context.set_offline(True)
    is_locked(waiting)


def test_being_signed_out_from_afar_locks_as_soon_as_there_is_network(waiting: Visitor, demo: Demo, hand: Hand) -> None:
    in_database(demo, lambda db: end_all_sessions(db, hand.account_id, now=datetime.now(UTC)))
    waiting.go("/team/app/en").page.wait_for_selector("#waiting li")  # nobody told the phone yet
    waiting.context.unroute("**/team/sync")
    is_locked(waiting)
    comes_back(waiting, demo, hand)


def test_whoever_signs_in_next_reads_nothing(waiting: Visitor, demo: Demo, hand: Hand) -> None:
    sign_in(waiting, demo, new_hand(demo)).go("/team/")
    wait(waiting.page, "team.outbox.owner().then(owner => owner === null)")
    assert waiting.page.evaluate(READABLE) == []
    waiting.context.unroute("**/team/sync")
    open_app(waiting).go("/team/app/en").page.wait_for_selector("#others:not([hidden])")
    assert "2 records of another member wait on this phone. That member must sign in here" in waiting.text
    assert waiting.page.locator("#count").inner_text() == "0"
    assert waiting.page.evaluate(READABLE) == []
    comes_back(waiting, demo, hand)


AS_AN_EARLIER_RELEASE = """async name => {
  const db = await new Promise(done => { const r = indexedDB.open('eid-team'); r.onsuccess = () => done(r.result); });
  const owner = await team.outbox.owner(), held = await team.outbox.list(owner), text = new TextEncoder();
  const key = await crypto.subtle.generateKey({name: 'AES-GCM', length: 256}, false, ['encrypt', 'decrypt']);
  const rows = await Promise.all(held.map(async function (record) {
    const iv = crypto.getRandomValues(new Uint8Array(12)), plain = JSON.stringify({entry: record.entry,
      written: record.written});
    const box = await crypto.subtle.encrypt({name: 'AES-GCM', iv: iv, additionalData: text.encode(name + ':' +
      record.id)}, key, text.encode(plain));
    return {id: record.id, owner: name, state: record.state, iv: iv, box: box};
  }));
  const work = db.transaction(['records', 'keys', 'facts'], 'readwrite');
  work.objectStore('keys').clear();
  work.objectStore('keys').put({owner: name, key: key});
  work.objectStore('facts').put({name: 'owner', value: name});
  rows.forEach(row => work.objectStore('records').put(row));
  await new Promise(done => { work.oncomplete = done; }); }"""


def test_what_an_earlier_release_kept_is_kept_and_locked_too(waiting: Visitor, demo: Demo, hand: Hand) -> None:
    [name] = in_database(demo, lambda db: former_owner_tags(db, hand.account_id))
    waiting.page.evaluate(AS_AN_EARLIER_RELEASE, name)
    waiting.context.unroute("**/team/sync")
    waiting.context.route(
        "**/team/sync", lambda route: route.abort() if route.request.method == "POST" else route.continue_()
    )
    waiting.go("/team/app/en").page.wait_for_selector("#waiting li")
    wait(waiting.page, KEY_IS_SEALED)
    assert unsent(waiting.page) == 2
    assert len(waiting.page.evaluate(READABLE)) == 2
    waiting.go("/account").page.locator("form[action='/sign-out'] button").click()
    waiting.click(f"{DIALOG}[open] button[value='leave']")
    is_locked(waiting)
    comes_back(waiting, demo, hand)


KEY_IS_SEALED = """new Promise(done => { const r = indexedDB.open('eid-team'); r.onsuccess = () => done(r.result); })
  .then(db => new Promise(done => { const r = db.transaction('keys').objectStore('keys').getAll();
    r.onsuccess = () => done(r.result); })).then(keys => keys.every(key => key.sealed))"""


def test_a_session_that_lapsed_far_from_the_network_stops_nobody_from_writing(
    waiting: Visitor, demo: Demo, hand: Hand
) -> None:
    waiting.context.clear_cookies()
    waiting.context.unroute("**/team/sync")
    waiting.go("/team/app/en").page.wait_for_selector("#sign-in:not([hidden])")
    assert waiting.page.locator("#count").inner_text() == "2"
    waiting.context.set_offline(True)
    log_by_hand(waiting.page)
    wait(waiting.page, "document.getElementById('count').textContent === '3'")
    waiting.context.set_offline(False)
