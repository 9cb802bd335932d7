"""Training in a real browser: lessons, the trainer's screen, checking in, witnessing, the certificate and its check."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.account import find_account
from identity.deadlines import today_in_vietnam
from onboarding.attendance import Attendance
from onboarding.check_in import codes_from
from onboarding.learner import Learner, learner_of
from onboarding.roster import allow_late_proof
from onboarding.sign_up import list_numbers, sign_up
from onboarding.team import get_membership
from onboarding.training import Language, Plan, courses_of, get_session, plan_session
from portal.drawing import qr_rows
from tests.browser.conftest import Demo
from tests.browser.held import hold_session, in_database
from tests.browser.phone import wait, while_fresh
from tests.browser.test_budgets import PAGE, REQUESTS, SCRIPT, SHIFT, SHIFTS, STYLE, Weighed
from tests.browser.visitor import Visitor

Visit = Callable[..., Visitor]


def signed_in(visit: Visit, demo: Demo, role: str, locale: str, skip: int = 0, **options: Any) -> Visitor:
    return hold_session(visit(locale=locale, **options), demo, demo.person(role, skip=skip))


def session_of_today(trainer: Visitor) -> str:
    """The first one of the list: it runs now."""
    trainer.go("/training").check()
    return trainer.click(trainer.page.locator("main .records a").first).path


@pytest.mark.parametrize("locale", ["vi", "en"])
def test_a_newcomer_learns_without_an_account(visit: Visit, locale: str) -> None:
    visitor = visit(locale=locale).go("/learn").check()
    visitor.click(visitor.page.locator("main .tasks a").nth(3))
    visitor.check().go("/learn/safety/fake-police").check()
    for number, choice in enumerate(("2", "0", "0")):
        visitor.choose(f"q{number}", choice)
    visitor.page.locator("#submit").click()
    visitor.page.wait_for_url("**answers=2-0-0*")
    visitor.check()
    assert visitor.page.locator(".tag--good").count() == 2 and visitor.page.locator(".tag--bad").count() == 1
    visitor.go("/learn/sessions?q=Ba Dinh").check().go("/verify").check()


@pytest.mark.parametrize("path", ["/learn", "/learn/safety/fake-police", "/learn/sessions", "/verify"])
def test_a_first_visit_to_a_lesson_stays_within_its_budget(visit: Visit, path: str) -> None:
    visitor = visit()
    weighed = Weighed(visitor)
    visitor.go(path)
    visitor.page.wait_for_load_state("networkidle")
    assert sum(weighed.bytes.values()) <= PAGE, weighed.bytes
    assert weighed.bytes.get("Stylesheet", 0) <= STYLE and weighed.bytes.get("Script", 0) <= SCRIPT, weighed.bytes
    assert len(weighed.kinds) <= REQUESTS and visitor.page.evaluate(SHIFTS) <= SHIFT


def test_lessons_fit_a_narrow_screen_with_big_text(visit: Visit) -> None:
    visitor = visit(width=320)
    for path in ("/learn", "/learn/payment", "/learn/payment/glued-qr", "/learn/sessions", "/verify"):
        visitor.go(path).check()


def test_a_lesson_is_read_without_scripts(visit: Visit) -> None:
    visitor = visit(java_script_enabled=False).go("/learn/payment/scan-to-pay")
    visitor.page.locator("main input[name='q0'][value='1']").check(force=True)
    visitor.page.locator("#submit").click()
    visitor.page.wait_for_url("**answers=1-x-x*")
    assert visitor.page.locator("[data-read-aloud-control]").is_hidden()


@pytest.mark.parametrize("locale", ["vi", "en"])
def test_from_the_screen_to_the_list(visit: Visit, demo: Demo, locale: str) -> None:
    trainer = signed_in(visit, demo, "member", locale, skip=("vi", "en").index(locale))
    session = session_of_today(trainer)
    trainer.check().go(f"{session}/list").check().go(f"{session}/screen").check()
    wait(trainer.page, "document.querySelector('.qr-code path').getAttribute('d').includes('h1v1h-1z')")

    learner = signed_in(visit, demo, "citizen", locale, skip=1 + ("vi", "en").index(locale))
    learner.go(session.replace("/training/", "/learn/") + "/code").check()
    spoken = trainer.page.locator("[data-spoken]")
    while_fresh(
        lambda: learner.answer(code=spoken.inner_text()),
        lambda: learner.path.startswith("/learn/progress?done=counted"),
    )
    learner.check()

    trainer.go(session)
    assert re.search(r"\b[34] (người có mặt|are here)", trainer.text), trainer.text


def prepared(trainer: Visitor, session: str) -> Visitor:
    """The screen, with the codes of the whole session and able to open without network."""
    trainer.go(f"{session}/screen")
    wait(trainer.page, "document.documentElement.hasAttribute('data-prepared')")
    wait(trainer.page, "navigator.serviceWorker.ready.then(r => r.active.state === 'activated')")
    wait(trainer.page, "caches.match('/training/kept').then(Boolean)")
    return trainer


@pytest.mark.parametrize("locale", ["vi", "en"])
def test_the_screen_runs_a_whole_session_without_network_also_when_it_is_loaded_again(
    visit: Visit, demo: Demo, locale: str
) -> None:
    trainer = signed_in(visit, demo, "member", locale, skip=("vi", "en").index(locale))
    session = session_of_today(trainer)
    prepared(trainer, session).check()
    closes = trainer.page.evaluate(f"JSON.parse(localStorage.getItem('eid-screen:{session}')).closes")
    trainer.context.set_offline(True)
    trainer.page.reload()
    wait(trainer.page, "document.querySelector('[data-screen]').dataset.code")
    assert re.match(
        "Không có mạng" if locale == "vi" else "No network", trainer.page.locator("[data-ready]").inner_text()
    )
    trainer.check()
    for minutes in (0, 30, 40):  # the device's clock moves on; the network stays away
        time_passes(trainer, minutes * 60_000)
        expected = in_database(demo, lambda db, later=minutes: codes_of(db, session, later))
        wait(trainer.page, f"{json.dumps(expected)}.includes(document.querySelector('[data-screen]').dataset.code)")
        shown = "[screen.dataset.code, screen.querySelector('path').getAttribute('d')]"
        code, path = trainer.page.evaluate(f"(screen => {shown})(document.querySelector('[data-screen]'))")
        assert modules(path) == dark(f"{trainer.portal}{session.replace('training/sessions', 'learn/check-in')}/{code}")
    time_passes(trainer, closes - datetime.now(UTC).timestamp() * 1000)
    trainer.page.wait_for_selector("[data-ended]:not([hidden])")
    assert trainer.page.locator("[data-screen]").is_hidden(), "after the session there is nothing to scan"
    trainer.context.set_offline(False)
    forget_network_errors(trainer)


@pytest.mark.parametrize("network", [True, False])
def test_no_code_of_a_session_stays_after_signing_out_on_any_page(visit: Visit, demo: Demo, network: bool) -> None:
    trainer = signed_in(visit, demo, "member", "en", skip=1)
    session = session_of_today(trainer)
    prepared(trainer, session)
    held = "Object.keys(localStorage).filter(key => key.startsWith('eid-screen:')).length"
    trainer.go("/learn")
    assert trainer.page.evaluate(held) == 1
    if network:
        trainer.click("form[action$='/sign-out'] button")
        assert trainer.page.evaluate(held) == 0
        trainer.context.set_offline(True)
    else:
        trainer.context.set_offline(True)
        trainer.page.locator("form[action$='/sign-out'] button").click()
        wait(trainer.page, f"{held} === 0")
    trainer.go(f"{session}/screen")
    trainer.page.wait_for_selector("[data-ended]:not([hidden])")
    assert trainer.page.locator("[data-screen]").is_hidden()
    trainer.context.set_offline(False)
    forget_network_errors(trainer)


def time_passes(visitor: Visitor, milliseconds: float) -> None:
    """Only for the page: its device's clock goes ahead by so much, no more than that."""
    visitor.page.evaluate(
        "ahead => { const real = self.realNow ??= Date.now.bind(Date); Date.now = () => real() + ahead }", milliseconds
    )


