"""Programs of other bodies read the registry and the published figures, each within its scope."""

from __future__ import annotations

import csv
import io
from base64 import b64encode
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as any_
from sqlalchemy import select

from identity.application.model import Application
from identity.oidc.profiles import Profile
from onboarding.feeds.formats import Format
from onboarding.figures.refresh import count_some, mark_all
from tests.identity.oidc.making import SECRET, a_service
from tests.onboarding.figures_scene import publish as publish_figures
from tests.onboarding.scene import activate, communes, resident
from tests.onboarding.test_indicators import applied


@pytest.fixture
def place(database, clock) -> Any:
    """30 applied in one commune and 8 in another forty days ago; 12 issued and activated, all in the first."""
    then = clock.now - timedelta(days=40)
    with database.transaction() as db:
        here, beside, _ = communes(db)
        for number in range(30):
            person = resident(db, here, now=then, agreed=False) if number < 12 else None
            applied(db, here, then, state="issued" if person else "submitted", person=person)
            if person:
                activate(db, person, now=then)
        for _ in range(8):
            applied(db, beside, then)
        for row in db.scalars(select(Application).where(Application.state == "issued")):
            row.closed_at = then
        scopes_of = {"all": ("statistics",), "none": ("other",), "one": (f"statistics:{here.code}",)}
        for client_id, scopes in scopes_of.items():
            said = {"redirect_uris": (), "post_logout_redirect_uris": (), "items": {}, "scopes": scopes}
            a_service(db, now=clock.now, client_id=client_id, profile=Profile.MACHINE, subject_type="public", **said)
        codes = here.code, beside.code
    publish(database, clock)
    return codes


def publish(database, clock):
    with database.transaction() as db:
        mark_all(db)
        while count_some(db, now=clock.now, most=100):
            pass
        publish_figures(db, clock.now)


@pytest.fixture
def ask(client, place):
    tokens = {}

    def token(client_id):
        if client_id not in tokens:
            basic = b64encode(f"{client_id}:{SECRET}".encode()).decode()
            form = {"grant_type": "client_credentials"}
            answer = client.post("/oauth/token", data=form, headers={"Authorization": f"Basic {basic}"})
            tokens[client_id] = answer.json["access_token"]
        return tokens[client_id]

    def get(path, as_="all", **query):
        headers = {"Authorization": f"Bearer {token(as_)}", "Accept-Language": "en"}
        return client.get(f"/exchange/{path}", query_string=query, headers=headers)

    return get


@pytest.mark.any_engine
def test_the_registry_says_what_is_counted_of_what(ask):
    answer = ask("indicators")
    found = {one["code"]: one for one in answer.json["indicators"]}
    assert answer.mimetype == "application/json"
    one = found["activated-of-issued"]
    assert (one["name"], one["unit"], one["version"]) == ("Activated of issued", "people", 1)
    assert one["numerator"] == "Level-2 accounts activated"
    assert one["names"]["vi"] == "Đã kích hoạt trên số đã cấp"
    assert all(set(one) >= {"code", "name", "numerator", "denominator", "unit", "version"} for one in found.values())


def test_a_figure_comes_with_numerator_denominator_and_the_moment_it_was_counted(ask, clock):
    answer = ask("indicators/issued-of-applied/facts", unit="VN", period="2026").json
    assert (answer["numerator"], answer["denominator"], answer["status"]) == (12, 38, "value")
    assert answer["value"] == pytest.approx(12 / 38)
    assert (answer["unit_name"], answer["first_day"], answer["last_day"]) == ("Viet Nam", "2026-01-01", "2026-12-31")
    assert answer["as_of"].startswith(clock.now.date().isoformat())
    assert (answer["vintage"], answer["restated_at"]) == ("live", None)


