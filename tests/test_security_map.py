"""The two papers for auditors name what is there: every module, every test, every requirement."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache

import pytest

from tests.servers import ROOT

PAPERS = ("security-map.md", "threat-model.md")
NAME = re.compile(r"`([^`]+)`")
TEST = re.compile(r"^\s*(?:async )?def test_(\w+)", re.MULTILINE)
ROW = re.compile(r"^\| (\d[\d., –]*) \| (.+) \| (.+) \| (.+) \|$", re.MULTILINE)
WHY_NOT = re.compile(r"(in part|not met|not here|outside): \S")
SPAN = re.compile(r"(\d+)\.(\d+)\.(\d+)(?:–(\d+))?")
LONGEST_PAPER, LONGEST_LINE = 180, 140
SECTIONS = {  # how many requirements each section of OWASP ASVS 5.0.0 has, V1.1, V1.2 and so on
    1: (2, 10, 12, 3, 3),
    2: (3, 3, 5, 2),
    3: (1, 3, 5, 8, 8, 1, 5),
    4: (5, 5, 2, 4),
    5: (1, 6, 3, 3),
    6: (3, 12, 8, 6, 8, 4, 2, 4),
    7: (3, 4, 2, 5, 3, 2),
    8: (4, 4, 3, 2),
    9: (3, 4),
    10: (2, 3, 5, 16, 5, 2, 3),
    11: (4, 5, 5, 4, 2, 2, 2),
    12: (5, 2, 5),
    13: (4, 6, 4, 7),
    14: (2, 8, 3),
    15: (5, 5, 7, 4),
    16: (1, 5, 4, 3, 4),
    17: (2, 8, 2),
}


def text_of(paper: str) -> str:
    return (ROOT / "docs" / paper).read_text(encoding="utf-8")


@cache
def functions_there_are() -> frozenset[str]:
    written = (path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("*.py"))
    return frozenset(name for text in written for name in TEST.findall(text))


@cache
def checks_there_are() -> frozenset[str]:
    """The black-box checks are functions too, without the prefix."""
    written = (path.read_text(encoding="utf-8") for path in (ROOT / "tests" / "conformance" / "checks").glob("*.py"))
    return frozenset(name for text in written for name in re.findall(r"^def (\w+)", text, re.MULTILINE))


def is_there(name: str) -> bool:
    """A file or a folder by its path, of the project or of its tests, without `.py`; or a test without `test_`."""
    if re.fullmatch(r"[\w./-]+", name) is None:
        return False
    paths = (ROOT / name, ROOT / f"{name}.py", ROOT / "tests" / name, ROOT / "tests" / f"{name}.py")
    return name in functions_there_are() or any(path.exists() for path in paths)


def requirements(first_column: str) -> list[tuple[int, int, int]]:
    """What `1.2.1–3, 1.2.10` stands for."""
    found = [tuple(int(part or 0) for part in span) for span in SPAN.findall(first_column)]
    return [(v, s, number) for v, s, first, last in found for number in range(first, (last or first) + 1)]


@pytest.mark.parametrize("paper", PAPERS)
def test_everything_that_is_named_exists(paper: str) -> None:
    named = NAME.findall(text_of(paper))
    assert named and [name for name in named if not is_there(name)] == []


def test_every_negative_path_names_a_test_that_exists() -> None:
    table = text_of("conformance.md").partition("## Negative paths")[2].partition("\n## ")[0]
    rows = [line.split("|")[2] for line in table.splitlines() if line.startswith("| ")][1:]
    assert len(rows) >= 14 and all(NAME.search(row) for row in rows)
    named = [name for row in rows for name in NAME.findall(row)]
    assert [name for name in named if name not in checks_there_are() and not is_there(name)] == []


def test_every_requirement_has_one_row() -> None:
    every = {
        (v, s, number): 1
        for v, sizes in SECTIONS.items()
        for s, size in enumerate(sizes, 1)
        for number in range(1, size + 1)
    }
    named = Counter(one for row in ROW.findall(text_of("security-map.md")) for one in requirements(row[0]))
    assert len(every) == 345 and named == every


def test_what_is_called_met_names_its_test_and_what_is_not_gives_a_reason() -> None:
    rows = ROW.findall(text_of("security-map.md"))
    assert [row for row in rows if row[3] == "met" and (row[1] == "–" or not NAME.search(row[2]))] == []
    assert [row for row in rows if row[3] != "met" and WHY_NOT.match(row[3]) is None] == []


@pytest.mark.parametrize("paper", PAPERS)
def test_a_paper_is_short(paper: str) -> None:
    lines = text_of(paper).splitlines()
    assert len(lines) <= LONGEST_PAPER and [line for line in lines if len(line) > LONGEST_LINE] == []