def codes_of(db: Session, session: str, minutes: int) -> list[str]:
    """What a screen with network shows at that moment, and in the minutes after it, for a slow machine."""
    found, moment = get_session(db, UUID(session.rpartition("/")[2])), datetime.now(UTC) + timedelta(minutes=minutes)
    return [codes_from(db, found, moment + timedelta(seconds=15 * step))[0].token for step in range(-4, 9)]


def modules(path: str) -> set[tuple[int, int]]:
    """The dark modules that a drawn path paints."""
    return {(int(x), int(y)) for x, y in re.findall(r"M(\d+) (\d+)h1v1", path)}


def dark(address: str) -> set[tuple[int, int]]:
    """The dark modules of the QR code of an address."""
    return {(x, y) for y, row in enumerate(qr_rows(address)) for x, one in enumerate(row) if one == "1"}


def test_ticks_by_number_wait_without_network_and_are_counted_once(visit: Visit, demo: Demo) -> None:
    trainer = signed_in(visit, demo, "member", "en", skip=1)
    session = session_of_today(trainer)
    number = in_database(demo, lambda db: number_of(db, session, demo.person("foreigner")["login"]))
    before = here(trainer)
    prepared(trainer, session)
    trainer.context.set_offline(True)
    trainer.page.locator(f"[data-number='{number}']").click()
    trainer.page.reload()
    wait(trainer.page, f"document.querySelector('[data-number=\"{number}\"][aria-pressed=true]')")
    assert trainer.page.locator("main [data-unsent]").inner_text() == "1"
    trainer.check()
    trainer.context.set_offline(False)
    wait(trainer.page, "document.querySelector('main [data-unsent]').textContent === '0'")
    wait(trainer.page, f"document.querySelector('[data-number=\"{number}\"]').disabled")
    forget_network_errors(trainer)
    assert here(trainer.go(session)) == before + 1


