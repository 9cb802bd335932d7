"""What the OpenAPI document promises holds for whatever is asked: schemathesis asks, with every check it has."""

from __future__ import annotations

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode

from identity.oidc.profiles import Profile
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
