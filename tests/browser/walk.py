"""The steps of the whole walk: what a resident does with their own hands, and what the staff they meet do."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pyotp
from PIL import Image

from identity.documents import masked_phone
from identity.helping.waiting import first_name
from tests.browser.conftest import Demo
from tests.browser.visitor import Visitor

Visit = Callable[..., Visitor]
PASSWORD = "con trâu gặm cỏ ven sông 7"
CONFIRMATION_CODE = re.compile(r"#(\d{6})$")
ACTIVATION_CODE = re.compile(r"\b([0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4})\b(?!-)")
APPLICATION_CODE = re.compile(r"\b(DD2-[0-9A-Z-]+)")
COUNTER_SECRET = re.compile(r"\b([0-9A-Z]{5}-[0-9A-Z]{5})\b")
HELP_CODE = re.compile(r"\b(\d{4} \d{4})\b")
PATIENCE_SECONDS, PAUSE_SECONDS = 40, 61


def found(pattern: re.Pattern[str], text: str) -> str:
    """What the page or message shows."""
    match = pattern.search(text)
    assert match, f"no {pattern.pattern} in: {text}"
    return match[1]


@dataclass
class Resident:
    """One applicant at one width and in one language; `pastes` what the document carries, or types it."""

    demo: Demo
    visit: Visit
    width: int
    locale: str
    pastes: bool
    person: dict[str, Any]
    looked_at: dict[str, set[str]]
    application_code: str = ""
    counter_secret: str = ""
    help_code: str = ""
    record: str = ""
    codes_read: int = 0
    code_came_at: float = 0
    account: Visitor = field(init=False)

    def __str__(self) -> str:
        return f"{self.person['role']} in {self.locale} at {self.width} px"

    @property
    def name(self) -> str:
        return str(self.person["documents"]["full_name"])

    @property
    def paper(self) -> str:
        """The number on the paper in the applicant's hand, as an officer types it."""
        held = self.person["documents"]
        return str(held.get("personal_number") or f"{held['nationality']} {held['passport_number']}")

    @property
    def phone(self) -> str:
        return str(self.person["phone"])

    @property
    def secrets(self) -> set[str]:
        """What is nobody else's business: it stands in no log."""
        numbers = {value for key, value in self.person["documents"].items() if key.endswith(("number", "_card"))}
        given = {self.application_code, self.counter_secret, self.help_code, self.help_code.replace(" ", "")}
        return {self.name, self.phone[3:], PASSWORD} | numbers | given

    def arrive(self) -> Visitor:
        visitor = self.visit(width=self.width, locale=self.locale)
        visitor.checked = self.looked_at.setdefault(self.locale, set())
        return visitor

    def sms_code(self) -> str:
        """The code of the next message that has one."""
        end = time.monotonic() + PATIENCE_SECONDS
        while len(codes := self._codes()) <= self.codes_read:
            assert time.monotonic() < end, f"no code came to {self.phone}"
            time.sleep(0.1)
        self.codes_read, self.code_came_at = len(codes), time.monotonic()
        return codes[-1]

    def _codes(self) -> list[str]:
        return [match[1] for text in self.demo.messages_to(self.phone) if (match := CONFIRMATION_CODE.search(text))]

    def wait_for_the_next_code(self) -> None:
        """A phone gets one code a minute; while others take their turn, it passes by itself."""
        time.sleep(max(self.code_came_at + PAUSE_SECONDS - time.monotonic(), 0))

    # the application

    def apply(self) -> None:
        here = self.arrive()
        here.go("/apply").check().choose("person_kind", self.person["role"]).send("person_kind").check()
        here.choose("locale", self.locale).send("locale").check().answer(phone=self.phone).check()
        here.answer(otp=self.sms_code()).check()
        self._identify(here)
        here.check().send()  # the register is asked
        assert here.path.startswith("/apply/confirmed"), here.text
        here.check().go("/apply/office?q=" + ("Ba Đình" if self.person["role"] == "citizen" else "Hà Nội")).check()
        here.page.locator("main input[name='office_id']").first.check(force=True)
        here.send("office_id").check().choose("notify_by", "sms").send("notify_by").check()
        here.page.locator("main input[name='agreed_to_help']").check(force=True)
        here.send("agreed_to_help").check().send()
        assert here.path.startswith("/apply/receipt"), here.text
        self.application_code = found(APPLICATION_CODE, here.check().text)

    def _identify(self, here: Visitor) -> None:
        papers = self.person["documents"]
        if self.person["role"] == "citizen":
            if self.pastes:
                here.follow("/apply/card-text").check().answer(card_qr=papers["card_qr"])
                return
            here.answer(personal_number=papers["personal_number"]).check()
            here.answer(full_name=papers["full_name"]).check().answer(**self._birth_date())
            return
        if self.pastes:
            here.follow("/apply/document-lines").check().answer(mrz=papers["mrz"]).check()
        else:
            here.answer(passport_number=papers["passport_number"]).check()
            here.pick("nationality", papers["nationality"]).send("nationality").check()
            here.answer(full_name=papers["full_name"]).check().answer(**self._birth_date()).check()
        here.answer(residence_card=papers["residence_card"])

    def _birth_date(self) -> dict[str, str]:
        born = date.fromisoformat(self.person["documents"]["birth_date"])
        parts = {"day": born.day, "month": born.month, "year": born.year}
        return {f"birth_date__{name}": str(value) for name, value in parts.items()}

    # help

    def ask_for_help(self) -> None:
        """The status page gives a help code once the phone was proved."""
        here = self.arrive().go("/status").answer(code=self.application_code).check()
        self.wait_for_the_next_code()
        here.send()
        assert here.path == "/status/code", here.text
        here.check().answer(otp=self.sms_code()).check()
        with here.page.expect_navigation():
            here.page.locator("form[action='/status/help-code'] button").click()
        self.help_code = found(HELP_CODE, here.check().text)

    # the account

    def activate(self) -> None:
        code = self.demo.wait_for_message(self.phone, lambda text: (m := ACTIVATION_CODE.search(text)) and m[1])
        self.wait_for_the_next_code()
        here = self.arrive().go("/activate").check().answer(code=code).check()
        here.answer(otp=self.sms_code()).check()
        here.choose("kind", "counter_secret").answer(proof=self.counter_secret).check()
        here.answer(password=PASSWORD).check()
        secret = re.sub(r"\s", "", here.page.locator("main .code-block").first.text_content() or "")
        here.answer(otp=pyotp.TOTP(secret).now()).check()
        here.answer(recovery=here.page.locator("main .code-list li").first.inner_text()).check()
        self.account = here.go("/account").check()

    def use_a_service(self) -> str:
        """Sign in to the relying party and out again; the name by which it knows this person."""
        here = self.account.go(self.demo.known["relying_party"]).check()
        here.page.locator("#sign-in").click()
        here.page.locator("#approve").wait_for()
        here.check()
        assert self.name.casefold() in here.text.casefold()
        here.page.locator("#approve").click()
        here.page.locator("#sub").wait_for()
        here.check()
        seen = {name: here.page.locator(f"#{name}").inner_text() for name in ("sub", "name", "acr", "amr")}
        assert seen["name"].casefold() == self.name.casefold()
        assert seen["acr"] == "urn:vn:eid:aal:2"
        assert {"pwd", "otp", "mfa"} <= set(seen["amr"].split())
        here.go(f"{self.demo.known['relying_party']}/files").check()
        here.page.locator("#sign-out").click()
        here.page.locator("#confirm-logout").wait_for()
        here.check().page.locator("#confirm-logout").click()
        here.page.locator("#sign-in").wait_for()
        return seen["sub"]


