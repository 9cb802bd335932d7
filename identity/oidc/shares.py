"""What a person shares with which service: agreed items, since when, when it last received something, what it received.

What was received is read from the audit trail, so that it also holds after consent was taken back (Law 91/2025/QH15:
the right to know).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from identity.audit import AuditEvent, Event
from identity.consent import Consent, consents_of, given_once
from identity.oidc.claims import ITEMS, items_of_scopes
from identity.oidc.clients import RelyingParty, client_names
from identity.oidc.purpose import purpose_agreed

ORDER = {item: place for place, item in enumerate(ITEMS)}
_TO = AuditEvent.facts["client"].as_string()


@dataclass(frozen=True, slots=True)
class Share:
    """One service and what it may have. `declined` are optional items that the person left out."""

    client_id: UUID
    name: Mapping[str, str]
    purpose: Mapping[str, str]
    """What for, as it was agreed to last."""
    host: str
    contact: str
    login_uri: str | None
    items: list[Consent]
    declined: list[Consent]
    last_received: datetime | None

    @property
    def since(self) -> datetime:
        """When the person first agreed to what still stands."""
        return min(row.answered_at for row in self.items)


@dataclass(frozen=True, slots=True)
class Receipt:
    """The service was given access to these items."""

    at: datetime
    items: frozenset[str]


def shares_of(db: Session, account_id: UUID) -> list[Share]:
    """Every service that may receive something, the one agreed to last first."""
    answers = consents_of(db, account_id)
    last = _last_received(db, account_id)
    services = db.scalars(select(RelyingParty).where(RelyingParty.id.in_(answers.keys())))
    known = {row.id: row for row in services}
    shares = (_share(known[client_id], rows, last) for client_id, rows in answers.items() if client_id in known)
    return [share for share in shares if share.items]


def find_share(db: Session, account_id: UUID, client_id: UUID) -> Share | None:
    """What this service may have; None if it may have nothing."""
    return next((share for share in shares_of(db, account_id) if share.client_id == client_id), None)


@dataclass(frozen=True, slots=True)
class PastShare:
    """A service that received something and may receive nothing more."""

    client_id: UUID
    name: Mapping[str, str]
    host: str
    contact: str
    last_received: datetime


def past_shares(db: Session, account_id: UUID) -> list[PastShare]:
    """Every one of them, the one that received something last first."""
    open_ids = {share.client_id for share in shares_of(db, account_id)}
    last = {UUID(client): at for client, at in _last_received(db, account_id).items() if client}
    services = db.scalars(select(RelyingParty).where(RelyingParty.id.in_(last.keys() - open_ids)))
    found = [
        PastShare(row.id, row.name, urlsplit(row.home).hostname or "", row.contact, last[row.id]) for row in services
    ]
    return sorted(found, key=lambda one: one.last_received, reverse=True)


def find_past_share(db: Session, account_id: UUID, client_id: UUID) -> PastShare | None:
    """What is left to read of a service that may receive nothing more; None if it never received anything."""
    return next((one for one in past_shares(db, account_id) if one.client_id == client_id), None)


@dataclass(frozen=True, slots=True)
class SharedOnce:
    """What a service received one time, with nothing to take back."""

    name: Mapping[str, str]
    at: datetime
    items: list[str]


def shared_once(db: Session, account_id: UUID) -> list[SharedOnce]:
    """The newest first; what was agreed to on one page is one."""
    pages: dict[tuple[UUID, datetime], list[str]] = {}
    for row in given_once(db, account_id):
        pages.setdefault((row.client_id, row.answered_at), []).append(row.item)
    names = client_names(db) if pages else {}
    return [
        SharedOnce(names[client_id], at, sorted(items, key=lambda item: ORDER.get(item, len(ORDER))))
        for (client_id, at), items in pages.items()
        if client_id in names
    ]


def receipts(db: Session, account_id: UUID, client_id: UUID, *, limit: int = 50) -> list[Receipt]:
    """When this service was given access to what, the newest first."""
    query = (
        select(AuditEvent.at, AuditEvent.facts)
        .where(_to_services(account_id), _TO.in_([str(client_id)]))
        .order_by(AuditEvent.at.desc(), AuditEvent.id.desc())
        .limit(limit)
    )
    return [Receipt(row.at, items_told(row.facts)) for row in db.execute(query)]


def items_told(facts: Mapping[str, Any]) -> frozenset[str]:
    """What a service was given, by the trail; entries of before the items stood there tell of scopes alone."""
    told = facts.get("items")
    return frozenset(items_of_scopes(facts.get("scope", "").split()) if told is None else told)


def login_address(share: Share, issuer: str) -> str | None:
    """Where the person starts a sign-in from here (OpenID Connect Core section 4)."""
    if share.login_uri is None:
        return None
    joint = "&" if urlsplit(share.login_uri).query else "?"
    return f"{share.login_uri}{joint}{urlencode({'iss': issuer})}"


def _last_received(db: Session, account_id: UUID) -> dict[str, datetime]:
    query = select(_TO.label("client"), func.max(AuditEvent.at).label("last")).where(_to_services(account_id))
    return {row.client: row.last for row in db.execute(query.group_by(_TO))}


def _to_services(account_id: UUID) -> ColumnElement[bool]:
    about = and_(AuditEvent.subject_kind == "account", AuditEvent.subject_id == account_id)
    return and_(about, AuditEvent.name == Event.TOKENS_ISSUED.value)


def _share(client: RelyingParty, rows: Iterable[Consent], last: Mapping[str, datetime]) -> Share:
    answers, details = sorted(rows, key=lambda row: ORDER.get(row.item, len(ORDER))), _details(client)
    latest = max(answers, key=lambda row: (row.given, row.answered_at))
    return Share(
        client_id=client.id,
        name=client.name,
        purpose=purpose_agreed(client, latest.words),
        host=urlsplit(client.home).hostname or "",
        contact=client.contact,
        login_uri=details.get("initiate_login_uri") if client.closed_at is None else None,
        items=[row for row in answers if row.given],
        declined=[row for row in answers if not row.given],
        last_received=last.get(str(client.id)),
    )


def _details(client: RelyingParty) -> Mapping[str, Any]:
    return client.details or {}
