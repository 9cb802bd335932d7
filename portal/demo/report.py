"""var/demo.json: what tests, benchmarks and newcomers need to know about this demonstration."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import orjson

from portal.demo.residents import Known
from portal.demo.world import World
from portal.settings import Settings

SHOWN = ("citizen", "foreigner", "officer_receiving", "officer_approving", "lead", "member", "coordinator")
"""Roles whose first account is printed."""


def read(path: Path) -> dict[str, Any] | None:
    """The demonstration that was made before, or None."""
    return orjson.loads(path.read_bytes()) if path.exists() else None


def write(path: Path, content: dict[str, Any]) -> None:
    """Replace the file at once, readable by this user only: it holds the secrets of made-up people."""
    unfinished = path.with_suffix(".part")
    unfinished.write_bytes(orjson.dumps(content, option=orjson.OPT_INDENT_2))
    unfinished.chmod(0o600)
    os.replace(unfinished, path)


def content_of(world: World, settings: Settings, relying_party: str) -> dict[str, Any]:
    """The file for a new world."""
    return {
        **addresses(settings, relying_party),
        "people": [person.as_json() for person in world.people],
        "clients": [client.as_json() for client in world.clients],
        "activation": world.activation,
    }


def addresses(settings: Settings, relying_party: str) -> dict[str, str]:
    """Where everything answers, and over which database."""
    return {
        "issuer": settings.issuer,
        "portal": settings.issuer,
        "relying_party": relying_party,
        "database_url": settings.database_url,
    }


def with_crowd(content: dict[str, Any], crowd: list[Known]) -> dict[str, Any]:
    """The file with more people in it."""
    return {**content, "people": [*content["people"], *(person.as_json() for person in crowd)]}


def printed(content: dict[str, Any], path: Path) -> str:
    """What the terminal shows."""
    lines = [
        "",
        f"  Portal           {content['portal']}",
        f"  Relying party    {content['relying_party']}",
        f"  Messages sent    {content['portal']}/operation/messages",
        f"  Components       {content['portal']}/design",
        "",
        f"  {'role':20}{'login':18}{'password':18}second factor (TOTP secret)",
    ]
    first = {person["role"]: person for person in reversed(content["people"]) if person["state"] == "active"}
    for role in SHOWN:
        person = first[role]
        lines.append(f"  {role:20}{person['login']:18}{person['password']:18}{person['totp_secret']}")
    code = next((way["code"] for way in content["activation"].values()), "")
    ends = [f"  To activate      {code}", f"  Everybody        {path}", "", "  Ctrl-C ends it.", ""]
    return "\n".join([*lines, "", *ends])
