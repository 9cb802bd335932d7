"""A figure that late events changed after its time says since when it is so; nothing else does."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime

import pytest
from lxml import etree

from onboarding.feeds.adx import schema_of
from onboarding.feeds.formats import KINDS, Format
from onboarding.feeds.message import EPOCH, About
from onboarding.feeds.restating import with_restatement
from onboarding.feeds.rows import ASKED, COLUMNS, plain, row_of
from onboarding.feeds.tables import as_csv
from onboarding.figures.model import NATION
from onboarding.figures.periods import read_period
from onboarding.figures.registry import get_indicator
from tests.feeds.receiver import CODE, publish

pytestmark = pytest.mark.any_engine
DAY_AFTER, LATER = datetime(2026, 11, 1, 5, tzinfo=UTC), datetime(2026, 11, 20, 5, tzinfo=UTC)


def asked(database, period):
    with database.session(write=False) as db:
        row = row_of(db, get_indicator(CODE), None, read_period(period, on=date(2026, 11, 20)))
        return with_restatement(db, row, NATION)


def test_what_changed_after_its_month_was_over_is_restated(database, clock):
    clock.now = DAY_AFTER
    publish(database, clock, ("2026-09-01", 20, 30), ("2026-10-01", 40, 50))
    assert asked(database, "2026-10").restated_at is None, "records of the last day may come a day late"
    clock.now = LATER
    publish(database, clock, ("2026-10-01", 42, 53))
    found = asked(database, "2026-10")
    assert (found.numerator, found.restated_at) == (42, LATER)
    assert asked(database, "2026-Q3").restated_at is None, "another time is as it was"
    assert plain(found, "en")["restated_at"] == LATER.isoformat()
    table = as_csv([found], About("a", EPOCH, "en", "https://issuer.example")).decode().splitlines()
    assert table[0] == ",".join(ASKED) and table[1].endswith(LATER.isoformat())


def told(row, format_):
    return KINDS[format_].write([row], About("a", EPOCH, "en", "https://issuer.example")).decode()


def test_each_format_says_that_a_figure_was_restated(database, clock):
    clock.now = DAY_AFTER
    publish(database, clock, ("2026-10-01", 40, 50))
    before, moment = asked(database, "2026-10"), LATER.isoformat()
    clock.now = LATER
    publish(database, clock, ("2026-10-01", 42, 53))
    after = asked(database, "2026-10")
    for format_, said in {
        Format.SDMX_JSON: "RESTATED_AT",
        Format.SDMX_JSON_2: "RESTATED_AT",
        Format.ADX: f"<annotation>restated {moment}</annotation>",
        Format.DHIS2: f'"comment":"restated {moment}"',
    }.items():
        assert said in told(after, format_) and said not in told(before, format_)
    line = next(csv.DictReader(io.StringIO(told(after, Format.SDMX_CSV))))
    assert line["RESTATED_AT"] == moment
    assert next(csv.DictReader(io.StringIO(told(before, Format.SDMX_CSV))))["RESTATED_AT"] == ""
    schema = etree.XMLSchema(etree.fromstring(schema_of([CODE], ["VN"])))
    schema.assertValid(etree.fromstring(told(after, Format.ADX).encode()))


def test_what_was_first_counted_long_after_its_time_restates_nothing(database, clock):
    clock.now = LATER
    publish(database, clock, ("2026-10-01", 40, 50))
    assert asked(database, "2026-10").numerator == 40
    assert asked(database, "2026-10").restated_at is None, "a replay, or a rebuild from nothing"


def test_what_shows_no_numbers_tells_of_no_change(database, clock):
    clock.now = DAY_AFTER
    publish(database, clock, ("2026-10-01", 40, 50), cut=False)
    clock.now = LATER
    publish(database, clock, ("2026-10-01", 42, 53), cut=False)
    found = asked(database, "2026-10")
    assert (found.numerator, found.restated_at) == (None, None)
    assert set(ASKED) == {*COLUMNS, "restated_at"}
