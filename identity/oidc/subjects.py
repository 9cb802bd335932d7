"""Pairwise subjects: a random name of an account for each sector (OpenID Connect Core section 8.1).

Rows, not a hash of the account: they survive the rotation of keys and the merging of accounts, and tell nothing.
"""

from __future__ import annotations

import base64
import secrets
from uuid import UUID

from sqlalchemy import ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from identity.base import Base, Keyed, new_id
from identity.oidc.clients import Client
from identity.vault import Vault
from identity.writing import insert_into

PUBLIC_SECTOR = "public"
HOST_OF_THAT_NAME = "host:public"
"""No host has a colon in its name."""


class Subject(Keyed, Base):
    """How one sector knows one account. A client that moved took the names along, so two sectors may use the same."""

    __tablename__ = "oidc_subject"
    __table_args__ = (UniqueConstraint("account_id", "sector"), UniqueConstraint("sub", "sector"))

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    sector: Mapped[str] = mapped_column(String(253))
    sub: Mapped[str] = mapped_column(String(64))


def sector_of(client: Client) -> str:
    """Clients of type `public` share one subject; a host that is called `public` goes by another name."""
    if client.subject_type == "public":
        return PUBLIC_SECTOR
    return HOST_OF_THAT_NAME if client.sector == PUBLIC_SECTOR else client.sector


def find_subject(db: Session, account_id: UUID, client: Client) -> str | None:
    """The subject that this client knows, if it has met the account."""
    return db.scalar(select(Subject.sub).where(Subject.account_id == account_id, Subject.sector == sector_of(client)))


def subject_for(db: Session, account_id: UUID, client: Client) -> str:
    """The subject that this client knows, made at their first meeting; two first meetings at once agree."""
    found = find_subject(db, account_id, client)
    if found is not None:
        return found
    sub = secrets.token_urlsafe(24)
    db.execute(
        insert_into(db, Subject)
        .values(id=new_id(), account_id=account_id, sector=sector_of(client), sub=sub)
        .on_conflict_do_nothing()
    )
    return find_subject(db, account_id, client) or sub


def sid_for(keys: Vault, session_id: UUID, client: Client) -> str:
    """The session as this client knows it: two clients cannot compare notes by `sid` either."""
    derived = keys.derive("oidc-sid", session_id.bytes, client.id.bytes)
    return base64.urlsafe_b64encode(derived[:24]).decode()
