"""Clients × grants × sessions × account states, in any order that Hypothesis thinks of.

A model of a few lines says what may be; the provider must agree after every step: one winner for each secret that
counts once, nothing for an account that may not, a revoked family stays dead, every token follows from a consent and
stands in the audit trail, audience and binding are always checked.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from identity import consent
from identity.account import Account, Act, Ground, get_account
from identity.audit import SYSTEM, Actor, Event, events_about
from identity.locks import lock, unlock
from identity.oidc import grants, inspection, tokens
from identity.oidc.binding import DPOP, Binding
from identity.oidc.clients import Client
from identity.oidc.errors import ProtocolError
from identity.oidc.issuing import Caller, Counter, for_code, for_refresh
from identity.oidc.profiles import Profile
from identity.oidc.prompts import next_prompt
from identity.oidc.provider import Provider
from identity.oidc.request import AuthorizationRequest, Origin, read
from identity.oidc.visit import answer_with_code, look
from identity.session import end_session
from portal.database import Database
from tests.conformance.subject import a_key
from tests.fakes import A_MONDAY
from tests.identity.oidc.making import (
    CALLBACK,
    VERIFIER,
    a_resident,
    a_service,
    agreed,
    signed_in,
    visitor_of,
    wish,
)

pytestmark = pytest.mark.slow
KEYS = (Binding(DPOP, "a" * 43), Binding(DPOP, "b" * 43))
SCOPES = ("openid profile", "openid profile offline_access")


@dataclass
class Session:
    """A browser in which somebody signed in."""

    account: Account
    opened: Any
    since: datetime
    is_open: bool = True


@dataclass(eq=False)
class Family:
    """What one code stands for and all that it buys."""

    client: Client
    session: Session
    is_offline: bool
    binding: Binding | None
    code_ends: datetime
    code: str = ""
    is_used: bool = False
    is_dead: bool = False
    refresh: list[tuple[str, datetime]] = field(default_factory=list)
    """Generations, each with the moment from which it has a successor's predecessor: when it was made."""
    access: list[tuple[str, datetime]] = field(default_factory=list)


