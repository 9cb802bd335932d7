"""A month of the ward's team: help logged, shifts, a referral, a report, an authorisation; villages below the ward."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from uuid import UUID, uuid5

from sqlalchemy.orm import Session

from identity.account import find_account
from identity.audit import Actor
from identity.deadlines import today_in_vietnam
from identity.helping import new_help_code
from identity.names import fold
from identity.places import Unit
from onboarding.assistance import take_in
from onboarding.badge import get_badge, report_scam
from onboarding.catalogue import AgeBand, Mode, Obstacle, Result, Sex, Task
from onboarding.delegation import delegate
from onboarding.entry import Entry
from onboarding.referral import Desk, refer
from onboarding.shift import decide_shift, plan_shift
from onboarding.team import get_membership

VILLAGES = ("Tổ dân phố số 1", "Tổ dân phố số 2", "Tổ dân phố số 3")
TASKS = (Task.PUBLIC_SERVICE, Task.PAYMENT, Task.SETUP, Task.SAFETY, Task.SOCIAL_WELFARE, Task.ACTIVATION)
OBSTACLES = (Obstacle.NO_PHONE, Obstacle.SIM_NOT_OWN, Obstacle.LATE_CODE)
RECORDS, DAYS, SENT_AFTER = 48, 20, timedelta(minutes=20)
MORNING, AFTERNOON = (time(8), time(11)), (time(14), time(17))


def work(db: Session, accounts: dict[str, UUID], helped: Sequence[str], *, now: datetime) -> None:
    """Everything, by the verbs that the portal itself calls. `helped` are logins of people who have activated since."""
    today = today_in_vietnam(now)
    member = get_membership(db, accounts["tocongnghe"], on=today)
    by, coordinator = Actor(member.account_id, "member"), Actor(accounts["dieuphoi"], "coordinator")
    villages = [_village(db, member.unit_id, number, name) for number, name in enumerate(VILLAGES, 1)]
    db.flush()
    for number in range(RECORDS):
        writer = accounts["tocongnghe"] if number % 3 else accounts["tocongnghe2"]
        entry = _entry(member.account_id, number, villages[number % 3], now)
        take_in(db, writer, entry, now=entry.happened_at + SENT_AFTER)  # as it came: today's are still the team's own
    for login in helped:
        _help_to_activate(db, accounts["tocongnghe"], login, villages[0])
    for back, span in ((3, MORNING), (3, AFTERNOON), (2, MORNING), (1, MORNING)):
        shift = plan_shift(db, member.account_id, today - timedelta(days=back), span, VILLAGES[0], by, now=now)
        db.flush()
        if back > 1:
            decide_shift(db, shift.id, None, coordinator, {member.unit_id}, now=now)
    refer(db, member, Desk.WARD_POLICE, Task.ACTIVATION, by, now=now, agreed=True, obstacle=Obstacle.DATA_MISMATCH)
    delegate(db, member, Task.SOCIAL_WELFARE, 7, by, now=now, agreed=True)
    report_scam(db, get_badge(db, member, now=now).id, "Có người gọi xưng là tổ công nghệ, đòi đọc mã.", "", now=now)


def _help_to_activate(db: Session, writer: UUID, login: str, village_id: UUID) -> None:
    """Somebody who agreed was guided by a member half an hour before the system saw the account become active."""
    holder = find_account(db, login)
    assert holder is not None and holder.person_id is not None and holder.activated_at is not None
    at = holder.activated_at - timedelta(minutes=30)
    code = new_help_code(db, holder.person_id, now=at)
    entry = Entry(
        id=uuid5(holder.id, "help"),
        happened_at=at,
        task=Task.ACTIVATION,
        mode=Mode.GUIDED,
        result=Result.DONE,
        minutes=30,
        help_code=code,
        village_id=village_id,
    )
    take_in(db, writer, entry, now=at + SENT_AFTER)


def _village(db: Session, ward: UUID, number: int, name: str) -> UUID:
    unit = Unit(
        id=uuid5(ward, name),
        code=f"DEMO{number}",
        kind="village",
        type="village",
        name=name,
        name_folded=fold(name),
        search_folded=fold(name),
        parent_id=ward,
        valid_from=db.get_one(Unit, ward).valid_from,
    )
    db.add(unit)
    return unit.id


def _entry(seed: UUID, number: int, village_id: UUID, now: datetime) -> Entry:
    blocked = number % 7 == 0
    return Entry(
        id=uuid5(seed, str(number)),
        happened_at=now - timedelta(days=number % DAYS, hours=1, minutes=7 * number),
        task=TASKS[number % len(TASKS)],
        mode=Mode.EXPLAINED if number % 4 == 0 else Mode.GUIDED,
        result=Result.BLOCKED if blocked else Result.DONE,
        obstacle=OBSTACLES[number % len(OBSTACLES)] if blocked else None,
        minutes=(5, 15, 30)[number % 3],
        age_band=(AgeBand.FROM_60, AgeBand.FROM_45, AgeBand.FROM_30)[number % 3],
        sex=Sex.FEMALE if number % 2 else Sex.MALE,
        village_id=village_id,
    )
