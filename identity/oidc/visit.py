"""A person before an authorization request: how things stand, and the answer that goes back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast
from urllib.parse import urlencode, urlsplit

from sqlalchemy import Table, Uuid, and_, bindparam, select
from sqlalchemy.orm import Session

from identity.account import Account, Act, judge, standing_columns
from identity.base import Refused
from identity.consent import Consent
from identity.oidc import pushed
from identity.oidc.errors import ProtocolError, WayBack
from identity.oidc.grants import OFFLINE, give_code
from identity.oidc.guardian_check import waits_for_guardian
from identity.oidc.prompts import Situation, Visitor
from identity.oidc.provider import Provider
from identity.oidc.purpose import is_for_this
from identity.oidc.request import AuthorizationRequest
from identity.oidc.subjects import Subject, sector_of, subject_for
from identity.sealed import vault
from identity.statements import Look


def look(
    db: Session,
    request: AuthorizationRequest,
    visitor: Visitor | None,
    *,
    asked_at: datetime | None,
    now: datetime,
    is_decided: bool = False,
    is_chosen: bool = False,
) -> Situation:
    """Everything that decides what comes next. `ProtocolError` access_denied when the gate refuses the account."""
    if visitor is None:
        return Situation(request, None, None, frozenset(), asked_at, now)
    rows = _LOOK.all(db, **_keys(request, visitor, now))
    try:
        judge(vault(db), rows[0], Act.AUTHORIZE, now=now)
    except Refused:
        raise ProtocolError("access_denied", "The account may not be used now", way_back=request.way_back) from None
    answers = [row for row in rows if row.item and is_for_this(request.client, row.item, row.words)]
    given = frozenset(row.item for row in answers if row.given)
    declined = frozenset(row.item for row in answers if not row.given)
    missing = (request.items | _offline(request)) - given - declined
    return Situation(
        request,
        visitor,
        subject=rows[0].sub,
        missing_items=missing,
        asked_at=asked_at,
        now=now,
        is_decided=is_decided,
        is_chosen=is_chosen,
        given=given,
        waits_for_guardian=waits_for_guardian(db, rows[0], visitor.session_id, request.client.id, now=now),
    )


def _keys(request: AuthorizationRequest, visitor: Visitor, now: datetime) -> dict[str, Any]:
    sector = sector_of(request.client)
    return {"account": visitor.account_id, "client": request.client.id, "sector": sector, "now": now}


def _offline(request: AuthorizationRequest) -> frozenset[str]:
    return frozenset({"offline_access"} & set(request.scopes))


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back to the client: parameters for the way back, in the mode that the way back has."""

    way_back: WayBack
    parameters: dict[str, str]

    @property
    def address(self) -> str:
        """The redirect address with the answer after any query of its own."""
        joint = "&" if urlsplit(self.way_back.redirect_uri).query else "?"
        return f"{self.way_back.redirect_uri}{joint}{urlencode(self.parameters)}"


def answer_with_code(
    db: Session, provider: Provider, situation: Situation, given: Iterable[str], *, now: datetime, once: bool = False
) -> Answer:
    """A code for the items that are `given`. A pushed request is used up first: it buys one code.

    What is given `once` ends with the first access to it: nothing goes on after that, and nothing without the person.
    """
    request, visitor = situation.request, situation.visitor
    assert visitor is not None
    use_up(db, request, now=now)
    sub = situation.subject or subject_for(db, visitor.account_id, request.client)
    lives = provider.lifetimes
    if once:
        given, lives = set(given) - {OFFLINE}, replace(lives, online=lives.access_token)
    code = give_code(db, request, visitor, sub=sub, given=given, lifetimes=lives, now=now)
    return _answer(request.way_back, provider.issuer, code=code)


def use_up(db: Session, request: AuthorizationRequest, *, now: datetime) -> None:
    """`ProtocolError` invalid_request_uri when the pushed request has been answered before."""
    if request.origin.row is not None and not pushed.redeem(db, request.origin.row, now=now):
        words = "The request_uri was used before"
        raise ProtocolError("invalid_request_uri", words, rule=pushed.RULE, way_back=request.way_back)


def answer_with_error(way_back: WayBack, issuer: str, error: ProtocolError) -> Answer:
    """An error; no description ever repeats what was sent."""
    return _answer(way_back, issuer, error=str(error.error), error_description=str(error.description))


def _answer(way_back: WayBack, issuer: str, **parameters: str) -> Answer:
    """With the state of the request, and who answers (RFC 9207)."""
    state = {} if way_back.state is None else {"state": way_back.state}
    return Answer(way_back, {**parameters, **state, "iss": issuer})


# The gate, the subject and the answers of a person in one statement, built once: it is run for every authorization.
_WHO = bindparam("account", type_=Uuid())
_ACCOUNT = cast(Table, Account.__table__)
_CONSENT = cast(Table, Consent.__table__)
_SUBJECT = cast(Table, Subject.__table__)
_LOOK = Look(
    select(
        *standing_columns(),
        _CONSENT.c.item,
        _CONSENT.c.given,
        _CONSENT.c.words,
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