class Model(RuleBasedStateMachine):
    """`database` and `counter` are set by the test."""

    database: Database
    counter: Counter
    sessions, families = Bundle("sessions"), Bundle("families")

    def __init__(self) -> None:
        super().__init__()
        self.now, self.all = A_MONDAY, list[Family]()
        self.entered = self.database.session(write=True)
        self.db = self.entered.__enter__()

    def teardown(self) -> None:
        self.db.rollback()
        self.entered.__exit__(None, None, None)

    @initialize(target=sessions)
    def people_and_services(self) -> Any:
        self.accounts = [a_resident(self.db, now=self.now, login=login) for login in ("001158012345", "001158012346")]
        self.locked: set[UUID] = set()
        key = {"keys": [a_key("one").as_dict(private=False)]}
        bound: dict[str, Any] = {"profile": Profile.FAPI2, "auth_method": "private_key_jwt", "jwks": key}
        self.clients = [
            a_service(self.db, now=self.now, client_id="rotates"),
            a_service(self.db, now=self.now, client_id="bound", **bound),
        ]
        for account in self.accounts:
            for client in self.clients:
                agreed(self.db, account, client, now=self.now)
        return multiple(*(self._session(account) for account in self.accounts))

    # what people do, and what is done to them

    @rule(target=sessions, who=st.integers(0, 1))
    def sign_in(self, who: int) -> Any:
        account = self.accounts[who]
        return multiple() if account.id in self.locked else self._session(account)

    def _session(self, account: Account) -> Session:
        return Session(account, signed_in(self.db, account, now=self.now), self.now)

    @rule(session=consumes(sessions))
    def sign_out(self, session: Session) -> None:
        end_session(self.db, session.account.id, session.opened.session_id, now=self.now)
        session.is_open = False
        self._kill(lambda family: family.session is session and not (family.is_offline and family.is_used))

    @rule(
        who=st.integers(0, 1), service=st.integers(0, 1), what=st.sampled_from(["agree", "withdraw", "lock", "unlock"])
    )
    def change(self, who: int, service: int, what: str) -> None:
        getattr(self, f"_{what}")(self.accounts[who], self.clients[service])

    def _agree(self, account: Account, client: Client) -> None:
        agreed(self.db, account, client, now=self.now)

    def _withdraw(self, account: Account, client: Client) -> None:
        consent.withdraw(self.db, account.id, client.id, actor=Actor(account.id, "resident"), now=self.now)
        grants.revoke_for_client(self.db, account.id, client.id, now=self.now)
        self._kill(lambda family: family.session.account is account and family.client is client)

    def _lock(self, account: Account, _client: Client) -> None:
        lock(self.db, get_account(self.db, account.id), Ground.HOLD, "test", SYSTEM, now=self.now)
        self.locked.add(account.id)
        self._kill(lambda family: family.session.account is account)

    def _unlock(self, account: Account, _client: Client) -> None:
        unlock(self.db, get_account(self.db, account.id), Ground.HOLD, "test", SYSTEM, now=self.now)
        self.locked.discard(account.id)

    def _kill(self, which: Any) -> None:
        for family in self.all:
            if which(family):
                family.is_dead = True

    @rule(seconds=st.sampled_from([1, 20, 40, 61, 400]))
    def wait(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    # what services do

    @rule(target=families, session=sessions, service=st.integers(0, 1), scope=st.sampled_from(SCOPES))
    def ask(self, session: Session, service: int, scope: str) -> Any:
        """A code, if the gate lets pass and everything was agreed to."""
        client, binding = self.clients[service], KEYS[0] if service else None
        family = Family(client, session, "offline" in scope, binding, self.now + timedelta(seconds=60))
        request = self._request(client, scope, binding)
        visitor = visitor_of(session.account, session.opened, now=session.since)
        try:
            standing = look(self.db, request, visitor, asked_at=None, now=self.now)
        except ProtocolError as refusal:
            assert refusal.error == "access_denied" and session.account.id in self.locked
            return multiple()
        assert session.account.id not in self.locked, "the gate let a locked account pass"
        given = consent.given(self.db, session.account.id, client.id)
        wanted = request.items | ({"offline_access"} if family.is_offline else set())
        assert (next_prompt(standing) is None) == (wanted <= given), "a code without consent, or a question too much"
        if next_prompt(standing) is not None:
            return multiple()
        answer = answer_with_code(self.db, self.counter.provider, standing, given, now=self.now)
        family.code = answer.parameters["code"]
        self.all.append(family)
        return family

    def _request(self, client: Client, scope: str, binding: Binding | None) -> AuthorizationRequest:
        parameters = wish(client_id=client.client_id, scope=scope, dpop_jkt=binding.thumbprint if binding else "")
        return read(
            {name: [value] for name, value in parameters.items()},
            find_client={client.client_id: client}.get,
            read_id_token=lambda _token: None,
            origin=Origin("pushed"),
        )

    @rule(family=families, other_client=st.booleans(), verifier=st.sampled_from([VERIFIER, VERIFIER, "wrong"]))
    def redeem_wrongly_or_not(self, family: Family, other_client: bool, verifier: str) -> None:
        self._redeem(family, other_client, verifier, family.binding)

    @rule(family=families)
    def redeem(self, family: Family) -> None:
        self._redeem(family, False, VERIFIER, family.binding)

    @rule(family=families)
    def redeem_with_another_key(self, family: Family) -> None:
        if family.binding is not None:
            self._redeem(family, False, VERIFIER, KEYS[1])

    def _redeem(self, family: Family, other_client: bool, verifier: str, binding: Binding | None) -> None:
        client = next(one for one in self.clients if (one is family.client) != other_client)
        is_fresh = not (family.is_used or family.is_dead) and self.now < family.code_ends
        may = is_fresh and not other_client and verifier == VERIFIER and binding == family.binding
        if not other_client:
            if family.is_used:
                family.is_dead = True  # a replay takes everything back
            elif is_fresh:
                family.is_used = True
        caller = Caller(client, binding)
        try:
            answer = for_code(
                self.db,
                self.counter,
                caller,
                code=family.code,
                redirect_uri=CALLBACK,
                verifier=verifier,
                now=self.now,
            )
        except ProtocolError as refusal:
            assert refusal.error == "invalid_grant" and not may, refusal
            if is_fresh and not other_client:
                family.is_dead = True  # burned: nothing was bought, nothing can be
            return
        assert may, "a code was taken that should not have been"
        self._keep(family, answer)

    def _keep(self, family: Family, answer: dict[str, Any]) -> None:
        family.access.append((answer["access_token"], self.now + timedelta(seconds=answer["expires_in"])))
        if answer["refresh_token"] not in [token for token, _made in family.refresh]:
            family.refresh.append((answer["refresh_token"], self.now))
        assert (answer["token_type"] == "DPoP") == (family.binding is not None)

    @rule(family=families)
    def refresh_twice(self, family: Family) -> None:
        for _ in range(2):
            self._refresh(family, len(family.refresh), other_client=False)

    @rule(family=families, generation=st.integers(0, 3), other_client=st.booleans())
    def refresh_somehow(self, family: Family, generation: int, other_client: bool) -> None:
        self._refresh(family, generation, other_client)

    @rule(family=families)
    def refresh_with_the_first(self, family: Family) -> None:
        self._refresh(family, 0, other_client=False)

    def _refresh(self, family: Family, generation: int, other_client: bool) -> None:
        if not family.refresh:
            return
        index = min(generation, len(family.refresh) - 1)
        client = next(one for one in self.clients if (one is family.client) != other_client)
        is_newest = index == len(family.refresh) - 1
        is_retry = index == len(family.refresh) - 2 and self.now - family.refresh[-1][1] <= timedelta(seconds=30)
        is_alive = not family.is_dead and (family.is_offline or family.session.is_open)
        may = is_alive and not other_client and (is_newest or is_retry)
        before = len(family.refresh)
        try:
            answer = for_refresh(
                self.db,
                self.counter,
                Caller(client, family.binding),
                token=family.refresh[index][0],
                scope="",
                now=self.now,
            )
        except ProtocolError as refusal:
            assert refusal.error == "invalid_grant" and not may, refusal
            if not other_client and not is_newest and not is_retry:
                family.is_dead = True
            return
        assert may, "a refresh token was taken that should not have been"
        self._keep(family, answer)
        rotates = family.client.rules.rotate_refresh
        assert len(family.refresh) - before == (1 if rotates and is_newest else 0), "one successor each, or none"

    @rule(family=families, is_refresh=st.booleans(), other_client=st.booleans())
    def revoke(self, family: Family, is_refresh: bool, other_client: bool) -> None:
        held = family.refresh if is_refresh else family.access
        if not held:
            return
        client = next(one for one in self.clients if (one is family.client) != other_client)
        inspection.revoke(self.db, client, held[-1][0], now=self.now)
        if other_client:
            return
        if is_refresh:
            family.is_dead = True
        else:
            held.pop()

    # what must hold after every step

    @invariant()
    def tokens_live_as_the_model_says(self) -> None:
        for family in self.all:
            for token, ends in family.access[-2:]:
                live = tokens.find_live(self.db, token, Act.USERINFO, now=self.now)
                assert (live is not None) == (not family.is_dead and self.now < ends), "a token lives or died wrongly"
                if live is not None:
                    self._follows_from_a_consent(family, live)

    def _follows_from_a_consent(self, family: Family, live: tokens.Live) -> None:
        account = family.session.account
        assert live.account_id == account.id and live.client_id == family.client.id
        assert live.terms.binding == family.binding, "the binding was lost"
        assert account.id not in self.locked
        assert set(live.items) <= consent.given(self.db, account.id, family.client.id)
        issued = [
            event for event in events_about(self.db, ("account", account.id)) if event.name == Event.TOKENS_ISSUED
        ]
        assert issued, "a token without a word in the audit trail"

    @invariant()
    def only_its_own_client_sees_a_token(self) -> None:
        for family in self.all[-2:]:
            for token, _ends in family.access[-1:]:
                other = next(one for one in self.clients if one is not family.client)
                seen = inspection.describe(self.db, self.counter.provider, other, token, now=self.now)
                assert seen == {"active": False}


def test_the_provider_agrees_with_the_model(database: Database, now: datetime, engine: str) -> None:
    provider = Provider("https://portal.example")
    with database.transaction() as db:
        keys = provider.keychain.load(db, now=now)
    assert keys is not None
    Model.database, Model.counter = database, Counter(provider, keys)
    sizes = settings(
        max_examples=50 if engine == "sqlite" else 15,
        stateful_step_count=35,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Model, settings=sizes)
