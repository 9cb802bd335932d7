"""What became of a person who was helped, as the system knows it and no helper can claim it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Subquery, case, func, select
from sqlalchemy.orm import Session, aliased

from identity.account import Account
from identity.helping.consent import HelpConsent
from identity.oidc.meetings import ClientSession
from identity.session import SignInSession


@dataclass(frozen=True, slots=True)
class Outcome:
    """When the account was issued, activated and first used: a sign-in after the activation itself, or a service."""

    issued_at: datetime | None
    activated_at: datetime | None
    used_at: datetime | None


def outcomes() -> Subquery:
    """Rows (pseudonym, issued_at, activated_at, used_at) to join with records of help; no person in them."""
    came_back = SignInSession.created_at > Account.activated_at
    used_at = (
        select(func.min(case((came_back, SignInSession.created_at), else_=ClientSession.first_at)))
        .outerjoin(ClientSession, ClientSession.session_id == SignInSession.id)
        .where(SignInSession.account_id == Account.id)
        .scalar_subquery()
    )
    return (
        select(
            HelpConsent.pseudonym,
            Account.issued_at,
            Account.activated_at,
            used_at.label("used_at"),
        )
        .join(Account, Account.person_id == HelpConsent.person_id)
        .where(HelpConsent.pseudonym.is_not(None), Account.kind == "resident")
        .subquery("outcome")
    )


@dataclass(frozen=True, slots=True)
class Known:
    """What a statement knows of whoever a pseudonym leads to; `is_known` where it leads to an account."""

    is_known: ColumnElement[bool]
    activated_at: Any


def beside_outcome(query: Any, pseudonym: Any) -> tuple[Any, Known]:
    """The query with what is known beside each row; rows whose pseudonym leads to nobody stay.

    Two outer joins of tables: for one with `outcomes` SQLite makes all of it first, whatever rows are asked for.
    """
    consent, account = aliased(HelpConsent), aliased(Account)
    theirs = (account.person_id == consent.person_id) & (account.kind == "resident")
    joined = query.outerjoin(consent, consent.pseudonym == pseudonym).outerjoin(account, theirs)
    return joined, Known(account.id.is_not(None), account.activated_at)


def outcome_of(db: Session, pseudonym: bytes) -> Outcome | None:
    """The outcome of one pseudonym; None when the consent was withdrawn or no account exists."""
    rows = outcomes()
    found = db.execute(
        select(rows.c.issued_at, rows.c.activated_at, rows.c.used_at).where(rows.c.pseudonym == pseudonym)
    ).one_or_none()
    return None if found is None else Outcome(*found)
