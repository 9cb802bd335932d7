"""Which browser on which device, as far as it says so itself."""

from __future__ import annotations

from portal.language import _

SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("Linux", "Linux"),
)
BROWSERS = (
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("coc_coc", "Cốc Cốc"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)


def browser(user_agent: str | None) -> str:
    """In words."""
    text = user_agent or ""
    name = next((label for mark, label in BROWSERS if mark in text), None)
    system = next((label for mark, label in SYSTEMS if mark in text), None)
    if name and system:
        return _("%(browser)s on %(system)s", browser=name, system=system)
    return name or system or _("Unknown browser")


def is_phone(user_agent: str | None) -> bool:
    """Which picture to show."""
    return any(mark in (user_agent or "") for mark in ("Android", "iPhone", "Mobile"))
