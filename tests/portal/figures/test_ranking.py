"""Lists of units sort by each figure they show; what is hidden has no place that could be read from the order."""

from __future__ import annotations

import re
from datetime import date
from uuid import UUID

import pytest

from identity.places import Unit, UnitKind
from onboarding.campaign import Goal
from onboarding.figures.published import Published, Status
from onboarding.figures.registry import get_indicator
from portal.figures.ranking import Ranked, in_order, ranked
from portal.figures.words import ORDERS
from tests.portal.work_scene import sign_in

pytestmark = pytest.mark.xdist_group("figures")
NO_UNIT = UUID(int=0)


def line(name, some=None, all_=None, *, status=Status.VALUE, lacking=None):
    return Ranked(NO_UNIT, name, "", name, name, Published(status, some, all_), lacking)


LINES = [
    line("an", 90, 100, lacking=0),
    line("ba", 300, 1000, lacking=500),
    line("cam", 5, 10, lacking=3),
    line("da", status=Status.MISSING),
    line("hue", 1, 9, status=Status.SUPPRESSED, lacking=8),
    line("bien", 7, 9, status=Status.SUPPRESSED, lacking=2),
    line("hai", 7, 7, status=Status.SUPPRESSED, lacking=0),
    line("gia", 0, 40, status=Status.ZERO, lacking=32),
]


@pytest.mark.parametrize(
    ("by", "known"),
    [
        ("lacking", "ba gia cam an"),
        ("lacking-few", "an cam gia ba"),
        ("share", "gia ba cam an"),
        ("share-high", "an cam ba gia"),
        ("count", "ba an cam gia"),
        ("count-few", "gia cam an ba"),
    ],
)
def test_what_is_hidden_follows_by_name_whatever_is_sorted_by(by, known):
    assert [one.name for one in in_order(LINES, by)] == [*known.split(), "bien", "hai", "hue", "da"]


def test_by_name_everything_stands_in_one_row_and_equals_follow_by_name():
    assert [one.name for one in in_order(LINES, "name")] == ["an", "ba", "bien", "cam", "da", "gia", "hai", "hue"]
    equal = [line(name, 1, 2, lacking=0) for name in "cab"]
    assert all([one.name for one in in_order(equal, by)] == ["a", "b", "c"] for by in ORDERS)


@pytest.mark.parametrize(
    ("code", "lacking", "left"), [("own-hand", [40, 1, 0], [60, 18, 15]), ("unmet-need", [0, 0, 5], [40, 71, 85])]
)
def test_lacking_are_too_few_or_where_less_is_better_too_many(app, code, lacking, left):
    known = {"kind": UnitKind.COMMUNE, "type": "commune", "name": "A", "name_folded": "a", "search_folded": "xa a"}
    units = [Unit(id=UUID(int=number), code="1", **known) for number in (1, 2, 3)]
    pairs = zip(units, ((40, 100), (71, 89), (85, 100)), strict=True)
    figures = {unit.id: Published(Status.VALUE, *pair) for unit, pair in pairs}
    aim = Goal(0.8, True, date(2026, 12, 31), "QĐ 1", NO_UNIT)
    with app.test_request_context():
        for goal, expected in ((aim, lacking), (None, left)):
            found = {one.unit_id: one.lacking for one in ranked(units, get_indicator(code), figures, goal)}
            assert [found[unit.id] for unit in units] == expected


def names(answer):
    return re.findall(r'<th scope="row"><a href="/figures/units/[^"]+">([^<]+)</a>', answer.text)


@pytest.mark.any_engine
def test_a_list_keeps_its_order_over_pages_and_searches(client, database, counted, clock):
    sign_in(client, database, counted.leader, now=clock.now)
    client.set_cookie("language", "en")
    path = "/figures/nation/units?level=provinces"
    by_name = client.get(f"{path}&sort=name")
    assert names(by_name)[:3] == ["An Giang Province", "Bắc Ninh City", "Cà Mau Province"]
    assert 'aria-sort="ascending">Unit' in by_name.text and '<option value="name" selected>' in by_name.text
    assert re.search(r"sort=name&(amp;)?page=2", by_name.text)
    assert set(names(client.get(f"{path}&sort=name&page=2"))).isdisjoint(names(by_name))
    assert "sort=name" in client.get(f"{path}&sort=name&q=giang").text
    usual = client.get(path)
    assert names(usual) == names(client.get(f"{path}&sort=wrong")) != names(by_name)
    assert 'aria-sort="descending">L' in usual.text and "sort=" not in re.sub(r"aria-sort=", "", usual.text)
    here = f"/figures/units/{counted.province}/units"
    for by in set(ORDERS) - {"name"}:
        first = names(client.get(f"{here}?sort={by}&period=2026"))[:3]
        assert first == ["Ba Đình Ward", "Giảng Võ Ward", "Ngọc Hà Ward"], "two of the three are hidden"
