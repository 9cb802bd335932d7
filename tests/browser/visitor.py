"""A person before a browser, in few words; what the browser complains about is remembered."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from typing import Any

import pyotp
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Locator, Page

PATIENCE_MS = 30_000
HEIGHTS = {390: 844, 1280: 900}
OUT_OF_SIGHT = """() => [...document.querySelectorAll('nav a, nav button')].filter(entry => {
  const box = entry.getBoundingClientRect();
  return box.width > 0 && (box.left < 0 || box.right > document.documentElement.clientWidth);
}).map(entry => entry.textContent.trim())"""
USED: dict[str, str] = {}


def fresh_code(secret: str) -> str:
    """The authenticator's code; no code is accepted twice, so a second sign-in waits for the next one."""
    while (code := pyotp.TOTP(secret).now()) == USED.get(secret):
        time.sleep(0.5)
    USED[secret] = code
    return code


@dataclass
class Visitor:
    """One browser of one person at one width and in one language."""

    context: BrowserContext
    page: Page
    portal: str
    complaints: list[str] = field(default_factory=list)
    checked: set[str] = field(default_factory=set)

    @classmethod
    def arrive(cls, browser: Browser, portal: str, width: int, locale: str, **options: Any) -> Visitor:
        context = browser.new_context(
            viewport={"width": width, "height": HEIGHTS.get(width, 900)},
            locale={"vi": "vi-VN", "en": "en-GB"}[locale],
            reduced_motion="reduce",
            **options,
        )
        context.set_default_timeout(PATIENCE_MS)
        visitor = cls(context, context.new_page(), portal)
        visitor.page.on("console", lambda said: visitor._heard(said.type, said.text))
        visitor.page.on("pageerror", lambda error: visitor.complaints.append(f"script: {error}"))
        visitor.page.on("response", lambda answer: visitor._answered(answer.status, answer.url))
        return visitor

    def _heard(self, kind: str, text: str) -> None:
        """Errors and policy violations; a refused form (4xx) is said by the response, not here."""
        if kind == "error" and "Failed to load resource" not in text:
            self.complaints.append(f"console at {self.page.url}: {text}")

    def _answered(self, status: int, url: str) -> None:
        if status >= 500 or (status == 404 and "/static/" in url):
            self.complaints.append(f"{status} at {url}")

    # what a person does

    def go(self, path: str) -> Visitor:
        self.page.goto(path if path.startswith("http") else f"{self.portal}{path}")
        return self

    def fill(self, **fields: str) -> Visitor:
        """Type into fields by name; `a__b` stands for `a-b`."""
        for name, value in fields.items():
            self.page.locator(f"main [name='{name.replace('__', '-')}']").first.fill(value)
        return self

    def choose(self, name: str, value: str) -> Visitor:
        """Take a radio or a tick by its value."""
        self.page.locator(f"main input[name='{name}'][value='{value}']").first.check(force=True)
        return self

    def pick(self, name: str, value: str) -> Visitor:
        """Take an entry of a list."""
        self.page.locator(f"main select[name='{name}']").select_option(value)
        return self

    def send(self, holding: str = "") -> Visitor:
        """Press the button of the form, or of the form that holds the named field, and wait for the next page."""
        form = f"main form:has([name='{holding}'])" if holding else "main form"
        with self.page.expect_navigation():
            self.page.locator(f"{form} button:not([type='button'])").first.click()
        return self

    def answer(self, **fields: str) -> Visitor:
        """Type and send."""
        self.fill(**fields)
        return self.send(next(iter(fields)).replace("__", "-"))

    def click(self, what: str | Locator) -> Visitor:
        """Press what leads to another page, and wait for it."""
        with self.page.expect_navigation():
            (self.page.locator(what) if isinstance(what, str) else what).click()
        return self

    def follow(self, href: str) -> Visitor:
        """Take the link of the page that leads there, also out of details that are still folded."""
        link = f"a[href='{href}']"
        if not self.page.locator(f"main {link}").is_visible():
            self.page.locator(f"main details:has({link}) > summary").click()
        return self.click(f"main {link}")

    def press(self, text: str | re.Pattern[str]) -> Visitor:
        """Press the button or link with this text."""
        with self.page.expect_navigation():
            self.page.locator("main").get_by_role("button", name=text).or_(
                self.page.locator("main").get_by_role("link", name=text)
            ).first.click()
        return self

    def sign_in(self, person: dict[str, Any], code: str = "") -> Visitor:
        """With password and second factor."""
        self.go("/sign-in").answer(login=person["login"], password=person["password"])
        return self.answer(otp=code or fresh_code(person["totp_secret"]))

    def become(self, width: int, locale: str) -> Visitor:
        """The same person at another width and in another language, taken by the page's own switch."""
        self.page.set_viewport_size({"width": width, "height": HEIGHTS.get(width, 900)})
        if self.page.locator("html").get_attribute("lang") != locale:
            self.click(f"footer button[lang='{locale}']")
        return self

    # what a person sees

    @property
    def path(self) -> str:
        return self.page.url.removeprefix(self.portal)

    @property
    def text(self) -> str:
        return self.page.locator("main").inner_text()

    def check(self) -> Visitor:
        """No axe violation and no overflow, on a phone and on a desk; once for each kind of page."""
        self.page.wait_for_load_state()  # a page that is still coming in is not what anybody reads
        kind = re.sub(r"[0-9a-f-]{36}|[0-9a-f]{64}|\?.*", "…", self.path)
        if kind not in self.checked:
            self.checked.add(kind)
            own = self.page.viewport_size
            for width in sorted({*HEIGHTS, own["width"]}):
                self.page.set_viewport_size({"width": width, "height": HEIGHTS.get(width, 900)})
                self._look(f"{kind} at {width} px")
            self.page.set_viewport_size(own)
        return self

    def _look(self, where: str) -> None:
        for found in Axe().run(self.page).response["violations"]:
            nodes = [node["html"][:200] for node in found["nodes"]]
            self.complaints.append(f"axe, {where}: {found['id']} {nodes}")
        excess = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if excess > 0:
            self.complaints.append(f"{where} is {excess} px too wide")
        if hidden := self.page.evaluate(OUT_OF_SIGHT):
            self.complaints.append(f"{where} hides entries of its navigation: {hidden}")
