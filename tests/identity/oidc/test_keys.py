"""Signing keys: known before they are used, sealed at rest, imported once."""

from __future__ import annotations

from datetime import datetime, timedelta

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.oidc.keys import KEPT_AFTER, LEAD, LIFE, Keychain, SigningKey, keep_ahead, published


def test_the_next_key_is_published_before_it_signs(db: Session, now: datetime) -> None:
    assert Keychain().load(db, now=now) is None
    keep_ahead(db, now=now)
    ring = Keychain().load(db, now=now)
    assert ring
    kids = [key["kid"] for key in orjson.loads(ring.jwks)["keys"]]
    assert len(kids) == 2
    assert ring.signing.kid == kids[0]
    later = now + LIFE
    keep_ahead(db, now=later)
    following = Keychain().load(db, now=later)
    assert following
    assert following.signing.kid == kids[1]
    assert len(following.keys) == 3


def test_keys_are_made_once_while_they_last(db: Session, now: datetime) -> None:
    for _time in range(3):
        keep_ahead(db, now=now)
    assert len(published(db, now=now)) == 2


def test_after_a_long_sleep_the_new_key_is_still_published_first(db: Session, now: datetime) -> None:
    keep_ahead(db, now=now)
    late = now + 3 * LIFE
    keep_ahead(db, now=late)
    newest = published(db, now=late)[-1]
    assert newest.active_from >= late + LEAD


def test_a_key_stays_published_until_its_tokens_are_dead(db: Session, now: datetime) -> None:
    keep_ahead(db, now=now)
    first = published(db, now=now)[0].kid
    handover = now + LIFE
    keep_ahead(db, now=handover)
    assert first in [key.kid for key in published(db, now=handover + KEPT_AFTER - timedelta(seconds=1))]
    assert first not in [key.kid for key in published(db, now=handover + KEPT_AFTER)]


def test_a_token_of_a_published_key_is_read_and_a_forged_one_is_not(db: Session, now: datetime) -> None:
    keep_ahead(db, now=now)
    ring = Keychain().load(db, now=now)
    assert ring
    token = ring.sign({"sub": "s"})
    assert ring.read(token) == {"sub": "s"}
    head, body, mark = token.split(".")
    for forged in (f"{head}.{body}.{mark[::-1]}", f"{head}.{body}.", "", "a.b.c", "ключ", token + "." + body):
        assert ring.read(forged) is None


def test_private_keys_are_sealed_and_the_document_shows_public_parts_only(db: Session, now: datetime) -> None:
    keep_ahead(db, now=now)
    ring = Keychain().load(db, now=now)
    assert ring
    secret = ring.signing.pair.as_dict(private=True)["d"]
    row = db.execute(select(SigningKey.__table__).where(SigningKey.kid == ring.signing.kid)).one()
    assert str(secret).encode() not in row.private_sealed
    assert all("d" not in key for key in orjson.loads(ring.jwks)["keys"])


def test_a_process_imports_each_key_once(db: Session, now: datetime) -> None:
    keep_ahead(db, now=now)
    keychain = Keychain()
    first, second = keychain.load(db, now=now), keychain.load(db, now=now)
    assert first and second
    assert first.signing.pair is second.signing.pair
