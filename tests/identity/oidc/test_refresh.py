"""Refresh tokens rotate in a family; an honest retry gets the same successor, a reuse kills the family."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from identity.audit import Event, events_about
from identity.oidc import grants, refresh
from identity.oidc.binding import DPOP, Binding
from identity.oidc.errors import ProtocolError
from identity.oidc.refresh import RefreshToken
from identity.writing import write_together
from tests.identity.oidc.making import CALLBACK, VERIFIER, a_code, a_refresh_token, a_resident, a_service

GRACE = timedelta(seconds=30)


@pytest.fixture
def family(db: Session, now: datetime) -> Any:
    account, client = a_resident(db, now=now), a_service(db, now=now)
    code, _session = a_code(db, account, client, now=now, scope="openid offline_access")
    bought, _standing = grants.redeem_code(db, client, code, CALLBACK, VERIFIER, now=now)
    return account, client, a_refresh_token(db, client, bought, now=now)


def turn(db: Session, client: Any, token: str, now: datetime) -> str:
    held = refresh.get(db, client, token, binding=None, grace=GRACE, now=now)
    following, rows = refresh.turn(db, client, held, grace=GRACE, now=now)
    for row in rows:
        write_together(db, row)
    return following


def test_each_use_gives_the_next_token(db: Session, now: datetime, family: Any) -> None:
    _account, client, first = family
    second = turn(db, client, first, now)
    third = turn(db, client, second, now)
    assert len({first, second, third}) == 3


def test_an_honest_retry_gets_the_same_successor(db: Session, now: datetime, family: Any) -> None:
    _account, client, first = family
    second = turn(db, client, first, now)
    assert turn(db, client, first, now + GRACE) == second
    assert db.scalar(select(func.count()).select_from(RefreshToken)) == 2
    assert turn(db, client, second, now + GRACE)


def test_a_reuse_after_the_window_kills_the_family(db: Session, now: datetime, family: Any) -> None:
    account, client, first = family
    second = turn(db, client, first, now)
    late = now + GRACE + timedelta(seconds=1)
    with pytest.raises(ProtocolError, match="invalid_grant"):
        turn(db, client, first, late)
    with pytest.raises(ProtocolError, match="invalid_grant"):
        turn(db, client, second, late)
    assert Event.REFRESH_REUSED in [event.name for event in events_about(db, ("account", account.id))]


def test_a_reuse_after_the_successor_was_used_kills_the_family(db: Session, now: datetime, family: Any) -> None:
    _account, client, first = family
    third = turn(db, client, turn(db, client, first, now), now)
    with pytest.raises(ProtocolError):
        turn(db, client, first, now)
    with pytest.raises(ProtocolError):
        turn(db, client, third, now)


def test_a_family_has_an_absolute_end(db: Session, now: datetime, family: Any) -> None:
    _account, client, token = family
    for day in range(0, 90, 30):
        token = turn(db, client, token, now + timedelta(days=day))
    with pytest.raises(ProtocolError):
        turn(db, client, token, now + timedelta(days=90))


def test_another_client_can_neither_use_nor_harm_it(db: Session, now: datetime, family: Any) -> None:
    _account, client, first = family
    other = a_service(db, now=now, client_id="another")
    with pytest.raises(ProtocolError):
        turn(db, other, first, now)
    assert turn(db, client, first, now)


def test_only_digests_are_kept(db: Session, now: datetime, family: Any) -> None:
    _account, client, first = family
    second = turn(db, client, first, now)
    stored = str(db.execute(select(RefreshToken.__table__)).all())
    assert first not in stored
    assert second not in stored


@pytest.mark.parametrize(("method", "is_bound"), [("client_secret_basic", False), ("none", True)])
def test_only_a_client_that_proves_itself_may_change_its_key(
    db: Session, now: datetime, method: str, is_bound: bool
) -> None:
    """RFC 9449 section 5; the official suite refreshes with a new key."""
    account, client = a_resident(db, now=now), a_service(db, now=now, auth_method=method)
    code, _session = a_code(db, account, client, now=now, scope="openid offline_access")
    bought, _standing = grants.redeem_code(db, client, code, CALLBACK, VERIFIER, now=now)
    token, row = refresh.make_first(db, client, bought, binding=Binding(DPOP, "first"), now=now)
    write_together(db, row)
    present = partial(refresh.get, db, client, token, grace=GRACE, now=now)
    assert present(binding=Binding(DPOP, "first")).id
    if not is_bound:
        assert present(binding=Binding(DPOP, "second")).id
        return
    for other in (Binding(DPOP, "second"), None):
        with pytest.raises(ProtocolError, match="another key"):
            present(binding=other)
