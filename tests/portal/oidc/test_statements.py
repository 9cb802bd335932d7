"""How many statements a code flow takes. One more is a decision, not an accident: change the number with its reason."""

from __future__ import annotations

from flask.testing import FlaskClient

from portal.database import Database
from tests.portal.oidc.browsing import authorize, bearer, redeem, sent_back
from tests.statements import heard


def test_a_code_flow_with_remembered_consent(friend: FlaskClient, database: Database, engine: str) -> None:
    redeem(friend, sent_back(authorize(friend))["code"])  # reads the signing keys and the client, which are kept
    with heard(database) as asked:
        answer = authorize(friend, scope="openid profile identity")
    with heard(database) as bought:
        token = redeem(friend, sent_back(answer)["code"]).json["access_token"]
    with heard(database) as told:
        assert friend.get("/oauth/userinfo", headers=bearer(token)).json["ial"] == "urn:vn:eid:ial:2"
    # Session; gate, subject and consent; grant, event and meeting. Code and gate; two tokens and event. Token and gate; person.
    together = {"sqlite": (5, 4, 2), "postgresql": (3, 2, 2)}
    assert (len(asked), len(bought), len(told)) == together[engine], (asked, bought, told)
