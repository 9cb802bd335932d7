"""What becomes of the names by which a client knows people when its addresses, or our rules for them, change.

A service finds somebody's records by `sub`: it must never change unnoticed (OpenID Connect Core sections 2 and 8.1).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import CompoundSelect, select
from sqlalchemy.orm import Session

from identity.audit import SYSTEM, Actor, AuditEvent, Event, record
from identity.base import Refused, new_id
from identity.consent import Consent
from identity.oidc.clients import Client, Registration, RelyingParty
from identity.oidc.errors import ProtocolError
from identity.oidc.grants import Grant
from identity.oidc.sectors import sector_by, sectors_of
from identity.oidc.subjects import Subject, sector_of

RULE = "OpenID Connect Core section 8.1"


def with_known_names(db: Session, client: Client, said: Registration) -> Registration:
    """`said`, in the sector in which the client has met people.

    `ProtocolError` invalid_client_metadata when it would know them by other names.
    """
    if db.scalar(select(_met(client.id).exists())) is not True:
        return said
    if _grounds(client) == _grounds(said):
        return replace(said, sector=client.sector)
    wished = replace(client, subject_type=said.subject_type, sector=sector_by(said, said.sector))
    if sector_of(wished) != sector_of(client):
        words = "subject_type and the hosts of redirect_uris must stay: people would be known by another sub"
        raise ProtocolError("invalid_client_metadata", words, rule=RULE)
    return said


def is_elsewhere(client: Client) -> bool:
    """Whether its addresses prove, by today's rules, another sector than the one that it was put into."""
    kind, named, proven = _grounds(client)
    return kind == "pairwise" and not named and client.sector not in (proven or {client.sector})


def move(db: Session, client: Client, *, now: datetime, actor: Actor = SYSTEM) -> int:
    """Put a client into the sector that its addresses prove; everybody whom it has met keeps the name it knows.

    Gives how many those are. Refused `client-sector-clash` when the other sector knows one of them by another name.
    """
    moved = replace(client, sector=sector_by(client))
    known, there = _names(db, sector_of(client)), _names(db, sector_of(moved))
    kept = {account: known[account] for account in db.scalars(_met(client.id)) if account in known}
    if any(there.get(account, sub) != sub for account, sub in kept.items()):
        raise Refused("client-sector-clash", field="client_id")
    for account in kept.keys() - there.keys():
        db.add(Subject(id=new_id(), account_id=account, sector=sector_of(moved), sub=kept[account]))
    row = db.get_one(RelyingParty, client.id)
    row.sector = moved.sector
    record(db, Event.CLIENT_CHANGED, actor, now=now, subject=("client", row.id), client=row.client_id)
    return len(kept)


def _grounds(said: Client | Registration) -> tuple[str, str, frozenset[str]]:
    """What its sector goes by: the type of subject, the sector that is named, those that the addresses prove."""
    named = urlsplit(said.sector_identifier_uri or "").hostname or ""
    proven = frozenset(sectors_of(said.redirect_uris, said.application_type, said.client_id))
    return said.subject_type, named, proven


def _names(db: Session, sector: str) -> dict[UUID, str]:
    rows = db.execute(select(Subject.account_id, Subject.sub).where(Subject.sector == sector))
    return {row.account_id: row.sub for row in rows}


def _met(client_id: UUID) -> CompoundSelect[Any]:
    """The accounts of which this client was ever told: by what still stands, and by the trail."""
    told = AuditEvent.facts["client"].as_string() == str(client_id)
    return (
        select(Consent.account_id)
        .where(Consent.client_id == client_id)
        .union(
            select(Grant.account_id).where(Grant.client_id == client_id),
            select(AuditEvent.subject_id).where(AuditEvent.name == Event.CODE_ISSUED.value, told),
        )
    )
