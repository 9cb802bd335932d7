"""Clients × grants × sessions × account states, in any order that Hypothesis thinks of.

`model` says what may be; the provider must agree after every step: one winner for each secret that counts once, nothing
for an account that may not, a revoked family stays dead, every token follows from a consent and stands in the audit
trail, audience and binding are always checked. Every outcome of the model must come about, else the walks prove little.
"""

from __future__ import annotations

from collections import Counter as Tally
from datetime import timedelta
from itertools import product

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from identity import consent
from identity.account import Act, Ground, get_account
from identity.audit import SYSTEM, Actor, Event, events_about
from identity.locks import lock, unlock
from identity.oidc import grants, inspection, tokens
from identity.oidc.errors import ProtocolError
from identity.oidc.issuing import Counter
from identity.oidc.prompts import next_prompt
from identity.oidc.provider import Provider
from identity.oidc.visit import answer_with_code, look
from identity.session import end_session
from portal.database import Database
from tests.fakes import A_MONDAY
from tests.identity.oidc.making import (
    agreed,
    signed_in,
    visitor_of,
)
from tests.identity.oidc.model import Family, Seen, Session, missing
from tests.identity.oidc.walking import KEYS, Walk

pytestmark = pytest.mark.slow
SCOPES = ("openid profile", "openid profile offline_access")
WALKS = {"sqlite": 100, "postgresql": 60}
ANY = st.integers(0, 9)
"""One of what there is, the newest for 0."""


