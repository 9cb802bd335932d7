"""Numbers from papers: a denominator has its source, a part is never the whole, and none is not zero."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from identity.base import Refused
from identity.places import Unit, UnitKind, ancestors
from onboarding.feeds.differences import Difference, kept, read_again
from onboarding.feeds.moves import changed_since, note_moves
from onboarding.feeds.restating import with_restatement
from onboarding.feeds.rows import Action, row_of
from onboarding.figures.facts import fact, facts_of
from onboarding.figures.model import NATION, ReferenceCount
from onboarding.figures.periods import read_period
from onboarding.figures.published import Status, published
from onboarding.figures.reference import Levels, Line, import_lines
from onboarding.figures.registry import get_indicator, imported_measures
from onboarding.figures.restated import former
from portal.database import Database
from tests.onboarding.figures_scene import YEAR, count_all, pair, publish
from tests.onboarding.scene import communes, member_of, resident, team_in
from tests.onboarding.test_figures_people import helped

CENSUS = date(2026, 3, 31)


def line(unit_id, number, measure="adults", day=CENSUS, source="Báo cáo dân số", vintage="2026"):
    return Line(measure, unit_id, day, number, source, vintage)


def below(db, province):
    query = select(Unit.id).where(Unit.parent_id == province, Unit.kind == UnitKind.COMMUNE, Unit.valid_to.is_(None))
    return list(db.scalars(query))


def test_a_share_without_its_denominator_is_missing_and_with_it_names_the_paper(db, now):
    here = communes(db)[0]
    member, person = member_of(db, team_in(db, here, now=now), now=now), resident(db, here, now=now)
    helped(db, member, person, now)
    count_all(db, now)
    assert fact(db, "reached", here.id, YEAR).value is None
    publish(db, now + timedelta(days=1))
    assert published(db, get_indicator("reached"), here.id, YEAR).status == Status.MISSING
    import_lines(db, [line(here.id, 4000)], now=now)
    found = fact(db, "reached", here.id, YEAR)
    assert (found.value, found.source, found.vintage) == (1 / 4000, "Báo cáo dân số", "2026")
    assert fact(db, "reached", here.id, read_period("2026-02", on=CENSUS)) is None, "before the census nothing is known"


def test_more_people_than_a_paper_knows_are_no_share_of_it(db, now):
    here = communes(db)[0]
    member = member_of(db, team_in(db, here, now=now), now=now)
    for _ in range(2):
        helped(db, member, resident(db, here, now=now), now)
    import_lines(db, [line(here.id, 1)], now=now)
    count_all(db, now)
    found = fact(db, "reached", here.id, YEAR)
    assert (found.numerator, found.value, found.source) == (2, None, None), "as if there were no paper"
    assert published(db, get_indicator("reached"), here.id, YEAR).status == Status.MISSING
    import_lines(db, [line(here.id, 2, vintage="2026, corrected")], now=now + timedelta(days=1))
    found = fact(db, "reached", here.id, YEAR)
    assert (found.value, found.vintage) == (1, "2026, corrected")


def test_none_reached_of_many_is_an_explicit_zero(db, now):
    here, beside, _ = communes(db)
    import_lines(db, [line(beside.id, 3000)], now=now)
    count_all(db, now)
    assert pair(db, "reached", beside.id) == (0, 3000)
    member, person = member_of(db, team_in(db, here, now=now), now=now), resident(db, here, now=now)
    helped(db, member, person, now)
    count_all(db, now)
    publish(db, now + timedelta(days=1))
    assert published(db, get_indicator("reached"), beside.id, YEAR).status == Status.ZERO
    told = row_of(db, get_indicator("reached"), beside, YEAR)
    pushed = Difference(replace(told, action=Action.REPLACE), beside)
    assert told.vintage == read_again(db, kept(pushed)).vintage == "2026"


def test_a_province_is_the_sum_of_its_communes_once_all_are_known(db, now):
    here = communes(db)[0]
    province = ancestors(db, here.id)[0].id
    units = below(db, province)
    import_lines(db, [line(unit, 100) for unit in units[:-1]], now=now)
    assert Levels(db, "adults").on(province, CENSUS) is None
    import_lines(db, [line(units[-1], 100)], now=now)
    assert Levels(db, "adults").on(province, CENSUS).number == 100 * len(units)
    assert Levels(db, "adults").on(NATION, CENSUS) is None
    with pytest.raises(Refused, match="reference-contradicts"):
        import_lines(db, [line(province, 7)], now=now)


def test_a_later_paper_restates_and_the_earlier_one_stays_to_be_seen(db, now):
    here = communes(db)[0]
    papers = [("skilled-officials", 40), ("officials", 80)]
    import_lines(db, [line(here.id, number, measure) for measure, number in papers], now=now)
    later = now + timedelta(days=9)
    assert import_lines(db, [line(here.id, 50, "skilled-officials")], now=later) == 1
    assert import_lines(db, [line(here.id, 50, "skilled-officials")], now=later) == 0
    assert pair(db, "skilled-officials", here.id) == (50, 80)
    assert pair(db, "skilled-officials", here.id, as_of=now) == (40, 80)
    told = former(db, "skilled-officials", here.id, YEAR)
    assert (told.at, told.before.numerator, told.after.numerator) == (later, 40, 50)
    import_lines(db, [line(here.id, None, "skilled-officials")], now=later + timedelta(days=1))
    assert fact(db, "skilled-officials", here.id, YEAR) is None, "taken back is missing, not zero"


@pytest.mark.any_engine
def test_a_paper_that_comes_when_the_period_is_over_restates_it_visibly(db, now):
    here, period = communes(db)[0], read_period("2026-Q1", on=CENSUS)
    papers = [("skilled-officials", 40), ("officials", 80)]
    first = [line(here.id, number, measure, date(2026, 2, 1)) for measure, number in papers]
    import_lines(db, first, now=now)
    publish(db, now)
    later = now + timedelta(days=9)
    import_lines(db, [line(here.id, 60, "skilled-officials")], now=later)
    told = former(db, "skilled-officials", here.id, period)
    assert (told.at, told.before.numerator, told.after.numerator) == (later, 40, 60)
    publish(db, later + timedelta(days=1))
    row = with_restatement(db, row_of(db, get_indicator("skilled-officials"), here, period), here.id)
    assert (row.numerator, row.restated_at) == (60, later)
    for _ in range(9):
        note_moves(db, now=later + timedelta(days=1))
    asked = [changed_since(db, [row], [here], later + timedelta(days=days)) for days in (-1, 20)]
    assert asked == [[True], [False]], "whoever asks for changes is told"
    assert former(db, "skilled-officials", here.id, read_period("2026", on=CENSUS)) is None or now.year > 2026


def test_who_asks_for_changes_is_not_told_of_an_event_in_a_small_cell(db, now):
    here, since = communes(db)[0], now + timedelta(days=2)
    member = member_of(db, team_in(db, here, now=now), now=now)
    helped(db, member, resident(db, here, now=now), now)
    count_all(db, now)
    publish(db, now + timedelta(days=1))
    for _ in range(9):
        note_moves(db, now=now + timedelta(days=1))
    row = row_of(db, get_indicator("sent-in-time"), here, YEAR)
    assert row.status is Status.SUPPRESSED and row.as_of is not None
    helped(db, member, resident(db, here, now=now), now + timedelta(days=3))
    count_all(db, now + timedelta(days=3))
    assert pair(db, "sent-in-time", here.id) == (2, 2), "it was counted anew"
    assert changed_since(db, [row], [here], since) == [False]


@pytest.mark.any_engine
def test_the_first_paper_to_divide_by_restates_nothing(db, now):
    here = communes(db)[0]
    member, person = member_of(db, team_in(db, here, now=now), now=now), resident(db, here, now=now)
    helped(db, member, person, now)
    count_all(db, now)
    import_lines(db, [line(here.id, 4000)], now=now + timedelta(days=400))
    assert former(db, "reached", here.id, YEAR) is None


def test_a_typed_number_belongs_to_the_periods_that_hold_its_day(db, now):
    here = communes(db)[0]
    typed = [line(here.id, 40, "skilled-officials"), line(here.id, 80, "officials", date(2026, 1, 1))]
    import_lines(db, typed, now=now)
    found = {
        code: facts_of(db, "skilled-officials", [here.id], period.first, period.end)
        for code in ("2026-03", "2026-Q1", "2026-04")
        for period in [read_period(code, on=CENSUS)]
    }
    assert [found[code][here.id].value for code in ("2026-03", "2026-Q1")] == [0.5, 0.5]
    assert found["2026-04"] == {}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"measure": "applied"}, "reference-measure"),
        ({"number": -1}, "reference-number"),
        ({"source": ""}, "reference-source"),
        ({"vintage": "x" * 41}, "reference-source"),
        ({"day": date(2027, 1, 1)}, "reference-day"),
    ],
)
@pytest.mark.any_engine
def test_a_paper_is_taken_whole_or_not_at_all(db, now, changes, code):
    here = communes(db)[0]
    wrong = {"number": 5, **changes}
    with pytest.raises(Refused, match=code):
        import_lines(db, [line(here.id, 10), line(here.id, wrong.pop("number"), **wrong)], now=now)
    with pytest.raises(Refused, match="reference-double"):
        import_lines(db, [line(here.id, 10), line(here.id, 11)], now=now)
    assert db.scalar(select(func.count()).select_from(ReferenceCount)) == 0


@pytest.mark.any_engine
def test_the_operator_takes_in_a_file_line_by_line_or_is_told_which_is_wrong(app: Flask, database: Database, tmp_path):
    with database.session(write=False) as db:
        code = communes(db)[0].code
    paper = tmp_path / "adults.csv"

    def run(*arguments):
        return app.test_cli_runner().invoke(args=["figures", "denominators", *arguments])

    head = "measure,unit,day,number,source,vintage\n"
    for rows, words in (
        ("measure,unit\nadults,VN\n", "The first line must be"),
        (f"{head}adults,00000,2026-03-31,10,Paper,2026\n", "Line 1: write the day"),
        (f"{head}adults,{code},2026-03-31,many,Paper,2026\n", "Line 1: write a whole number"),
        (f"{head}adults,{code},2026-03-31,10,Paper,2026\npupil,VN,2026-03-31,1,Paper,2026\n", "Line 2: no indicator"),
    ):
        paper.write_text(rows)
        told = run("import", str(paper))
        assert told.exit_code == 1
        assert words in told.output
    paper.write_text(f"{head}adults,{code},2026-03-31,4000,Paper,2026\npupils,VN,2026-03-31,90,Paper,2026\n")
    assert run("import", str(paper), "--dry-run").output == "2 numbers would change\n"
    assert run("import", str(paper)).output == "2 numbers changed\n"
    assert run("import", str(paper)).output == "0 numbers changed\n"
    told = run("list").output
    assert "adults                               1 places   2026-03-31" in told
    assert len(told.splitlines()) == len(imported_measures())
