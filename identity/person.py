"""Who someone is: a citizen or a foreign resident, with the documents that say so.

Identity data flow from the registers and are never edited here (Decree 69/2024 Art. 8); contact data
are the person's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, String, bindparam, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from identity.base import Base, Keyed
from identity.deadlines import age_on
from identity.names import fold
from identity.sealed import Sealed, add, vault
from identity.statements import Prepared
from identity.writing import write_row

AGE_BANDS = ((14, "under-14"), (18, "14-17"), (30, "18-29"), (45, "30-44"), (60, "45-59"))
OLDEST_BAND = "60-and-over"


class Kind(StrEnum):
    """What a person is to the state."""

    CITIZEN = "citizen"
    FOREIGNER = "foreigner"


class DocumentKind(StrEnum):
    """The papers that carry an identity."""

    CITIZEN_CARD = "citizen_card"
    PASSPORT = "passport"
    RESIDENCE_CARD = "residence_card"


class Person(Keyed, Base):
    """One human being. In clear stay the folded name (officers search it), the unit of residence and the age band."""

    __tablename__ = "person"

    kind: Mapped[str] = mapped_column(String(10))
    full_name_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    full_name_folded: Mapped[str] = mapped_column(String(200), index=True)
    birth_date_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    same_index: Mapped[bytes] = mapped_column(LargeBinary(32), index=True)
    """Blind index of folded name and birth date together: finds people who may be one."""
    sex: Mapped[str] = mapped_column(String(12))
    nationality: Mapped[str] = mapped_column(String(3))
    personal_number_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    personal_number_index: Mapped[bytes | None] = mapped_column(LargeBinary(32), unique=True)
    foreigner_number_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    foreigner_number_index: Mapped[bytes | None] = mapped_column(LargeBinary(32), unique=True)
    phone_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    phone_index: Mapped[bytes | None] = mapped_column(LargeBinary(32), index=True)
    email_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    address_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("unit.id"), index=True)
    age_band: Mapped[str] = mapped_column(String(12))
    agreed_to_help_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    full_name = Sealed(str)
    birth_date = Sealed(date)
    personal_number = Sealed(str)
    foreigner_number = Sealed(str)
    phone = Sealed(str)
    email = Sealed(str)
    address = Sealed(str)


class Document(Keyed, Base):
    """A paper of a person. A number may come back under another person: an officer looks, nothing is refused here."""

    __tablename__ = "document"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    number_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    number_index: Mapped[bytes] = mapped_column(LargeBinary(32), index=True)
    expires_on_sealed: Mapped[bytes | None]
    issued_on_sealed: Mapped[bytes | None]
    issued_by: Mapped[str] = mapped_column(String(3))
    added_at: Mapped[datetime]

    number = Sealed(str)
    expires_on = Sealed(date)
    """Sealed, because a citizen's card ends on a birthday."""
    issued_on = Sealed(date)
    """Printed on the card and known to few: it stands in where a card has no last day."""


def add_person(db: Session, person: Person, *, full_name: str, birth_date: date, phone: str | None) -> Person:
    """Add `person` with the values that are indexed; numbers follow with `set_number`."""
    _index_name(db, person, full_name, birth_date)
    person.phone_index = None if phone is None else vault(db).blind("person.phone", phone)
    return add(db, person, full_name=full_name, birth_date=birth_date, phone=phone)


def set_name(db: Session, person: Person, full_name: str, birth_date: date) -> None:
    """Name and birth date as the register has them now (marriage, a court, a mistake put right there)."""
    person.full_name, person.birth_date = full_name, birth_date
    _index_name(db, person, full_name, birth_date)


def _index_name(db: Session, person: Person, full_name: str, birth_date: date) -> None:
    person.full_name_folded = fold(full_name)[:200]
    person.same_index = same_person_index(db, full_name, birth_date)


def set_phone(db: Session, person: Person, phone: str, *, is_own: bool = True) -> None:
    """Where the person is reached. Only a number of their own is theirs alone: a guardian's is not indexed."""
    person.phone = phone
    person.phone_index = vault(db).blind("person.phone", phone) if is_own else None


def set_personal_number(db: Session, person: Person, number: str) -> None:
    """Give a citizen the 12-digit number of the population database."""
    person.personal_number = number
    person.personal_number_index = vault(db).blind("person.personal_number", number)


