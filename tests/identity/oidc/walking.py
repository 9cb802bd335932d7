"""What the steps of `test_stateful` are made of: the provider's verbs, each held against the model."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from hypothesis.stateful import RuleBasedStateMachine

from identity.account import Account
from identity.oidc.binding import DPOP, Binding
from identity.oidc.clients import Client
from identity.oidc.errors import ProtocolError
from identity.oidc.issuing import Caller, Counter, for_code, for_refresh
from identity.oidc.profiles import Profile
from identity.oidc.request import AuthorizationRequest, Origin, read
from portal.database import Database
from tests.conformance.subject import a_key
from tests.fakes import A_MONDAY
from tests.identity.oidc.making import CALLBACK, VERIFIER, a_resident, a_service, agreed, wish
from tests.identity.oidc.model import BOUGHT, Family, Seen, Session

KEYS = (Binding(DPOP, "a" * 43), Binding(DPOP, "b" * 43))


class Walk(RuleBasedStateMachine):
    """One walk, in a transaction that is rolled back. `database`, `counter` and `seen` are set by the test."""

    database: Database
    counter: Counter
    seen: Tally[Seen]

    def __init__(self) -> None:
        super().__init__()
        self.now, self.all, self.opened = A_MONDAY, list[Family](), list[Session]()
        self.locked, self.issued = set[UUID](), Tally[UUID]()
        self.entered = self.database.session(write=True)
        self.db = self.entered.__enter__()

    def teardown(self) -> None:
        self.db.rollback()
        self.entered.__exit__(None, None, None)

    def make_people_and_services(self) -> None:
        """Two residents who agree to everything that two services want: `standard`, and `fapi2` with DPoP."""
        logins = ("001158012345", "001158012346")
        self.accounts: list[Account] = [a_resident(self.db, now=self.now, login=login) for login in logins]
        key = {"keys": [a_key("one").as_dict(private=False)]}
        bound: dict[str, Any] = {"profile": Profile.FAPI2, "auth_method": "private_key_jwt", "jwks": key}
        self.clients = [
            a_service(self.db, now=self.now, client_id="rotates"),
            a_service(self.db, now=self.now, client_id="bound", **bound),
        ]
        for account in self.accounts:
            for client in self.clients:
                agreed(self.db, account, client, now=self.now)

    def session_at(self, which: int) -> Session:
        return self.opened[-1 - which % len(self.opened)]

    def asked_at(self, which: int) -> Family:
        """Codes that wait come first, the newest before all."""
        return self._one_of(which, lambda family: family.is_used)

    def bought_at(self, which: int) -> Family:
        """Families that live come first."""
        return self._one_of(which, lambda family: not family.refresh or family.is_dead)

    def _one_of(self, which: int, comes_later: Callable[[Family], bool]) -> Family:
        newest_first = self.all[::-1]
        return sorted(newest_first, key=comes_later)[which % len(newest_first)]

    def request_of(self, family: Family, scope: str) -> AuthorizationRequest:
        client, jkt = family.client, family.binding.thumbprint if family.binding else ""
        parameters = wish(client_id=client.client_id, scope=scope, dpop_jkt=jkt)
        return read(
            {name: [value] for name, value in parameters.items()},
            find_client={client.client_id: client}.get,
            read_id_token=lambda _token: None,
            origin=Origin("pushed"),
        )

    def redeem_code(
        self, family: Family, *, own_client: bool = True, verifier: str = VERIFIER, binding: Binding | None = None
    ) -> None:
        shown = binding or family.binding
        caller = Caller(self.client_of(family, own_client), shown)
        outcome = family.presented(own_client, verifier, shown, now=self.now)
        code: dict[str, Any] = {"code": family.code, "redirect_uri": CALLBACK, "verifier": verifier}
        self._compare(family, outcome, lambda: for_code(self.db, self.counter, caller, **code, now=self.now))

    def use_refresh(self, family: Family, index: int, *, own_client: bool = True) -> None:
        if not family.refresh:
            return
        token, before = family.refresh[index][0], len(family.refresh)
        caller = Caller(self.client_of(family, own_client), family.binding)
        outcome = family.refreshed(index, own_client, now=self.now)
        self._compare(
            family, outcome, lambda: for_refresh(self.db, self.counter, caller, token=token, scope="", now=self.now)
        )
        more = len(family.refresh) - before
        assert more == (outcome is Seen.REFRESH_TURNED), "one successor each, or none"
        if outcome in BOUGHT and not family.session.is_open:
            self.seen[Seen.OFFLINE_AFTER_SIGN_OUT] += 1

    def _compare(self, family: Family, outcome: Seen, ask: Any) -> None:
        """The provider answers as the model says."""
        self.seen[outcome] += 1
        try:
            answer = ask()
        except ProtocolError as refusal:
            assert refusal.error == "invalid_grant" and outcome not in BOUGHT, (refusal, outcome)
            return
        assert outcome in BOUGHT, f"tokens where there should be none: {outcome}"
        self.issued[family.session.account.id] += 1
        family.access.append((answer["access_token"], self.now + timedelta(seconds=answer["expires_in"])))
        if answer["refresh_token"] not in [token for token, _made in family.refresh]:
            family.refresh.append((answer["refresh_token"], self.now))
        assert (answer["token_type"] == "DPoP") == (family.binding is not None)

    def client_of(self, family: Family, own_client: bool) -> Client:
        return next(one for one in self.clients if (one is family.client) == own_client)
