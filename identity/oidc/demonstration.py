"""The services of a demonstration: a platform that people sign in to, and a machine that asks for itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from identity.oidc.clients import Profile, Registration, register

PLATFORM = Registration(
    client_id="civil-judgment-enforcement",
    name={
        "vi": "Nền tảng số thi hành án dân sự (minh hoạ)",
        "en": "Civil judgment enforcement platform (demonstration)",
    },
    purpose={"vi": "tra cứu hồ sơ thi hành án của bạn", "en": "looking up your enforcement files"},
    contact="hotro@thihanhan.example",
    scopes=("openid", "profile", "identity", "phone", "offline_access"),
    items={
        "name": {"need": "required"},
        "birthdate": {"need": "required"},
        "nationality": {"need": "required"},
        "identity_number": {
            "need": "required",
            "why": {"vi": "Để tìm đúng hồ sơ của bạn", "en": "To find the files that are yours"},
        },
        "ial": {"need": "required"},
        "phone_number": {
            "need": "optional",
            "why": {"vi": "Để báo cho bạn khi hồ sơ có tiến triển", "en": "To tell you when a file moves on"},
        },
        "offline_access": {"need": "optional"},
    },
)
MACHINE = Registration(
    client_id="enforcement-statistics",
    name={"vi": "Thống kê thi hành án (minh hoạ)", "en": "Enforcement statistics (demonstration)"},
    profile=Profile.MACHINE,
    scopes=("statistics:read",),
)


def register_demonstration(db: Session, *, relying_party: str, now: datetime) -> list[dict[str, Any]]:
    """Register both; the answer is `clients` of `var/demo.json`. `relying_party` is the address of the platform."""
    platform = replace(
        PLATFORM,
        home=relying_party,
        redirect_uris=(f"{relying_party}/callback",),
        post_logout_redirect_uris=(f"{relying_party}/",),
        sector="thihanhan.example",
    )
    return [_registered(db, said, now=now) for said in (platform, MACHINE)]


def _registered(db: Session, said: Registration, *, now: datetime) -> dict[str, Any]:
    client, secret = register(db, said, now=now)
    return {
        "client_id": client.client_id,
        "client_secret": secret,
        "auth_method": client.auth_method,
        "redirect_uris": list(client.redirect_uris),
        "post_logout_redirect_uris": list(client.post_logout_redirect_uris),
        "scopes": list(client.scopes),
        "profile": client.profile.value,
    }