def set_foreigner_number(db: Session, person: Person, number: str) -> None:
    """Give a foreign resident the identification number made at issue (Decree 69/2024 Art. 5)."""
    person.foreigner_number = number
    person.foreigner_number_index = vault(db).blind("person.foreigner_number", number)


def add_document(
    db: Session,
    person: Person,
    kind: DocumentKind,
    number: str,
    *,
    expires_on: date | None,
    issued_by: str,
    now: datetime,
    issued_on: date | None = None,
) -> None:
    """Add a paper as the register described it."""
    document = Document(person_id=person.id, kind=kind.value, issued_by=issued_by, added_at=now)
    document.number_index = document_index(db, kind, number, issued_by)
    write_row(db, document, number=number, expires_on=expires_on, issued_on=issued_on)


def documents_of(db: Session, person_id: UUID) -> list[Document]:
    """Every paper of the person, the newest last."""
    query = select(Document).where(Document.person_id == person_id)
    return list(db.scalars(query.order_by(Document.added_at, Document.id)))


def find_person_by_number(db: Session, number: str) -> Person | None:
    """The person of a personal number or foreigner number."""
    found = _of_number(db, number)
    return None if found is None else db.get(Person, found)


def is_number_taken(db: Session, number: str) -> bool:
    """Whether somebody bears this number."""
    return _of_number(db, number) is not None


def _of_number(db: Session, number: str) -> UUID | None:
    keys = vault(db)
    personal, foreigner = (keys.blind(f"person.{kind}_number", number) for kind in ("personal", "foreigner"))
    return _first(_NUMBER.all(db, personal=personal, foreigner=foreigner))


def find_person_by_document(db: Session, kind: DocumentKind, number: str, issued_by: str) -> Person | None:
    """The person who holds this very paper."""
    return find_person_by_papers(db, [(kind, number, issued_by)])


def find_person_by_papers(db: Session, papers: Sequence[tuple[DocumentKind, str, str]]) -> Person | None:
    """The person who holds one of these papers (kind, number, issuer); the first paper that is known decides."""
    for paper in papers:
        found = _first(_PAPER.all(db, index=document_index(db, *paper)))
        if found is not None:
            return db.get(Person, found)
    return None


def find_person_by_phone(db: Session, phone: str) -> Person | None:
    """The person whose own-name phone this is."""
    found = _first(_PHONE.all(db, index=vault(db).blind("person.phone", phone)))
    return None if found is None else db.get(Person, found)


def find_namesakes(db: Session, full_name: str, birth_date: date) -> list[Person]:
    """People of the same folded name and birth date: perhaps one person twice, for an officer to judge."""
    found = _SAME.all(db, index=same_person_index(db, full_name, birth_date))
    return [db.get_one(Person, row.id) for row in found]


def same_person_index(db: Session, full_name: str, birth_date: date) -> bytes:
    """The blind index under which namesakes meet."""
    return vault(db).blind("person.same", f"{fold(full_name)}|{birth_date.isoformat()}")


def document_index(db: Session, kind: DocumentKind, number: str, issued_by: str) -> bytes:
    """A document number is unique only together with its kind and issuer."""
    return vault(db).blind("document.number", f"{kind.value}|{issued_by}|{number}")


def age_band(birth_date: date, day: date) -> str:
    """The band that may stay in clear."""
    age = age_on(birth_date, day)
    return next((band for limit, band in AGE_BANDS if age < limit), OLDEST_BAND)


def _first(rows: Sequence[Any]) -> UUID | None:
    """Nearly always nobody is found, and no row is made for nobody."""
    return cast(UUID, rows[0].id) if rows else None


_NUMBER = Prepared(
    select(Person.id).where(
        or_(
            Person.personal_number_index == bindparam("personal"),
            Person.foreigner_number_index == bindparam("foreigner"),
        )
    )
)
_PAPER = Prepared(
    select(Document.person_id.label("id")).where(Document.number_index == bindparam("index")).order_by(Document.id)
)
_PHONE = Prepared(select(Person.id).where(Person.phone_index == bindparam("index")).order_by(Person.id).limit(1))
_SAME = Prepared(select(Person.id).where(Person.same_index == bindparam("index")).order_by(Person.id))
