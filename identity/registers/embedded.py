"""The embedded registers answer the gateway Protocols.

`confirm` does the same work whether the number is unknown, another's, or right: one row is read, every claim is
compared, and a stand-in takes the place of a missing row. Whatever differs, the answer is the one Mismatch.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import TypeVar

from sqlalchemy import Engine, create_engine, inspect, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from identity.gateways import (
    MISMATCH,
    CitizenQuery,
    CitizenRecord,
    DirectoryUnavailable,
    ForeignerQuery,
    ForeignerRecord,
    MatchResult,
    Mismatch,
    RegisterUnavailable,
)
from identity.names import same_name
from identity.registers.tables import Citizen, Foreigner, RegisterBase, Subscriber, Switch

MATCHES_FROM = 75
"""Score from which the embedded registers say "matched"; a real register has its own."""
LEAST_CONTRAST = 32
"""Of 255; a wall, a lens cap, a blank sheet have less."""
NO_MATCH = "NOMATCH"
"""A capture reference with this word is another person's, for tests and demonstrations."""

T = TypeVar("T")
_NOBODY = Citizen(personal_number="", full_name="-", birth_date=date.min, card_number="", died_on=None)
_NO_FOREIGNER = Foreigner(
    residence_card="",
    passport_number="",
    nationality="",
    surname="-",
    given_names="",
    birth_date=date.min,
    died_on=None,
)


class EmbeddedPopulationRegister:
    """Answers for the National Population Database."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions

    def confirm(self, query: CitizenQuery, purpose: str) -> CitizenRecord | Mismatch:
        """The record, if everything claimed is right and the person lives."""
        return self._ask(lambda session: self._confirm(session, query))

    def is_dead(self, reference: str, purpose: str) -> bool:
        """Whether a death is on record under this personal number; of an unknown number nothing is."""
        return self._ask(lambda session: (session.get(Citizen, _plain(reference)) or _NOBODY).died_on is not None)

    def deaths_since(self, day: date, purpose: str) -> list[str]:
        """Who died on that day or later: here a death is on record on its day."""
        died = select(Citizen.personal_number).where(Citizen.died_on >= day).order_by(Citizen.personal_number)
        return self._ask(lambda session: list(session.scalars(died)))

    def match_biometrics(self, reference: str, capture_reference: str, purpose: str) -> MatchResult:
        """`reference` is a personal number."""
        return self._ask(lambda session: _match(session.get(Citizen, reference), reference, capture_reference))

    def match_portrait(self, reference: str, portrait: bytes, purpose: str) -> MatchResult:
        """The face alone, against the photograph on record."""
        return self._ask(lambda session: _match_face(session.get(Citizen, reference), reference, portrait))

    def _confirm(self, session: Session, query: CitizenQuery) -> CitizenRecord | Mismatch:
        row = session.get(Citizen, _plain(query.personal_number)) or _NOBODY
        right = (
            row is not _NOBODY,
            _equal(query.personal_number, row.personal_number),
            _equal(query.document_number, row.card_number),
            same_name(query.full_name, row.full_name),
            query.birth_date == row.birth_date,
            row.died_on is None,
        )
        return _citizen_record(row) if all(right) else MISMATCH

    def close(self) -> None:
        """Give back the database connections."""
        _close(self._sessions)

    def _ask(self, question: Callable[[Session], T]) -> T:
        return _ask(self._sessions, "population", question)


class EmbeddedImmigrationRegister:
    """Answers for the National Immigration Database."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions

    def confirm(self, query: ForeignerQuery, purpose: str) -> ForeignerRecord | Mismatch:
        """The record, if everything claimed is right and the person lives; expired papers too, with their dates."""
        return self._ask(lambda session: self._confirm(session, query))

    def match_biometrics(self, reference: str, capture_reference: str, purpose: str) -> MatchResult:
        """`reference` is a residence card number."""
        return self._ask(lambda session: _match(session.get(Foreigner, reference), reference, capture_reference))

    def match_portrait(self, reference: str, portrait: bytes, purpose: str) -> MatchResult:
        """The face alone, against the photograph on record."""
        return self._ask(lambda session: _match_face(session.get(Foreigner, reference), reference, portrait))

    def _confirm(self, session: Session, query: ForeignerQuery) -> ForeignerRecord | Mismatch:
        row = session.get(Foreigner, _plain(query.residence_card)) or _NO_FOREIGNER
        right = (
            row is not _NO_FOREIGNER,
            _equal(query.residence_card, row.residence_card),
            _equal(query.passport_number, row.passport_number),
            _equal(query.nationality, row.nationality),
            same_name(query.full_name, row.full_name, any_order=True),
            query.birth_date == row.birth_date,
            row.died_on is None,
        )
        return _foreigner_record(row) if all(right) else MISMATCH

    def close(self) -> None:
        """Give back the database connections."""
        _close(self._sessions)

    def _ask(self, question: Callable[[Session], T]) -> T:
        return _ask(self._sessions, "immigration", question)


