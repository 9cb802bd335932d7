"""A person before an authorization request: how things stand, and the answer that goes back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, cast
from urllib.parse import urlencode, urlsplit

from sqlalchemy import Table, Uuid, and_, bindparam, select
from sqlalchemy.orm import Session

from identity.account import Account, Act, judge, standing_columns
from identity.base import Refused
from identity.consent import Consent
from identity.oidc.errors import ProtocolError, WayBack
from identity.oidc.grants import give_code
from identity.oidc.prompts import Situation, Visitor
from identity.oidc.provider import Provider
from identity.oidc.request import AuthorizationRequest
from identity.oidc.subjects import Subject, sector_of, subject_for
from identity.sealed import vault


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
    rows = db.execute(_LOOK, _keys(request, visitor, now)).all()
    try:
        judge(vault(db), rows[0], Act.AUTHORIZE, now=now)
    except Refused:
        raise ProtocolError("access_denied", "The account may not be used now", way_back=request.way_back) from None
    given = frozenset(row.item for row in rows if row.item and row.given)
    declined = frozenset(row.item for row in rows if row.item and not row.given)
    missing = (request.items | _offline(request)) - given - declined
    return Situation(request, visitor, rows[0].sub, missing, asked_at, now, is_decided, given)


def _keys(request: AuthorizationRequest, visitor: Visitor, now: datetime) -> dict[str, Any]:
    sector = sector_of(request.client)
    return {"account": visitor.account_id, "client": request.client.id, "sector": sector, "now": now}


def _offline(request: AuthorizationRequest) -> frozenset[str]:
    return frozenset({"offline_access"} & set(request.scopes))


def answer_with_code(
    db: Session, provider: Provider, situation: Situation, given: Iterable[str], *, now: datetime
) -> str:
    """The address to send the person back to, with a code for the items that are `given`."""
    request, visitor = situation.request, situation.visitor
    assert visitor is not None
    sub = situation.subject or subject_for(db, visitor.account_id, request.client)
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


# The gate, the subject and the answers of a person in one statement, built once: it is run for every authorization.
_WHO = bindparam("account", type_=Uuid())
_ACCOUNT = cast(Table, Account.__table__)
_CONSENT = cast(Table, Consent.__table__)
_SUBJECT = cast(Table, Subject.__table__)
_LOOK = (
    select(
        *standing_columns(),
        _CONSENT.c.item,
        _CONSENT.c.given,
        select(_SUBJECT.c.sub)
        .where(_SUBJECT.c.account_id == _WHO, _SUBJECT.c.sector == bindparam("sector"))
        .scalar_subquery()
        .label("sub"),
    )
    .select_from(_ACCOUNT)
    .outerjoin(
        _CONSENT,
        and_(
            _CONSENT.c.account_id == _ACCOUNT.c.id,
            _CONSENT.c.client_id == bindparam("client", type_=Uuid()),
            _CONSENT.c.withdrawn_at.is_(None),
        ),
    )
    .where(_ACCOUNT.c.id == _WHO)
)
