"""Both maps on every dashboard: as places were, and as they are; what has no place of its own stands in a row."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from identity.places import Unit, UnitSuccession
from onboarding.campaign.goals import Goal
from onboarding.figures.published import Published, Status
from onboarding.figures.registry import get_indicator
from onboarding.forecast import Forecast, Point
from portal.figures.outlooks import _outlook
from portal.figures.ranking import A_PAGE, Ranked, others_of
from tests.portal.figures.conftest import FEW, PACE, WEEKS
from tests.portal.figures.test_boards import _card, cards, leader, words  # noqa: F401 - a fixture
from tests.portal.work_scene import sign_in, write

pytestmark = [pytest.mark.xdist_group("figures"), pytest.mark.any_engine]
ISSUED = len(WEEKS) * PACE[0][1], len(WEEKS) * PACE[1][1]


def follow(database, before, *afters, on=date(2026, 11, 20)):
    def end(db):
        db.get_one(Unit, before).valid_to = on
        db.add_all(UnitSuccession(from_id=before, to_id=after) for after in afters)

    write(database, end)


def table(answer, number=-1):
    """The lines by the name of the place, the row of what is not allocated, and the sum, as pairs or a sign."""
    html = answer.text.split('<table class="table cards">')[number].split("</table>")[0]
    body, _cut, foot = html.partition("<tfoot>")
    lines = {_name(row): _card(row) for row in re.split(r"<tr\b", body.split("<tbody>")[1])[1:]}
    below = {_name(row): _card(row) for row in re.split(r"<tr\b", foot)[1:]}
    assert len(lines) <= A_PAGE
    return lines, below


def _name(row):
    return re.sub(r"<small>.*?</small>|<[^>]*>", "", row.split("</th>")[0].split(">", 1)[1]).strip()


def added_up(lines, below, place):
    """Whether the known lines and the row below are the sum."""
    ends = ("Unallocated", "other unit", "other units")
    more = [pair for name, pair in below.items() if name.endswith(ends)]
    parts = [*(pair for pair in lines.values() if pair), *more]
    return tuple(sum(pair[at] for pair in parts if pair) for at in (0, 1)) == below[place][:2]


def looked_at(client, path, map_, **query):
    asked = "&".join(f"{name}={value}" for name, value in {"period": "2026", "map": map_, **query}.items())
    answer = client.get(f"/figures/{path}?{asked}")
    assert answer.status_code == 200
    return answer


def test_on_both_maps_the_lines_of_the_country_and_a_province_add_up(leader, database, counted):  # noqa: F811
    follow(database, counted.wards[0], counted.wards[1])
    for path, place in (("nation", "The whole country"), (f"units/{counted.province}", "Hà Nội City")):
        for map_ in ("then", "now"):
            answer = looked_at(leader, path, map_)
            lines, below = table(answer)
            assert added_up(lines, below, place), (path, map_, lines, below)
            assert cards(answer)[1][:2] == below[place][:2], "the sum is the figure above"


def test_a_ward_that_ended_has_its_line_then_and_counts_in_its_follower_now(client, database, counted, clock):
    follow(database, counted.wards[0], counted.wards[1])
    sign_in(client, database, counted.leader, now=clock.now)
    client.set_cookie("language", "en")
    exact = cards(looked_at(client, f"units/{counted.wards[1]}", "now"))[1]
    assert exact[:2] == (sum(PACE[at][2] for at in (0, 1)) * len(WEEKS), sum(ISSUED))
    then = cards(looked_at(client, f"units/{counted.wards[1]}", "then"))[1]
    assert then[1] == ISSUED[1]
    old = looked_at(client, f"units/{counted.wards[0]}", "then")
    assert "Until 19 November 2026" in words(old), "its page stays, and says what follows"
    assert f"/figures/units/{counted.wards[1]}?" in old.text
    lines, _below = table(looked_at(client, f"units/{counted.province}/units", "then"))
    gone = counted.names[0]
    assert gone in lines
    lines, _below = table(looked_at(client, f"units/{counted.province}/units", "now"))
    assert gone not in lines


def test_what_two_provinces_follow_is_not_allocated_in_the_country(leader, database, counted):  # noqa: F811
    with database.session(write=False) as db:
        far = db.query(Unit).filter(Unit.kind == "commune", Unit.parent_id != counted.province).first().id
    then = table(looked_at(leader, "nation", "then"))[0]
    follow(database, counted.wards[0], counted.wards[1], far)
    lines, below = table(looked_at(leader, "nation", "now"))
    ward = then_known(leader, counted)
    name = next(one for one in then if then[one])
    if ward is None:
        assert lines[name] is None, "what needs a suppressed cell is suppressed"
    else:
        assert lines[name][1] == then[name][1] - ward[1]
    assert added_up(lines, below, "The whole country")
    assert below["Unallocated"], "what is in no province has a row"


def then_known(client, counted):
    lines, _below = table(looked_at(client, f"units/{counted.province}/units", "then"))
    return lines.get(counted.names[0])


def test_a_wards_page_shows_villages_with_what_is_of_none(client, database, counted, clock):
    def village(db):
        from tests.onboarding.test_figures_maps import village as made

        ward = db.get_one(Unit, counted.ward)
        one = made(db, ward, 1)
        from onboarding.figures.model import IndicatorFact

        for kind, starts in (("day", WEEKS[0].date()), ("month", date(2026, 9, 1))):
            more = {"version": 1, "numerator": 2, "denominator": 7, "as_of": clock.now}
            db.add(IndicatorFact(indicator="own-hand", unit_id=one.id, kind=kind, starts=starts, **more))

    write(database, village)
    sign_in(client, database, counted.coordinator, now=clock.now)
    client.set_cookie("language", "en")
    answer = looked_at(client, f"units/{counted.ward}", "then", indicator="own-hand")
    lines, below = table(answer)
    assert list(lines) == ["Thôn 1"] and lines["Thôn 1"][:2] == (2, 7)
    assert below["Unallocated"][:2] == (28, 33)
    assert added_up(lines, below, list(below)[-1])
    assert "By village" not in words(looked_at(client, f"units/{counted.ward}", "then"))
    others = looked_at(client, f"units/{counted.wards[1]}", "then", indicator="own-hand")
    assert "By village" not in words(others), "villages are not published"


def test_the_map_can_be_chosen_and_is_kept_on_the_way_down_and_in_tables(leader, counted):  # noqa: F811
    usual = looked_at(leader, "nation", "then")
    assert (
        '<select class="input" id="map" name="map">' in usual.text
        and "map=then" not in usual.text.split("<main")[1].split("</main>")[0]
    )
    now_ = looked_at(leader, "nation", "now").text
    assert '<option value="now" selected>' in now_
    assert re.search(rf'/figures/units/{counted.province}\?[^"]*map=now', now_)
    assert re.search(r'/figures/nation/figures.csv\?[^"]*map=now', now_)
    csv = leader.get("/figures/nation/figures.csv?period=2026&map=now").text.splitlines()
    assert csv[0].endswith(",map,campaign_day") and csv[1].endswith(",now,")
    assert leader.get("/figures/nation/figures.csv?period=2026&map=odd").text.splitlines()[1].endswith(",then,")
    assert "map=now" in looked_at(leader, "nation/units", "now").text


def test_few_people_stay_hidden_on_both_maps(leader, database, counted):  # noqa: F811
    follow(database, counted.wards[2], counted.wards[1])
    for map_ in ("then", "now"):
        answer = looked_at(leader, f"units/{counted.province}/units", map_)
        for some, all_, _day in filter(None, table(answer)[0].values()):
            assert min(some, all_, all_ - some) >= 10 or 0 in (some, all_ - some)
            assert all_ - ISSUED[1] not in range(1, 10), FEW
    lines, _below = table(looked_at(leader, f"units/{counted.province}/units", "now"))
    assert lines.get(counted.names[1]) is None, "with what is suppressed inside, all of it is suppressed"


def courses(answer):
    """The lines of the last table that draw one."""
    body = answer.text.split('<table class="table cards">')[-1].split("<tbody>")[1].split("</tbody>")[0]
    return [row for row in body.split("<tr>") if "<polyline" in row]


def test_a_line_says_its_half_year_and_when_it_gets_there(leader, database, counted):  # noqa: F811
    answer = looked_at(leader, f"units/{counted.province}", "then")
    known = courses(answer)
    assert known, "of two places, at least one can be cut"
    for row in known:
        assert "too few weeks" in row, "of ten weeks not eight are published"
        first, last = re.search(r"from ([\d.]+)% to ([\d.]+)%", row).groups()
        some, all_, _day = _card(row)
        assert float(last) == round(100 * some / all_, 1) and float(first) > 0
    assert "Gets there: if the last four weeks go on like this" in words(answer)
    assert "Gets there" not in words(looked_at(leader, f"units/{counted.province}", "now")), "of the places then"


def test_while_a_warning_is_open_a_line_tells_no_day(leader, database, counted, clock):  # noqa: F811
    from onboarding.warnings.finding import Finding
    from onboarding.warnings.handling import open_findings
    from onboarding.warnings.model import Kind

    odd = [Finding(Kind.JUMP, f"day {ward}", ward, {}, indicator="issued-of-applied") for ward in counted.wards[:2]]
    write(database, lambda db: open_findings(db, odd, now=clock.now))
    answer = looked_at(leader, f"units/{counted.province}", "then")
    known = courses(answer)
    assert known and all("a warning is open" in row and "too few weeks" not in row for row in known)


def test_a_day_is_compared_with_that_of_the_target():
    due, first = date(2026, 12, 31), date(2026, 7, 6)
    goal = Goal(0.8, True, due, "12/KH", uuid4())

    def state(gain, *, start=100, made=None, is_flagged=False, code="activated-of-issued"):
        counts = [start + gain * week for week in range(10)]
        history = tuple(Point(first + timedelta(weeks=at), some / 500, some, 500) for at, some in enumerate(counts))
        return _outlook(get_indicator(code), history, goal, made, is_flagged=is_flagged)

    assert [state(gain).state for gain in (30, 12, 0)] == ["in-time", "late", "never"]
    assert state(0, start=450, code="unmet-need").state == "never", "less is better"
    assert state(0, code="unmet-need").state == "reached"
    assert state(0, start=400).state == "reached"
    assert state(30, is_flagged=True).state == "flag-open"
    of_worker = Forecast("own-hand", uuid4(), datetime(2026, 9, 14, tzinfo=UTC), target=0.8, reached_middle=due)
    assert state(0, made=of_worker).arrival.day == due, "what the worker forecast comes first"
    assert state(30, made=replace(of_worker, refused="flag-open")).state == "flag-open"


def test_lines_that_are_not_shown_are_counted_below_those_that_are():
    def line(name, figure):
        return Ranked(uuid4(), name, "", name, name, figure, None)

    many = [line(str(at), Published(Status.VALUE, 2, 5)) for at in range(4)]
    hidden, none = line("h", Published(Status.SUPPRESSED)), line("n", Published(Status.MISSING))
    count, figure = others_of([*many, hidden, none], many[:2])
    assert (count, figure.numerator, figure.denominator) == (4, 4, 10), "of two nothing is known"
    assert others_of(many, many) is None
    assert others_of([*many, hidden, none], many)[1].status is Status.SUPPRESSED, "hidden is not missing"
    assert others_of([*many, none], many)[1].status is Status.MISSING
