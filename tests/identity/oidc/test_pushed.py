"""A pushed request waits for one browser, buys once, and is forgotten."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from identity.oidc import pushed
from identity.oidc.clients import Client
from identity.oidc.errors import NoWayBack, ProtocolError
from identity.oidc.pushed import Kept, PushedRequest, find_pushed, hold, push, redeem
from identity.oidc.sweep import sweep
from tests.identity.oidc.making import a_service, wish

MINUTE = timedelta(minutes=1)
ASKED = {name: [value] for name, value in wish().items()}


@pytest.fixture
def service(db: Session, now: datetime) -> Client:
    return a_service(db, now=now)


def pushed_one(db: Session, service: Client, now: datetime) -> tuple[str, Kept]:
    reference = push(db, service, ASKED, life=MINUTE, now=now, is_signed=True)
    return reference, find_pushed(db, service, reference, None, now=now)


def test_what_was_pushed_is_found_again(db: Session, service: Client, now: datetime) -> None:
    _reference, kept = pushed_one(db, service, now)
    assert kept.parameters == ASKED
    assert (kept.origin.source, kept.origin.is_signed, kept.origin.is_held) == ("pushed", True, False)


def test_it_is_held_for_one_browser(db: Session, service: Client, now: datetime) -> None:
    reference, kept = pushed_one(db, service, now)
    assert kept.origin.row
    assert hold(db, kept.origin.row, "mine", now=now)
    assert hold(db, kept.origin.row, "mine", now=now)
    assert not hold(db, kept.origin.row, "another", now=now)
    later = now + 5 * MINUTE
    assert find_pushed(db, service, reference, "mine", now=later).origin.is_held
    for browser in (None, "", "another"):
        with pytest.raises(NoWayBack) as caught:
            find_pushed(db, service, reference, browser, now=later)
        assert caught.value.reason == "request-of-another-browser"


def test_it_is_used_once_and_then_tells_the_client(db: Session, service: Client, now: datetime) -> None:
    reference, kept = pushed_one(db, service, now)
    assert kept.origin.row
    assert redeem(db, kept.origin.row, now=now)
    assert not redeem(db, kept.origin.row, now=now)
    assert not hold(db, kept.origin.row, "mine", now=now)
    with pytest.raises(ProtocolError) as caught:
        find_pushed(db, service, reference, None, now=now)
    assert caught.value.error == "invalid_request_uri"
    assert caught.value.way_back
    assert caught.value.way_back.state == "a state"


def test_it_ends_by_itself(db: Session, service: Client, now: datetime) -> None:
    reference, kept = pushed_one(db, service, now)
    assert kept.origin.row
    with pytest.raises(ProtocolError):
        find_pushed(db, service, reference, None, now=now + MINUTE)
    hold(db, kept.origin.row, "mine", now=now)
    with pytest.raises(ProtocolError):
        find_pushed(db, service, reference, "mine", now=now + pushed.TO_DECIDE)


def test_another_client_does_not_find_it(db: Session, service: Client, now: datetime) -> None:
    reference, _kept = pushed_one(db, service, now)
    with pytest.raises(NoWayBack) as caught:
        find_pushed(db, a_service(db, now=now, client_id="another"), reference, None, now=now)
    assert caught.value.reason == "request-unknown"


def test_it_is_swept_away_an_hour_after_its_end(db: Session, service: Client, now: datetime) -> None:
    pushed_one(db, service, now)
    sweep(db, now=now + pushed.KEPT)
    assert db.scalar(select(func.count()).select_from(PushedRequest)) == 1
    sweep(db, now=now + pushed.KEPT + 2 * MINUTE)
    assert db.scalar(select(func.count()).select_from(PushedRequest)) == 0
