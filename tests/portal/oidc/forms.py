"""What a browser without JavaScript would send from a page."""

from __future__ import annotations

from html.parser import HTMLParser


class Form(HTMLParser):
    """The form of a page that leads to `path`, with its hidden fields."""

    def __init__(self, page: str, path: str) -> None:
        super().__init__()
        self.path, self.action, self.inside = path, "", False
        self.fields: dict[str, str] = {}
        self.feed(page)
        assert self.action, page

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form" and said.get("action", "").startswith(self.path):
            self.action, self.inside = said["action"], True
        if tag == "input" and self.inside and said.get("type") == "hidden":
            self.fields[said["name"]] = said["value"]

    def handle_endtag(self, tag: str) -> None:
        self.inside = self.inside and tag != "form"
