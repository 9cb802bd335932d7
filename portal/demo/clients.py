"""Relying parties of the demonstration: one that people sign in to, a machine, and three of the FAPI 2.0 profile."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from joserfc.jwk import ECKey, Key, RSAKey
from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.oidc.clients import Registration, RelyingParty, register
from identity.oidc.profiles import Profile

CASES, MACHINE = "minh-hoa-thi-hanh-an", "minh-hoa-may"
SERVICES, HEALTH, INSURANCE = "minh-hoa-dich-vu-cong", "minh-hoa-y-te", "minh-hoa-bao-hiem"
CERTIFICATE_LIFE = timedelta(days=3650)


@dataclass(frozen=True, slots=True)
class KnownClient:
    """One client of var/demo.json. `own` is what only the client itself knows: a secret or its private keys."""

    registration: Registration
    own: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        said = self.registration
        return {
            "client_id": said.client_id,
            **self.own,
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
            initiate_login_uri=f"{relying_party}/start",
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
        *_bound(relying_party),
    ]


def _bound(relying_party: str) -> list[Registration]:
    """Clients with keys of their own, whose tokens are bound: two by DPoP, one by its certificate."""
    names = {
        SERVICES: {"vi": "Cổng dịch vụ công (minh hoạ)", "en": "Public services portal (demonstration)"},
        HEALTH: {"vi": "Hồ sơ sức khoẻ (minh hoạ)", "en": "Health record (demonstration)"},
        INSURANCE: {"vi": "Bảo hiểm xã hội (minh hoạ)", "en": "Social insurance (demonstration)"},
    }
    usual = Registration(
        client_id="",
        name={},
        profile=Profile.FAPI2,
        auth_method="private_key_jwt",
        purpose={"vi": "Làm thủ tục cho ông/bà", "en": "Handle your request"},
        home=f"{relying_party}/",
        contact="minh-hoa@example.org",
        redirect_uris=(f"{relying_party}/callback",),
        post_logout_redirect_uris=(f"{relying_party}/",),
        scopes=("openid", "profile", "identity", "phone", "offline_access"),
        dpop_bound_access_tokens=True,
    )
    by_certificate: dict[str, Any] = {
        "auth_method": "self_signed_tls_client_auth",
        "dpop_bound_access_tokens": False,
        "tls_client_certificate_bound_access_tokens": True,
    }
    return [
        replace(usual, client_id=client_id, name=name, **(by_certificate if client_id == INSURANCE else {}))
        for client_id, name in names.items()
    ]


def register_clients(db: Session, relying_party: str, *, now: datetime) -> list[KnownClient]:
    """Register all of them with fresh secrets and keys."""
    return [_registered(db, said, now=now) for said in registrations(relying_party)]


def settle_clients(
    db: Session, known: list[dict[str, Any]], relying_party: str, *, now: datetime
) -> list[dict[str, Any]]:
    """The clients for var/demo.json when the world was made before: moved along with the relying party (PORT changed),
    and those that have joined since."""
    before = {str(client["client_id"]): client for client in known}
    return [
        {**before[said.client_id], **_moved(db, said)}
        if said.client_id in before
        else _registered(db, said, now=now).as_json()
        for said in registrations(relying_party)
    ]


def _moved(db: Session, said: Registration) -> dict[str, Any]:
    row = db.scalars(select(RelyingParty).where(RelyingParty.client_id == said.client_id)).one()
    row.redirect_uris = list(said.redirect_uris)
    row.post_logout_redirect_uris, row.home = list(said.post_logout_redirect_uris), said.home
    if said.initiate_login_uri is not None:
        row.details = {**row.details, "initiate_login_uri": said.initiate_login_uri}
    return KnownClient(said).as_json()


def _registered(db: Session, said: Registration, *, now: datetime) -> KnownClient:
    if said.profile is not Profile.FAPI2:
        _client, secret = register(db, said, now=now)
        return KnownClient(said, {"client_secret": secret})
    key: Key = RSAKey.generate_key(2048) if said.client_id == HEALTH else ECKey.generate_key("P-256")
    extra = {"kid": key.thumbprint(), "use": "sig", "alg": "PS256" if said.client_id == HEALTH else "ES256"}
    public, own = {**key.as_dict(private=False), **extra}, {}
    if said.client_id == INSURANCE:
        certificate = _certificate(key, said.client_id, now=now)
        public["x5c"] = [base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()]
        own = {"certificate": certificate.public_bytes(Encoding.PEM).decode()}
    register(db, replace(said, jwks={"keys": [public]}), now=now)
    return KnownClient(said, {**own, "jwks_private": {"keys": [{**key.as_dict(private=True), **extra}]}})


def _certificate(key: Key, name: str, *, now: datetime) -> x509.Certificate:
    """Self-signed: the client registers the certificate itself (RFC 8705 section 2.2)."""
    pair = key.raw_value
    assert isinstance(pair, ec.EllipticCurvePrivateKey)
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    made = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(pair.public_key())
    made = made.serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
    return made.not_valid_after(now + CERTIFICATE_LIFE).sign(pair, SHA256())
