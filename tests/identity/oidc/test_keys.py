"""Signing keys: known before they are used, sealed at rest, imported once."""

from __future__ import annotations

import hmac
import warnings
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from datetime import datetime, timedelta

import orjson
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from identity.oidc.keys import (
    KEPT_AFTER,
    LEAD,
    LIFE,
    SIGNING,
    Keychain,
    KeyRing,
    SigningKey,
    keep_ahead,
    published,
    rotate,
)
from portal.database import Database


@pytest.fixture
def db(bare_database: Database) -> Iterator[Session]:
    """A database that has no key yet."""
    with bare_database.session(write=True) as session:
        yield session


def the_ring(db: Session, *, now: datetime) -> KeyRing:
    keep_ahead(db, now=now)
    ring = Keychain().load(db, now=now)
    assert ring
    return ring


def kids(ring: KeyRing, algorithm: str = "ES256") -> list[str]:
    return [key["kid"] for key in orjson.loads(ring.jwks)["keys"] if key["alg"] == algorithm]


def a_relying_party_reads(token: str, document: bytes) -> dict[str, object]:
    """What a relying party with this copy of the JWKS makes of a token."""
    keys = KeySet.import_key_set(orjson.loads(document))
    with warnings.catch_warnings(action="ignore"):
        return dict(jwt.decode(token, keys, list(SIGNING)).claims)


def _encoded(part: dict[str, str]) -> str:
    return urlsafe_b64encode(orjson.dumps(part)).decode().rstrip("=")


@pytest.mark.parametrize("algorithm", SIGNING)
def test_the_next_key_is_published_before_it_signs(db: Session, now: datetime, algorithm: str) -> None:
    assert Keychain().load(db, now=now) is None
    ring = the_ring(db, now=now)
    first, second = kids(ring, algorithm)
    assert ring.signing[algorithm].kid == first
    following = the_ring(db, now=now + LIFE)
    assert following.signing[algorithm].kid == second
    assert len(kids(following, algorithm)) == 3


def test_keys_are_made_once_while_they_last(db: Session, now: datetime) -> None:
    for _time in range(3):
        keep_ahead(db, now=now)
    assert len(published(db, now=now)) == 2 * len(SIGNING)


def test_an_algorithm_that_came_later_gets_its_keys(db: Session, now: datetime) -> None:
    keep_ahead(db, now=now)
    db.execute(delete(SigningKey).where(SigningKey.algorithm == "EdDSA"))
    assert Keychain().load(db, now=now) is None
    assert "EdDSA" in the_ring(db, now=now).signing


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


def test_a_rotation_waits_until_the_next_key_was_published_long_enough(db: Session, now: datetime) -> None:
    before = the_ring(db, now=now)
    rotate(db, "ES256", now=now)
    assert the_ring(db, now=now).signing["ES256"].kid == kids(before)[0]
    assert the_ring(db, now=now + LEAD).signing["ES256"].kid == kids(before)[1]
    rotate(db, "ES256", now=now + LEAD * 2)
    assert the_ring(db, now=now + LEAD * 2).signing["ES256"].kid != kids(before)[0]


def test_a_rotation_at_once_concerns_one_algorithm_only(db: Session, now: datetime) -> None:
    before = the_ring(db, now=now)
    rotate(db, "PS256", now=now, at_once=True)
    after = the_ring(db, now=now)
    assert after.signing["PS256"].kid == kids(before, "PS256")[1]
    assert len(kids(after, "PS256")) == 3
    assert after.signing["ES256"].kid == before.signing["ES256"].kid


@pytest.mark.parametrize("algorithm", SIGNING)
def test_no_token_goes_unread_while_keys_are_rotated(db: Session, now: datetime, algorithm: str) -> None:
    """A relying party that read the JWKS a moment before each rotation reads every token after it."""
    ring, tokens = the_ring(db, now=now), []
    for step in range(3):
        moment = now + timedelta(minutes=step)
        copy = ring.jwks
        rotate(db, algorithm, now=moment, at_once=True)
        ring = the_ring(db, now=moment)
        tokens.append(ring.sign({"step": step}, alg=algorithm))
        assert a_relying_party_reads(tokens[-1], copy) == {"step": step}
    assert [a_relying_party_reads(token, ring.jwks) for token in tokens] == [{"step": step} for step in range(3)]
    assert [ring.read(token) for token in tokens] == [{"step": step} for step in range(3)]


@pytest.mark.parametrize("algorithm", SIGNING)
def test_a_token_of_a_published_key_is_read_and_a_forged_one_is_not(db: Session, now: datetime, algorithm: str) -> None:
    ring = the_ring(db, now=now)
    token = ring.sign({"sub": "s"}, alg=algorithm)
    assert ring.read(token) == {"sub": "s"}
    head, body, mark = token.split(".")
    for forged in (f"{head}.{body}.{mark[::-1]}", f"{head}.{body}.", "", "a.b.c", "ключ", token + "." + body):
        assert ring.read(forged) is None


def test_a_public_key_is_no_shared_secret(db: Session, now: datetime) -> None:
    """Algorithm confusion: the public key as an HMAC secret, another algorithm under a known kid, no signature."""
    ring = the_ring(db, now=now)
    key = ring.signing["RS256"]
    secret = key.pair.as_pem(private=False)
    unsigned = f"{_encoded({'alg': 'HS256', 'kid': key.kid})}.{_encoded({'sub': 's'})}"
    mark = urlsafe_b64encode(hmac.digest(secret, unsigned.encode(), "sha256")).decode().rstrip("=")
    confused = f"{unsigned}.{mark}"
    pair = RSAKey.import_key(orjson.loads(key.private))
    swapped = jwt.encode({"alg": "PS256", "kid": key.kid}, {"sub": "s"}, pair, ["PS256"])
    for token in (confused, swapped):
        assert ring.read(token) is None


def test_no_key_is_taken_from_a_hint(db: Session, now: datetime) -> None:
    """A stranger's key, named in every way that a header knows, signs nothing in our name."""
    ring = the_ring(db, now=now)
    stranger = ECKey.generate_key("P-256")
    public = stranger.as_dict(private=False)
    ours = ring.signing["ES256"].kid
    for more in (
        {"kid": ours},
        {"kid": ours, "jwk": public},
        {"kid": ours, "jku": "https://evil.example/keys.json", "x5u": "https://evil.example/key.pem"},
        {"kid": stranger.thumbprint(), "jwk": public},
        {"jwk": public},
        {"kid": "../../etc/passwd"},
        {"kid": "' OR 1=1 --"},
    ):
        forged = jwt.encode({"alg": "ES256", "typ": "JWT", **more}, {"sub": "s"}, stranger, ["ES256"])
        assert ring.read(forged) is None, more
        assert ring.knows(forged) is (more.get("kid") == ours)


def test_private_keys_are_sealed_and_the_document_shows_public_parts_only(db: Session, now: datetime) -> None:
    ring = the_ring(db, now=now)
    for key in ring.signing.values():
        secret = key.pair.as_dict(private=True)["d"]
        row = db.execute(select(SigningKey.__table__).where(SigningKey.kid == key.kid)).one()
        assert str(secret).encode() not in row.private_sealed
        assert str(secret) not in repr(key)
    assert not any({"d", "p", "q", "k"} & set(key) for key in orjson.loads(ring.jwks)["keys"])


def test_a_process_imports_each_key_once(db: Session, now: datetime) -> None:
    keep_ahead(db, now=now)
    keychain = Keychain()
    first, second = keychain.load(db, now=now), keychain.load(db, now=now)
    assert first and second
    assert first.signing["RS256"].pair is second.signing["RS256"].pair
