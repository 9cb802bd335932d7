"""The roles that there are, and the row of one that is held."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from identity.base import Base, Keyed


class RoleName(StrEnum):
    """Every role there is (product: who uses it)."""

    RECEIVING_OFFICER = "receiving_officer"
    APPROVING_OFFICER = "approving_officer"
    SUPERVISOR = "supervisor"
    MEMBER = "member"
    LEAD = "lead"
    COORDINATOR = "coordinator"
    LEADER = "leader"
    OPERATOR = "operator"
    AUDITOR = "auditor"
    RP_DEVELOPER = "rp_developer"
    HOTLINE_AGENT = "hotline_agent"
    DATA_PROTECTION_OFFICER = "data_protection_officer"


EVERYWHERE = frozenset(
    {
        RoleName.OPERATOR,
        RoleName.AUDITOR,
        RoleName.RP_DEVELOPER,
        RoleName.HOTLINE_AGENT,
        RoleName.DATA_PROTECTION_OFFICER,
    }
)
"""Roles that look after the portal itself: held without a unit, and all others in one. Nothing they see has a unit, so
that one would bound nothing."""
FOR_THE_COUNTRY = frozenset({RoleName.COORDINATOR, RoleName.LEADER})
"""Roles held in a unit, or without one for the whole country: they aim and follow there, and do no work of a team."""


class Role(Keyed, Base):
    """One role of one account. `unit_id` NULL: the whole portal (the roles of `EVERYWHERE`) or country."""

    __tablename__ = "staff_role"
    __table_args__ = (Index(None, "account_id", "valid_from"),)

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    role: Mapped[str] = mapped_column(String(40))
    unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("unit.id"), index=True)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    given_by_id: Mapped[UUID | None]
    given_at: Mapped[datetime]
    confirmed_by_id: Mapped[UUID | None]
    """The second operator; none where the role needs none (`duties.OF_TWO_OPERATORS`)."""
    confirmed_at: Mapped[datetime | None]
    """Before this the role gives nothing."""
