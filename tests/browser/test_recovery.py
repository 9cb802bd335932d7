"""Two browsers and a picture: a phone signs a computer in, and nobody else; and the ladder back in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.credentials import qr
from identity.vault import Vault
from portal.database import connect
from portal.drawing import qr_svg
from portal.gateways.keys import read_keys
from portal.services import utc_now
from portal.settings import Setting, Settings
from tests.browser.conftest import TEST_OTP, Demo
from tests.browser.test_passkeys import with_a_lock
from tests.browser.visitor import Visitor

Visit = Callable[..., Visitor]


@contextmanager
def behind(demo: Demo) -> Iterator[Session]:
    """The demonstration's own database, with its keys: a picture is read there, as a camera would from the screen."""
    settings = Settings(setting=Setting.DEMONSTRATION, var=demo.folder, secret_key="x" * 32, issuer=demo.portal)
    opened = connect(settings.database_url, Vault(read_keys(settings)))
    try:
        with opened.session(write=False) as db:
            yield db
    finally:
        opened.engine.dispose()


def newest(db: Session) -> qr.QrSignIn:
    return db.scalars(select(qr.QrSignIn).order_by(qr.QrSignIn.begun_at.desc()).limit(1)).one()


def scanned(demo: Demo, computer: Visitor) -> str:
    """The address in the picture that the computer shows; the picture is compared with it, byte for byte."""
    with behind(demo) as db:
        for _ in range(3):  # the picture may change between the two
            address = f"/qr/{qr.token(db, newest(db), now=utc_now())}"
            shown = computer.page.request.get(f"{demo.portal}/sign-in/qr/picture").text()
            if shown == str(qr_svg(demo.portal + address)):
                return address
    raise AssertionError("the picture does not hold this address")


def begin(visit: Visit, locale: str, **options: Any) -> Visitor:
    computer = visit(width=1280, locale=locale, **options).go("/sign-in")
    with computer.page.expect_navigation(url="**/sign-in/qr*"):
        computer.page.locator("#begin-qr").click()
    return computer


def phone_of(visit: Visit, demo: Demo, locale: str) -> Visitor:
    return visit(width=390, locale=locale).sign_in(demo.person("citizen"), TEST_OTP)


def say(phone: Visitor, number: str) -> None:
    with phone.page.expect_navigation(url="**/qr/answered*"):
        phone.page.locator(f"button[name='number'][value='{number}']").click()


@pytest.mark.parametrize("locale", ["vi", "en"])
def test_a_phone_signs_a_computer_in_and_no_other_browser(demo: Demo, visit: Visit, locale: str) -> None:
    phone, computer, thief = phone_of(visit, demo, locale), begin(visit, locale), begin(visit, locale)
    with behind(demo) as db:
        rows = db.scalars(select(qr.QrSignIn).order_by(qr.QrSignIn.begun_at.desc()).limit(2)).all()
        stolen, mine = str(rows[1].id), rows[1]
        stale = qr.token(db, mine, now=utc_now() - timedelta(seconds=90))
        fresh = qr.token(db, mine, now=utc_now())
    computer.check()
    phone.go(f"/qr/{stale}")
    assert phone.page.locator("button[name='number']").count() == 0, "a picture from before the last change is refused"
    phone.go(f"/qr/{fresh}").check()
    thief.page.locator("input[name='qr']").evaluate("(field, value) => { field.value = value; }", stolen)
    with thief.page.expect_navigation():
        thief.page.locator("#submit").click()
    assert thief.page.locator(".error-summary").is_visible()
    with computer.page.expect_navigation(url="**/account"):
        say(phone, str(mine.number))
    phone.check()
    assert thief.go("/account").path.startswith("/sign-in"), "the approval is not for another browser"


def test_without_scripts_a_button_goes_on(demo: Demo, visit: Visit) -> None:
    phone, computer = phone_of(visit, demo, "en"), begin(visit, "en", java_script_enabled=False)
    phone.go(scanned(demo, computer))
    with behind(demo) as db:
        number = str(newest(db).number)
    assert number in computer.text
    say(phone, number)
    with computer.page.expect_navigation(url="**/account"):
        computer.page.locator("#submit").click()


@pytest.mark.parametrize("locale", ["vi", "en"])
def test_the_ladder_reads_well_on_a_phone_and_on_a_desk(demo: Demo, visit: Visit, locale: str) -> None:
    visitor = visit(width=390, locale=locale)
    for path in ("/sign-in", "/recover", "/recover/code", "/recover/return", "/recover/stop", "/recover/stopped"):
        visitor.go(path).check()
    visitor.go("/recover/people").check().answer(login="001158012345").check()
    assert visitor.path == "/recover/wait"
    visitor.answer(otp="123456").check()
    visitor.go("/recover").check()


def test_whoever_opens_a_devices_lock_sets_a_new_password(demo: Demo, visit: Visit) -> None:
    person = demo.person("guardian")
    visitor = visit(width=390, locale="vi")
    with_a_lock(visitor)
    visitor.sign_in(person, TEST_OTP).go("/account/trusted").check()
    visitor.go("/account/sign-in-ways").fill(name="Máy của tôi")
    with visitor.page.expect_navigation(url="**?done=added"):
        visitor.page.locator("#add-passkey").click()
    visitor.context.clear_cookies()
    with visitor.page.expect_navigation(url=f"{demo.portal}/account/recover"):
        visitor.go("/sign-in?next=/account/recover")  # the browser offers its lock by itself
    visitor.check().send().check()
    visitor.answer(password=person["password"]).check().answer(otp=TEST_OTP).check()
    visitor.answer(recovery=visitor.page.locator(".codes li, .code-list li").first.inner_text())
    assert visitor.path == "/account?done=recovered"
    visitor.check()
