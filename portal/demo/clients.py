"""Relying parties of the demonstration: one that people sign in to, one machine, one for load tools."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.oidc.clients import Profile, Registration, RelyingParty, register

CASES, MACHINE = "minh-hoa-thi-hanh-an", "minh-hoa-may"


@dataclass(frozen=True, slots=True)
class KnownClient:
    """One client of var/demo.json."""

    registration: Registration
    secret: str

    def as_json(self) -> dict[str, object]:
        said = self.registration
        return {
            "client_id": said.client_id,
            "client_secret": self.secret,
            "auth_method": said.auth_method,
            "redirect_uris": list(said.redirect_uris),
            "post_logout_redirect_uris": list(said.post_logout_redirect_uris),
            "scopes": list(said.scopes),
            "profile": said.profile.value,
        }


def registrations(relying_party: str) -> list[Registration]:
    """What is registered, for a relying party at this address."""
    return [
        Registration(
            client_id=CASES,
            name={
                "vi": "Nền tảng số thi hành án dân sự (minh hoạ)",
                "en": "Civil judgment enforcement platform (demonstration)",
            },
            purpose={"vi": "Tra cứu hồ sơ thi hành án của ông/bà", "en": "Look up your case files"},
            home=f"{relying_party}/",
            contact="minh-hoa@example.org",
            redirect_uris=(f"{relying_party}/callback",),
            post_logout_redirect_uris=(f"{relying_party}/",),
            scopes=("openid", "profile", "identity", "phone", "offline_access"),
            items={
                "name": {"need": "required"},
                "birthdate": {"need": "required"},
                "identity_number": {"need": "required"},
                "ial": {"need": "required"},
                "nationality": {"need": "optional"},
                "phone_number": {"need": "optional", "why": {"vi": "Để nhắn lịch hẹn", "en": "To send appointments"}},
                "offline_access": {"need": "optional"},
            },
        ),
        Registration(
            client_id=MACHINE,
            name={"vi": "Hệ thống tự động (minh hoạ)", "en": "A machine (demonstration)"},
            profile=Profile.MACHINE,
            scopes=("statistics",),
            subject_type="public",
        ),
    ]


def register_clients(db: Session, relying_party: str, *, now: datetime) -> list[KnownClient]:
    """Register all of them with fresh secrets."""
    known = []
    for said in registrations(relying_party):
        _client, secret = register(db, said, now=now)
        known.append(KnownClient(said, secret or ""))
    return known


def move_clients(db: Session, known: list[dict[str, object]], relying_party: str) -> list[dict[str, object]]:
    """The relying party answers at another address now (PORT changed); returns the clients for var/demo.json."""
    moved = []
    said = {registration.client_id: registration for registration in registrations(relying_party)}
    for client in known:
        there = said[str(client["client_id"])]
        row = db.scalars(select(RelyingParty).where(RelyingParty.client_id == there.client_id)).one()
        row.redirect_uris = list(there.redirect_uris)
        row.post_logout_redirect_uris, row.home = list(there.post_logout_redirect_uris), there.home
        moved.append({**client, **KnownClient(there, str(client["client_secret"])).as_json()})
    return moved
