"""Community digital technology teams: a team belongs to a unit, its members are appointed for a span of days.

A team is founded by a decision of the commune (Official Letter 793/BTTTT-THH). Days are Vietnamese days; `valid_to` is
the first day on which it no longer holds, as with roles.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKey, Index, String, exists, func, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from identity.account import Account
from identity.audit import Actor, Event, record
from identity.base import Base, Keyed, Refused
from identity.deadlines import today_in_vietnam
from identity.names import fold
from identity.places import Unit
from identity.staff import Role, RoleName, end_role, give_role

FEWEST_MEMBERS, MOST_MEMBERS = 3, 10
"""How many a team has (Official Letter 793/BTTTT-THH)."""
COORDINATING = (RoleName.COORDINATOR, RoleName.LEADER)
"""Who leads the teams of their units: reads reports about them, decides on shifts, shares calls out."""


class Team(Keyed, Base):
    """One team. `organisation` is the mass organisation it may belong to, `decision` the document that founded it."""

    __tablename__ = "team"

    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    organisation: Mapped[str | None] = mapped_column(String(120))
    decision: Mapped[str | None] = mapped_column(String(80))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class Member(Keyed, Base):
    """One account's time in one team."""

    __tablename__ = "team_member"
    __table_args__ = (Index(None, "account_id", "valid_from"),)

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    team_id: Mapped[UUID] = mapped_column(ForeignKey("team.id"), index=True)
    is_lead: Mapped[bool]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


@dataclass(frozen=True, slots=True)
class Membership:
    """As whom a member acts on a day: the person's account, the team, and the unit it works in."""

    account_id: UUID
    team_id: UUID
    team_name: str
    unit_id: UUID
    unit_name: str
    is_lead: bool


def found_team(
    db: Session, unit_id: UUID, name: str, by: Actor, *, now: datetime, decision: str = "", organisation: str = ""
) -> Team:
    """Found a team from today on. Audited."""
    team = Team(
        unit_id=unit_id,
        name=name,
        organisation=organisation or None,
        decision=decision or None,
        valid_from=today_in_vietnam(now),
    )
    db.add(team)
    record(db, Event.TEAM_FOUNDED, by, now=now, subject=("team", team.id), unit=str(unit_id))
    return team


def appoint(
    db: Session,
    team: Team,
    account_id: UUID,
    by: Actor,
    *,
    now: datetime,
    lead: bool = False,
    valid_from: date | None = None,
    valid_to: date | None = None,
) -> Member:
    """Make an account a member (or the lead) and give it the role that goes with it, in the team's unit. Audited."""
    start = valid_from or today_in_vietnam(now)
    db.execute(select(Account.id).where(Account.id == account_id).with_for_update())  # one team at a time, however
    db.execute(select(Team.id).where(Team.id == team.id).with_for_update())  # many appoint at once
    if membership(db, account_id, on=start) is not None:
        raise Refused("already-a-member", field="account")
    if len(members_of(db, team.id, on=start)) >= MOST_MEMBERS:
        raise Refused("team-full", field="account", most=MOST_MEMBERS)
    role = RoleName.LEAD if lead else RoleName.MEMBER
    give_role(db, account_id, role, team.unit_id, by, now=now, valid_from=start, valid_to=valid_to)
    member = Member(account_id=account_id, team_id=team.id, is_lead=lead, valid_from=start, valid_to=valid_to)
    db.add(member)
    record(db, Event.MEMBER_APPOINTED, by, now=now, subject=("account", account_id), team=str(team.id), lead=lead)
    return member


def dismiss(db: Session, member: Member, by: Actor, *, now: datetime) -> None:
    """End a membership today; the role is ended where roles are kept (`identity.staff.end_role`). Audited."""
    today = today_in_vietnam(now)
    if member.valid_to is not None and member.valid_to <= today:
        return
    member.valid_to = max(today, member.valid_from)
    record(db, Event.MEMBER_LEFT, by, now=now, subject=("account", member.account_id), team=str(member.team_id))


