"""Who is asking: the session row behind the cookie, as Flask-Login's current user."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import Flask, Request, Response, g, request
from flask_login import LoginManager, UserMixin, current_user

from identity.audit import Actor
from identity.deadlines import today_in_vietnam
from identity.session import find_session
from identity.staff import RoleHeld, roles_of
from portal.database import look_around
from portal.security.cookies import SESSION, read_cookie
from portal.services import now

STAFF = "staff"


@dataclass(frozen=True, slots=True)
class SignedIn(UserMixin):
    """A signed-in account and how strongly it signed in. `aal` is the authentication level 1-4 of Decree 69 Art. 20."""

    account_id: UUID
    person_id: UUID | None
    kind: str
    display_name: str
    session_id: UUID
    auth_time: datetime
    aal: int
    amr: tuple[str, ...]
    roles: tuple[RoleHeld, ...]

    def get_id(self) -> str:
        return str(self.session_id)

    @property
    def is_staff(self) -> bool:
        return self.kind == STAFF

    @property
    def actor(self) -> Actor:
        """As whom this account acts in the audit trail."""
        return Actor(self.account_id, self.roles[0].role if self.roles else "resident")

    def acting_as(self, *roles: str) -> Actor:
        """As whom it acts here, where one of `roles` is what the page needs."""
        held = next((role.role for role in self.roles if role.role in roles), None)
        return Actor(self.account_id, held) if held else self.actor

    def has_role(self, *roles: str) -> bool:
        return any(held.role in roles for held in self.roles)

    def has_country(self, *roles: str) -> bool:
        """Whether it holds one of `roles` for the whole country today."""
        return any(held.role in roles and held.unit_id is None for held in self.roles)

    def units_for(self, *roles: str) -> tuple[UUID, ...]:
        """The units in which it holds one of `roles` today (each with everything below it)."""
        return tuple(held.unit_id for held in self.roles if held.role in roles and held.unit_id is not None)


def me() -> SignedIn | None:
    """The account that asks, or None. Read once a request, never in a transaction that writes."""
    found = current_user._get_current_object()
    return found if isinstance(found, SignedIn) else None


def _load(_request: Request) -> SignedIn | None:
    token = read_cookie(SESSION)
    if not token:
        return None
    moment = now()
    with look_around() as db:
        held = find_session(db, token, now=moment)
        if held is None:
            return None
        roles = roles_of(db, held.account_id, on=today_in_vietnam(moment)) if held.kind == STAFF else []
    g.session_seen_at = held.seen_at
    return SignedIn(
        account_id=held.account_id,
        person_id=held.person_id,
        kind=held.kind,
        display_name=held.display_name,
        session_id=held.session_id,
        auth_time=held.auth_time,
        aal=held.aal,
        amr=tuple(held.amr),
        roles=tuple(roles),
    )


class RowsOnly(LoginManager):
    """Without the library's search in its own cookies, which made every answer, public ones too, vary by cookie."""

    def _load_user(self) -> None:
        self._update_request_context_with_user(_load(request))

    def _update_remember_cookie(self, response: Response) -> Response:
        return response


def init(app: Flask) -> None:
    """Flask-Login reads our session row on each request and keeps nothing of its own."""
    manager = RowsOnly()
    manager.init_app(app, add_context_processor=False)
    app.context_processor(lambda: {"me": me()})
