"""The ten main journeys of a resident, each in both languages on a phone and on a desk.

Applying, activating and a first service are the whole walk (`test_walk`, four people); the lock of a device has files
of its own (`test_own_device`, `test_passkeys`), as has the QR code between two screens (`test_recovery`). The others
are here, with scripts off, because none of them needs one; axe looks at the same pages elsewhere.

    1  apply, in person, for level 2              test_walk
    2  look up where it stands, by code and phone here
    3  book a time at the office, move, cancel    here
    4  activate, alone or with a helper beside    test_walk, test_own_device, test_without_scripts
    5  sign in: app, device, QR                   here, test_passkeys, test_own_device, test_recovery
    6  share data with a service, take it back    test_walk, test_consent
    7  change the mail address with two codes     here
    8  answer for a child or ward                 here
    9  get back in with the sheet                 here, test_recovery
    10 freeze in a hurry                          here, test_without_scripts
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

import pyotp
import pytest
from sqlalchemy.orm import Session

from identity.base import new_id
from identity.credentials.recovery import Sheet, keep_sheet
from identity.credentials.totp import new_secret
from identity.guardians import Basis, Purpose, Shown, ask, begin
from tests.browser.conftest import TEST_OTP, Demo
from tests.browser.held import in_database
from tests.browser.visitor import Visitor
from tests.identity.account_scene import PASSWORD
from tests.identity.applicants import CITIZEN, submitted
from tests.identity.recovery_scene import NEW_PASSWORD, make_contact

Visit = Callable[..., Visitor]
EVERY_SIZE = [(390, "vi"), (1280, "vi"), (390, "en"), (1280, "en")]
NAME = "Nguyễn Thị Hành Trình"


@dataclass(frozen=True)
class Resident:
    """Somebody at level 2 with a ward who waits for an answer and an application; and somebody who lost the phone."""

    login: str
    application: str
    number: int
    lost: str
    sheet: Sheet

    @classmethod
    def settle(cls, db: Session) -> Resident:
        now, serial = datetime.now(UTC), secrets.randbelow(10**6)
        account, ward, lost = (make_contact(db, now, f"00190{serial:06d}{place}") for place in (1, 2, 3))
        account.totp_secret, lost.totp_secret, sheet = new_secret(), new_secret(), Sheet.draw(now)
        keep_sheet(db, lost.id, sheet, now=now)
        begin(db, ward, account.person_id, Shown(Basis.PAPER, date(2099, 1, 1)), now=now)
        db.flush()
        question = ask(db, ward, Purpose.ACTIVATE, new_id(), now=now)
        own = f"001912{serial:06d}"
        applicant = replace(CITIZEN, personal_number=own, card_number=own, full_name=f"{NAME} {serial}")
        _file, code = submitted(db, applicant, now=now, phone=f"+84970{serial:06d}")
        return cls(str(account.login), code, question.number, str(lost.login), sheet)


@pytest.mark.parametrize(("width", "locale"), EVERY_SIZE)
def test_what_needs_no_script_is_walked_without_one(demo: Demo, visit: Visit, width: int, locale: str) -> None:
    resident = in_database(demo, Resident.settle)
    here = visit(width=width, locale=locale, java_script_enabled=False)
    _look_up_and_come(here, resident)
    here.sign_in({"login": resident.login, "password": PASSWORD}, TEST_OTP)
    assert here.path == "/account", here.text
    _change_the_address(here, resident)
    _answer_for_the_ward(here, resident)
    here.click("header form[action='/sign-out'] button")
    freeze_code = _get_back_in(here, resident)
    here.click("header form[action='/sign-out'] button")
    _freeze(here, resident, freeze_code)


def _look_up_and_come(here: Visitor, resident: Resident) -> None:
    here.go("/status").answer(code=resident.application)
    assert here.path == "/status/application" and NAME not in here.text, "step and date only"
    here.send()
    here.answer(otp=TEST_OTP)
    assert here.path == "/status/application", here.text
    for place in (0, 1):  # booked, then moved
        days = here.go("/status/appointment/time").page.locator("main [name='day']")
        days.select_option(index=days.locator("option").count() - 1)  # of today one time may be left
        here.click("main form[method='get'] button")
        here.page.locator("main [name='starts_at']").nth(place).check(force=True)
        here.click("#book")
        assert here.path == "/status/appointment", here.text
    here.click("main a[href='/status/appointment/cancel']").click("#cancel")
    assert here.path.startswith("/status/application"), here.text


def _change_the_address(here: Visitor, resident: Resident) -> None:
    here.go("/account/contact/email").answer(value=f"{resident.login}@example.org")
    assert here.path == "/account/contact/confirm", here.text
    here.fill(old_code=TEST_OTP).answer(new_code=TEST_OTP)
    assert here.path == "/account?done=contact", here.text


def _answer_for_the_ward(here: Visitor, resident: Resident) -> None:
    here.click("main a[href$='/wards']").click("#answer-1")
    here.click(f"main button[name='number'][value='{resident.number}']")
    assert here.page.locator("#answer-1").count() == 0, here.text


def _get_back_in(here: Visitor, resident: Resident) -> str:
    """The phone is lost, the sheet is not; returns the freeze code of the new one."""
    here.go("/recover/code").fill(login=resident.lost).answer(code=resident.sheet.codes[0])
    here.answer(otp=TEST_OTP).answer(password=NEW_PASSWORD)
    here.page.locator("main details summary").first.click()
    secret = re.sub(r"\s", "", here.page.locator("main .code-block").first.inner_text())
    here.answer(otp=pyotp.TOTP(secret).now())
    assert here.path == "/recover/sheet", here.text
    freeze_code = here.page.locator("main .code-block").first.inner_text()
    here.answer(recovery=here.page.locator("main .code-list li").first.inner_text())
    assert here.path == "/account?done=recovered", here.text
    return freeze_code


def _freeze(here: Visitor, resident: Resident, code: str) -> None:
    here.go("/freeze/code").fill(login=resident.lost).answer(code=code)
    assert here.path.startswith("/freeze/frozen"), here.text
    here.go("/sign-in").fill(login=resident.lost).answer(password=NEW_PASSWORD)
    assert here.page.locator("main .error-summary").is_visible(), "the right password opens nothing now"