def test_a_day_of_a_campaign_is_asked_for_by_its_first_day_and_number(ask):
    by_number = ask("indicators/issued-of-applied/facts", unit="VN", period="2025-07-01-D12").json
    assert by_number == ask("indicators/issued-of-applied/facts", unit="VN", period="2025-07-12").json
    assert (by_number["period"], by_number["first_day"]) == ("2025-07-12", "2025-07-12")


def test_a_small_place_and_the_one_beside_it_are_suppressed(ask, place):
    for code in place:
        answer = ask("indicators/issued-of-applied/facts", unit=code, period="2026").json
        assert (answer["status"], answer["numerator"], answer["denominator"]) == ("suppressed", None, None)


def test_what_was_never_counted_is_missing_and_no_error(ask):
    for code, unit, period in (
        ("issued-of-applied", "VN", "2019"),
        ("skilled-adults", "VN", "2026"),
        ("own-hand", "VN", "month"),
        ("issued-of-applied", "VN", "2027-01"),
    ):
        answer = ask(f"indicators/{code}/facts", unit=unit, period=period)
        assert (answer.status_code, answer.json["status"], answer.json["value"]) == (200, "missing", None)


def test_a_code_of_another_time_is_known_and_its_figures_are_missing(ask, place):
    for code in place:
        answer = ask("indicators/issued-of-applied/facts", unit=code, period="2024")
        told = answer.json.get("unit"), answer.json["status"], answer.json.get("numerator")
        assert (answer.status_code, *told) == (200, code, "missing", None)
    table = ask("indicators/issued-of-applied/facts.csv", unit=place[0], period="2024,2026")
    assert [row["status"] for row in csv.DictReader(io.StringIO(table.text))] == ["missing", "suppressed"]


WRONG = [
    ("invented", {"unit": "VN", "period": "2025"}, 404, "indicator-unknown"),
    ("issued-of-applied", {"unit": "VN", "period": "2025-99"}, 400, "period-unknown"),
    ("issued-of-applied", {"unit": "VN", "period": "2025-07-01-D0"}, 400, "period-unknown"),
    ("issued-of-applied", {"unit": "VN"}, 400, "period-unknown"),
    ("issued-of-applied", {"unit": "99999", "period": "2025"}, 404, "unit-unknown"),
    ("issued-of-applied", {"unit": "\x00", "period": "2025"}, 404, "unit-unknown"),
    ("issued-of-applied", {"period": "2025"}, 404, "unit-unknown"),
]


def test_what_cannot_be_answered_is_a_problem_document(ask):
    for code, query, status, reason in WRONG:
        answer = ask(f"indicators/{code}/facts", **query)
        assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
        assert (answer.json["type"], answer.json["status"]) == (f"urn:problem:{reason}", status)
        assert answer.json["title"] == {400: "This request cannot be read", 404: "Not found"}[status], "and no page"


@pytest.mark.any_engine
@pytest.mark.parametrize("accept", ["*/*", "application/json", "text/html"])
def test_an_address_that_there_is_none_of_is_a_problem_document_too(client, accept):
    wrong = (
        ("get", "/exchange/indicatrs", 404),
        ("post", "/exchange/indicators", 405),
        ("post", "/exchange//indicators", 405),
    )
    for method, path, status in wrong:
        answer = getattr(client, method)(path, headers={"Accept": accept})
        assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
        assert answer.json["status"] == status and "trang" not in answer.json["title"].lower()
        assert "/exchange/openapi.json" in answer.json["detail"]


def test_a_token_counts_for_its_units_only(ask, place):
    here, beside = place
    path = "indicators/issued-of-applied/facts"
    assert ask(path, "one", unit=here, period="2026").status_code == 200
    for unit in (beside, "VN"):
        answer = ask(path, "one", unit=unit, period="2026")
        assert (answer.status_code, answer.json["type"]) == (403, "urn:problem:unit-not-covered")


