"""A year of a province as plain bulk SQL: nobody's verb runs, the rows are what the verbs would have left.

Of every ten events seven are records of help, one and a half applications, one a witnessed check, half a session.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.orm import Session

from identity.account import Account
from identity.application.model import Application
from identity.audit import SYSTEM
from identity.base import UTC_DateTime
from identity.helping import HelpConsent
from identity.person import Person
from identity.places import Office, Unit, UnitKind
from identity.staff import hire
from onboarding.assistance import AssistanceEvent
from onboarding.attendance import Attendance
from onboarding.figures.model import ReferenceCount
from onboarding.learner import Learner
from onboarding.skill_check import SkillCheck
from onboarding.skills import current_skills
from onboarding.team import Team, found_team
from onboarding.training import Course, TrainingSession
from portal.database import Database

FIRST, LAST = date(2025, 1, 1), date(2025, 12, 31)
SECONDS = 365 * 86_400
TEAMS = 10
"""In each commune."""
RECORDS_EACH, CHECKS_EACH = 6, 6
"""Of one person who was helped, of one who learned."""


class Year:
    """Fills one database with so many events."""

    def __init__(self, database: Database, events: int) -> None:
        self.database, self.events = database, events
        self.engine = database.writing
        self.is_postgresql = self.engine.dialect.name == "postgresql"

    def fill(self) -> UUID:
        """The province in which it all happened."""
        with self.database.transaction() as db:
            province = self._ground(db)
        helps, files = self.events * 70 // 100, self.events * 15 // 100
        checks, sessions = self.events // 10, self.events * 5 // 100
        people, learners = max(1, helps // RECORDS_EACH), max(1, checks // CHECKS_EACH)
        with self.engine.execution_options(write=True).begin() as connection:
            self.connection = connection
            self._people(people)
            self._files(files, people)
            self._helps(helps, people)
            self._learning(learners, checks, sessions)
        if self.is_postgresql:  # which would do it by itself; nobody does it for SQLite
            with self.engine.execution_options(write=True, isolation_level="AUTOCOMMIT").connect() as connection:
                connection.exec_driver_sql("ANALYZE")
        return province

    def _ground(self, db: Session) -> UUID:
        province = db.scalars(sa.select(Unit).where(Unit.kind == UnitKind.PROVINCE, Unit.valid_to.is_(None))).first()
        assert province is not None
        communes = list(db.scalars(sa.select(Unit).where(Unit.parent_id == province.id)))
        now = datetime(2025, 1, 1, tzinfo=UTC) - timedelta(days=60)
        for unit in communes:
            for number in range(TEAMS):
                found_team(db, unit.id, f"Tổ {number + 1}", SYSTEM, now=now)
        self.staff = hire(db, f"load-{uuid4().hex[:8]}", "Load", now=now)
        db.flush()
        teams = list(db.execute(sa.select(Team.id, Team.unit_id).order_by(Team.id)))
        db.execute(sa.text("CREATE TABLE load_team (place integer PRIMARY KEY, team_id char(36), unit_id char(36))"))
        values = [{"n": n, "t": self._key(team), "u": self._key(unit)} for n, (team, unit) in enumerate(teams)]
        db.execute(sa.text("INSERT INTO load_team VALUES (:n, :t, :u)"), values)
        self.teams, self.home = len(teams), communes[0].id
        self.office = db.scalars(sa.select(Office)).first()
        self.by = self._uuid_of(self.staff.id)
        for unit in communes:
            db.add(ReferenceCount(**_paper(unit.id, now)))
        return province.id

    def _session(self) -> str:
        """One course and one session, which everybody came to."""
        own, course = (
            {"team_id": self._team("team_id", "0"), "unit_id": self._team("unit_id", "0")},
            self._uuid("b", "0"),
        )
        self._put(Course, 1, {"id": course, "team_id": own["team_id"]})
        self._put(TrainingSession, 1, {**own, "id": self._uuid("c", "0"), "course_id": course, "trainer_id": self.by})
        return self._uuid("c", "0")

    def _people(self, number: int) -> None:
        """They live in all communes; one of ten waits for activation."""
        home, waits = self._team("unit_id", "n"), "CASE WHEN n % 10 = 0 THEN"
        self._put(Person, number, {"id": self._uuid("1", "n"), "unit_id": home, "age_band": "'30-44'"})
        active = {"activated_at": f"{waits} NULL ELSE {self._moment('n', 3)} END", "kind": "'resident'"}
        active["state"] = f"{waits} 'issued' ELSE 'active' END"
        own = {"id": self._uuid("2", "n"), "person_id": self._uuid("1", "n"), "login_index": self._bytes("2", "n")}
        self._put(Account, number, {**own, **active, "issued_at": self._moment("n", 3)})
        link = {"id": self._uuid("3", "n"), "person_id": self._uuid("1", "n"), "pseudonym": self._bytes("1", "n")}
        self._put(HelpConsent, number, {**link, "agreed_at": self._moment("n", 3)})

    def _files(self, number: int, people: int) -> None:
        """Three of four ended in an account."""
        issued = f"CASE WHEN n % 4 < 3 AND n < {people} THEN"
        own = {"id": self._uuid("4", "n"), "dossier_number": f"'d' || {self._text('n')}"}
        own |= {"code_digest": self._bytes("4", "n"), "draft_id": self._uuid("5", "n"), "level": "2"}
        own |= {"state": f"{issued} 'issued' ELSE 'submitted' END", "home_unit_id": self._team("unit_id", "n")}
        own |= {"office_id": self._uuid_of(self.office.id), "unit_id": self._uuid_of(self.home)}
        own |= {"submitted_at": self._moment("n", 3), "receipt_due_at": self._moment("n", 3)}
        own |= {
            "person_id": f"{issued} {self._uuid('1', 'n')} END",
            "closed_at": f"{issued} {self._moment('n', 3)} END",
        }
        self._put(Application, number, own)

    def _helps(self, number: int, people: int) -> None:
        """Two of three name the person by a code; one of eight got stuck."""
        person, when = f"{_spread('n', 7)} % {people}", self._moment("n", 11)
        named = f"CASE WHEN n % 3 > 0 THEN {self._bytes('1', person)} END"
        own = {"id": self._uuid("6", "n"), "account_id": self.by, "pseudonym": named}
        own |= {"team_id": self._team("team_id", "n"), "unit_id": self._team("unit_id", "n")}
        own |= {"happened_at": when, "received_at": self._moment("n", 11, late="(n % 10) * 3600 * 4")}
        own |= {"outcome_from": when, "outcome_until": self._moment("n", 11, late=str(30 * 86_400))}
        own |= {"task": _choice(["activation", "setup", "payment", "public-service", "land"], 13)}
        own |= {"mode": _choice(["guided", "guided", "explained", "helpers-device"], 17)}
        own |= {"result": "CASE WHEN n % 8 = 0 THEN 'blocked' ELSE 'done' END", "minutes": "15", "authorised": "false"}
        own |= {"obstacle": f"CASE WHEN n % 8 = 0 THEN {_choice(['no-phone', 'no-message', 'late-code'], 19)} END"}
        own |= {"age_band": _choice(["18-29", "45-59", "60-and-over"], 23)}
        traits = _choice(['["disability"]', '["no-smartphone", "poor-household"]', "[]", "[]", "[]"], 29)
        own |= {"traits": f"CAST({traits} AS json)" if self.is_postgresql else traits}
        self._put(AssistanceEvent, number, own)

    def _learning(self, learners: int, checks: int, sessions: int) -> None:
        base = {"id": self._uuid("7", "n"), "key": self._bytes("7", "n"), "age_band": "'30-44'"}
        self._put(Learner, learners, {**base, "made_at": self._moment("n", 3)})
        who, skills = self._uuid("7", f"n % {learners}"), [skill.code for skill in current_skills().skills]
        own = {"id": self._uuid("8", "n"), "learner_id": who, "skill": _choice(skills, 31), "age_band": "'30-44'"}
        own |= {"team_id": self._team("team_id", "n"), "unit_id": self._team("unit_id", "n"), "passed": "true"}
        own |= {"witness_id": self.by, "seen_at": self._moment("n", 37)}
        self._put(SkillCheck, checks, own | {"received_at": self._moment("n", 37), "version": "1"})
        own = {"id": self._uuid("9", "n"), "learner_id": self._uuid("7", f"n % {learners}"), "method": "'list'"}
        own |= {"unit_id": self._team("unit_id", "n"), "happened_at": self._moment("n", 41), "age_band": "'30-44'"}
        own |= {"session_id": self._session(), "received_at": self._moment("n", 41)}
        self._put(Attendance, min(sessions, learners), own)

    def _put(self, model: Any, number: int, given: Mapping[str, str]) -> None:
        """INSERT … SELECT over the numbers; what is not said has some plain value of its type."""
        table = model.__table__
        columns = dict(given)
        for column in table.columns:
            if column.name not in columns and not column.nullable:
                columns[column.name] = self._filling(column)
        numbers = f"generate_series(0, {number - 1}) AS s(n)"
        if not self.is_postgresql:
            counting = f"SELECT 0 UNION ALL SELECT n + 1 FROM s WHERE n < {number - 1}"
            numbers = f"(WITH RECURSIVE s(n) AS ({counting}) SELECT n FROM s)"
        names, values = ", ".join(f'"{name}"' for name in columns), ", ".join(columns.values())
        statement = f"INSERT INTO {table.name} ({names}) SELECT {values} FROM {numbers}"
        self.connection.exec_driver_sql(statement.replace("%", "%%") if self.is_postgresql else statement)

    def _filling(self, column: sa.Column[Any]) -> str:
        if isinstance(column.type, UTC_DateTime):
            return self._moment("n", 3)
        if isinstance(column.type, sa.JSON):
            return "'[]'::json" if self.is_postgresql else "'[]'"
        kind = column.type.python_type
        if column.unique or column.primary_key:
            return {UUID: self._uuid("a", "n"), bytes: self._bytes("a", "n")}.get(kind, "n")
        blank = {str: "'-'", bool: "false", bytes: self._bytes("0", "0"), UUID: self._uuid("0", "0")}
        return blank.get(kind, "1")

    def _uuid(self, kind: str, number: str) -> str:
        if self.is_postgresql:
            return f"('{kind}' || lpad(to_hex(({number})::bigint), 31, '0'))::uuid"
        return f"'{kind}' || printf('%031x', {number})"

    def _uuid_of(self, key: UUID) -> str:
        return f"'{key}'::uuid" if self.is_postgresql else f"'{key.hex}'"

    def _bytes(self, kind: str, number: str) -> str:
        if self.is_postgresql:
            return f"convert_to('{kind}' || lpad(({number})::text, 31, '0'), 'UTF8')"
        return f"CAST('{kind}' || printf('%031d', {number}) AS BLOB)"

    def _text(self, number: str) -> str:
        return f"({number})::text" if self.is_postgresql else f"({number})"

    def _moment(self, number: str, salt: int, late: str = "0") -> str:
        """Some second of the year, the same each time."""
        seconds = f"({_spread(number, salt)} % {SECONDS}) + {late}"
        if self.is_postgresql:
            return f"timestamptz '{FIRST}T00:00:00+07:00' + ({seconds}) * interval '1 second'"
        begin = datetime.combine(FIRST, datetime.min.time()) - timedelta(hours=7)
        return f"strftime('%Y-%m-%d %H:%M:%S.000000', '{begin}', '+' || ({seconds}) || ' seconds')"

    def _team(self, column: str, number: str) -> str:
        found = f"(SELECT {column} FROM load_team WHERE place = {_spread(number, 5)} % {self.teams})"
        return f"{found}::uuid" if self.is_postgresql else found

    def _key(self, key: UUID) -> str:
        return str(key) if self.is_postgresql else key.hex


def _spread(number: str, salt: int) -> str:
    """A number that looks like none in particular."""
    return f"((({number}) * 2654435761 + {salt * 40503}) / 4093)"


def _choice(values: list[str], salt: int) -> str:
    cases = " ".join(f"WHEN {index} THEN '{value}'" for index, value in enumerate(values))
    return f"CASE {_spread('n', salt)} % {len(values)} {cases} END"


def _paper(unit_id: UUID, now: datetime) -> dict[str, Any]:
    said = {"measure": "adults", "unit_id": unit_id, "day": FIRST, "imported_at": now, "number": 90_000}
    return {**said, "source": "load", "vintage": "2025", "replaced_at": None}
