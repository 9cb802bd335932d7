"""A day at the desks of locks, hotline and breaches, driven twice: by the domain's verbs and through the pages.

Each step is one short method; a step that is refused ends the journey, and its outcome is the code of the refusal. The
pages say it in the sentence of that code.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.account import Ground, get_account
from identity.audit import SYSTEM, Actor
from identity.base import Refused
from identity.breaches import record as breaches
from identity.breaches import telling
from identity.breaches.model import Breach
from identity.freeze import freeze
from identity.hotline import acts
from identity.hotline.find import Way, find_call, open_call
from identity.hotline.model import HotlineCall
from identity.lock_requests.at_once import open_for_holder, settle_death
from identity.lock_requests.decide import decide
from identity.lock_requests.model import LockRequest, Wish
from identity.lock_requests.receive import Asked, Paper, forward, receive
from identity.locks import grounds_of
from identity.person import Kind, set_personal_number
from identity.session import open_session
from identity.staff import give_role, hire
from portal.database import Database
from portal.errors import SENTENCES
from tests.identity.account_scene import LOGIN, make_account, make_person
from tests.identity.lock_scene import a_unit

ANSWERS = {"full-name": "Marie Durand", "birth-date": date(1988, 2, 29), "document-end": LOGIN[-4:]}
WORKERS = {
    "receiving": "receiving_officer",
    "approving": "approving_officer",
    "second": "approving_officer",
    "agent": "hotline_agent",
    "keeper": "data_protection_officer",
}
EVERYWHERE = {"agent", "keeper"}


class Desks:
    """What both know: the people, the account, and how it stands."""

    def __init__(self, app: Any, database: Database, now: datetime) -> None:
        self.app, self.database, self.now, self.paper = app, database, now, 0
        self.workers: dict[str, Actor] = {}
        with database.transaction() as db:
            self.unit = a_unit(db)
            self.holder = self._holder(db)
            for name, role in WORKERS.items():
                account = hire(db, name, "Cán bộ", now=now)
                db.flush()
                give_role(db, account.id, role, None if name in EVERYWHERE else self.unit, SYSTEM, now=now)
                self.workers[name] = Actor(account.id, role)

    def _holder(self, db: Session) -> UUID:
        person = make_person(db, self.now, kind=Kind.CITIZEN)
        set_personal_number(db, person, LOGIN)
        return make_account(db, self.now, person_id=person.id).id

    def stands(self) -> tuple[str, set[str]]:
        """State of the account, and the grounds that lock it."""
        with self.database.session(write=False) as db:
            account = get_account(db, self.holder)
            return account.state, {one.ground for one in grounds_of(db, account, now=self.now)}

    def newest(self, model: Any) -> Any:
        with self.database.session(write=False) as db:
            return db.scalars(select(model.id).order_by(model.id.desc()).limit(1)).one()

    def lock_source(self, ground: str) -> str:
        with self.database.session(write=False) as db:
            found = grounds_of(db, get_account(db, self.holder), now=self.now)
        return next(one.source for one in found if one.ground == ground)

    def next_paper(self, again: bool = False) -> Paper:
        self.paper += 0 if again else 1
        return Paper("Tòa án khu vực 1", f"{self.paper}/QĐ-TA", "Theo Điều 114")

    # what nobody at a desk does

    def freeze_own(self) -> None:
        with self.database.transaction() as db:
            freeze(db, get_account(db, self.holder), Actor(self.holder, "resident"), now=self.now)

    def worker(self) -> None:
        cursor = None
        while True:
            with self.database.transaction() as db:
                cursor = telling.tell_some(db, cursor, now=self.now)
            if cursor is None:
                return


class Domain(Desks):
    """By the verbs."""

    def _with(self, act: Callable[[Session], Any]) -> Any:
        with self.database.transaction() as db:
            result = act(db)
            db.flush()
        if isinstance(result, Refused):
            raise result
        return result

    def receive(self, ground: str = "authority", by: str = "receiving", ends: str = "", again: bool = False) -> None:
        asked = Asked(Wish.OPEN, Ground(ends), self.lock_source(ends)) if ends else Asked(Wish.LOCK, Ground(ground))
        paper, officer = self.next_paper(again), self.workers[by]
        self._with(
            lambda db: receive(db, get_account(db, self.holder), self.unit, asked, paper, officer, now=self.now).number
        )

    def forward(self, by: str = "receiving") -> None:
        row = self.newest(LockRequest)
        self._with(lambda db: forward(db, db.get_one(LockRequest, row), self.workers[by], now=self.now))

    def grant(self, by: str = "approving") -> None:
        self._decide(by, True, None)

    def refuse(self, by: str = "approving") -> None:
        self._decide(by, False, "not-competent")

    def _decide(self, by: str, granted: bool, reason: str | None) -> None:
        row, officer = self.newest(LockRequest), self.workers[by]
        self._with(
            lambda db: decide(db, db.get_one(LockRequest, row), officer, granted=granted, reason=reason, now=self.now)
        )

    def open_at_counter(self) -> None:
        officer = self.workers["receiving"]
        self._with(lambda db: open_for_holder(db, get_account(db, self.holder), officer, now=self.now))

    def register_says_dead(self) -> None:
        officer = self.workers["receiving"]
        self._with(lambda db: settle_death(db, get_account(db, self.holder), True, officer, now=self.now) and None)

    def call(self) -> None:
        with self.database.session(write=False) as db:
            number = get_account(db, self.holder).login or ""
        self._with(lambda db: _or_none(open_call(db, self.workers["agent"], Way.NUMBER, number, now=self.now)))

    def _in_call(self, act: Callable[..., Any], *more: Any) -> None:
        call, agent = self.newest(HotlineCall), self.workers["agent"]

        def done(db: Session) -> Any:
            found = act(db, find_call(db, call, agent, now=self.now), agent, *more, now=self.now)
            return found if isinstance(found, Refused) else None

        self._with(done)

    def answer(self, right: bool = True) -> None:
        self._in_call(acts.verify, ANSWERS if right else dict.fromkeys(ANSWERS, "?"))

    def send_code(self) -> None:
        self._in_call(acts.send_notice)

    def call_back(self) -> None:
        self._in_call(acts.call_back)

    def freeze(self) -> None:
        self._in_call(acts.freeze)

    def hold(self) -> None:
        self._in_call(acts.hold)

    def hang_up(self) -> None:
        self._in_call(acts.close, "informed")

    def write_breach(self, *kinds: str, day: str = "22") -> None:
        found = datetime(2026, 11, int(day), 7, 30, tzinfo=UTC)
        words = {"vi": "Cẩn thận", "en": "Beware"}
        finding = breaches.Finding("mistake", kinds, 1, found, None, "Nhầm", "Thu hồi", words)
        self._with(lambda db: breaches.record_breach(db, finding, self.workers["keeper"], now=self.now) and None)

    def _with_breach(self, act: Callable[..., Any], *more: Any) -> None:
        row, keeper = self.newest(Breach), self.workers["keeper"]
        self._with(lambda db: act(db, db.get_one(Breach, row), *more, keeper, now=self.now) and None)

    def tell_authority(self) -> None:
        self._with_breach(breaches.tell_authority, "A05-991")

    def name_holder(self) -> None:
        self._with_breach(telling.name_people, [LOGIN])

    def tell_people(self) -> None:
        self._with_breach(telling.start_telling)

    def close_breach(self) -> None:
        self._with_breach(breaches.close_breach, "Xong")


def _or_none(found: object) -> Refused | None:
    return found if isinstance(found, Refused) else None


class Pages(Desks):
    """Through the pages, everybody at a browser of their own."""

    def __init__(self, app: Any, database: Database, now: datetime) -> None:
        super().__init__(app, database, now)
        self.browsers: dict[str, Any] = {}
        for name, actor in self.workers.items():
            with database.transaction() as db:
                opened = open_session(db, get_account(db, actor.account_id), ("pwd", "otp"), 2, now=now)
            self.browsers[name] = app.test_client()
            self.browsers[name].set_cookie("eid_session", opened.token)
            self.browsers[name].set_cookie("language", "en")

    def _send(self, who: str, path: str, **fields: Any) -> None:
        named = {name.replace("__", "-"): value for name, value in fields.items()}
        answer = self.browsers[who].post(path, data=named, follow_redirects=True)
        text = " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())
        refused = [code for code in REFUSALS if str(SENTENCES[code]) in text]
        if refused:
            raise Refused(refused[0])
        assert answer.status_code == 200, text

    def receive(self, ground: str = "authority", by: str = "receiving", ends: str = "", again: bool = False) -> None:
        what = f"open|{ends}|{self.lock_source(ends)}" if ends else f"lock|{ground}|"
        paper = self.next_paper(again)
        path = f"/office/locks/accounts/{self.holder}/request"
        self._send(by, path, what=what, authority=paper.authority, paper=paper.number, words=paper.words, original="1")

    def _request(self) -> str:
        return f"/office/locks/requests/{self.newest(LockRequest)}"

    def forward(self, by: str = "receiving") -> None:
        self._send(by, f"{self._request()}/forward")

    def grant(self, by: str = "approving") -> None:
        self._send(by, f"{self._request()}/decide", decision="grant")

    def refuse(self, by: str = "approving") -> None:
        self._send(by, f"{self._request()}/decide", decision="refuse:not-competent")

    def open_at_counter(self) -> None:
        self._send("receiving", f"/office/locks/accounts/{self.holder}/open", original="1", face="1")

    def register_says_dead(self) -> None:
        register = self.app.extensions["services"].population
        register.is_dead = lambda _number, _purpose: True
        self._send("receiving", f"/office/locks/accounts/{self.holder}/register")

    def call(self) -> None:
        with self.database.session(write=False) as db:
            number = get_account(db, self.holder).login
        self._send("agent", "/hotline", way="number", text=number)

    def _in_call(self, act: str, **fields: Any) -> None:
        self._send("agent", f"/hotline/calls/{self.newest(HotlineCall)}/{act}", **fields)

    def answer(self, right: bool = True) -> None:
        said = {"full_name": "Marie Durand", "document_end": LOGIN[-4:]} if right else {
            "full_name": "?", "document_end": "?"
        }  # fmt: skip
        self._in_call("verify", **said, birth_date__day="29", birth_date__month="2", birth_date__year="1988")

    def send_code(self) -> None:
        self._in_call("send")

    def call_back(self) -> None:
        self._in_call("call-back")

    def freeze(self) -> None:
        self._in_call("freeze", picked_up="1")

    def hold(self) -> None:
        self._in_call("hold")

    def hang_up(self) -> None:
        self._in_call("end", outcome="informed")

    def write_breach(self, *kinds: str, day: str = "22") -> None:
        self._send(
            "keeper", "/office/data-rights/breaches/new", found_on__day=day, found_on__month="11",
            found_on__year="2026", found_time="14:30", cause="mistake", categories=list(kinds), people="1",
            what="Nhầm", measures="Thu hồi", advice_vi="Cẩn thận", advice_en="Beware",
        )  # fmt: skip

    def _with_breach(self, act: str, **fields: Any) -> None:
        self._send("keeper", f"/office/data-rights/breaches/{self.newest(Breach)}/{act}", **fields)

    def tell_authority(self) -> None:
        self._with_breach("authority", reference="A05-991")

    def name_holder(self) -> None:
        self._with_breach("people", numbers=LOGIN)

    def tell_people(self) -> None:
        self._with_breach("telling")

    def close_breach(self) -> None:
        self._with_breach("close", conclusion="Xong")


REFUSALS = [
    code for code in SENTENCES
    if code.startswith(("lock-", "hotline-", "breach-")) or code in {"approver-only", "account-already-active"}
]  # fmt: skip