@pytest.mark.any_engine
def test_without_a_token_of_the_right_scope_nothing_is_answered(client, ask):
    answer = client.get("/exchange/indicators")
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, 'Bearer realm="exchange"')
    wrong = client.get("/exchange/indicators", headers={"Authorization": "Bearer invented"})
    assert 'error="invalid_token"' in wrong.headers["WWW-Authenticate"]
    assert wrong.mimetype == "application/problem+json"
    none = ask("indicators", "none")
    assert (none.status_code, 'error="insufficient_scope"' in none.headers["WWW-Authenticate"]) == (403, True)


@pytest.mark.any_engine
def test_the_table_is_the_same_figures_in_the_schemas_columns(ask, client):
    answer = ask("indicators/issued-of-applied/facts.csv", unit="VN", period="2026")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert (rows[0]["unit"], rows[0]["numerator"], rows[0]["denominator"]) == ("VN", "12", "38")
    assert len(rows) == 1 + 34 + 1
    assert (rows[-1]["unit"], rows[-1]["unit_name"]) == ("VN_X", "Viet Nam: unallocated")
    assert list(rows[0]) == client.get("/exchange/facts.schema.json").json["required"]


@pytest.mark.any_engine
def test_what_is_in_no_unit_below_stands_in_a_row_of_its_own_and_can_be_asked_for(ask, place, clock):
    path, one = "indicators/issued-of-applied/facts", {"unit": "01", "period": "2026"}
    rows = ask(f"{path}.json", **one).json["facts"]
    assert [row["unit"] for row in (rows[0], rows[-1])] == ["01", "01_X"]
    assert {row["status"] for row in rows if row["unit"] in place} == {"suppressed"}
    whole, rest = ((row["numerator"], row["denominator"], row["status"]) for row in (rows[0], rows[-1]))
    assert whole == rest == (12, 38, "value"), "the parts are hidden, and both together are not"
    assert ask(path, **{**one, "unit": "01_X"}).json == rows[-1]
    assert ask(f"{path}.json", **{**one, "unit": "01_X"}).json["facts"] == rows[-1:]
    nation = ask(f"{path}.json", unit="VN", period="2026").json["facts"][-1]
    assert (nation["unit"], nation["numerator"], nation["denominator"], nation["status"]) == ("VN_X", 0, 0, "zero")
    later = (clock.now + timedelta(days=3)).isoformat()
    assert [row["unit"] for row in ask(f"{path}.json", **one, updated_since=later).json["facts"]][-1] == "01_X"
    for wrong in (f"{place[0]}_X", "99_X", "_X", "01_X_X"):
        assert ask(path, **{**one, "unit": wrong}).status_code == 404
    assert ask(path, "one", **{**one, "unit": "01_X"}).status_code == 403


@pytest.mark.any_engine
def test_the_document_names_every_address_and_shape(ask, client, app):
    document = client.get("/exchange/openapi.json").json
    assert document["openapi"] == "3.1.0"
    rules = {
        rule.rule.replace("<", "{").replace(">", "}")
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("exchange.")
    }
    tables = {f"/exchange/indicators/{{code}}/facts.{format_.value}" for format_ in Format}
    assert set(document["paths"]) == rules - {"/exchange/indicators/{code}/facts.{ending}"} | tables
    shapes = document["components"]["schemas"]
    fact = ask("indicators/issued-of-applied/facts", unit="VN", period="2026").json
    assert set(fact) == set(shapes["Fact"]["properties"])
    assert set(ask("indicators").json["indicators"][0]) == set(shapes["Indicator"]["properties"])
    assert set(ask("indicators/x/facts").json) == set(shapes["Problem"]["properties"])


def test_nothing_that_is_asked_ends_in_an_error_of_ours(ask):
    anything = any_.text(max_size=12)

    @settings(max_examples=40, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(unit=any_.one_of(anything, any_.just("VN")), period=any_.one_of(anything, any_.from_regex(r"\d{4}-?.{0,4}")))
    def check(unit, period):
        answer = ask("indicators/issued-of-applied/facts", unit=unit, period=period)
        assert answer.status_code in {200, 400, 404}
        assert answer.json

    check()
