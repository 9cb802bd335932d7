"""How many statements a code flow takes. One more is a decision, not an accident: change the number with its reason."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient

from portal.database import Database
from tests.fakes import Clock
from tests.portal.oidc.browsing import authorize, basic, bearer, redeem, sent_back
from tests.portal.oidc.proving import Party
from tests.statements import heard


def test_a_code_flow_with_remembered_consent(friend: FlaskClient, database: Database, engine: str) -> None:
    redeem(friend, sent_back(authorize(friend))["code"])  # reads the signing keys and the client, which are kept
    with heard(database) as asked:
        answer = authorize(friend, scope="openid profile identity")
    with heard(database) as bought:
        token = redeem(friend, sent_back(answer)["code"]).json["access_token"]
    with heard(database) as told:
        assert friend.get("/oauth/userinfo", headers=bearer(token)).json["ial"] == "urn:vn:eid:ial:2"
    # Session; gate, subject and consent; grant, event and meeting. Code and gate; two tokens and event. Token and
    # gate; person.
    together = {"sqlite": (5, 4, 2), "postgresql": (3, 2, 2)}
    assert (len(asked), len(bought), len(told)) == together[engine], (asked, bought, told)


def test_what_programs_do_most(friend: FlaskClient, database: Database, engine: str) -> None:
    bought = redeem(friend, sent_back(authorize(friend))["code"]).json
    form = {"grant_type": "refresh_token", "refresh_token": bought["refresh_token"]}
    with heard(database) as turned:
        assert friend.post("/oauth/token", data=form, headers=basic()).status_code == 200
    with heard(database) as looked:
        friend.post("/oauth/introspect", data={"token": bought["access_token"]}, headers=basic())
    with heard(database) as unknown:
        friend.post("/oauth/introspect", data={"token": "nonsense"}, headers=basic())
    with heard(database) as public:
        friend.get("/.well-known/openid-configuration")
        friend.get("/oauth/jwks")
    # Token, grant, gate and session; its use; two tokens and event. Token and gate. Access token; refresh token.
    together = {"sqlite": (5, 1, 2, 0), "postgresql": (3, 1, 2, 0)}
    counted = len(turned), len(looked), len(unknown), len(public)
    assert counted == together[engine], (turned, looked, unknown, public)


def test_keys_cost_one_more_statement(
    resident: FlaskClient, database: Database, engine: str, world: Any, clock: Clock
) -> None:
    """The ledger takes assertion and proof in one insert; at userinfo the proof goes in by itself."""
    party = Party(clock).registered(database, world.account)
    bought = party.tokens(resident)
    code = party.code(resident)
    with heard(database) as redeemed:
        party.redeem(resident, code)
    with heard(database) as turned:
        party.post(resident, "/oauth/token", {}, grant_type="refresh_token", refresh_token=bought["refresh_token"])
    with heard(database) as told:
        assert party.userinfo(resident, bought["access_token"]).status_code == 200
    together = {"sqlite": (5, 4, 3), "postgresql": (3, 3, 3)}
    assert (len(redeemed), len(turned), len(told)) == together[engine], (redeemed, turned, told)
