"""A resident, a service and a signed-in browser, made by the domain's own verbs."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from identity import consent
from identity.account import Account, AccountState, create_account
from identity.audit import Actor
from identity.evidence import EvidenceKind, add_evidence
from identity.oidc import grants, refresh, tokens
from identity.oidc.clients import Client, Registration, register
from identity.oidc.grants import Bought
from identity.oidc.prompts import Visitor
from identity.oidc.provider import Lifetimes
from identity.oidc.request import AuthorizationRequest, read
from identity.oidc.subjects import subject_for
from identity.person import Person, add_person, set_foreigner_number, set_personal_number
from identity.session import Opened, open_session
from identity.writing import write_together

CALLBACK = "https://service.example/callback"
SECRET = "the secret of the service, long enough"
VERIFIER = "a-verifier-of-forty-three-characters-or-more"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
LEVEL_2 = (
    EvidenceKind.REGISTER,
    EvidenceKind.CITIZEN_CARD,
    EvidenceKind.PASSPORT,
    EvidenceKind.RESIDENCE_CARD,
    EvidenceKind.IN_PERSON,
    EvidenceKind.BIOMETRICS,
)


def a_resident(db: Session, *, now: datetime, login: str = "001158012345", foreign: bool = False) -> Account:
    """An active account of a person at level 2."""
    person = Person(
        kind="foreigner" if foreign else "citizen",
        sex="F",
        nationality="KOR" if foreign else "VNM",
        age_band="60-and-over",
        created_at=now,
    )
    name = "KIM MINJI" if foreign else "NGUYỄN THỊ ÁNH NGUYỆT"
    add_person(db, person, full_name=name, birth_date=date(1958, 9, 2), phone="+84912345214")
    (set_foreigner_number if foreign else set_personal_number)(db, person, login)
    person.address = "12 Hàng Bạc, phường Hoàn Kiếm, Hà Nội"
    db.flush()
    for kind in LEVEL_2:
        add_evidence(db, person.id, kind, now=now)
    account = create_account(
        db, "resident", login, person_id=person.id, display_name=name, now=now, state=AccountState.ACTIVE
    )
    db.flush()
    return account


def a_service(db: Session, *, now: datetime, **said: Any) -> Client:
    """A `standard` client with the secret `SECRET`."""
    values: dict[str, Any] = {
        "client_id": "a-service",
        "name": {"vi": "Dịch vụ thử", "en": "A test service"},
        "purpose": {"vi": "thử đăng nhập", "en": "to try signing in"},
        "contact": "help@service.example",
        "redirect_uris": (CALLBACK,),
        "post_logout_redirect_uris": ("https://service.example/",),
        "scopes": ("openid", "profile", "phone", "identity", "address", "offline_access"),
        "items": {
            **{name: {"need": "required"} for name in ("name", "birthdate", "identity_number", "ial")},
            "phone_number": {"need": "optional", "why": {"vi": "Để gọi lại", "en": "To call you back"}},
            "offline_access": {"need": "optional"},
        },
    }
    client, _secret = register(db, Registration(**{**values, **said}), now=now, secret=SECRET)
    return client


def signed_in(db: Session, account: Account, *, now: datetime, aal: int = 2) -> Opened:
    """A session as sign-in with a second factor leaves it."""
    amr = ("pwd", "otp", "mfa") if aal >= 2 else ("pwd",)
    return open_session(db, account, amr, aal, now=now)


def visitor_of(account: Account, opened: Opened, *, now: datetime, aal: int = 2) -> Visitor:
    assert account.person_id is not None
    return Visitor(account.id, account.person_id, opened.session_id, now, aal, ("pwd", "otp", "mfa"))


def agreed(db: Session, account: Account, client: Client, *items: str, now: datetime) -> None:
    """Consent to these items, or to everything the client may have."""
    wanted = items or tuple(client.items)
    yes = dict.fromkeys(wanted, True)
    consent.answer(db, account.id, client.id, yes, {}, actor=Actor(account.id, "resident"), now=now)


def wish(**changes: str) -> dict[str, str]:
    """The parameters of a usual authorization request; an empty value leaves one out."""
    usual = {
        "client_id": "a-service",
        "redirect_uri": CALLBACK,
        "response_type": "code",
        "scope": "openid profile",
        "state": "a state",
        "nonce": "a nonce",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    return {name: value for name, value in {**usual, **changes}.items() if value}


def asking(client: Client, parameters: Mapping[str, Any] | None = None, **changes: str) -> AuthorizationRequest:
    """The parsed request."""
    sent = parameters or {name: [value] for name, value in wish(**changes).items()}
    return read(sent, find_client={client.client_id: client}.get, read_id_token=lambda _token: None)


def a_code(db: Session, account: Account, client: Client, *, now: datetime, **changes: str) -> tuple[str, UUID]:
    """A code for everything that was asked, and the session behind it."""
    opened = signed_in(db, account, now=now)
    request = asking(client, **changes)
    code = grants.give_code(
        db,
        request,
        visitor_of(account, opened, now=now),
        sub=subject_for(db, account.id, client),
        given=request.items | {"offline_access"},
        lifetimes=Lifetimes(),
        now=now,
    )
    return code, opened.session_id


def a_refresh_token(db: Session, client: Client, bought: Bought, *, now: datetime) -> str:
    """The first refresh token of a grant, as the token endpoint leaves it."""
    token, row = refresh.make_first(db, client, bought, now=now)
    write_together(db, row)
    return token


def an_access_token(db: Session, client: Client, bought: Bought, *, now: datetime, life: timedelta) -> str:
    """An access token of a grant for our own endpoints."""
    token, row = tokens.make(db, client.id, tokens.Terms(bought.scope, life, bought.id), now=now)
    write_together(db, row)
    return token
