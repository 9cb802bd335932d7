"""Whatever travels with the portal is named with its licence."""

from __future__ import annotations

import re

from tests.test_architecture import ROOT

NOTICES = (ROOT / "docs" / "third-party-notices.md").read_text()


def test_every_package_is_named_with_its_licence() -> None:
    pinned = re.findall(r"^([A-Za-z0-9_.-]+)(?:\[.*\])?==", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    named = set(re.findall(r"^\| ([a-z0-9-]+) \| [0-9][^|]* \| [A-Za-z]", NOTICES, re.MULTILINE))
    assert {name.lower() for name in pinned} == named


def test_every_data_file_says_where_it_comes_from() -> None:
    folder = ROOT / "identity" / "data"
    told = (folder / "LICENCES.md").read_text()
    assert [path.name for path in folder.iterdir() if path.name != "LICENCES.md" and f"`{path.name}`" not in told] == []
