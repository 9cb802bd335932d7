"""A person before an authorization request: how things stand, and the answer that goes back."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlencode, urlsplit

from sqlalchemy.orm import Session

from identity import consent
from identity.account import Act, check_may
from identity.base import Refused
from identity.oidc.errors import ProtocolError, WayBack
from identity.oidc.grants import give_code
from identity.oidc.prompts import Situation, Visitor
from identity.oidc.provider import Provider
from identity.oidc.request import AuthorizationRequest
from identity.oidc.subjects import find_subject, subject_for


def look(
    db: Session,
    request: AuthorizationRequest,
    visitor: Visitor | None,
    *,
    asked_at: datetime | None,
    now: datetime,
    is_decided: bool = False,
) -> Situation:
    """Everything that decides what comes next. `ProtocolError` access_denied when the gate refuses the account."""
    if visitor is None:
        return Situation(request, None, None, frozenset(), asked_at, now)
    try:
        check_may(db, visitor.account_id, Act.AUTHORIZE, now=now)
    except Refused:
        raise ProtocolError("access_denied", "The account may not be used now", way_back=request.way_back) from None
    subject = find_subject(db, visitor.account_id, request.client)
    missing = consent.answers(db, visitor.account_id, request.client.id).missing(request.items | _offline(request))
    return Situation(request, visitor, subject, missing, asked_at, now, is_decided)


def _offline(request: AuthorizationRequest) -> frozenset[str]:
    return frozenset({"offline_access"} & set(request.scopes))


def answer_with_code(
    db: Session, provider: Provider, request: AuthorizationRequest, visitor: Visitor, *, now: datetime
) -> str:
    """The address to send the person back to, with a code."""
    given = consent.given(db, visitor.account_id, request.client.id)
    sub = subject_for(db, visitor.account_id, request.client)
    code = give_code(db, request, visitor, sub=sub, given=given, lifetimes=provider.lifetimes, now=now)
    return address_back(request.way_back, provider.issuer, code=code)


def address_with_error(way_back: WayBack, issuer: str, error: ProtocolError) -> str:
    """The address to send the person back to, with an error."""
    return address_back(way_back, issuer, error=str(error.error), error_description=str(error.description))


def address_back(way_back: WayBack, issuer: str, **answer: str) -> str:
    """The redirect address with the answer, its state, and who answers (RFC 9207), after any query of its own."""
    parameters = dict(answer)
    if way_back.state is not None:
        parameters["state"] = way_back.state
    parameters["iss"] = issuer
    joint = "&" if urlsplit(way_back.redirect_uri).query else "?"
    return f"{way_back.redirect_uri}{joint}{urlencode(parameters)}"
