"""What the OpenAPI document promises holds for whatever is asked: schemathesis asks, with every check it has."""

from __future__ import annotations

import re
from datetime import date

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode

from identity.base import Refused
from identity.oidc.profiles import Profile
from onboarding.figures.periods import read_period
from portal.exchange.shapes import PERIOD
from tests.feeds.receiver import publish
from tests.identity.oidc.making import SECRET, a_service

pytestmark = pytest.mark.any_engine
EXAMPLES = 6


@pytest.fixture
def access(app, database, clock):
    publish(database, clock, ("2026-10-01", 40, 50))
    with database.transaction() as db:
        said = {"redirect_uris": (), "post_logout_redirect_uris": (), "items": {}, "scopes": ("statistics",)}
        a_service(db, now=clock.now, client_id="all", profile=Profile.MACHINE, subject_type="public", **said)
    form = {"grant_type": "client_credentials"}
    answer = app.test_client().post("/oauth/token", data=form, auth=("all", SECRET))
    return {"Authorization": f"Bearer {answer.json['access_token']}"}


def test_every_promise_of_the_document_holds(app, access):
    schema = schemathesis.openapi.from_wsgi("/exchange/openapi.json", app)
    bounded = settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    asked = set()
    for found in schema.get_all_operations():
        operation = found.ok()
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            if mode is GenerationMode.NEGATIVE and not operation.query:
                continue

            @bounded
            @given(case=operation.as_strategy(generation_mode=mode))
            def check(case):
                case.call_and_validate(headers=access)
                asked.add(case.operation.label)

            check()
    paths = {f"GET {path}" for path in schema.raw_schema["paths"]}
    assert asked == paths - {"GET /exchange/openapi.json"}, "which it has read already"


def test_the_document_knows_every_day_and_week_that_is_answered():
    for year in range(1900, 2101):
        for code in (f"{year}-02-29", f"{year}-W52", f"{year}-W53"):
            assert (re.fullmatch(PERIOD, code) is not None) == _is_read(code), code


def _is_read(code):
    try:
        return bool(read_period(code, on=date(2026, 1, 1)))
    except Refused:
        return False
