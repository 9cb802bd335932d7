"""The member's scripts and styles, joined: one file travels in half the bytes of five, whose headers weigh as much."""

from __future__ import annotations

import json
import re

from flask.blueprints import BlueprintSetupState

from onboarding.free_text import WORDS
from portal.assets import Assets
from portal.team import blueprint

ELSEWHERE, EVERY_PAGE, APP, LOOK = "js/team-guard.js", "js/team.js", "js/team-app.js", "css/team-app.css"
PARTS = {
    ELSEWHERE: ("outbox", "sync", "guard"),
    EVERY_PAGE: ("outbox", "sync", "guard", "device"),
    APP: ("free-text", "outbox", "sync", "device", "form", "rows", "app"),
}
"""Joined script → its parts in their order: each uses what stands before it."""
FOR_READERS = re.compile(rb"^[ \t]*//.*\n|^[ \t]+|[ \t]+// .*$", re.MULTILINE)
"""Indents and remarks."""
ROOM = re.compile(rb" (=>|===|!==|&&|\|\||=|\+|\?|:) |(?<=[,;{])\n|^\n|(?<=[,{}]) | (?=[{}])", re.MULTILINE)
"""Spaces around signs and brackets, ends of lines after which no sentence ends, empty lines; where our strings hold the
like (header fields, cookies) they mean the same without."""
NAME_WORDS = {kind: " ".join(sorted(words)) for kind, words in WORDS.items()}
"""What names are known by; on the phone as on the server."""


@blueprint.record
def join(state: BlueprintSetupState) -> None:
    """Add the joined files to those that are served."""
    assets: Assets = state.app.extensions["assets"]
    for name, parts in PARTS.items():
        joined = b"\n".join(assets.files[f"js/team/{part}.js"] for part in parts)
        given = f"const NAME_WORDS = {json.dumps(NAME_WORDS, ensure_ascii=False)};\n" if name == APP else ""
        assets.add(name, given.encode() + ROOM.sub(rb"\1", FOR_READERS.sub(b"", joined)))
    assets.add(LOOK, assets.files["css/portal.css"] + assets.files["css/team.css"])
