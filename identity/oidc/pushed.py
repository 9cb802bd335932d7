"""Pushed requests (RFC 9126): what a client asked beforehand, kept until the code is given.

A reference may be looked at again while the person signs in, by the browser that opened it and by no other; it is
redeemed by the one conditional statement that precedes the code. Request objects (RFC 9101) are kept in the same way
once they are verified, so that nothing long and nothing personal stays in an address.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

import orjson
from sqlalchemy import ForeignKey, LargeBinary, Table, bindparam, delete, or_
from sqlalchemy.orm import Mapped, Session, mapped_column

from identity.base import Base, Keyed, UTC_DateTime, new_id
from identity.oidc.clients import Client
from identity.oidc.errors import NoWayBack, ProtocolError
from identity.oidc.request import Origin, Parameters, Source, way_back_of
from identity.sealed import vault

PREFIX = "urn:ietf:params:oauth:request_uri:"
TO_DECIDE = timedelta(minutes=15)
"""For how long the person may sign in and decide, once the reference was opened (within `Lifetimes.pushed`)."""
KEPT = timedelta(hours=1)
RULE = "RFC 9126 section 2.2"


class PushedRequest(Keyed, Base):
    """A request behind its reference. The parameters may name a person, so they are sealed."""

    __tablename__ = "pushed_request"

    digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    client_id: Mapped[UUID] = mapped_column(ForeignKey("relying_party.id"))
    request_sealed: Mapped[bytes]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    browser_digest: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    used_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class Kept:
    """A request found again."""

    parameters: Parameters
    origin: Origin


def push(
    db: Session,
    client: Client,
    parameters: Parameters,
    *,
    life: timedelta,
    now: datetime,
    source: Source = "pushed",
    is_signed: bool = False,
) -> str:
    """Keep a request that was read and found good; the reference that stands for it."""
    reference, row_id, keys = secrets.token_urlsafe(32), new_id(), vault(db)
    content = orjson.dumps([parameters, source, is_signed])
    db.execute(
        _TABLE.insert(),
        {
            "id": row_id,
            "digest": keys.digest("pushed-request", reference),
            "client_id": client.id,
            "request_sealed": keys.seal(_SEALED, row_id, content),
            "expires_at": now + life,
        },
    )
    return PREFIX + reference


def find_pushed(db: Session, client: Client, reference: str, browser: str | None, *, now: datetime) -> Kept:
    """The request behind a reference, for this client and this browser.

    `NoWayBack` when it is unknown or was opened elsewhere; `ProtocolError` invalid_request_uri, sent to the address of
    the kept request, when it has expired or bought its code.
    """
    digest = vault(db).digest("pushed-request", reference.removeprefix(PREFIX))
    row = db.execute(_FIND, {"digest": digest, "client": client.id}).one_or_none()
    if row is None:
        raise NoWayBack("request-unknown", client)
    parameters, source, is_signed = orjson.loads(vault(db).open(_SEALED, row.id, row.request_sealed))
    if row.browser_digest is not None and row.browser_digest != _browser_digest(db, browser):
        raise NoWayBack("request-of-another-browser", client)
    if row.used_at is not None or row.expires_at <= now:
        words = "The request_uri was used before" if row.used_at is not None else "The request_uri has expired"
        raise ProtocolError("invalid_request_uri", words, rule=RULE, way_back=way_back_of(parameters, client))
    return Kept(parameters, Origin(source, is_signed, row.id, is_held=row.browser_digest is not None))


def hold(db: Session, row_id: UUID, browser: str, *, now: datetime) -> bool:
    """Keep the request for this browser while its person signs in and decides; False if another was quicker.

    Called once, so that the time to decide is not stretched by asking again.
    """
    given = {"row": row_id, "browser": _browser_digest(db, browser), "until": now + TO_DECIDE}
    return db.execute(_HOLD, given).one_or_none() is not None


def redeem(db: Session, row_id: UUID, *, now: datetime) -> bool:
    """Use the request up; of several callers one is told yes."""
    return db.execute(_REDEEM, {"row": row_id, "now": now}).one_or_none() is not None


def sweep(db: Session, *, now: datetime, most: int = 500) -> None:
    """Drop what is long over (called by the worker)."""
    old = _TABLE.select().with_only_columns(_TABLE.c.id).where(_TABLE.c.expires_at < now - KEPT).limit(most)
    db.execute(delete(_TABLE).where(_TABLE.c.id.in_(old)))


def is_reference(values: Sequence[str]) -> bool:
    """Whether a `request_uri` is one of ours."""
    return len(values) == 1 and values[0].startswith(PREFIX)


def _browser_digest(db: Session, browser: str | None) -> bytes:
    return vault(db).digest("pushed-browser", browser or "")


_SEALED = "pushed_request.request_sealed"
_TABLE = cast(Table, PushedRequest.__table__)
_COLUMNS = [_TABLE.c[n] for n in ("id", "request_sealed", "expires_at", "browser_digest", "used_at")]
_ROW: Any = bindparam("row", type_=_TABLE.c.id.type)
_FIND = (
    _TABLE.select()
    .with_only_columns(*_COLUMNS)
    .where(_TABLE.c.digest == bindparam("digest"), _TABLE.c.client_id == bindparam("client", type_=_TABLE.c.id.type))
)
_BROWSER: Any = bindparam("browser", type_=LargeBinary())
_HOLD = (
    _TABLE.update()
    .where(_TABLE.c.id == _ROW, _TABLE.c.used_at.is_(None))
    .where(or_(_TABLE.c.browser_digest.is_(None), _TABLE.c.browser_digest == _BROWSER))
    .values(browser_digest=_BROWSER, expires_at=bindparam("until", type_=UTC_DateTime()))
    .returning(_TABLE.c.id)
)
_REDEEM = (
    _TABLE.update()
    .where(_TABLE.c.id == _ROW, _TABLE.c.used_at.is_(None))
    .values(used_at=bindparam("now", type_=UTC_DateTime()))
    .returning(_TABLE.c.id)
)
