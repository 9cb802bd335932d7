"""What goes wrong on a member's phone: a month without network, a wrong clock, somebody who left; and what they read.

Which acceptance test of the field is proven where: tests/onboarding/test_acceptance.py.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.audit import SYSTEM
from identity.deadlines import today_in_vietnam
from onboarding.backlog import HeldRecord
from onboarding.catalogue import Task
from onboarding.delegation import delegate
from onboarding.team import Member, get_membership, release
from onboarding.villages import add_village
from tests.browser.conftest import Demo
from tests.browser.hands import Hand, new_hand, sign_in, stored
from tests.browser.held import in_database
from tests.browser.phone import WRITE_MANY, log_by_hand, open_app, send_all, unsent, wait
from tests.browser.visitor import Visitor

Visit = Callable[..., Visitor]
MONTH = 30 * 86400


@pytest.fixture
def hand(demo: Demo) -> Hand:
    return new_hand(demo)


def test_after_a_month_without_network_and_without_a_session_nothing_is_lost(
    visit: Visit, demo: Demo, hand: Hand
) -> None:
    visitor = open_app(sign_in(visit(locale="en"), demo, hand))
    page = visitor.page
    visitor.context.set_offline(True)
    [old] = page.evaluate(WRITE_MANY, 1)
    page.evaluate(
        """async ([id, ago]) => { const owner = await team.outbox.fact('owner');
        const [record] = await team.outbox.list(owner);
        record.entry.happened_at = new Date(Date.now() - ago).toISOString();
        await team.outbox.keep(owner, id, 'waiting', {entry: record.entry, written: Date.now() - ago}); }""",
        [old, MONTH * 1000],
    )
    visitor.context.clear_cookies()  # a session lives for hours
    visitor.go("/team/app/en").page.wait_for_selector("#old:not([hidden])")
    assert "Records have been waiting for 7 days or more" in visitor.text
    visitor.context.set_offline(False)
    page.wait_for_selector("#sign-in:not([hidden])")
    assert "There is network, but nobody is signed in. Only you can send your records." in visitor.text
    assert unsent(page) == 1
    sign_in(visitor, demo, hand).go("/team/app/en").page.wait_for_selector("#outbox[data-ready]")
    wait(page, "document.getElementById('count').textContent === '0'")
    [event] = stored(demo, hand)
    assert str(event.id) == old
    assert abs((event.received_at - event.happened_at).total_seconds() - MONTH) < 120
    page.evaluate("team.send()")  # again, as the page does whenever it is opened
    assert page.evaluate(
        "team.outbox.owner().then(o => team.outbox.list(o)).then(all => all.map(one => one.state))"
    ) == ["sent"]


def test_a_wrong_clock_is_said_and_the_record_carries_the_servers_time(visit: Visit, demo: Demo, hand: Hand) -> None:
    visitor = sign_in(visit(locale="en"), demo, hand)
    visitor.page.clock.install(time=time.time() + 3 * 3600)
    open_app(visitor)
    visitor.go("/team/app/en").page.wait_for_selector("#clock:not([hidden])")
    assert "The clock of this phone is wrong" in visitor.text
    log_by_hand(visitor.page)
    send_all(visitor.page)
    [event] = stored(demo, hand)
    assert abs((event.received_at - event.happened_at).total_seconds()) < 120
    assert event.clock_skew is not None and abs(event.clock_skew - 3 * 3600) < 120


def test_who_left_still_hands_in_what_was_done_before_and_writes_nothing_new(
    visit: Visit, demo: Demo, hand: Hand
) -> None:
    visitor = open_app(sign_in(visit(locale="en"), demo, hand))
    visitor.go("/team/app/en").page.wait_for_selector("#outbox[data-ready]")
    visitor.context.set_offline(True)
    [done] = visitor.page.evaluate(WRITE_MANY, 1)

    def let_go(db: Session) -> None:
        row = db.scalars(select(Member).where(Member.account_id == hand.account_id)).one()
        release(db, row, SYSTEM, now=datetime.now(UTC))

    in_database(demo, let_go)
    visitor.context.set_offline(False)
    page = visitor.page
    page.wait_for_selector("#left:not([hidden])")
    assert "You are not a member of a team today" in visitor.text
    page.wait_for_selector("li[data-state='held']")
    assert "Sent, does not count yet" in visitor.text
    assert "Your coordinator decides whether it counts." in visitor.text
    assert "On the server, but not counting yet: 1" in visitor.text
    assert page.locator("#write").is_hidden() and unsent(page) == 0
    held = in_database(demo, lambda db: db.get(HeldRecord, UUID(done)).held_for)
    assert (held, stored(demo, hand)) == ("member-left", [])


def test_a_redraw_takes_away_neither_a_tap_nor_the_focus(visit: Visit, demo: Demo, hand: Hand) -> None:
    page = open_app(sign_in(visit(locale="en"), demo, hand)).page
    page.context.set_offline(True)
    [first] = page.evaluate(WRITE_MANY, 1)
    delete = page.locator(f"li[data-id='{first}'] button").last
    delete.focus()
    delete.hover()
    page.mouse.down()
    page.evaluate(AN_OLDER_ONE)  # it stands below
    wait(page, "document.querySelectorAll('#waiting li').length === 2")
    assert delete.evaluate("button => button === document.activeElement")
    page.mouse.up()
    page.wait_for_selector("#delete-dialog[open]")


AN_OLDER_ONE = """async () => {
  const owner = await team.outbox.fact('owner'), [held] = await team.outbox.list(owner), other = crypto.randomUUID();
  await team.outbox.keep(owner, other, 'waiting', {written: held.written - 60000,
    entry: Object.assign({}, held.entry, {id: other})}); }"""


LEARN_ANEW = """() => new Promise((done, never) => {
  setTimeout(() => never(new Error('the list was not filled anew')), 30000);
  const list = document.querySelector("[name='village_id']");
  new MutationObserver((_, watching) => { watching.disconnect(); done(); }).observe(list, {childList: true});
  self.dispatchEvent(new Event('outbox')); })"""
"""A sync ends while somebody searches: the list of villages is filled anew."""


def test_villages_and_receipts_are_chosen_without_network_and_lie_sealed(visit: Visit, demo: Demo, hand: Hand) -> None:
    def prepare(db: Session) -> tuple[str, str]:
        moment = datetime.now(UTC)
        member = get_membership(db, hand.account_id, on=today_in_vietnam(moment))
        for number in ("Một", "Hai", "Ba", "Bốn", "Năm", "Sáu", "Bảy", "Tám"):  # no digits: the login may hold any
            name = f"Xóm Đồi {hand.login[-3:]} {number}"
            village = add_village(db, member.unit_id, name, SYSTEM, now=moment)
        given = delegate(db, member, Task.LAND, 3, SYSTEM, now=moment - timedelta(minutes=1), agreed=True)
        return str(village.id), str(given.id)

    village, given = in_database(demo, prepare)
    visitor = open_app(sign_in(visit(locale="en"), demo, hand))
    visitor.go("/team/app/en").page.wait_for_selector("#outbox[data-ready]")
    page = visitor.page
    wait(page, "team.outbox.fact('owner').then(o => team.outbox.lists(o)).then(l => (l.receipts || []).length)")
    visitor.context.set_offline(True)
    page.reload()
    page.wait_for_selector("#outbox[data-ready]")
    page.locator("#write a").click()
    for name, value in (("task", "land"), ("result", "done"), ("mode", "on-behalf"), ("minutes", "15")):
        page.locator(f"label:has(input[name='{name}'][value='{value}'])").click()
    page.locator("#submit").click()
    page.wait_for_selector("#problems:not([hidden])")
    assert "needs their authorisation. Choose the receipt" in visitor.text
    visitor.check()
    page.locator("[name='delegation_id']").select_option(given)
    page.locator("#village-search").fill(f"xom doi {hand.login[-3:]} tam")
    page.evaluate(LEARN_ANEW)
    assert page.locator("[name='village_id'] option").count() == 2
    page.locator("[name='village_id']").select_option(village)
    page.locator("#submit").click()
    page.wait_for_selector("#waiting li")
    facts = page.evaluate(FACTS)
    assert "Xóm Đồi" not in facts and "receipt" not in facts
    page.locator("#write a").click()
    assert page.locator("[name='village_id']").input_value() == village  # the next one is usually there too
    visitor.context.set_offline(False)
    send_all(page)
    [event] = stored(demo, hand)
    assert (str(event.village_id), str(event.delegation_id), event.mode) == (village, given, "on-behalf")


FACTS = """async () => {
  const db = await new Promise(done => { const r = indexedDB.open('eid-team'); r.onsuccess = () => done(r.result); });
  const rows = await new Promise(done => { const r = db.transaction('facts').objectStore('facts').getAll();
    r.onsuccess = () => done(r.result); });
  const text = new TextDecoder();
  return rows.map(row => JSON.stringify(row) + (row.box ? text.decode(row.box) : '')).join(); }"""
