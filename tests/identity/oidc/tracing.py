"""From each token in the database back to what it follows from; what cannot be traced is named."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.audit import AuditEvent, Event
from identity.consent import Consent
from identity.oidc.grants import Grant
from identity.oidc.refresh import RefreshToken
from identity.oidc.tokens import AccessToken


def untraceable(db: Session) -> list[str]:
    """Tokens without a grant or a word in the trail, and grants of items to which nobody had agreed by then."""
    grants = {grant.id: grant for grant in db.scalars(select(Grant))}
    events = {
        (event.name, event.subject_id, event.facts.get("client"), event.at) for event in db.scalars(select(AuditEvent))
    }
    consents = db.scalars(select(Consent).where(Consent.given)).all()
    found = [f"grant: {item} without consent" for grant in grants.values() for item in _unagreed(grant, consents)]
    for grant in grants.values():
        if (Event.CODE_ISSUED, grant.account_id, str(grant.client_id), grant.created_at) not in events:
            found.append("grant: no word of its code")
    for token in db.scalars(select(AccessToken)):
        owner = grants[token.grant_id].account_id if token.grant_id else token.client_id
        if (Event.TOKENS_ISSUED, owner, str(token.client_id), token.issued_at) not in events:
            found.append("access token: no word of it")
    for one in db.scalars(select(RefreshToken)):
        if (Event.TOKENS_ISSUED, grants[one.grant_id].account_id, str(one.client_id), one.issued_at) not in events:
            found.append("refresh token: no word of it")
    return found


def _unagreed(grant: Grant, consents: list[Consent]) -> set[str]:
    """What a grant releases and the person had not agreed to when its code was given."""
    agreed = {
        one.item
        for one in consents
        if (one.account_id, one.client_id) == (grant.account_id, grant.client_id)
        and one.answered_at <= grant.created_at
        and (one.withdrawn_at is None or one.withdrawn_at >= grant.created_at)
    }
    offline = {"offline_access"} & set(grant.scope.split())
    return ({*grant.userinfo_items, *grant.id_token_items} | offline) - agreed
