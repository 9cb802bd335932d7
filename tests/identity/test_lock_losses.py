"""Whatever path shuts an account, everything that it holds or has half done ends at once, and the services are told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from identity import new_browser, once
from identity.account import Act, Ground, LockGround
from identity.audit import SYSTEM, Actor
from identity.base import Refused
from identity.credentials import pending, qr
from identity.credentials.recovery import Sheet, keep_sheet
from identity.credentials.sign_in import Visit
from identity.freeze import freeze, freeze_with_code
from identity.freeze_message import freeze_by_message
from identity.hotline import acts
from identity.hotline.model import HotlineCall
from identity.lock_requests import deaths
from identity.lock_requests.at_once import settle_death
from identity.locks import lock, note_paper, take_away
from identity.oidc import grants, refresh, tokens
from identity.oidc.errors import ProtocolError
from identity.outbox import Lane, lease
from identity.session import find_session
from tests.identity.lock_scene import carried_out, officers
from tests.identity.oidc.making import (
    CALLBACK,
    VERIFIER,
    a_code,
    a_refresh_token,
    a_resident,
    a_service,
    an_access_token,
    signed_in,
)

VISIT = Visit("192.0.2.7", "Firefox")


def by_request(ground: Ground) -> Callable[..., None]:
    return lambda db, account, now: carried_out(db, account, officers(db, now), now, ground)


def by_expiry(db: Session, account: Any, now: datetime) -> None:
    """As the gate and the job after midnight do it together."""
    note_paper(db, account, "card", Ground.DOCUMENT_EXPIRED, date(2026, 11, 22), now=now - timedelta(days=2))
    take_away(db, account.id, now=now)


def by_hotline(db: Session, account: Any, now: datetime) -> None:
    agent = officers(db, now)[0]
    call = HotlineCall(
        answered_by_id=agent.account_id, account_id=account.id, found_by="number", opened_at=now,
        expires_at=now + timedelta(minutes=30), verified_at=now, called_back_at=now,
    )  # fmt: skip
    db.add(call)
    acts.freeze(db, call, agent, now=now)


def by_code(db: Session, account: Any, now: datetime) -> None:
    sheet = Sheet.draw(now)
    keep_sheet(db, account.id, sheet, now=now)
    assert freeze_with_code(db, account.login, sheet.freeze, "192.0.2.7", now=now) is None


def by_message(db: Session, account: Any, now: datetime) -> None:
    assert freeze_by_message(db, "SMS-1", "+84912345214", "KHOA", now=now)


PATHS: dict[str, Callable[..., Any]] = {
    **{ground.value: by_request(ground) for ground in (Ground.AUTHORITY, Ground.TERMS, Ground.CARD_WITHDRAWN)},
    "death-on-paper": by_request(Ground.DEATH),
    "death-in-the-register": lambda db, account, now: settle_death(db, account, True, now=now),
    "death-reported": lambda db, account, now: deaths.close_the_dead(db, [account.login], now=now),
    "own-request": lambda db, account, now: freeze(db, account, Actor(account.id, "resident"), now=now),
    "freeze-code": by_code,
    "message-of-the-phone": by_message,
    "compared-by-hand": lambda db, account, now: lock(db, account, Ground.HOLD, "register:1", SYSTEM, now=now),
    "hotline": by_hotline,
    "expiry": by_expiry,
}


class Holding:
    """All that an account can hold, and all that it can have half done."""

    def __init__(self, db: Session, now: datetime) -> None:
        self.account = a_resident(db, now=now)
        self.client = a_service(db, now=now, backchannel_logout_uri="https://service.example/bye")
        used, _session = a_code(db, self.account, self.client, now=now, scope="openid offline_access")
        bought, _standing = grants.redeem_code(db, self.client, used, CALLBACK, VERIFIER, now=now)
        self.code, _session = a_code(db, self.account, self.client, now=now, scope="openid offline_access")
        self.cookie = signed_in(db, self.account, now=now).token
        self.refresh = a_refresh_token(db, self.client, bought, now=now)
        self.access = an_access_token(db, self.client, bought, now=now, life=timedelta(minutes=5))
        self.ticket = pending.put(db, self.account.id, self.account.password_hash or "", now=now)
        self.qr = qr.begin(db, VISIT, None, now=now)
        row = self.qr.waiting
        row.approved_at, row.approved_by, row.amr = now, self.account.id, "pwd otp"
        db.flush()

    def left(self, db: Session, now: datetime) -> set[str]:
        """What could still be used if nobody asked the gate."""
        found = {
            "session": find_session(db, self.cookie, now=now) is not None,
            "access token": tokens.find_live(db, self.access, Act.USERINFO, now=now) is not None,
            "refresh token": refresh.find(db, self.client, self.refresh, now=now) is not None,
            "code": not is_refused(lambda: grants.redeem_code(db, self.client, self.code, CALLBACK, VERIFIER, now=now)),
            "second step": pending.find(db, self.ticket, now=now) is not None,
            "QR sign-in": qr.state_of(self.qr.waiting, now=now) != "over",
        }
        return {name for name, is_there in found.items() if is_there}


def is_refused(act: Callable[[], Any]) -> bool:
    try:
        act()
    except (ProtocolError, Refused):
        return True
    return False


def test_an_open_account_holds_all_of_it(db: Session, now: datetime) -> None:
    held = Holding(db, now)
    assert len(held.left(db, now)) == 6


@pytest.mark.parametrize("path", PATHS)
def test_a_lock_takes_all_of_it_and_tells_the_service(db: Session, now: datetime, path: str) -> None:
    held = Holding(db, now)
    PATHS[path](db, held.account, now)
    db.flush()
    db.expire_all()
    assert held.left(db, now) == set()
    assert {message.address for message in lease(db, Lane.LOGOUT, now=now)} == {"https://service.example/bye"}


@pytest.mark.parametrize("path", ["authority", "own-request", "expiry"])
def test_what_was_lost_does_not_come_back_when_the_account_opens(db: Session, now: datetime, path: str) -> None:
    held = Holding(db, now)
    PATHS[path](db, held.account, now)
    for ground in list(db.scalars(select(LockGround))):
        ground.ended_at = now
    if path == "expiry":
        note_paper(db, held.account, "card", Ground.DOCUMENT_EXPIRED, date(2031, 1, 1), now=now)
    db.flush()
    db.expire_all()
    assert held.left(db, now + timedelta(seconds=1)) == set()


def test_who_sat_in_a_disowned_browser_keeps_nothing_and_the_service_hears(db: Session, now: datetime) -> None:
    """Access for offline use outlives a sign-out of one's own, and not that of a thief."""
    account = a_resident(db, now=now)
    client = a_service(db, now=now, backchannel_logout_uri="https://service.example/bye")
    first, theirs = (a_code(db, account, client, now=now, scope="openid offline_access") for _browser in range(2))
    kept = {}
    for code, session_id in (first, theirs):
        bought, _standing = grants.redeem_code(db, client, code, CALLBACK, VERIFIER, now=now)
        kept[session_id] = a_refresh_token(db, client, bought, now=now)
    letter = once.issue(
        db, new_browser.DISOWN, account.id, now=now, expires_at=now + timedelta(days=7),
        payload={"session": str(theirs[1])},
    )  # fmt: skip
    new_browser.disown(db, letter, and_pause=False, now=now)
    db.flush()
    db.expire_all()
    assert refresh.find(db, client, kept[theirs[1]], now=now) is None
    assert refresh.find(db, client, kept[first[1]], now=now) is not None, "the owner's own browser goes on"
    assert len(list(lease(db, Lane.LOGOUT, now=now))) == 1
