"""Figures to receivers: written when they are sent, the same bytes at every attempt, and a receipt of what came back.

Each message carries its delivery's id as `Idempotency-Key` and a `Content-Digest` (RFC 9530); a receiver may ask that
it is signed with a shared secret (HTTP Message Signatures, RFC 9421), for a user's password, or for an access token.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from urllib.parse import quote_plus, urlencode, urlsplit
from uuid import UUID

import orjson

from identity.gateways import Fetched, FetchRefused, RemoteFetcher
from identity.outbox import Declined, Leased
from onboarding.feeds import deliveries
from onboarding.feeds.differences import read_again
from onboarding.feeds.formats import KINDS, Format, Kind
from onboarding.feeds.message import About
from onboarding.feeds.model import Access, DeliveryKind, FeedDelivery, FeedSubscription
from portal.database import Database
from portal.gateways.back_channel import NotTaken
from portal.messages import Words

SECONDS = 30.0
"""Receivers import while we wait; less than the outbox's lease."""
NEVER = frozenset({400, 410, 413, 415, 422})
"""The same again would be refused again."""
COMPONENTS = ("@method", "@target-uri", "content-digest", "idempotency-key")


@dataclass(frozen=True, slots=True)
class Parcel:
    """What is sent where."""

    address: str
    body: bytes
    headers: dict[str, str]
    kind: Kind
    access: str
    secret: Mapping[str, str]


class FeedWay:
    """Sends one delivery and keeps what came back."""

    def __init__(self, issuer: str, database: Database, fetcher: RemoteFetcher, clock: Callable[[], datetime]) -> None:
        self.issuer, self.database, self.fetcher, self.clock = issuer, database, fetcher, clock

    def __call__(self, message: Leased, _words: Words) -> None:
        delivery = UUID(message.facts["delivery"])
        parcel = self._packed(delivery)
        try:
            found = self.fetcher.send(parcel.address, parcel.body, self._headers(parcel), seconds=SECONDS)
        except FetchRefused as refused:
            self._note(delivery, parcel, None, refused.reason)
            raise NotTaken(refused.reason) from None
        except NotTaken as trouble:
            self._note(delivery, parcel, None, str(trouble))
            raise
        self._judge(delivery, parcel, found)

    def _packed(self, delivery: UUID) -> Parcel:
        with self.database.session(write=False) as db:
            one = db.get_one(FeedDelivery, delivery)
            feed = db.get_one(FeedSubscription, one.subscription_id)
            reason = "ended" if feed.ended_at else "overtaken" if deliveries.is_overtaken(db, one) else ""
            if not reason and feed.paused_at and one.kind != DeliveryKind.TRIAL:
                raise NotTaken("paused")
            if not reason:
                rows = [read_again(db, told) for told in one.rows]
                body = KINDS[Format(feed.format)].write(rows, self._about(one, feed))
                return _parcel(one, feed, body)
        with self.database.transaction() as db:
            deliveries.refused(db.get_one(FeedDelivery, delivery), now=self.clock())
        raise Declined(reason)

    def _about(self, one: FeedDelivery, feed: FeedSubscription) -> About:
        return About(one.id.hex, one.published_at, feed.locale, self.issuer)

    def _headers(self, parcel: Parcel) -> dict[str, str]:
        if parcel.access != Access.CLIENT:
            return parcel.headers
        named = ":".join(quote_plus(parcel.secret[part]) for part in ("client_id", "client_secret"))
        form = urlencode({"grant_type": "client_credentials"}).encode()
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json", **_basic(named)}
        found = self.fetcher.send(parcel.secret["token_address"], form, headers, seconds=5)
        token = _document(found.body).get("access_token")
        if found.status != 200 or not isinstance(token, str):
            raise NotTaken(f"no-access-{found.status}")
        return {**parcel.headers, "Authorization": f"Bearer {token}"}

    def _judge(self, delivery: UUID, parcel: Parcel, found: Fetched) -> None:
        is_taken, is_final = _verdict(parcel.kind, found)
        self._note(delivery, parcel, found, "", is_taken=is_taken, is_final=is_final)
        if not is_taken:
            raise (Declined if is_final else NotTaken)(str(found.status))

    def _note(
        self,
        delivery: UUID,
        parcel: Parcel,
        found: Fetched | None,
        error: str,
        *,
        is_taken: bool = False,
        is_final: bool = False,
    ) -> None:
        now, said = self.clock(), found.body.decode("utf-8", "replace") if found else ""
        with self.database.transaction() as db:
            one = db.get_one(FeedDelivery, delivery)
            one.digest = sha256(parcel.body).hexdigest()
            deliveries.note_answer(db, one, found.status if found else None, error, said, now=now)
            if is_taken:
                deliveries.taken(db, one, now=now)
            elif is_final:
                deliveries.refused(one, now=now)


def _parcel(one: FeedDelivery, feed: FeedSubscription, body: bytes) -> Parcel:
    kind, secret = KINDS[Format(feed.format)], feed.secret or {}
    wishes = [kind.dry_run if one.kind == DeliveryKind.TRIAL else ""]
    wishes.append("importStrategy=DELETE" if one.kind == DeliveryKind.DELETION else "")
    address = _with_query(feed.address, "&".join(filter(None, wishes)))
    headers = {
        "Content-Type": kind.sent_as or kind.media_type,
        "Accept": "application/json, */*;q=0.1",
        "Idempotency-Key": str(one.id),
        "Content-Digest": f"sha-256=:{base64.b64encode(sha256(body).digest()).decode()}:",
    }
    if feed.access == Access.PASSWORD:
        headers |= _basic(f"{secret['user']}:{secret['password']}")
    if feed.access == Access.SIGNATURE:
        headers |= _signature(address, headers, secret["secret"], one)
    return Parcel(address, body, headers, kind, feed.access, secret)


def _signature(address: str, headers: Mapping[str, str], secret: str, one: FeedDelivery) -> dict[str, str]:
    """RFC 9421 section 2.5 with hmac-sha256."""
    values = {"@method": "POST", "@target-uri": address}
    values |= {name: headers[name.title()] for name in COMPONENTS if not name.startswith("@")}
    covered = " ".join(f'"{name}"' for name in COMPONENTS)
    parameters = f'({covered});created={int(one.made_at.timestamp())};keyid="{one.subscription_id}";alg="hmac-sha256"'
    base = "\n".join([*(f'"{name}": {values[name]}' for name in COMPONENTS), f'"@signature-params": {parameters}'])
    signed = base64.b64encode(hmac.digest(secret.encode(), base.encode(), "sha256")).decode()
    return {"Signature-Input": f"feed={parameters}", "Signature": f"feed=:{signed}:"}


def _verdict(kind: Kind, found: Fetched) -> tuple[bool, bool]:
    """Whether it was taken, and whether that is the last word. DHIS2 says 200 or 409 and what happened in the body."""
    ran = bool(kind.dry_run) and str(_summary(found.body).get("status", "")).upper()
    if ran and (found.status == 409 or ran == "ERROR"):
        return False, True
    return 200 <= found.status < 300, found.status in NEVER


def _summary(body: bytes) -> dict[str, Any]:
    document = _document(body)
    inner = document.get("response")
    return inner if isinstance(inner, dict) else document


def _document(body: bytes) -> dict[str, Any]:
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _basic(pair: str) -> dict[str, str]:
    return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}


def _with_query(address: str, query: str) -> str:
    return address if not query else f"{address}{'&' if urlsplit(address).query else '?'}{query}"
