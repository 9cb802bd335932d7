"""A commune with people who wait for activation and a team that helps; another commune beside it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from identity.account import Account, AccountState, create_account
from identity.activation import make_activation_code
from identity.audit import SYSTEM
from identity.helping import HelpConsent, agree_to_help
from identity.person import Person, add_person
from identity.places import Unit, UnitKind
from identity.staff import hire
from onboarding.catalogue import Mode, Result, Task
from onboarding.entry import Entry
from onboarding.team import Membership, Team, appoint, found_team, get_membership


def communes(db: Session) -> list[Unit]:
    """Two communes of the first province and one of another."""
    provinces = db.query(Unit).filter(Unit.kind == UnitKind.PROVINCE, Unit.valid_to.is_(None)).order_by(Unit.code)
    first, second = provinces.limit(2)
    of_first = db.query(Unit).filter(Unit.parent_id == first.id, Unit.valid_to.is_(None)).order_by(Unit.code)
    of_second = db.query(Unit).filter(Unit.parent_id == second.id, Unit.valid_to.is_(None)).order_by(Unit.code)
    return [*of_first.limit(2), *of_second.limit(1)]


def staff_account(db: Session, login: str, *, now: datetime, name: str = "Lê Thị Mai") -> Account:
    account = hire(db, login, name, now=now)
    db.flush()
    return account


def team_in(db: Session, unit: Unit, *, now: datetime, name: str = "Tổ công nghệ số 1") -> Team:
    team = found_team(db, unit.id, name, SYSTEM, now=now - timedelta(days=90), decision="12/QĐ-UBND")
    db.flush()
    return team


def member_of(db: Session, team: Team, *, now: datetime, login: str | None = None, lead: bool = False) -> Membership:
    account = staff_account(db, login or f"member-{uuid4().hex[:8]}", now=now)
    since = date(2026, 9, 1)
    appoint(db, team, account.id, SYSTEM, now=now, lead=lead, valid_from=since)
    db.flush()
    return get_membership(db, account.id, on=since)


def resident(
    db: Session,
    unit: Unit,
    *,
    now: datetime,
    name: str = "Nguyễn Văn Bình",
    phone: str = "+84912345214",
    agreed: bool = True,
    active: bool = False,
) -> Person:
    """A person whose account was issued a day ago."""
    issued_at = now - timedelta(days=1)
    person = add_person(
        db,
        Person(
            kind="citizen", sex="M", nationality="VNM", unit_id=unit.id, age_band="60-and-over", created_at=issued_at
        ),
        full_name=name,
        birth_date=date(1958, 9, 2),
        phone=phone,
    )
    db.flush()
    account = create_account(
        db,
        "resident",
        uuid4().hex,
        display_name=name,
        now=issued_at,
        person_id=person.id,
    )
    make_activation_code(db, account, now=issued_at)
    db.flush()
    if agreed:
        agree_to_help(db, person, now=issued_at)
    if active:
        activate(db, account, now=now)
    return person


def activate(db: Session, account: Account | Person, *, now: datetime) -> None:
    """As the last step of activation leaves it."""
    if isinstance(account, Person):
        account = db.query(Account).filter(Account.person_id == account.id).one()
    account.state = AccountState.ACTIVE
    account.activated_at = now
    db.flush()


def pseudonym_of(db: Session, person: Person) -> bytes:
    return db.query(HelpConsent.pseudonym).filter(HelpConsent.person_id == person.id).scalar()


def entry(now: datetime, **changes: object) -> Entry:
    """A plain record of guided activation, fifteen minutes ago."""
    values: dict[str, object] = {
        "id": uuid4(),
        "happened_at": now - timedelta(minutes=15),
        "task": Task.ACTIVATION,
        "mode": Mode.GUIDED,
        "result": Result.DONE,
        "minutes": 20,
    }
    return Entry(**{**values, **changes})  # type: ignore[arg-type]


def ids(*units: Unit) -> set[UUID]:
    return {unit.id for unit in units}
