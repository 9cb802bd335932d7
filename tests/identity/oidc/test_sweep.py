"""The worker keeps keys ahead and drops what is long over, nothing that still counts."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from identity.oidc import grants
from identity.oidc.grants import Grant
from identity.oidc.keys import SIGNING, SigningKey
from identity.oidc.refresh import RefreshToken
from identity.oidc.sweep import KEPT, sweep
from identity.oidc.tokens import AccessToken
from tests.identity.oidc.making import (
    CALLBACK,
    VERIFIER,
    a_code,
    a_refresh_token,
    a_resident,
    a_service,
    an_access_token,
)


def rows(db: Session) -> list[int]:
    tables = (Grant, RefreshToken, AccessToken)
    return [db.scalar(select(func.count()).select_from(table)) or 0 for table in tables]


def test_only_what_is_long_over_is_dropped(db: Session, now: datetime) -> None:
    account, client = a_resident(db, now=now), a_service(db, now=now)
    a_code(db, account, client, now=now)
    for scope in ("openid", "openid offline_access"):
        code, _session = a_code(db, account, client, now=now, scope=scope)
        bought, _standing = grants.redeem_code(db, client, code, CALLBACK, VERIFIER, now=now)
        a_refresh_token(db, client, bought, now=now)
        an_access_token(db, client, bought, life=timedelta(minutes=10), now=now)
    sweep(db, now=now + KEPT)
    assert rows(db) == [3, 2, 2]
    sweep(db, now=now + KEPT + timedelta(hours=13))
    assert rows(db) == [1, 1, 0]
    sweep(db, now=now + KEPT + timedelta(days=91))
    assert rows(db) == [0, 0, 0]


def test_keys_are_kept_ahead(db: Session, now: datetime) -> None:
    sweep(db, now=now)
    assert db.scalar(select(func.count()).select_from(SigningKey)) == 2 * len(SIGNING)