def release(db: Session, member: Member, by: Actor, *, now: datetime) -> None:
    """`dismiss`, and end the role that came with the membership. Audited."""
    dismiss(db, member, by, now=now)
    name = RoleName.LEAD if member.is_lead else RoleName.MEMBER
    team = db.get_one(Team, member.team_id)
    held = select(Role).where(Role.account_id == member.account_id, Role.role == name, Role.unit_id == team.unit_id)
    for role in db.scalars(held):
        end_role(db, role, by, now=now)


def members_of(db: Session, team_id: UUID, *, on: date) -> list[tuple[Member, str]]:
    """Who works in the team on that day, with names; the lead first."""
    query = select(Member, Account).join(Account, Account.id == Member.account_id)
    query = query.where(Member.team_id == team_id, _holds(Member, on)).order_by(Member.is_lead.desc(), Member.id)
    return [(member, account.display_name or "") for member, account in db.execute(query)]


def teams_in(db: Session, unit_ids: Collection[UUID], *, on: date) -> list[tuple[Team, str]]:
    """The teams of these units on that day, with the unit's name."""
    query = select(Team, Unit.name).join(Unit, Unit.id == Team.unit_id)
    query = query.where(Team.unit_id.in_(unit_ids), _holds(Team, on)).order_by(Unit.name, Team.name)
    return [(team, name) for team, name in db.execute(query)]


def find_teams(db: Session, unit_ids: Collection[UUID], text: str, *, on: date) -> list[tuple[Team, str]]:
    """Those of them whose own name and unit's name hold every word, without marks; all of them without a word."""
    words = fold(text).split()
    return [
        (team, unit)
        for team, unit in teams_in(db, unit_ids, on=on)
        if not words or all(word in fold(f"{team.name} {unit}") for word in words)
    ]


def count_members(db: Session, team_ids: Collection[UUID], *, on: date) -> dict[UUID, int]:
    """How many work in each of these teams on that day; a team without anybody is not named."""
    query = select(Member.team_id, func.count()).where(Member.team_id.in_(team_ids), _holds(Member, on))
    return {row[0]: row[1] for row in db.execute(query.group_by(Member.team_id))}


def get_team(db: Session, id_: UUID, unit_ids: Collection[UUID]) -> Team:
    """A team of these units."""
    team = db.get(Team, id_)
    if team is None or team.unit_id not in unit_ids:
        raise Refused("not-found")
    return team


def membership(db: Session, account_id: UUID, *, on: date) -> Membership | None:
    """The team this account works in on that day."""
    row = db.execute(
        select(Team.id, Team.name, Team.unit_id, Unit.name, Member.is_lead)
        .join(Team, Team.id == Member.team_id)
        .join(Unit, Unit.id == Team.unit_id)
        .where(Member.account_id == account_id, _holds(Member, on), _holds(Team, on))
        .order_by(Member.valid_from.desc(), Member.id)
        .limit(1)
    ).one_or_none()
    return None if row is None else Membership(account_id, row[0], row[1], row[2], row[3], row[4])


def membership_then(db: Session, account_id: UUID, *, on: date) -> Membership | None:
    """As whom somebody helped on that day. On the day they left they were a member until then: the record may wait."""
    held = membership(db, account_id, on=on)
    if held is not None:
        return held
    row = db.execute(
        select(Team.id, Team.name, Team.unit_id, Unit.name, Member.is_lead)
        .join(Team, Team.id == Member.team_id)
        .join(Unit, Unit.id == Team.unit_id)
        .where(Member.account_id == account_id, Member.valid_from <= on, Member.valid_to == on)
        .order_by(Member.valid_from.desc(), Member.id)
        .limit(1)
    ).one_or_none()
    return None if row is None else Membership(account_id, row[0], row[1], row[2], row[3], row[4])


def works_in(account_id: Any, team_id: Any, on: date) -> ColumnElement[bool]:
    """Condition: whether this account is a member of that team on that day."""
    return exists().where(Member.account_id == account_id, Member.team_id == team_id, _holds(Member, on))


def get_membership(db: Session, account_id: UUID, *, on: date) -> Membership:
    """`membership`, refused when there is none that day."""
    held = membership(db, account_id, on=on)
    if held is None:
        raise Refused("not-a-member", audited=True)
    return held


def _holds(table: type[Team] | type[Member], on: date) -> ColumnElement[bool]:
    return (table.valid_from <= on) & or_(table.valid_to.is_(None), table.valid_to > on)