def number_of(db: Session, session: str, login: str) -> int:
    """Somebody signs up; their number on the list."""
    learner, session_id = learner_with(db, login), UUID(session.rpartition("/")[2])
    sign_up(db, session_id, learner.id, now=datetime.now(UTC))
    return list_numbers(db, session_id)[learner.id]


@pytest.mark.parametrize("locale", ["vi", "en"])
def test_what_is_scanned_and_typed_without_network_is_counted_later_and_once(
    visit: Visit, demo: Demo, locale: str
) -> None:
    """The phone keeps both; they wait for network, then for the trainer's word, and one person is counted once."""
    trainer = signed_in(visit, demo, "lead", locale)
    session = session_of_today(trainer)
    learner = signed_in(visit, demo, "foreigner", locale, skip=1 + ("vi", "en").index(locale))
    ready(learner).check()
    before = here(trainer.go(session))
    learner.context.set_offline(True)
    while_fresh(lambda: learner.go(scanned(demo, session)), lambda: kept(learner) == 1)
    learner.check().go(scanned(demo, session, seconds_ago=120))
    learner.page.wait_for_selector("[data-changed]:not([hidden])")
    learner.go(session.replace("/training/", "/learn/") + "/code").check()
    learner.page.locator("[name=code]").fill("12 34")
    learner.page.locator("main form button").click()
    learner.page.wait_for_selector("[data-six]:not([hidden])")
    learner.page.locator("[name=code]").fill(in_database(demo, lambda db: spoken_now(db, session)))
    learner.page.locator("main form button").click()
    wait(learner.page, "document.querySelector('main [data-unsent]').textContent === '2'")
    learner.check()

    in_database(demo, lambda db: allow(db, session))
    learner.context.set_offline(False)
    learner.page.wait_for_selector("[data-counted]:not([hidden])")
    wait(learner.page, "document.querySelector('main [data-unsent]').textContent === '0'")
    assert learner.page.locator("[data-away]").is_hidden(), "there is network again, and the page says nothing else"
    forget_network_errors(learner)
    learner.check().go("/learn/progress").check()
    assert learner.page.locator("#sessions ~ .records > li").count() >= 1, learner.text
    assert here(trainer.go(session)) == before + 1


