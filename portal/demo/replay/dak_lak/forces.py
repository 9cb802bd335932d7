"""The province's campaign, its teams with their members, and how many adults live where."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.account import Account, find_account
from identity.audit import SYSTEM
from identity.places import Unit, unit_by_code
from identity.staff import hire
from onboarding.campaign import Campaign, Plan, plan_campaign
from onboarding.figures.reference import Line, import_lines
from onboarding.skills import current_skills
from onboarding.team import Membership, appoint, found_team, get_membership
from onboarding.training import add_course, courses_of
from portal.demo.replay.dak_lak.published import NAME, Province, adults_by_commune

MEMBERS = 3
"""In each team, its lead among them: as few as a commune's decision may name."""
COURSE = "Năm kỹ năng số cơ bản"


@dataclass(frozen=True, slots=True)
class Crew:
    """A team at work, and what it teaches."""

    members: tuple[Membership, ...]
    course_id: UUID


def order(db: Session, played: Province, *, now: datetime, today: datetime) -> None:
    """Plan the campaign and say how many adults there are, once."""
    if db.scalar(select(Campaign.id).where(Campaign.name == played.title, Campaign.first_day == played.first_day)):
        return
    province = _unit(db, played, played.code)
    groups = tuple(name for name in played.teams_in(played.ward) if name.startswith("Tổ xung kích"))
    plan = Plan(played.title, played.first_day, played.last_day, played.source, (province.id,), groups)
    plan_campaign(db, plan, SYSTEM, None, now=now)
    source, vintage = f"{played.source}; 1:{played.scale}", str(played.first_day.year)
    lines = [
        Line("adults", _unit(db, played, code).id, played.first_day, adults, source, vintage)
        for code, adults in adults_by_commune(played).items()
    ]
    import_lines(db, lines, now=today)


def found_teams(db: Session, played: Province, commune: str, *, now: datetime) -> None:
    """Every team of a commune with its people and its course; who is there already stays."""
    unit = _unit(db, played, commune)
    for number, name in enumerate(played.teams_in(commune)):
        if find_account(db, _login(commune, number, 0)) is not None:
            continue
        team = found_team(db, unit.id, name, SYSTEM, now=now, decision="12/QĐ-UBND")
        db.flush()
        for place in range(MEMBERS):
            account = hire(db, _login(commune, number, place), f"{name}, người số {place + 1}", now=now)
            db.flush()
            appoint(db, team, account.id, SYSTEM, now=now, lead=place == 0)
            db.flush()
        lead = _membership(db, played, _login(commune, number, 0))
        add_course(db, lead, COURSE, [skill.code for skill in current_skills().skills], now=now)


def crew(db: Session, played: Province, commune: str, number: int) -> Crew:
    """The team of that number in a commune."""
    members = tuple(_membership(db, played, _login(commune, number, place)) for place in range(MEMBERS))
    return Crew(members, courses_of(db, members[0].team_id)[0].id)


def _membership(db: Session, played: Province, login: str) -> Membership:
    return get_membership(db, _account(db, login).id, on=played.first_day)


def _account(db: Session, login: str) -> Account:
    found = find_account(db, login)
    assert found is not None
    return found


def _login(commune: str, number: int, place: int) -> str:
    return f"to{number + 1:02}.{place + 1}.{commune}.{NAME}"


def _unit(db: Session, played: Province, code: str) -> Unit:
    found = unit_by_code(db, code, on=played.first_day)
    assert found is not None
    return found
