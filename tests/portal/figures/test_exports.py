"""Tables to take along, the team's page and the wall."""

from __future__ import annotations

import csv
import io
import sys
from uuid import uuid4

import openpyxl
import pytest
from sqlalchemy import text

from identity.audit import Actor
from onboarding.villages import add_village
from portal.figures.export import COLUMNS, as_csv, as_xlsx
from tests.portal.figures.test_boards import cards, words
from tests.portal.work_scene import sign_in

pytestmark = [pytest.mark.xdist_group("figures"), pytest.mark.any_engine]


@pytest.fixture
def leader(client, database, counted, clock):
    sign_in(client, database, counted.leader, now=clock.now)
    client.set_cookie("language", "en")
    return client


def sheet(answer):
    rows = list(openpyxl.load_workbook(io.BytesIO(answer.data)).active.values)
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def test_both_tables_hold_what_the_page_shows(leader, counted):
    path = f"/figures/units/{counted.province}"
    shown = cards(leader.get(f"{path}?period=2026"))
    table = list(csv.DictReader(io.StringIO(leader.get(f"{path}/figures.csv?period=2026").text.removeprefix("\ufeff"))))
    cells = sheet(leader.get(f"{path}/figures.xlsx?period=2026"))
    assert tuple(table[0]) == tuple(cells[0]) == COLUMNS
    for code, (some, all_, last) in zip(("issued-of-applied", "activated-of-issued"), shown[:2], strict=True):
        line = next(row for row in table if (row["unit_code"], row["indicator"]) == (counted.province_code, code))
        cell = next(row for row in cells if (row["unit_code"], row["indicator"]) == (counted.province_code, code))
        assert (int(line["numerator"]), int(line["denominator"]), line["through"]) == (some, all_, last.isoformat())
        assert (cell["numerator"], cell["denominator"]) == (some, all_)
        assert line["value"] == f"{cell['value']}" and line["denominator_source"]


def test_an_export_is_published_figures_also_in_ones_own_ward(leader, counted):
    assert "The files and the wall show what is published" in leader.get(f"/figures/units/{counted.wards[2]}").text
    assert "The files and the wall show" not in leader.get(f"/figures/units/{counted.province}").text
    answer = leader.get(f"/figures/units/{counted.wards[2]}/figures.csv?period=2026")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    table = answer.text
    lines = [row for row in csv.DictReader(io.StringIO(table.removeprefix("\ufeff"))) if row["indicator"] != "x"]
    funnel = [row for row in lines if row["indicator"] == "issued-of-applied"]
    assert [(row["status"], row["numerator"], row["denominator"]) for row in funnel] == [("suppressed", "", "")]


def test_nothing_in_a_table_is_run_as_a_formula():
    for start in ("=1+1", "+1", "-1", "@now"):
        row = [start, *[""] * (len(COLUMNS) - 1)]
        book = openpyxl.load_workbook(io.BytesIO(as_xlsx([row])))
        cell = book.active["A2"]
        assert cell.data_type == "s" and cell.value == f"'{start}"
        assert as_csv([row]).splitlines()[1].startswith(f"'{start}")
    assert "xlsxwriter" not in sys.modules, "no process that answers pages carries the library"


def test_a_file_names_no_village_as_missing(leader, database, counted, clock):
    """Villages are counted, on the page of whoever may see them, and published for nobody."""
    with database.transaction() as db:
        add_village(db, counted.ward, "Tổ dân phố 7", Actor(counted.leader, "leader"), now=clock.now)
    table = leader.get(f"/figures/units/{counted.ward}/figures.csv?period=2026").text
    rows = list(csv.DictReader(io.StringIO(table.removeprefix("\ufeff"))))
    assert {row["unit_code"] for row in rows} == {counted.codes[0]}


def test_an_unknown_unit_is_told_apart_from_an_unknown_page(leader):
    for path in ("", "/units", "/wall", "/figures.csv"):
        answer = leader.get(f"/figures/units/{uuid4()}{path}")
        assert answer.status_code == 404 and "There is no such unit, or it is a village." in answer.text


def test_another_ending_is_not_found(leader):
    assert leader.get("/figures/nation/figures.pdf").status_code == 404


def test_a_team_sees_its_own_figures_as_sql_counts_them(client, database, counted, clock):
    sign_in(client, database, counted.member, now=clock.now)
    client.set_cookie("language", "en")
    answer = client.get("/figures", follow_redirects=True)
    said = words(answer)
    with database.session(write=False) as db:
        own = db.scalar(text("SELECT count(*) FROM assistance_event WHERE mode = 'guided'"))
        visits = db.scalar(text("SELECT count(*) FROM assistance_event"))
    assert f"Visits {visits} " in said and f"{own} of {visits}" in said
    assert f"27 of {visits}" in said, "recorded in time"
    assert "80% of" not in said and "Visits by week" in answer.text


def test_a_team_is_seen_by_its_own_and_by_those_above_only(client, database, counted, clock):
    sign_in(client, database, counted.member, now=clock.now)
    assert client.get(f"/figures/teams/{counted.other_team}").status_code == 404
    assert client.get(f"/figures/units/{counted.ward}").status_code == 200
    sign_in(client, database, counted.coordinator, now=clock.now)
    assert client.get(f"/figures/teams/{counted.team}").status_code == 200
    assert client.get(f"/figures/teams/{counted.other_team}").status_code == 404


def test_a_wall_shows_published_figures_and_their_age_and_refreshes(leader, counted):
    answer = leader.get(f"/figures/units/{counted.wards[2]}/wall")
    assert cards(answer)[0] is None, "published figures even in the leader's own ward"
    answer = leader.get("/figures/nation/wall")
    assert "published within the last hour" in words(answer) and 'data-again="60"' in answer.text
    assert '<meta http-equiv="refresh" content="60">' in answer.text and "js/wall" in answer.text
    assert "No connection: these are the last figures" in words(answer)
    assert cards(answer)[:3] == cards(leader.get("/figures/nation"))[:3]
