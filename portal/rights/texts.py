"""What people agreed to: each version of each text, and how many said yes to which."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Response

from identity.purposes import Purpose, Standing, standing_by_version, versions
from portal.database import db
from portal.pages import page
from portal.rights import blueprint
from portal.rights.breaches import keeping
from portal.security import guarded

LANGUAGES = (("vi", "Tiếng Việt"), ("en", "English"))


@dataclass(frozen=True, slots=True)
class Row:
    """One version: its words, and its figures."""

    purpose: Purpose
    begins: Any
    standing: Standing
    is_newest: bool


@blueprint.get("/texts")
@guarded(keeping)
def texts() -> Response:
    counted = standing_by_version(db)
    newest: dict[str, int] = {}
    for purpose, _begins in versions():
        newest[purpose.name] = max(purpose.version, newest.get(purpose.name, 0))
    rows = [
        Row(one, begins, counted.get((one.name, one.version), Standing(0, 0)), newest[one.name] == one.version)
        for one, begins in versions()
    ]
    return page("rights/texts.html", rows=rows, languages=LANGUAGES)
