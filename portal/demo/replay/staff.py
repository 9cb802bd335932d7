"""The officers of the working groups: in each one who receives and one who approves, in every province it helps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.account import Account, find_account
from identity.audit import SYSTEM, Actor
from identity.deadlines import today_in_vietnam
from identity.places import Office, OfficeKind, Unit, unit_by_code
from identity.staff import give_role, hire
from portal.demo.replay.campaign import Group, Played

ROLES = (("receiving_officer", "tiepnhan", "tiếp nhận"), ("approving_officer", "pheduyet", "phê duyệt"))


@dataclass(frozen=True, slots=True)
class Desk:
    """Who works in a group, and the office of each province.

    `held` are their rows: what is held stays in the session, where the verbs look before they ask the database.
    """

    receiving: Actor
    approving: Actor
    offices: dict[str, UUID]
    held: tuple[object, ...]


def hire_groups(db: Session, played: Played, *, now: datetime) -> None:
    """Everybody of the campaign; who is there already stays."""
    for group in played.groups:
        for role, login, word in ROLES:
            _hire(db, group, role, _login(played, group, login), f"{group.name}, cán bộ {word}", now=now)


def desk_of(db: Session, played: Played, group: Group) -> Desk:
    """The group at work."""
    receiving, approving = (_account(db, _login(played, group, login)) for _role, login, _word in ROLES)
    query = select(Unit, Office).join(Office, Office.unit_id == Unit.id).order_by(Office.name)
    there = Unit.code.in_(group.provinces), Office.kind == OfficeKind.IMMIGRATION.value
    rows = db.execute(query.where(*there)).all()
    offices: dict[str, UUID] = {}
    for unit, office in rows:
        offices.setdefault(unit.code, office.id)
    actors = Actor(receiving.id, ROLES[0][0]), Actor(approving.id, ROLES[1][0])
    return Desk(*actors, offices, (receiving, approving, *rows))


def _hire(db: Session, group: Group, role: str, login: str, name: str, *, now: datetime) -> None:
    if find_account(db, login) is not None:
        return
    account = hire(db, login, name, now=now)
    db.flush()
    for code in group.provinces:
        unit = unit_by_code(db, code, on=today_in_vietnam(now))
        assert unit is not None
        give_role(db, account.id, role, unit.id, SYSTEM, now=now)


def _login(played: Played, group: Group, desk: str) -> str:
    return f"{desk}.{played.name}.to{group.number:02}"


def _account(db: Session, login: str) -> Account:
    found = find_account(db, login)
    assert found is not None
    return found
