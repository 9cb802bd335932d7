"""The numbers of somebody who has a record here, under which files and declared ties are kept."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from identity.application.registered import Record, passport_of, residence_card_of
from identity.person import DocumentKind, Person, documents_of
from identity.sealed import vault


def numbers_of(db: Session, person_id: UUID) -> list[str]:
    """The personal number, every passport with its country, as in `registered.key_of`, and a foreigner's own number."""
    person = db.get_one(Person, person_id)
    passports = [paper for paper in documents_of(db, person_id) if paper.kind == DocumentKind.PASSPORT]
    papers = (f"{paper.issued_by}:{paper.number}" for paper in passports)
    return [*filter(None, [person.personal_number]), *papers, *filter(None, [person.foreigner_number])]


def indexes_of_person(db: Session, person_id: UUID) -> list[bytes]:
    """The keyed index of each."""
    return [vault(db).blind("application.number", number) for number in numbers_of(db, person_id)]


def number_index_of(db: Session, person_id: UUID | None) -> bytes | None:
    """The first of them: a guardian's, as a file keeps it. None without a guardian."""
    return next(iter(indexes_of_person(db, person_id)), None) if person_id else None


def printed_indexes(db: Session, registered: Record) -> dict[str, bytes | None]:
    """The columns by which a foreign resident's file is found under what is printed on passport and residence card."""
    numbers = {"passport": passport_of(registered), "residence": residence_card_of(registered)}
    return {
        f"{name}_index": vault(db).blind(f"application.{name}", number) if number else None
        for name, number in numbers.items()
    }
