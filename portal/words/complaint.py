"""What a complaint may be about, in words, and what helps sooner where something does."""

from __future__ import annotations

from typing import Any

from portal.language import _l

CATEGORIES: dict[str, tuple[Any, Any]] = {
    "late": (_l("A date was missed"), ""),
    "conduct": (_l("How I was treated"), ""),
    "papers": (_l("I was asked for something the office has already"), ""),
    "money": (_l("I was asked to pay"), _l("Everything about the account is free of charge.")),
    "decision": (
        _l("I do not agree with a decision"),
        _l("Against a refusal an appeal helps more: open the application and choose Appeal."),
    ),
    "portal": (_l("Something on this site does not work"), ""),
    "other": (_l("Something else"), ""),
}
