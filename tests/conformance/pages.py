"""A resident's browser without JavaScript: it fills in the forms it meets, by the ids that the pages promise."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urldefrag, urljoin, urlsplit

import requests

MOST_STEPS = 15


@dataclass
class Form:
    """A form of a page: where it goes, what it sends by itself, its buttons by id."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    ids: set[str] = field(default_factory=set)
    buttons: dict[str, tuple[str, str]] = field(default_factory=dict)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._open: Form | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = Form(given.get("action", ""), given.get("method", "get").lower())
            self.forms.append(self._open)
        if self._open is None:
            return
        if "id" in given:
            self._open.ids.add(given["id"])
        is_button = tag == "button" or (tag == "input" and given.get("type") in {"submit", "button"})
        if is_button:
            self._open.buttons[given.get("id", "")] = (given.get("name", ""), given.get("value", ""))
        elif tag == "input" and given.get("name") and given.get("type") not in {"checkbox", "radio"}:
            self._open.fields[given["name"]] = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None


def forms_of(text: str) -> list[Form]:
    reader = _Reader()
    reader.feed(text)
    return reader.forms


@dataclass(frozen=True)
class Landing:
    """Where a visit ended: back at a service with parameters, or on a page of the provider."""

    url: str
    by: str
    """`query`, `fragment` or `form_post` back at the service; `page` on the provider."""
    sent: dict[str, str]
    shown: tuple[str, ...]
    """The pages on the way: `login`, `otp`, `consent`, `account`, `confirm-logout`."""
    status: int = 0
    text: str = ""
    whole: str = ""
    """The address with everything in it."""

    @property
    def is_back(self) -> bool:
        return self.by != "page"


class Resident:
    """A person with a browser of their own. `stop_at` names pages where a visit ends instead of being answered."""

    def __init__(self, issuer: str, trust: str | bool, login: str, password: str, otp: str) -> None:
        self.issuer, self.login, self.password, self.otp = issuer, login, password, otp
        self.session = requests.Session()
        self.session.verify, self.session.trust_env = trust, False
        self.session.headers["Accept-Language"] = "en"

    def visit(self, url: str, *, stop_at: tuple[str, ...] = (), press: str = "approve", post: bool = False) -> Landing:
        """Open `url` (or post its query) and do what the pages ask until they are through."""
        if post:
            address, _, query = url.partition("?")
            answer = self.session.post(address, data=dict(parse_qsl(query)), allow_redirects=False, timeout=20)
        else:
            answer = self.session.get(url, allow_redirects=False, timeout=20)
        return self._go_on(answer, stop_at, press)

    def _go_on(self, answer: requests.Response, stop_at: tuple[str, ...], press: str) -> Landing:
        shown: list[str] = []
        for _ in range(MOST_STEPS):
            if answer.is_redirect:
                there = urljoin(answer.url, answer.headers["Location"])
                if not self._is_theirs(there):
                    return _landed(there, tuple(shown))
                answer = self.session.get(there, allow_redirects=False, timeout=20)
                continue
            kind, form = self._what_is_asked(answer)
            if form is None:
                return Landing(answer.url, "page", {}, tuple(shown), answer.status_code, answer.text)
            if kind == "form_post":
                return Landing(form.action, "form_post", form.fields, tuple(shown), answer.status_code, answer.text)
            shown.append(kind)
            if kind in stop_at or shown.count(kind) > 2:
                return Landing(answer.url, "page", {}, tuple(shown), answer.status_code, answer.text)
            answer = self._fill_in(answer, kind, form, press)
        raise AssertionError(f"going round in circles: {shown}")

    def _what_is_asked(self, answer: requests.Response) -> tuple[str, Form | None]:
        if "html" not in answer.headers.get("Content-Type", ""):
            return "", None
        forms = forms_of(answer.text)
        for kind, wanted in PAGES.items():
            for form in forms:
                if wanted <= form.ids:
                    return kind, form
        for form in forms:
            if form.method == "post" and urlsplit(form.action).netloc and not self._is_theirs(form.action):
                return "form_post", form
        return "", None

    def _fill_in(self, answer: requests.Response, kind: str, form: Form, press: str) -> requests.Response:
        data = dict(form.fields)
        if kind == "login":
            data |= {"login": self.login, "password": self.password}
        elif kind == "otp":
            data["otp"] = self.otp
        button = {"consent": press, "account": "submit"}.get(kind, kind)
        name, value = form.buttons.get(button, ("", ""))
        if name:
            data[name] = value
        there = urljoin(answer.url, form.action or answer.url)
        return self.session.post(there, data=data, allow_redirects=False, timeout=20, headers={"Referer": answer.url})

    def _is_theirs(self, url: str) -> bool:
        return urlsplit(url)[:2] == urlsplit(self.issuer)[:2]


PAGES = {
    "login": {"login", "password"},
    "otp": {"otp"},
    "consent": {"approve", "deny"},
    "account": {"another"},
    "confirm-logout": {"confirm-logout"},
}


def _landed(url: str, shown: tuple[str, ...]) -> Landing:
    plain, fragment = urldefrag(url)
    query = dict(parse_qsl(urlsplit(plain).query, keep_blank_values=True))
    if fragment and not query:
        return Landing(plain, "fragment", dict(parse_qsl(fragment)), shown, whole=url)
    return Landing(plain.partition("?")[0], "query", query, shown, whole=url)