@pytest.mark.parametrize("locale", ["vi", "en"])
def test_what_one_person_kept_counts_for_nobody_else_on_the_phone_without_a_word(
    visit: Visit, demo: Demo, locale: str
) -> None:
    first, second = (demo.person(role) for role in ("citizen", "foreigner"))
    session = in_database(demo, lambda db: new_session(db, demo.person("member")["login"]))
    phone = ready(hold_session(visit(locale=locale), demo, first))
    phone.context.set_offline(True)
    while_fresh(lambda: phone.go(scanned(demo, session)), lambda: kept(phone) == 1)
    phone.go(session.replace("/training/", "/learn/") + "/code")
    phone.page.locator("[name=code]").fill(in_database(demo, lambda db: spoken_now(db, session)))
    phone.page.locator("main form button").click()
    wait(phone.page, "document.querySelector('main [data-unsent]').textContent === '2'")
    in_database(demo, lambda db: allow(db, session))
    phone.context.clear_cookies(name="eid_session")
    hold_session(phone, demo, second)
    phone.context.set_offline(False)
    forget_network_errors(phone)

    buttons = phone.page.locator("[data-list] button")
    wait(phone.page, "document.querySelectorAll('[data-list] button').length === 4")
    assert phone.page.locator("[data-away]").is_hidden()
    phone.go("/learn/progress")
    wait(phone.page, "document.querySelectorAll('[data-list] button').length === 4")
    phone.check()
    assert phone.text.count("Có phải bạn không?" if locale == "vi" else "Was this you?") == 2
    for last in (1, 0):  # kept after all, then removed; each asked once more
        buttons.nth(3).click()
        assert ("không ai được tính" if locale == "vi" else "counts for nobody") in phone.text
        phone.check()
        buttons.nth(2 + last).click()
        assert buttons.count() == 2 + 2 * last
    assert counted(demo, session) == [], "the next one on the phone said no word"

    phone.context.clear_cookies(name="eid_session")
    hold_session(phone, demo, first)
    phone.go("/learn/progress")
    wait(phone.page, "document.querySelectorAll('[data-list] button').length === 2")
    buttons.first.click()
    phone.page.wait_for_selector("[data-counted]:not([hidden])")
    assert phone.page.locator("[data-kept]").is_hidden()
    assert counted(demo, session) == [in_database(demo, lambda db: learner_with(db, first["login"]).id)]


def new_session(db: Session, login: str) -> str:
    """One that nobody has been to; it began after the demonstration's own, which stays the first of the list."""
    account, moment = find_account(db, login), datetime.now(UTC)
    assert account is not None
    member = get_membership(db, account.id, on=today_in_vietnam(moment))
    start, end, course = moment - timedelta(minutes=5), moment + timedelta(hours=2), courses_of(db, member.team_id)[0]
    planned = plan_session(db, member, Plan(course.id, "Nhà", start, end, 20, Language.VI, ()), now=moment)
    db.flush()
    return f"/training/sessions/{planned.id}"


def counted(demo: Demo, session: str) -> list[UUID]:
    """The learners who were there."""
    there = select(Attendance.learner_id).where(Attendance.session_id == UUID(session.rpartition("/")[2]))
    return list(in_database(demo, lambda db: db.scalars(there).all()))


def learner_with(db: Session, login: str) -> Learner:
    account = find_account(db, login)
    assert account is not None and account.person_id is not None
    return learner_of(db, account.person_id, now=datetime.now(UTC))


def ready(learner: Visitor) -> Visitor:
    """A page of learning that has its worker, and knows who is signed in."""
    learner.go("/learn/sessions")
    wait(learner.page, "document.documentElement.hasAttribute('data-prepared')")
    wait(learner.page, "caches.match('/learn/kept').then(Boolean)")
    wait(learner.page, "!!localStorage.getItem('eid-here-owner')")
    return learner