class Model(Walk):
    """The steps, in any order."""

    @initialize()
    def people_and_services(self) -> None:
        """Somebody has been to every service, with and without staying there, and is on the way to one."""
        self.make_people_and_services()
        self.sign_in(1)
        self.sign_in(0)
        for service, scope in product((1, 0), SCOPES):
            self.ask(0, service, scope)
            self.redeem(0)
        self.refresh(0, times=2)
        self.ask(0, 0, SCOPES[1])

    # what people do, and what is done to them

    @rule(who=st.integers(0, 1))
    def sign_in(self, who: int) -> None:
        account = self.accounts[who]
        if account.id not in self.locked:
            self.opened.append(Session(account, signed_in(self.db, account, now=self.now), self.now))

    @rule(which=ANY)
    def sign_out(self, which: int) -> None:
        session = self.session_at(which)
        end_session(self.db, session.account.id, session.opened.session_id, now=self.now)
        session.is_open = False
        for family in self.all:
            if family.session is session:
                family.ended_with_session()
                self.use_refresh(family, len(family.refresh) - 1)

    @rule(which=ANY, service=st.integers(0, 1), again=st.booleans())
    def withdraw(self, which: int, service: int, again: bool) -> None:
        """The service is asked about anew; `again`: and agreed to, which brings nothing back."""
        account, client = self.session_at(which).account, self.clients[service]
        consent.withdraw(self.db, account.id, client.id, actor=Actor(account.id, "resident"), now=self.now)
        grants.revoke_for_client(self.db, account.id, client.id, now=self.now)
        for family in self.all:
            family.is_dead |= family.session.account is account and family.client is client
        self.ask(which, service, SCOPES[0])
        if again:
            agreed(self.db, account, client, now=self.now)

    @rule(which=ANY, opens_again=st.booleans())
    def lock(self, which: int, opens_again: bool) -> None:
        account = self.session_at(which).account
        lock(self.db, get_account(self.db, account.id), Ground.HOLD, "test", SYSTEM, now=self.now)
        self.locked.add(account.id)
        for session in self.opened:
            session.is_open &= session.account is not account
        for family in self.all:
            family.is_dead |= family.session.account is account
        if opens_again:
            self.unlock(self.accounts.index(account))

    @rule(who=st.integers(0, 1))
    def unlock(self, who: int) -> None:
        account = get_account(self.db, self.accounts[who].id)
        unlock(self.db, account, Ground.HOLD, "test", SYSTEM, now=self.now)
        self.locked.discard(account.id)

    @rule(seconds=st.sampled_from([1, 20, 40]))
    def wait(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule()
    def wait_until_access_ends(self) -> None:
        self.now += timedelta(minutes=10)

    # what services do

    @rule(which=ANY, service=st.integers(0, 1), scope=st.sampled_from(SCOPES))
    def ask(self, which: int, service: int, scope: str) -> None:
        """A code, if the gate lets pass and everything was agreed to. The session may have ended a moment ago."""
        session = self.session_at(which)
        client, account = self.clients[service], session.account
        family = Family(client, session, "offline" in scope, KEYS[0] if service else None, self.now)
        request = self.request_of(family, scope)
        visitor = visitor_of(account, session.opened, now=session.since)
        try:
            standing = look(self.db, request, visitor, asked_at=None, now=self.now)
        except ProtocolError as refusal:
            assert refusal.error == "access_denied" and account.id in self.locked
            self.seen[Seen.CODE_REFUSED_TO_LOCKED] += 1
            return
        assert account.id not in self.locked, "the gate let a locked account pass"
        given = consent.given(self.db, account.id, client.id)
        wanted = request.items | ({"offline_access"} if family.is_offline else set())
        assert (next_prompt(standing) is None) == (wanted <= given), "a code without consent, or a question too much"
        if next_prompt(standing) is not None:
            self.seen[Seen.CODE_NOT_WITHOUT_CONSENT] += 1
            return
        answer = answer_with_code(self.db, self.counter.provider, standing, given, now=self.now)
        family.code, family.is_dead = answer.parameters["code"], not session.is_open
        self.all.append(family)

    @rule(which=ANY)
    def redeem(self, which: int) -> None:
        self.redeem_code(self.asked_at(which))

    @rule(which=ANY)
    def redeem_as_another_client(self, which: int) -> None:
        self.redeem_code(self.asked_at(which), own_client=False)

    @rule(service=st.integers(0, 1), how=st.sampled_from(["late", "verifier", "key"]))
    def redeem_a_new_one_badly(self, service: int, how: str) -> None:
        """Too late, without the verifier, or with another key: the newest code, which nobody has touched."""
        self.sign_in(service)
        self.ask(0, service, SCOPES[service])
        family = self.asked_at(0)
        if how == "late":
            self.now += timedelta(seconds=60)
            self.redeem_code(family)
        elif how == "verifier" or family.binding is None:
            self.redeem_code(family, verifier="wrong")
        else:
            self.redeem_code(family, binding=KEYS[1])

    @rule(which=ANY, times=st.integers(1, 3))
    def refresh(self, which: int, times: int) -> None:
        family = self.bought_at(which)
        for _ in range(times):
            self.use_refresh(family, len(family.refresh) - 1)

    @rule(which=ANY, after=st.sampled_from([1, 20, 40]))
    def refresh_once_more(self, which: int, after: int) -> None:
        family, newest = self.bought_at(which), len(self.bought_at(which).refresh) - 1
        self.use_refresh(family, newest)
        self.now += timedelta(seconds=after)
        self.use_refresh(family, newest)

    @rule(which=ANY)
    def refresh_with_the_first(self, which: int) -> None:
        self.use_refresh(self.bought_at(which), 0)

    @rule(which=ANY)
    def refresh_as_another_client(self, which: int) -> None:
        family = self.bought_at(which)
        self.use_refresh(family, len(family.refresh) - 1, own_client=False)

    @rule(which=ANY, is_refresh=st.booleans(), own_client=st.booleans())
    def revoke(self, which: int, is_refresh: bool, own_client: bool) -> None:
        family = self.bought_at(which)
        held = family.refresh if is_refresh else family.access
        if not held:
            return
        inspection.revoke(self.db, self.client_of(family, own_client), held[-1][0], now=self.now)
        self.seen[Seen.REVOKED_BY_OWNER if own_client else Seen.REVOKED_BY_ANOTHER] += 1
        if own_client and is_refresh:
            family.is_dead = True
        elif own_client:
            held.pop()

    # what must hold after every step

    @invariant()
    def tokens_live_as_the_model_says(self) -> None:
        for family in self.all:
            for token, ends in family.access[-1:]:
                live = tokens.find_live(self.db, token, Act.USERINFO, now=self.now)
                assert (live is not None) == (not family.is_dead and self.now < ends), "a token lives or died wrongly"
                if live is not None:
                    self._follows_from_a_consent(family, live)
                self.seen[
                    Seen.ACCESS_LIVE if live else Seen.ACCESS_DEAD if family.is_dead else Seen.ACCESS_EXPIRED
                ] += 1

    def _follows_from_a_consent(self, family: Family, live: tokens.Live) -> None:
        account = family.session.account
        assert live.account_id == account.id and live.client_id == family.client.id
        assert live.terms.binding == family.binding, "the binding was lost"
        assert account.id not in self.locked
        assert set(live.items) <= consent.given(self.db, account.id, family.client.id)

    @invariant()
    def only_its_own_client_sees_a_token(self) -> None:
        for family in self.all[-2:]:
            for token, _ends in family.access[-1:]:
                other = self.client_of(family, own_client=False)
                seen = inspection.describe(
                    self.db, self.counter.provider, self.counter.keys, other, token, now=self.now
                )
                assert seen == {"active": False}

    @rule()
    def each_answer_stands_in_the_trail(self) -> None:
        for account in self.accounts:
            events = events_about(self.db, ("account", account.id), limit=500)
            assert sum(one.name == Event.TOKENS_ISSUED for one in events) == self.issued[account.id]


def test_the_provider_agrees_with_the_model(database: Database, engine: str) -> None:
    provider = Provider("https://portal.example")
    with database.transaction() as db:
        keys = provider.keychain.load(db, now=A_MONDAY)
    assert keys is not None
    Model.database, Model.counter, Model.seen = database, Counter(provider, keys), Tally()
    sizes = settings(
        max_examples=WALKS[engine],
        stateful_step_count=30,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Model, settings=sizes)
    assert missing(Model.seen) == set()
