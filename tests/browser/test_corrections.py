"""Corrections from the phone: two versions side by side, nothing that was written lost on any way."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.audit import SYSTEM
from onboarding.assistance import take_in_batch
from onboarding.backlog import HeldRecord, turn_away
from onboarding.catalogue import Mode, Result, Task
from onboarding.entry import Entry
from onboarding.team import Member, release
from tests.browser.conftest import Demo
from tests.browser.hands import Hand, counting, new_hand, sign_in, stored
from tests.browser.held import in_database
from tests.browser.phone import ENGLISH, WRITE_MANY, at_rest, log_by_hand, open_app, send_all, unsent, wait
from tests.browser.visitor import Visitor

Visit = Callable[..., Visitor]
NOTE = "bà cụ ở cuối xóm, tay run"


@pytest.fixture
def hand(demo: Demo) -> Hand:
    return new_hand(demo)


@pytest.fixture
def phone(visit: Visit, demo: Demo, hand: Hand) -> Visitor:
    return at_rest(open_app(sign_in(visit(locale="en"), demo, hand), ENGLISH))


def press(visitor: Visitor, name: str) -> None:
    visitor.page.get_by_role("button", name=name, exact=True).first.click()


def reads(visitor: Visitor, words: str) -> None:
    """Wait until the page says so, lines joined."""
    page_text = "document.querySelector('main').innerText.replace(/\\s+/g, ' ')"
    wait(visitor.page, f"{page_text}.includes({json.dumps(words)})")


def tap(visitor: Visitor, **answers: str) -> None:
    for name, value in answers.items():
        visitor.page.locator(f"form.quick label:has(input[name='{name}'][value='{value}'])").click()


def save(visitor: Visitor, note: str | None = None) -> None:
    if note is not None:
        if not visitor.page.locator("[name='note']").is_visible():
            visitor.page.locator("details summary").last.click()
        visitor.page.locator("[name='note']").fill(note)
    visitor.page.locator("#submit").click()
    visitor.page.wait_for_selector("#listing:not([hidden])")


def wait_for_zero(visitor: Visitor) -> None:
    """In the outbox itself, then on the page, which may be drawn later."""
    wait(visitor.page, "team.outbox.owner().then(o => team.outbox.count(o)).then(c => c.own === 0)")
    wait(visitor.page, "document.getElementById('count').textContent === '0'")
    wait(visitor.page, "document.querySelectorAll('#waiting li').length === 0")


def compared(visitor: Visitor) -> dict[str, tuple[str, str]]:
    """Field → the server's words and the phone's."""
    visitor.page.wait_for_selector("li[data-state='conflict'] table")
    lines = visitor.page.locator("li[data-state='conflict'] tbody tr").all()
    cells = [line.locator("th, td").all_inner_texts() for line in lines]
    return {name: (server, phone) for name, server, phone in cells}


def edit_after_a_lost_answer(phone: Visitor) -> None:
    """The server has the record, the phone does not know, and the member changes nearly everything."""

    def lose(route: Any) -> None:
        if route.request.method != "POST":
            route.continue_()
            return
        route.fetch()
        route.abort("connectionreset")

    phone.context.route("**/team/sync", lose)
    with phone.page.expect_event("requestfailed", lambda request: request.method == "POST"):
        log_by_hand(phone.page, note=NOTE)
    press(phone, "Change")
    tap(phone, result="blocked", mode="explained", minutes="60")
    phone.page.locator("[name='obstacle']").select_option("no-network")
    phone.context.set_offline(True)
    save(phone, note="máy hết pin")
    phone.context.unroute("**/team/sync")
    phone.context.set_offline(False)


def test_two_versions_stand_side_by_side_with_all_that_differs_and_mine_is_taken(
    phone: Visitor, demo: Demo, hand: Hand
) -> None:
    edit_after_a_lost_answer(phone)
    assert compared(phone) == {
        "How did it end?": ("It was done", "Got stuck"),
        "Why did it get stuck?": ("(nothing)", "No network"),
        "How did you help?": ("Guided, with their own hand", "Explained only"),
        "How many minutes?": ("15 minutes", "60 minutes"),
        "Note": (NOTE, "máy hết pin"),
    }
    assert phone.page.locator("#count").inner_text() == "1"
    assert phone.page.get_by_role("button", name="Two visits: keep both").count() == 0  # one moment is one visit
    phone.check()
    press(phone, "Send mine instead")
    wait_for_zero(phone)
    [mine] = counting(demo, hand)
    assert (mine["mode"], mine["result"], mine["minutes"]) == ("explained", "blocked", 60)
    assert mine["note"] == "máy hết pin" and mine["supersedes"] is not None


def test_the_servers_version_can_be_kept_and_corrected_later(phone: Visitor, demo: Demo, hand: Hand) -> None:
    edit_after_a_lost_answer(phone)
    compared(phone)
    press(phone, "Keep the server’s")
    wait_for_zero(phone)
    [row] = phone.page.locator("#sent li").all()
    assert "15 minutes" in row.inner_text() and "Correct" in row.inner_text()
    [kept] = counting(demo, hand)
    assert (kept["note"], kept["minutes"]) == (NOTE, 15)


OTHER_TIME = """async id => {
  const owner = await team.outbox.owner(), held = (await team.outbox.list(owner)).find(each => each.id === id);
  held.entry.happened_at = new Date(Date.parse(held.entry.happened_at) - 3600000).toISOString();
  await team.outbox.keep(owner, id, 'waiting', {entry: held.entry, written: held.written}); }"""


def test_two_visits_under_one_name_are_both_kept(phone: Visitor, demo: Demo, hand: Hand) -> None:
    [name] = phone.page.evaluate(WRITE_MANY, 1)
    send_all(phone.page)
    phone.page.evaluate(OTHER_TIME, name)
    press(phone, "Send now")
    assert list(compared(phone)) == ["When"]
    press(phone, "Two visits: keep both")
    wait_for_zero(phone)
    assert len(counting(demo, hand)) == 2


@pytest.fixture
def noted(phone: Visitor) -> Visitor:
    """A record with a note was sent; the phone no longer has the note."""
    log_by_hand(phone.page, note=NOTE)
    send_all(phone.page)
    phone.page.wait_for_selector("#sent li")
    return at_rest(phone)


def test_with_network_a_correction_starts_from_what_the_server_holds(noted: Visitor, demo: Demo, hand: Hand) -> None:
    press(noted, "Correct")
    noted.page.wait_for_selector("#correcting:not([hidden])")
    assert "This is what the server holds now." in noted.page.locator("#correcting").inner_text()
    assert noted.page.locator("[name='note']").input_value() == NOTE
    noted.check()
    tap(noted, minutes="30")
    save(noted)
    wait_for_zero(noted)
    [newest] = counting(demo, hand)
    assert (newest["note"], newest["minutes"]) == (NOTE, 30)
    reads(noted, "Corrects the record of")
    reads(noted, "Its correction: Sent")
    assert noted.page.get_by_role("button", name="Correct", exact=True).count() == 1  # the newest one alone


def test_a_note_that_is_taken_out_is_gone(noted: Visitor, demo: Demo, hand: Hand) -> None:
    press(noted, "Correct")
    noted.page.wait_for_selector("#correcting:not([hidden])")
    save(noted, note="")
    wait_for_zero(noted)
    [newest] = counting(demo, hand)
    assert newest["note"] is None and newest["supersedes"] is not None


@pytest.mark.parametrize("note", ["", "đã có mạng lại"])
def test_without_network_the_page_says_what_stays_and_it_stays(
    noted: Visitor, demo: Demo, hand: Hand, note: str
) -> None:
    noted.context.set_offline(True)
    press(noted, "Correct")
    noted.page.wait_for_selector("#correcting:not([hidden])")
    assert "they stay as they are unless you write new ones here" in noted.page.locator("#correcting").inner_text()
    tap(noted, minutes="30")
    save(noted, note=note)
    reads(noted, "Its correction: Waiting for signal")
    noted.context.set_offline(False)
    wait_for_zero(noted)
    [newest] = counting(demo, hand)
    assert (newest["note"], newest["minutes"]) == (note or NOTE, 30)


def correct_elsewhere(demo: Demo, hand: Hand, minutes: int) -> UUID:
    """On another phone, or on the page."""
    [old] = counting(demo, hand)
    moment = datetime.now(UTC)
    other = Entry(
        uuid4(), old["happened_at"], Task(old["task"]), Mode(old["mode"]), Result.DONE, minutes, supersedes=old["id"]
    )
    in_database(demo, lambda db: take_in_batch(db, hand.account_id, [other], now=moment))
    return other.id


def test_what_was_corrected_elsewhere_leads_to_its_newest_version(noted: Visitor, demo: Demo, hand: Hand) -> None:
    newest = correct_elsewhere(demo, hand, 120)
    press(noted, "Correct")
    noted.page.wait_for_selector("#correcting:not([hidden])")
    assert noted.page.locator("[name='minutes'][value='120']").is_checked()
    assert noted.page.locator("[name='note']").input_value() == NOTE
    tap(noted, minutes="30")
    save(noted)
    wait_for_zero(noted)
    [last] = counting(demo, hand)
    assert (last["supersedes"], last["minutes"], last["note"]) == (newest, 30, NOTE)


def test_a_correction_that_came_second_is_shown_beside_the_first(noted: Visitor, demo: Demo, hand: Hand) -> None:
    noted.context.set_offline(True)
    press(noted, "Correct")
    noted.page.wait_for_selector("#correcting:not([hidden])")
    tap(noted, minutes="30")
    save(noted)
    newest = correct_elsewhere(demo, hand, 120)
    noted.context.set_offline(False)
    differing = compared(noted)
    assert differing["How many minutes?"] == ("120 minutes", "30 minutes")
    assert "Note" not in differing  # it stays, whichever is chosen
    assert "This record was corrected elsewhere meanwhile." in noted.text
    reads(noted, "Its correction: Two versions")
    assert noted.page.locator("#count").inner_text() == "1"
    press(noted, "Send mine instead")
    wait_for_zero(noted)
    [last] = counting(demo, hand)
    assert (last["supersedes"], last["minutes"], last["note"]) == (newest, 30, NOTE)
    one_counts(noted)


@pytest.mark.parametrize("answer", ["Keep the server’s", "Correct"])
def test_the_phone_tells_which_one_counts_also_when_another_came_between(
    noted: Visitor, demo: Demo, hand: Hand, answer: str
) -> None:
    noted.context.set_offline(answer != "Correct")
    if answer != "Correct":  # the phone's own correction comes second and gives way
        press(noted, "Correct")
        noted.page.wait_for_selector("#correcting:not([hidden])")
        save(noted)
        reads(noted, "Its correction: Waiting for signal Until that counts, this one does.")
    correct_elsewhere(demo, hand, 120)
    correct_elsewhere(demo, hand, 60)
    noted.context.set_offline(False)
    press(noted, answer)
    if answer == "Correct":
        noted.page.wait_for_selector("#correcting:not([hidden])")
        save(noted)
    wait_for_zero(noted)
    one_counts(noted)


def one_counts(visitor: Visitor) -> None:
    """The newest is sent and can be corrected; the one before it says that it was replaced."""
    marks = "Array.from(document.querySelectorAll('#sent li > span'), mark => mark.innerText.trim())"
    wait(visitor.page, f"{marks}.join() === 'Sent,Replaced'")
    reads(visitor, "Corrects the record of")
    assert visitor.page.get_by_role("button", name="Correct", exact=True).count() == 1


def test_a_returned_correction_shows_at_the_record_that_it_corrects(noted: Visitor, demo: Demo, hand: Hand) -> None:
    press(noted, "Correct")
    noted.page.wait_for_selector("#correcting:not([hidden])")
    noted.page.locator("[name='help_code']").fill("73194628")
    save(noted)
    noted.page.wait_for_selector("li[data-state='fix']")
    wait(noted.page, "document.querySelector('#sent [data-later]').textContent.includes('Needs fixing')")
    assert noted.page.locator("#count").inner_text() == "1"
    press(noted, "Fix this record")
    assert noted.page.locator("[name='note']").input_value() == NOTE
    noted.page.locator("[name='help_code']").fill("")
    save(noted)
    wait_for_zero(noted)
    [newest] = counting(demo, hand)
    assert newest["note"] == NOTE and newest["supersedes"] is not None


BEFORE_ITS_ORIGINAL = """async ([id, original]) => { const owner = await team.outbox.owner();
  const held = (await team.outbox.list(owner)).find(each => each.id === id), other = crypto.randomUUID();
  await team.outbox.replace(owner, id, other, 'waiting', {written: held.written, noteKnown: true,
    entry: Object.assign({}, held.entry, {id: other, supersedes: original, note: 'mất điện'})}); return other; }"""
OTHER_MINUTES = """async id => { const owner = await team.outbox.owner();
  const held = (await team.outbox.list(owner)).find(each => each.id === id);
  const entry = Object.assign(held.entry, {minutes: 60});
  await team.outbox.keep(owner, id, 'waiting', {written: held.written, entry});
}"""


def test_a_correction_before_its_original_is_held_until_that_comes(phone: Visitor, demo: Demo, hand: Hand) -> None:
    [name] = phone.page.evaluate(WRITE_MANY, 1)
    original = uuid4()
    phone.context.set_offline(True)
    phone.page.evaluate(BEFORE_ITS_ORIGINAL, [name, str(original)])
    phone.context.set_offline(False)
    phone.page.wait_for_selector("li[data-state='held']")
    assert "It counts as soon as the record that it corrects has arrived" in phone.text
    assert "On the server, but not counting yet: 1" in phone.text
    assert unsent(phone.page) == 0
    happened = datetime.now(UTC) - timedelta(minutes=5)
    first = Entry(original, happened, Task.PAYMENT, Mode.GUIDED, Result.DONE, 5)
    in_database(demo, lambda db: take_in_batch(db, hand.account_id, [first], now=datetime.now(UTC)))
    press(phone, "Send now")
    phone.page.wait_for_selector("#sent li")
    wait(phone.page, "document.getElementById('undecided').hidden")
    [newest] = counting(demo, hand)
    assert (newest["supersedes"], newest["note"]) == (original, "mất điện")


@pytest.mark.parametrize("ends", ["counts", "turned away"])
def test_the_servers_version_is_kept_also_while_it_does_not_count_yet(
    phone: Visitor, demo: Demo, hand: Hand, ends: str
) -> None:
    """What the member chose stays on the phone until the server says what became of it."""
    [name] = phone.page.evaluate(WRITE_MANY, 1)
    original = uuid4()
    name = phone.page.evaluate(BEFORE_ITS_ORIGINAL, [name, str(original)])
    press(phone, "Send now")
    phone.page.wait_for_selector("li[data-state='held']")
    phone.page.evaluate(OTHER_MINUTES, name)
    press(phone, "Send now")
    assert compared(phone)["How many minutes?"] == ("15 minutes", "60 minutes")
    press(phone, "Keep the server’s")
    phone.page.wait_for_selector("li[data-state='held']")
    reads(phone, "On the server, but not counting yet: 1")
    reads(phone, "It counts as soon as the record that it corrects has arrived")
    reads(phone, "15 minutes")
    press(phone, "Send now")
    at_rest(phone).page.wait_for_selector("li[data-state='held']")
    if ends == "counts":
        happened = datetime.now(UTC) - timedelta(minutes=5)
        first = Entry(original, happened, Task.PAYMENT, Mode.GUIDED, Result.DONE, 5)
        in_database(demo, lambda db: take_in_batch(db, hand.account_id, [first], now=datetime.now(UTC)))
    else:
        moment = datetime.now(UTC)
        in_database(demo, lambda db: turn_away(db, db.get_one(HeldRecord, UUID(name)), SYSTEM, now=moment))
    press(phone, "Send now")
    phone.page.wait_for_selector("#sent li[data-state='sent']" if ends == "counts" else "li[data-state='fix']")
    wait(phone.page, "document.getElementById('undecided').hidden")
    if ends == "counts":
        [newest] = counting(demo, hand)
        assert (newest["minutes"], newest["note"]) == (15, "mất điện")
    else:
        reads(phone, "The coordinator did not let this record count. Ask them why.")


def test_who_leaves_while_writing_loses_nothing_and_hears_what_the_coordinator_decides(
    phone: Visitor, demo: Demo, hand: Hand
) -> None:
    phone.page.locator("#write a").click()
    tap(phone, task="payment", result="done", mode="guided", minutes="15")

    def let_go(db: Session) -> None:
        row = db.scalars(select(Member).where(Member.account_id == hand.account_id)).one()
        release(db, row, SYSTEM, now=datetime.now(UTC))

    in_database(demo, let_go)
    save(phone, note=NOTE)
    phone.page.wait_for_selector("li[data-state='held']")
    assert "Your coordinator decides whether it counts." in phone.text

    def refuse(db: Session) -> None:
        held = db.scalars(select(HeldRecord).where(HeldRecord.account_id == hand.account_id)).one()
        assert held.entry.note == NOTE
        turn_away(db, held, SYSTEM, now=datetime.now(UTC))

    in_database(demo, refuse)
    press(phone, "Send now")
    phone.page.wait_for_selector("li[data-state='fix']")
    assert "The coordinator did not let this record count. Ask them why." in phone.text
    assert phone.page.get_by_role("button", name="Fix this record").count() == 0  # it would only come back
    assert phone.page.locator("#count").inner_text() == "1"
    assert stored(demo, hand) == []