class EmbeddedSubscriberDirectory:
    """Answers for the mobile operators. A number that is not listed is taken to be the caller's own."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions

    def is_owner(self, phone: str, holder: str, purpose: str) -> bool:
        """Whether the number is registered in this name."""
        try:
            row = _ask(self._sessions, "subscribers", lambda session: session.get(Subscriber, phone))
        except RegisterUnavailable as error:
            raise DirectoryUnavailable("subscribers") from error
        return row is None or hmac.compare_digest(row.holder.encode(), holder.encode())

    def close(self) -> None:
        """Give back the database connections."""
        _close(self._sessions)


def open_subscribers(url: str) -> EmbeddedSubscriberDirectory:
    """The operators' directory over the database of the registers."""
    return EmbeddedSubscriberDirectory(
        sessionmaker(create_engine(_with_driver(url), pool_pre_ping=not url.startswith("sqlite")))
    )


def open_registers(url: str) -> tuple[EmbeddedPopulationRegister, EmbeddedImmigrationRegister]:
    """Both registers over one database. Nothing is read yet: a register that is away is noticed when it is asked."""
    sessions = sessionmaker(create_engine(_with_driver(url), pool_pre_ping=not url.startswith("sqlite")))
    return EmbeddedPopulationRegister(sessions), EmbeddedImmigrationRegister(sessions)


@contextmanager
def open_session(url: str) -> Iterator[Session]:
    """A session on the register database, its tables and columns made where missing; for loaders and tests."""
    engine = create_engine(_with_driver(url))
    RegisterBase.metadata.create_all(engine)
    _add_columns(engine)
    with Session(engine) as session:
        yield session
    engine.dispose()


def _add_columns(engine: Engine) -> None:
    """What a newer release asks for and an older one did not hold, empty; there are no migrations here."""
    with engine.begin() as connection:
        for table in RegisterBase.metadata.sorted_tables:
            held = {column["name"] for column in inspect(connection).get_columns(table.name)}
            for column in (column for column in table.columns if column.name not in held):
                kind = column.type.compile(engine.dialect)
                connection.execute(text(f"ALTER TABLE {table.name} ADD COLUMN {column.name} {kind}"))


def _ask(sessions: sessionmaker[Session], register: str, question: Callable[[Session], T]) -> T:
    try:
        with sessions() as session:
            switch = session.get(Switch, register)
            if switch is not None and not switch.available:
                raise RegisterUnavailable(register)
            return question(session)
    except DBAPIError as error:
        raise RegisterUnavailable(register) from error


def _close(sessions: sessionmaker[Session]) -> None:
    with sessions() as session:
        engine = session.get_bind()
    if isinstance(engine, Engine):
        engine.dispose()


def _match(row: Citizen | Foreigner | None, reference: str, capture_reference: str) -> MatchResult:
    """Deterministic: a capture matches who it was taken for, unless it says otherwise or nothing is on record."""
    if row is None or not row.has_biometrics:
        return MatchResult(0, False)
    draw = hashlib.sha256(f"{reference}|{capture_reference}".encode()).digest()[0]
    score = draw % 50 if NO_MATCH in capture_reference.upper() else MATCHES_FROM + 5 + draw % 20
    return MatchResult(score, score >= MATCHES_FROM)


def _match_face(row: Citizen | Foreigner | None, reference: str, portrait: bytes) -> MatchResult:
    """As `_match`; a picture without light and shade shows no face."""
    if row is None or not row.has_biometrics or not _has_shades(portrait):
        return MatchResult(0, False)
    return _match(row, reference, hashlib.sha256(portrait).hexdigest())


def _has_shades(picture: bytes) -> bool:
    from identity.pictures import contrast

    return contrast(picture) > LEAST_CONTRAST


def _plain(number: str) -> str:
    return re.sub(r"\s", "", number).upper()


def _equal(claimed: str, held: str) -> bool:
    return hmac.compare_digest(_plain(claimed).encode(), held.encode())


def _with_driver(url: str) -> str:
    return url.replace("postgresql://", "postgresql+psycopg://", 1)


def _citizen_record(row: Citizen) -> CitizenRecord:
    return CitizenRecord(
        personal_number=row.personal_number,
        full_name=row.full_name,
        birth_date=row.birth_date,
        sex=row.sex,
        nationality=row.nationality,
        address=row.address,
        unit_code=row.unit_code,
        card_number=row.card_number,
        card_expires_on=row.card_expires_on,
        has_biometrics=row.has_biometrics,
        photo=row.photo,
        is_dead=row.died_on is not None,
        card_issued_on=row.card_issued_on,
        guardian_number=row.guardian_number,
    )


def _foreigner_record(row: Foreigner) -> ForeignerRecord:
    return ForeignerRecord(
        passport_number=row.passport_number,
        nationality=row.nationality,
        full_name=row.full_name,
        birth_date=row.birth_date,
        sex=row.sex,
        passport_expires_on=row.passport_expires_on,
        residence_card=row.residence_card,
        residence_kind=row.residence_kind,
        residence_category=row.residence_category,
        residence_expires_on=row.residence_expires_on,
        has_biometrics=row.has_biometrics,
        address=row.address,
        unit_code=row.unit_code,
        photo=row.photo,
    )