def kept(learner: Visitor) -> int:
    """How many wait on the page without network."""
    is_away = learner.page.locator("[data-changed]").count()
    return int(learner.page.locator("main [data-unsent]").text_content() or "0") if is_away else 0


def spoken_now(db: Session, session: str) -> str:
    return codes_from(db, get_session(db, UUID(session.rpartition("/")[2])), datetime.now(UTC))[0].spoken


def allow(db: Session, session: str) -> None:
    """The trainer says that the room had no network."""
    found = get_session(db, UUID(session.rpartition("/")[2]))
    moment = datetime.now(UTC)
    member = get_membership(db, found.trainer_id, on=today_in_vietnam(moment))
    allow_late_proof(db, member, found, now=moment)


def forget_network_errors(visitor: Visitor) -> None:
    visitor.complaints[:] = [said for said in visitor.complaints if "ERR_INTERNET_DISCONNECTED" not in said]


def scanned(demo: Demo, session: str, *, seconds_ago: int = 0) -> str:
    """The address in the QR code that stood on the trainer's screen so long ago."""

    def token(db: Session) -> str:
        found = get_session(db, UUID(session.rpartition("/")[2]))
        return codes_from(db, found, datetime.now(UTC) - timedelta(seconds=seconds_ago))[0].token

    return f"/learn/check-in/{session.rpartition('/')[2]}/{in_database(demo, token)}"


def test_a_scan_counts_an_old_one_does_not_and_the_list_counts_who_has_no_phone(visit: Visit, demo: Demo) -> None:
    trainer = signed_in(visit, demo, "member", "en")
    session = in_database(demo, lambda db: new_session(db, demo.person("member")["login"]))
    in_database(demo, lambda db: number_of(db, session, demo.person("foreigner")["login"]))
    learner = signed_in(visit, demo, "guardian", "en")
    learner.go(scanned(demo, session, seconds_ago=20)).check()  # a photograph of the screen, sent to a friend
    assert "This code is too old" in learner.text, learner.text
    while_fresh(lambda: learner.go(scanned(demo, session)), lambda: learner.path == "/learn/check-in")
    learner.check()
    learner.press("Count me in")
    assert learner.path.startswith("/learn/progress?done=counted"), learner.text
    before = here(trainer.go(session))
    trainer.page.locator("details:has(form[action$='/slips']) > summary").click()
    trainer.click("form[action$='/slips'] button")
    assert trainer.page.locator(".slip").count() == 1
    assert here(trainer) == before + 1
    trainer.page.locator("input[name='there']").first.check(force=True)  # whoever signed up and is not ticked yet
    trainer.press("Save the ticks")
    assert here(trainer) == before + 2


def here(trainer: Visitor) -> int:
    found = re.search(r"(\d+) (?:are here|người có mặt)", trainer.text)
    assert found, trainer.text
    return int(found[1])


def test_what_a_witness_sees_becomes_a_certificate_that_anybody_can_check(visit: Visit, demo: Demo) -> None:
    trainer = signed_in(visit, demo, "lead", "vi")
    session = session_of_today(trainer)
    holder = signed_in(visit, demo, "citizen", "vi").go("/learn/progress").check()
    assert holder.page.locator("#awards ~ .records > li").count() == 6, holder.text
    holder.click(holder.page.locator("a[href$='/certificate']").last)
    holder.check()
    code = holder.page.locator(".certificate .num").inner_text()

    checker = visit(locale="en").go("/verify").answer(code=code).check()
    assert "This certificate is valid" in checker.text
    checker.go("/verify/award/AAAA").check()

    trainer.go(session)
    trainer.click(trainer.page.locator("#group ~ form .records a").first)
    trainer.check()
    trainer.click(trainer.page.locator("a[href*='/correct/']").first)
    trainer.check().go("/training/figures").check().go("/training/sessions/new").check().go(
        "/training/courses/new"
    ).check()
