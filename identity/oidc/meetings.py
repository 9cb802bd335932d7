"""Which services a sign-in session has met: who is to be told when it ends, and what the person sees of it.

Written with the code, in the same statement where the engine can: a meeting without a code, or a code without its
meeting, would leave a service that is never told (OpenID Connect Back-Channel Logout 1.0 section 2.1).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

from sqlalchemy import ForeignKey, String, Table, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from identity.base import Base
from identity.oidc.clients import Client, RelyingParty
from identity.oidc.subjects import sid_for
from identity.session import SignInSession
from identity.vault import Vault
from identity.writing import Row


class ClientSession(Base):
    """A session at a service. `sid` and `sub` are what its ID tokens said; the first meeting counts."""

    __tablename__ = "client_session"

    session_id: Mapped[UUID] = mapped_column(ForeignKey(SignInSession.id), primary_key=True)
    client_id: Mapped[UUID] = mapped_column(ForeignKey(RelyingParty.id), primary_key=True)
    sid: Mapped[str] = mapped_column(String(43))
    sub: Mapped[str] = mapped_column(String(64))
    first_at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class Met:
    """A service that a session has been to."""

    id: UUID
    name: Mapping[str, str]


def meeting_row(keys: Vault, session_id: UUID, client: Client, sub: str, *, now: datetime) -> Row:
    """The meeting, to be written together with the code; one that stands already is left as it is."""
    return cast(Table, ClientSession.__table__), {
        "session_id": session_id,
        "client_id": client.id,
        "sid": sid_for(keys, session_id, client),
        "sub": sub,
        "first_at": now,
    }


def met_by(db: Session, session_ids: Collection[UUID]) -> dict[UUID, list[Met]]:
    """The services (id and names) that each of these sessions has met, the first meeting first."""
    query = (
        select(ClientSession.session_id, RelyingParty.id, RelyingParty.name)
        .join(RelyingParty, RelyingParty.id == ClientSession.client_id)
        .where(ClientSession.session_id.in_(session_ids))
        .order_by(ClientSession.first_at)
    )
    found: dict[UUID, list[Met]] = {}
    for session_id, client_id, name in db.execute(query):
        found.setdefault(session_id, []).append(Met(client_id, name))
    return found
