"""One question, every format: by ending or by the Accept header, page by page, asked again, and only what changed."""

from __future__ import annotations

import csv
import io
from base64 import b64encode
from datetime import timedelta

import pytest
from lxml import etree
from sqlalchemy import select

from identity.oidc.profiles import Profile
from identity.places import Unit, UnitKind
from onboarding.feeds.formats import KINDS, Format
from onboarding.feeds.moves import note_moves
from onboarding.figures.model import IndicatorFact, PublishedSpan
from portal.exchange import asked
from tests.feeds.receiver import CODE, FAMILY, publish
from tests.identity.oidc.making import SECRET, a_service

pytestmark = pytest.mark.any_engine
PATH = f"/exchange/indicators/{CODE}/facts"


def provinces(database):
    with database.session(write=False) as db:
        return list(db.scalars(select(Unit).where(Unit.kind == UnitKind.PROVINCE, Unit.valid_to.is_(None))))


@pytest.fixture
def ask(client, database, clock):
    """The country and one province have published October; asks with an access for the whole country."""
    publish(database, clock, ("2026-09-01", 0, 25), ("2026-10-01", 40, 50))
    with database.transaction() as db:
        said = {"redirect_uris": (), "post_logout_redirect_uris": (), "items": {}, "scopes": ("statistics",)}
        a_service(db, now=clock.now, client_id="all", profile=Profile.MACHINE, subject_type="public", **said)
        province = db.scalars(select(Unit).where(Unit.kind == UnitKind.PROVINCE, Unit.valid_to.is_(None))).first()
        days = ["2026-01-01", "2026-09-01", "2026-10-01", "2026-11-01"]
        db.add(PublishedSpan(family=FAMILY, unit_id=province.id, boundaries=days, as_of=clock.now))
        for kind in ("day", "month"):
            counts = {"numerator": 20, "denominator": 30, "version": 1, "as_of": clock.now}
            starts = clock.now.date().replace(month=10, day=1)
            db.add(IndicatorFact(indicator=CODE, unit_id=province.id, kind=kind, starts=starts, **counts))
        while note_moves(db, now=clock.now):
            pass
    basic = b64encode(f"all:{SECRET}".encode()).decode()
    form = {"grant_type": "client_credentials"}

    def access():
        """A fresh one, since tests move the clock."""
        answer = client.post("/oauth/token", data=form, headers={"Authorization": f"Basic {basic}"})
        return answer.json["access_token"]

    def get(ending="", headers=None, **query):
        told = {"Authorization": f"Bearer {access()}", "Accept-Language": "en", **(headers or {})}
        return client.get(PATH + ending, query_string={"unit": "VN", "period": "2026-10", **query}, headers=told)

    return get


def test_every_format_is_there_by_its_ending_and_by_the_header(ask, client):
    for format_ in Format:
        kind = KINDS[format_]
        by_ending = ask(f".{format_.value}", below="0")
        assert (by_ending.status_code, by_ending.content_type) == (200, kind.media_type)
        assert by_ending.headers["Content-Disposition"].endswith(f'{CODE}-2026-10.{format_.value}"')
        if format_ is not Format.JSON:
            by_header = ask("", {"Accept": kind.media_type}, below="0")
            assert (by_header.content_type, by_header.data) == (kind.media_type, by_ending.data)
    for accept, type_ in {
        "*/*": "application/json",
        "text/csv;q=0.5, application/json": "application/json",
        "text/csv, */*;q=0.1": "text/csv; charset=utf-8",
        "application/vnd.sdmx.data+json": KINDS[Format.SDMX_JSON].media_type,
        "application/vnd.sdmx.data+json;version=2.0.0": KINDS[Format.SDMX_JSON_2].media_type,
    }.items():
        assert ask("", {"Accept": accept}).content_type == type_
    wrong = ask("", {"Accept": "image/png"})
    assert (wrong.status_code, wrong.json["type"]) == (406, "urn:problem:format-unknown")
    assert ask(".xlsx").status_code == 404
    assert ask(".dhis2.json", period="S2026-10").json["type"] == "urn:problem:period-not-in-format"


