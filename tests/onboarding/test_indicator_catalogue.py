"""The catalogue for readers (`docs/indicators.md`) says what the registry says, and nothing else."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from onboarding.figures.registry import INDICATORS, Better, families, indicators
from portal.figures.board import KEYS
from portal.figures.team import SHARES
from tests.test_architecture import ROOT

REGISTRY = json.loads(INDICATORS.read_text(encoding="utf-8"))
CATALOGUE = (ROOT / "docs" / "indicators.md").read_text(encoding="utf-8")
HEADING = re.compile(r"^#### `([a-z0-9-]+)` version ([0-9]+)$", re.MULTILINE)
MOST = 140


def entries() -> dict[tuple[str, int], str]:
    """Each entry's text by code and version, without line breaks."""
    _before, *parts = HEADING.split(re.sub(r"^#{2,3} .*$", "", CATALOGUE, flags=re.MULTILINE))
    return {
        (code, int(version)): " ".join(text.split())
        for code, version, text in zip(parts[::3], parts[1::3], parts[2::3], strict=True)
    }


def part(name: str, said: Any) -> str:
    measure = f"`{said['measure']}`" if said["measure"] else "no measure"
    return f"{name}: {both(said['words'])} ({measure}; {said['source']}, {said['vintage']}) -"


def both(words: Any) -> str:
    return f"{words['en']} / {words['vi']}"


def protection(row: Any) -> str:
    if row["numerator"]["measure"] is None:
        return "nothing to protect"
    said = REGISTRY["families"].get(row["family"], {})
    within = f", within `{said['within']}`" if "within" in said else ""
    return f"family `{row['family']}`{within}" + ("" if said.get("guarded", True) else ", not guarded")


def sayings(row: Any) -> list[str]:
    """What the entry has to say, word for word."""
    return [
        f"**{row['name']['en']}** / **{row['name']['vi']}**",
        row["definition"]["en"],
        part("Numerator", row["numerator"]),
        part("Denominator", row["denominator"]),
        "- How counted: ",
        f"- Unit: {row['unit']} · cut by: {', '.join(row['disaggregations'])} ·",
        f"· allowed lag: {row['allowed_lag_days']} {'day' if row['allowed_lag_days'] == 1 else 'days'} ·",
        f"· better: {row['better']} ·",
        f"· headline: {'yes' if row['headline'] else 'no'} ·",
        f"· protected: {protection(row)} -",
        f"- Owner: {both(row['owner'])}",
    ]


def test_the_catalogue_has_every_indicator_and_version_of_the_registry_and_no_other() -> None:
    assert set(entries()) == {(row["code"], row["version"]) for row in REGISTRY["indicators"]}
    assert len(HEADING.findall(CATALOGUE)) == len(REGISTRY["indicators"])
    assert f"edition {REGISTRY['edition']}" in CATALOGUE


@pytest.mark.parametrize("row", REGISTRY["indicators"], ids=lambda row: f"{row['code']}-{row['version']}")
def test_an_entry_says_what_the_registry_says(row: Any) -> None:
    entry = entries()[row["code"], row["version"]]
    assert [saying for saying in sayings(row) if saying not in entry] == []


def test_less_is_better_of_needs_that_are_not_met_and_of_returns_alone():
    found = {one.code for one in indicators() if one.better is Better.LESS}
    reasons = {one.code for one in families()["reason"]}
    assert len(reasons) == 11
    assert found == {"unmet-need", "returned"} | reasons
    assert set(KEYS) | set(SHARES) <= {one.code for one in indicators()} - found, "boards speak of what is lacking"


def test_the_catalogue_is_narrow_enough_to_be_read() -> None:
    assert [line for line in CATALOGUE.splitlines() if len(line) > MOST] == []