@dataclass
class Staff:
    """Those whom residents meet: each signs in once, and works at the width and in the language of each resident."""

    demo: Demo
    visit: Visit
    here: dict[str, Visitor] = field(default_factory=dict)
    looked_at: dict[str, set[str]] = field(default_factory=dict)

    def as_role(self, role: str, walk: Resident) -> Visitor:
        if role not in self.here:
            self.here[role] = self.visit(width=walk.width, locale=walk.locale).sign_in(self.demo.person(role))
        visitor = self.here[role].become(walk.width, walk.locale)
        visitor.checked = self.looked_at.setdefault(walk.locale, set())
        return visitor

    def receive(self, walk: Resident) -> None:
        desk = self.as_role("officer_receiving", walk).check()
        desk.go("/office/walk-in").check().fill(number=walk.paper).click("#open").check()
        desk.click("#acknowledge").check().click("#counter").check()
        portrait = {"name": "portrait.png", "mimeType": "image/png", "buffer": _portrait()}
        desk.page.locator("input[name='portrait']").set_input_files(portrait)
        desk.fill(capture_reference="DEVICE-7-0001")
        desk.page.locator("input[name='confirmed']").check(force=True)
        walk.counter_secret = found(COUNTER_SECRET, desk.click("#save-visit").check().text)

    def approve(self, walk: Resident) -> None:
        desk = self.as_role("officer_approving", walk)
        _open_case(desk, walk)
        desk.choose("outcome", "approved").click("#check-decision").check().click("#send").check()

    def help(self, walk: Resident) -> None:
        """The member finds this very person, who is known by first name and masked phone alone, and logs the help."""
        member = self.as_role("member", walk).go("/team").check().go("/team/people").check()
        row = member.page.locator("main ul.records li").filter(has_text=masked_phone(walk.phone))
        while row.count() == 0:
            member.click("main .pagination a[rel='next']")
        link = row.get_by_role("link")
        assert link.inner_text() == first_name(walk.name)
        assert walk.phone[3:] not in member.text.replace(" ", "") and walk.name not in member.text
        with member.page.expect_navigation():
            link.click()
        assert masked_phone(walk.phone) in member.check().text
        member.follow("/team/assistance/new?task=activation").check()
        member.pick("task", "activation").choose("mode", "guided").choose("result", "done").choose("minutes", "30")
        member.answer(help_code=walk.help_code).check()
        assert "/team/assistance/" in member.path, member.text
        assert not _is_confirmed(member)
        walk.record = member.path

    def see_confirmed(self, walk: Resident) -> None:
        member = self.as_role("member", walk).go(walk.record).check()
        assert _is_confirmed(member), member.text

    def funnel(self, walk: Resident) -> tuple[int, int, int]:
        """Applied, issued, activated of the residents' unit, each share shown with what it is a share of."""
        desk = self.as_role("coordinator", walk).go("/coordination").check()
        cells = desk.page.locator("main table").first.locator("tbody tr").first.locator("td.num").all_inner_texts()
        applied, issued, activated, waiting = (int(re.sub(r"[.,]", "", cell)) for cell in cells[:4])
        assert waiting == issued - activated
        of_issued, of_applied = (re.findall(r"\d+", re.sub(r"[.,](?=\d{3}\b)", "", cell))[-2:] for cell in cells[4:6])
        assert of_issued == [str(activated), str(issued)] and of_applied == [str(activated), str(applied)]
        return applied, issued, activated


def _open_case(desk: Visitor, walk: Resident) -> None:
    desk.go(f"/office/queue?q={walk.name}").check()
    cases = desk.page.locator("main a[href*='/office/cases/']").filter(has_text=walk.name)
    assert cases.count() == 1, desk.text
    with desk.page.expect_navigation():
        cases.click()
    desk.check()


def _is_confirmed(member: Visitor) -> bool:
    return member.page.locator("main .tag--good").count() > 0


def _portrait() -> bytes:
    out = io.BytesIO()
    Image.effect_noise((600, 800), 40).convert("RGB").save(out, "PNG")
    return out.getvalue()