def test_what_the_formats_refer_to_is_there_for_anybody(ask, client):
    structure = client.get("/exchange/sdmx/structure.json")
    assert structure.content_type == "application/vnd.sdmx.structure+json; version=2.0.0"
    assert {one["id"] for one in structure.json["data"]["dataStructures"]} == {"DSD_INDICATORS"}
    areas = client.get("/exchange/sdmx/code-lists/CL_AREA.json").json["data"]["codelists"][0]["codes"]
    assert areas[0]["names"] == {"vi": "Việt Nam", "en": "Viet Nam"}
    assert len(areas) > 3000
    assert client.get("/exchange/sdmx/code-lists/CL_OTHER.json").json["type"] == "urn:problem:code-list-unknown"
    schema = etree.XMLSchema(etree.fromstring(client.get("/exchange/adx.xsd").data))
    schema.assertValid(etree.fromstring(ask(".adx.xml").data))


def test_pages_follow_one_another_and_give_every_figure_once(ask, client, database, monkeypatch):
    monkeypatch.setattr(asked, "A_PAGE", 20)
    monkeypatch.setattr("portal.exchange.figures.A_PAGE", 20)
    found, number = [], 1
    while number:
        answer = ask(".csv", period="2026-09,2026-10", page=str(number))
        found += [(line["unit"], line["period"]) for line in csv.DictReader(io.StringIO(answer.text))]
        more = answer.headers.get("Link", "")
        assert (f"page={number + 1}" in more) == bool(more)
        number = number + 1 if more else 0
    units = {"VN", "VN_X", *(one.code for one in provinces(database))}
    assert len(found) == len(set(found)) == 2 * len(units)
    assert {unit for unit, _period in found} == units
    assert list(csv.DictReader(io.StringIO(ask(".csv", page="9").text))) == []


@pytest.mark.parametrize("more", ["endpoint", "_method", "_scheme", "_external", "_anchor", "values"])
def test_what_is_not_read_has_no_part_in_the_address_of_the_next_page(ask, monkeypatch, more):
    monkeypatch.setattr("portal.exchange.figures.A_PAGE", 20)
    plain, said = ask(".csv", period="2026-10"), ask(".csv", period="2026-10", **{more: "x"})
    assert (said.status_code, said.headers["Link"]) == (200, plain.headers["Link"])


def test_the_same_answer_is_not_sent_twice(ask, database, clock):
    for ending in ("", ".csv", ".sdmx.json", ".adx.xml"):
        first = ask(ending)
        again = ask(ending, {"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    clock.advance(days=1)
    publish(database, clock, ("2026-10-01", 41, 50))
    changed = ask("", {"If-None-Match": first.headers["ETag"]})
    assert (changed.status_code, changed.json["numerator"]) == (200, 41)


def test_only_what_may_have_changed_is_repeated(ask, database, clock):
    seen = clock.now.isoformat()

    def units(**query):
        answer = ask(".json", period="2026-09,2026-10", updated_since=seen, **query)
        return {(one["unit"], one["period"]) for one in answer.json["facts"]}

    clock.advance(days=5)
    publish(database, clock)
    with database.transaction() as db:
        note_moves(db, now=clock.now)
    seen = (clock.now - timedelta(days=1)).isoformat()
    assert units(below="0") == set(), "published anew, and the same"
    clock.advance(days=5)
    publish(database, clock, ("2026-10-01", 41, 50))
    assert units(below="0") == {("VN", "2026-09"), ("VN", "2026-10")}, "before the days are looked at, all"
    with database.transaction() as db:
        note_moves(db, now=clock.now)
    assert units(below="0") == {("VN", "2026-10")}
    clock.advance(days=5)
    seen = (clock.now - timedelta(days=1)).isoformat()
    publish(database, clock, ("2026-10-01", 0, 0))
    with database.transaction() as db:
        note_moves(db, now=clock.now)
    assert ("VN", "2026-10") in units(below="0"), "there was something, and there is nothing any more"
    publish(database, clock, cut=False)
    clock.advance(days=1)
    publish(database, clock, cut=False)
    with database.transaction() as db:
        note_moves(db, now=clock.now)
    seen = (clock.now - timedelta(hours=1)).isoformat()
    assert units(below="0") == {("VN", "2026-09"), ("VN", "2026-10")}, "the days at which it may be cut have moved"


def test_what_cannot_be_read_is_a_problem_document(ask):
    for query, code in (
        ({"page": "0"}, "page-unknown"),
        ({"page": "٣"}, "page-unknown"),
        ({"below": "yes"}, "flag-unknown"),
        ({"updated_since": "yesterday"}, "moment-unknown"),
        ({"updated_since": "2026-11-22T08:00:00"}, "moment-unknown"),
        ({"period": ",".join(["2026"] * 61)}, "periods-too-many"),
        ({"period": "2026-10,"}, "period-unknown"),
    ):
        answer = ask(".csv", **query)
        assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
        assert answer.json["type"] == f"urn:problem:{code}"
