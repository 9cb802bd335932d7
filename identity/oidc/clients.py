"""Relying parties: who they are, where they may be answered, what they may ask (OpenID Connect Registration 1.0)."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, LargeBinary, String, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from identity.audit import SYSTEM, Actor, Event, record
from identity.base import Base, Keyed, Refused
from identity.either_key import same
from identity.oidc.addresses import is_redirect_address, without_port
from identity.oidc.claims import ITEMS, SCOPES
from identity.oidc.client_metadata import ClientMetadata, restored
from identity.oidc.client_metadata import said as metadata_of
from identity.oidc.profiles import PUBLIC, RULES, SECRET_METHODS, Profile, Rules
from identity.oidc.sectors import sector_by
from identity.oidc.suitability import check_metadata
from identity.sealed import vault
from identity.vault import Vault

KEPT_SECONDS = 5.0
"""How long a process may answer from its own copy of a client; account state and consent are never kept."""


class RelyingParty(Keyed, Base):
    """A registered service. Texts shown to people are kept by language tag."""

    __tablename__ = "relying_party"

    client_id: Mapped[str] = mapped_column(String(512), unique=True)
    profile: Mapped[str] = mapped_column(String(16))
    auth_method: Mapped[str] = mapped_column(String(32))
    secret_digest: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    name: Mapped[dict[str, str]] = mapped_column(JSON)
    purpose: Mapped[dict[str, str]] = mapped_column(JSON)
    home: Mapped[str] = mapped_column(String(512))
    contact: Mapped[str] = mapped_column(String(200))
    redirect_uris: Mapped[list[str]] = mapped_column(JSON)
    post_logout_redirect_uris: Mapped[list[str]] = mapped_column(JSON)
    grant_types: Mapped[list[str]] = mapped_column(JSON)
    scopes: Mapped[list[str]] = mapped_column(JSON)
    items: Mapped[dict[str, Any]] = mapped_column(JSON)
    subject_type: Mapped[str] = mapped_column(String(10))
    sector: Mapped[str] = mapped_column(String(253))
    pkce_required: Mapped[bool]
    least_aal: Mapped[int]
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, server_default=text("'{}'"))
    registration_token_digest: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    registered_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Client(ClientMetadata):
    """A relying party as the flow sees it; may be shared between threads."""

    id: UUID
    client_id: str
    profile: Profile
    auth_method: str
    secret_digest: bytes | None
    name: Mapping[str, str]
    purpose: Mapping[str, str]
    home: str
    contact: str
    redirect_uris: tuple[str, ...]
    post_logout_redirect_uris: tuple[str, ...]
    grant_types: tuple[str, ...]
    scopes: tuple[str, ...]
    items: Mapping[str, Mapping[str, Any]]
    """What it may receive: item → {"need": "required" | "optional", "why": {language: words}}."""
    subject_type: str
    sector: str
    pkce_required: bool
    least_aal: int
    registration_token_digest: bytes | None = None

    @property
    def rules(self) -> Rules:
        """What its profile says."""
        return RULES[self.profile]

    def may_be_answered_at(self, address: str) -> bool:
        """An address that equals a registered one, character by character (RFC 9700 section 4.1.3).

        The port alone is left open to a native application that listens on the loopback (RFC 8252 section 7.3).
        """
        if address in self.redirect_uris:
            return True
        is_app = self.application_type == "native" and self.auth_method == PUBLIC
        plain = without_port(address) if is_app else None
        return plain is not None and plain in map(without_port, self.redirect_uris)

    def has_secret(self, keys: Vault, secret: str) -> bool:
        """Whether `secret` is its secret; compared in constant time."""
        presented = keys.digest("client-secret", secret)
        return self.secret_digest is not None and same(self.secret_digest, presented)

    def has_registration_token(self, keys: Vault, token: str) -> bool:
        """Whether `token` speaks for this registration; compared in constant time."""
        presented = keys.digest("registration-token", token)
        kept = self.registration_token_digest
        return kept is not None and same(kept, presented)

    def is_optional(self, item: str) -> bool:
        """Whether the person may leave this item out and still be served."""
        return self.items.get(item, {}).get("need") == "optional"


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration(ClientMetadata):
    """What is said about a new client. `items` empty: everything that its scopes cover, all of it required."""

    client_id: str
    name: Mapping[str, str]
    profile: Profile = Profile.STANDARD
    auth_method: str = "client_secret_basic"
    purpose: Mapping[str, str] = field(default_factory=dict)
    home: str = ""
    contact: str = ""
    redirect_uris: tuple[str, ...] = ()
    post_logout_redirect_uris: tuple[str, ...] = ()
    grant_types: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ("openid",)
    items: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    subject_type: str = "pairwise"
    sector: str = ""
    pkce_required: bool = True
    least_aal: int = 2


def register(
    db: Session, said: Registration, *, now: datetime, actor: Actor = SYSTEM, secret: str | None = None
) -> tuple[Client, str | None]:
    """Register a client; returns it with its secret, which is shown once and kept as a keyed hash only."""
    check_registration(said)
    if db.scalar(select(RelyingParty.id).where(RelyingParty.client_id == said.client_id)) is not None:
        raise Refused("client-id-taken", field="client_id")
    row = RelyingParty(client_id=said.client_id, registered_at=now)
    secret = _write(db, row, said, secret)
    db.add(row)
    db.flush()
    record(db, Event.CLIENT_REGISTERED, actor, now=now, subject=("client", row.id), client=said.client_id)
    return client_of(row), secret


def change(
    db: Session, client: Client, said: Registration, *, now: datetime, actor: Actor = SYSTEM
) -> tuple[Client, str | None]:
    """Replace what is said about a client; a secret is made, and returned, only when it has none yet and needs one."""
    check_registration(said)
    row = db.get_one(RelyingParty, client.id)
    secret = _write(db, row, said, None)
    record(db, Event.CLIENT_CHANGED, actor, now=now, subject=("client", row.id), client=row.client_id)
    return client_of(row), secret


def close(db: Session, client_id: str, *, now: datetime, actor: Actor = SYSTEM) -> bool:
    """End a client: nothing is answered to it any more, and what it holds counts no longer. False if there is none."""
    row = db.scalar(select(RelyingParty).where(RelyingParty.client_id == client_id, RelyingParty.closed_at.is_(None)))
    if row is None:
        return False
    row.closed_at = now
    record(db, Event.CLIENT_CLOSED, actor, now=now, subject=("client", row.id), client=client_id)
    return True


def give_registration_token(db: Session, client: Client) -> str:
    """The token with which the client may read and change its registration; the one before it is worth nothing."""
    token = secrets.token_urlsafe(32)
    db.get_one(RelyingParty, client.id).registration_token_digest = vault(db).digest("registration-token", token)
    return token


def _write(db: Session, row: RelyingParty, said: Registration, secret: str | None) -> str | None:
    """Set the columns; returns the secret if one is new."""
    rules = RULES[said.profile]
    row.profile, row.auth_method = said.profile.value, said.auth_method
    row.name, row.purpose, row.home, row.contact = dict(said.name), dict(said.purpose), said.home, said.contact
    row.redirect_uris, row.grant_types = list(said.redirect_uris), list(said.grant_types or rules.grants)
    row.post_logout_redirect_uris, row.scopes = list(said.post_logout_redirect_uris), list(said.scopes)
    row.items = {name: dict(said.items.get(name, {"need": "required"})) for name in _items_of(said)}
    row.subject_type, row.sector = said.subject_type, sector_by(said, said.sector)
    row.pkce_required = said.pkce_required or rules.pkce == "always" or said.auth_method == PUBLIC
    row.least_aal, row.details = said.least_aal, metadata_of(said)
    if said.auth_method not in SECRET_METHODS:
        row.secret_digest, secret = None, None
    elif row.secret_digest is None:
        secret = secret or secrets.token_urlsafe(32)
        row.secret_digest = vault(db).digest("client-secret", secret)
    return secret


def check_registration(said: Registration) -> None:
    """Refused `client-…`: what the profile does not allow, or an address that no answer may go to."""
    rules = RULES[said.profile]
    if not said.client_id.isascii() or not said.client_id.isprintable() or not 1 <= len(said.client_id) <= 512:
        raise Refused("client-id-invalid", field="client_id")
    if said.auth_method not in rules.auth_methods:
        raise Refused("client-auth-method-invalid", field="token_endpoint_auth_method")
    if not set(said.grant_types) <= set(rules.grants):
        raise Refused("client-grant-invalid", field="grant_types")
    signs_in = "authorization_code" in rules.grants
    if signs_in and (not said.redirect_uris or not set(said.scopes) <= SCOPES.keys()):
        raise Refused("client-scope-invalid", field="scope" if said.redirect_uris else "redirect_uris")
    for member in ("redirect_uris", "post_logout_redirect_uris"):
        for address in getattr(said, member):
            if not is_redirect_address(address, said.application_type):
                raise Refused("client-address-invalid", field=member, address=address)
    check_metadata(said, rules, said.auth_method)
    sector_by(said, said.sector)


class Directory:
    """Clients by `client_id`, each kept for a few seconds so that a flow reads it once a process, not once a step."""

    MOST = 10_000

    def __init__(self) -> None:
        self._kept: dict[str, tuple[float, Client]] = {}

    def kept(self, client_id: str) -> Client | None:
        """The open client of this id, if it was read a moment ago."""
        kept = self._kept.get(client_id)
        return kept[1] if kept is not None and kept[0] > time.monotonic() else None

    def find(self, db: Session, client_id: str) -> Client | None:
        """The open client of this id."""
        kept = self.kept(client_id)
        if kept is not None:
            return kept
        if not client_id.isascii() or not client_id.isprintable() or len(client_id) > 512:
            return None
        found = find_client(db, client_id)
        if found is not None:
            if len(self._kept) >= self.MOST:
                self._kept.clear()
            self._kept[client_id] = (time.monotonic() + KEPT_SECONDS, found)
        return found

    def forget(self, client_id: str) -> None:
        """Read this client anew next time: it has just been changed here."""
        self._kept.pop(client_id, None)


def find_client(db: Session, client_id: str) -> Client | None:
    """The open client of this id, from the database."""
    row = db.scalar(select(RelyingParty).where(RelyingParty.client_id == client_id, RelyingParty.closed_at.is_(None)))
    return None if row is None else client_of(row)


def client_names(db: Session) -> dict[UUID, Mapping[str, str]]:
    """The names of all clients by key, for lists of consents."""
    return {row.id: row.name for row in db.execute(select(RelyingParty.id, RelyingParty.name))}


def client_of(row: RelyingParty) -> Client:
    """The client of this row."""
    return Client(
        id=row.id,
        client_id=row.client_id,
        profile=Profile(row.profile),
        auth_method=row.auth_method,
        secret_digest=row.secret_digest,
        name=row.name,
        purpose=row.purpose,
        home=row.home,
        contact=row.contact,
        redirect_uris=tuple(row.redirect_uris),
        post_logout_redirect_uris=tuple(row.post_logout_redirect_uris),
        grant_types=tuple(row.grant_types),
        scopes=tuple(row.scopes),
        items=row.items,
        subject_type=row.subject_type,
        sector=row.sector,
        pkce_required=row.pkce_required,
        least_aal=row.least_aal,
        registration_token_digest=row.registration_token_digest,
        **restored(row.details),
    )


def _items_of(said: Registration) -> list[str]:
    covered = [name for name, item in ITEMS.items() if item.scope in said.scopes]
    return [name for name in covered if name in said.items] if said.items else covered
