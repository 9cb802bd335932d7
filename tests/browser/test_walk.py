"""The whole walk, as people take it: from an application to a service that knows the person, and to the figures."""

from __future__ import annotations

import io
import os
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyotp
import pytest
from PIL import Image

from tests.browser.conftest import Demo
from tests.browser.visitor import Visitor

Visit = Callable[..., Visitor]
SKIP = int(os.environ.get("WALKED", "0"))
"""How many people of a running demonstration have been used up."""
PASSWORD = "con trâu gặm cỏ ven sông 7"
CONFIRMATION_CODE = re.compile(r"#(\d{6})$")
PATIENCE_SECONDS, PAUSE_SECONDS = 40, 61
ACTIVATION_CODE = re.compile(r"\b([0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4})\b(?!-)")


@dataclass
class Walk:
    """One person's way through the house, with the officers and helpers they meet."""

    demo: Demo
    visit: Visit
    width: int
    locale: str
    person: dict[str, Any]
    application_code: str = ""
    slip: str = ""
    codes_read: int = 0
    code_came_at: float = 0

    def arrive(self) -> Visitor:
        return self.visit(width=self.width, locale=self.locale)

    @property
    def phone(self) -> str:
        return str(self.person["phone"])

    def sms_code(self) -> str:
        """The code of the next message that has one."""
        end = time.monotonic() + PATIENCE_SECONDS
        while len(codes := self._codes()) <= self.codes_read:
            assert time.monotonic() < end, f"no code came to {self.phone}"
            time.sleep(0.1)
        self.codes_read, self.code_came_at = len(codes), time.monotonic()
        return codes[-1]

    def _codes(self) -> list[str]:
        return [code for text in self.demo.messages_to(self.phone) if (code := _found(CONFIRMATION_CODE, text))]

    def wait_for_the_next_code(self) -> None:
        """A phone gets one code a minute."""
        time.sleep(max(self.code_came_at + PAUSE_SECONDS - time.monotonic(), 0))

    # 1. the applicant

    def apply(self) -> None:
        here, papers = self.arrive(), self.person["documents"]
        here.go("/apply").check().choose("person_kind", self.person["role"]).send("person_kind").check()
        here.choose("locale", self.locale).send("locale").check().answer(phone=self.phone).check()
        here.answer(otp=self.sms_code()).check()
        self._identify(here, papers)
        here.check().send()  # the register is asked
        assert here.path.startswith("/apply/confirmed"), here.text
        here.check().go("/apply/office?q=" + ("Ba Đình" if "personal_number" in papers else "Hà Nội")).check()
        here.page.locator("main input[name='office_id']").first.check(force=True)
        here.send("office_id").check().choose("notify_by", "sms").send("notify_by").check()
        here.page.locator("main input[name='agreed_to_help']").check(force=True)
        here.send("agreed_to_help").check().send()
        assert here.path.startswith("/apply/receipt"), here.text
        here.check()
        found = re.search(r"\b(DD2-[0-9A-Z-]+)", here.text)
        assert found, here.text
        self.application_code = found[1]

    def _identify(self, here: Visitor, papers: dict[str, str]) -> None:
        day = date.fromisoformat(papers["birth_date"])
        birth = {
            "birth_date__day": str(day.day),
            "birth_date__month": str(day.month),
            "birth_date__year": str(day.year),
        }
        if "personal_number" in papers:
            here.answer(personal_number=papers["personal_number"]).check()
            here.answer(full_name=papers["full_name"]).check().answer(**birth)
            return
        here.answer(passport_number=papers["passport_number"]).check()
        here.pick("nationality", papers["nationality"]).send("nationality").check()
        here.answer(full_name=papers["full_name"]).check().answer(**birth).check()
        here.answer(residence_card=papers["residence_card"])

    # 2. and 3. the officers

    def receive(self) -> None:
        desk = self.arrive().sign_in(self.demo.person("officer_receiving"))
        desk.check()
        self._open_case(desk)
        with desk.page.expect_navigation():
            desk.page.locator("#acknowledge").click()
        desk.check()
        with desk.page.expect_navigation():
            desk.page.locator("#counter").click()
        desk.check()
        portrait = {"name": "portrait.png", "mimeType": "image/png", "buffer": _portrait()}
        desk.page.locator("input[name='portrait']").set_input_files(portrait)
        desk.fill(capture_reference="DEVICE-7-0001")
        desk.page.locator("input[name='confirmed']").check(force=True)
        with desk.page.expect_navigation():
            desk.page.locator("#save-visit").click()
        desk.check()
        found = re.search(r"\b([0-9A-Z]{5}-[0-9A-Z]{5})\b", desk.text)
        assert found, desk.text
        self.slip = found[1]

    def approve(self) -> None:
        desk = self.arrive().sign_in(self.demo.person("officer_approving"))
        self._open_case(desk)
        desk.choose("outcome", "approved")
        with desk.page.expect_navigation():
            desk.page.locator("#check-decision").click()
        desk.check()
        with desk.page.expect_navigation():
            desk.page.locator("#send").click()
        desk.check()

    def _open_case(self, desk: Visitor) -> None:
        name = self.person["documents"]["full_name"]
        desk.go(f"/office/queue?q={name}").check()
        with desk.page.expect_navigation():
            desk.page.locator("main a[href*='/office/cases/']").first.click()
        desk.check()

    # 4. the helper

    def help(self) -> str:
        here = self.arrive().go("/status").answer(code=self.application_code).check()
        self.wait_for_the_next_code()
        here.send()
        assert here.path == "/status/code", here.text
        here.check().answer(otp=self.sms_code()).check()
        with here.page.expect_navigation():
            here.page.locator("form[action='/status/help-code'] button").click()
        here.check()
        found = re.search(r"\b(\d{4} \d{4})\b", here.text)
        assert found, here.text
        member = self.arrive().sign_in(self.demo.person("member"))
        member.go("/team").check().go("/team/people").check()
        member.page.locator("main ul.records a").first.click()
        member.page.wait_for_url("**/team/people/*")
        member.check().go("/team/assistance/new?task=activation").check()
        member.pick("task", "activation").choose("mode", "guided").choose("result", "done").choose("minutes", "30")
        member.answer(help_code=found[1]).check()
        assert "/team/assistance/" in member.path, member.text
        self.member = member
        return member.path

    # 5. the activation

    def activate(self) -> str:
        code = self.demo.wait_for_message(self.phone, lambda text: _found(ACTIVATION_CODE, text))
        self.wait_for_the_next_code()
        here = self.arrive().go("/activate").check().answer(code=code).check()
        here.answer(otp=self.sms_code()).check()
        here.choose("kind", "counter_secret").answer(proof=self.slip).check()
        here.answer(password=PASSWORD).check()
        secret = re.sub(r"\s", "", here.page.locator("main .code-block").first.text_content() or "")
        here.answer(otp=pyotp.TOTP(secret).now()).check()
        here.answer(recovery=here.page.locator("main .code-list li").first.inner_text()).check()
        here.go("/account").check()
        self.account = here
        return secret

    # 6. the relying party

    def use_a_service(self) -> None:
        here = self.account.go(self.demo.known["relying_party"])
        here.page.locator("#sign-in").click()
        here.page.locator("#approve").wait_for()
        here.check()
        assert self.person["documents"]["full_name"].casefold() in here.text.casefold()
        here.page.locator("#approve").click()
        here.page.locator("#sub").wait_for()
        seen = {name: here.page.locator(f"#{name}").inner_text() for name in ("sub", "name", "acr", "amr")}
        assert seen["name"].casefold() == self.person["documents"]["full_name"].casefold()
        assert seen["acr"] == "urn:vn:eid:aal:2"
        assert {"pwd", "otp", "mfa"} <= set(seen["amr"].split())
        here.page.locator("#sign-out").click()
        here.page.locator("#confirm-logout").wait_for()
        here.check().page.locator("#confirm-logout").click()
        here.page.locator("#sign-in").wait_for()

    # 7. the confirmation

    def confirm(self, record: str) -> None:
        self.member.go(record).check()
        assert self.member.page.locator("main .tag--good").count() > 0, self.member.text
        coordinator = self.arrive().sign_in(self.demo.person("coordinator"))
        coordinator.go("/coordination").check()
        assert re.search(r"\d", coordinator.text)


def _found(pattern: re.Pattern[str], text: str) -> str | None:
    found = pattern.search(text)
    return found[1] if found else None


def _portrait() -> bytes:
    out = io.BytesIO()
    Image.effect_noise((600, 800), 40).convert("RGB").save(out, "PNG")
    return out.getvalue()


@pytest.mark.slow
@pytest.mark.parametrize(("role", "width", "locale"), [("foreigner", 390, "vi"), ("citizen", 1280, "en")])
def test_from_an_application_to_a_service(demo: Demo, visit: Visit, role: str, width: int, locale: str) -> None:
    walk = Walk(demo, visit, width, locale, demo.person(role, "none", SKIP))
    walk.apply()
    walk.receive()
    walk.approve()
    record = walk.help()
    walk.activate()
    walk.use_a_service()
    walk.confirm(record)
