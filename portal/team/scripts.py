"""The member's scripts, joined: one file travels in half the bytes of five, whose headers weigh as much as they do."""

from __future__ import annotations

from flask.blueprints import BlueprintSetupState

from portal.assets import Assets
from portal.team import blueprint

FOLDER = "js/team"
EVERY_PAGE, APP = "js/team.js", "js/team-app.js"
PARTS = {EVERY_PAGE: ("outbox", "sync", "device"), APP: ("free-text", "outbox", "sync", "device", "form", "app")}
"""Joined file → its parts in their order: each uses what stands before it."""


@blueprint.record
def join(state: BlueprintSetupState) -> None:
    """Add the joined files to those that are served."""
    assets: Assets = state.app.extensions["assets"]
    for name, parts in PARTS.items():
        assets.add(name, b"\n".join(assets.files[f"{FOLDER}/{part}.js"] for part in parts))
