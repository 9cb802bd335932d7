"""The accounts with which a person works here, as far as the portal knows: tied to the person, or declared as "self".

Staff sign in with accounts of their own, apart from their e-ID. Whoever declares "this is me" on a file or by number
(`identity.application.conflicts`) is known by it.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Select, or_, select

from identity.account import Account, Kind
from identity.application import Application
from identity.application.ties import Conflict

SELF = "self"


def staff_accounts_of(person_id: UUID) -> Select[UUID]:
    """Their ids, for a larger statement."""
    own_files = select(Application.number_index).where(Application.person_id == person_id)
    declared = select(Conflict.officer_id).where(Conflict.tie == SELF, Conflict.number_index.in_(own_files))
    mine = or_(Account.person_id == person_id, Account.id.in_(declared))
    return select(Account.id).where(mine, Account.kind == Kind.STAFF)
