"""The guardian of a file, by the number under which files and declared ties are kept."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from identity.person import DocumentKind, Person, documents_of
from identity.sealed import vault


def number_of(db: Session, person_id: UUID) -> str | None:
    """The personal number; of a foreign resident the passport with its country, as in `registered.key_of`."""
    person = db.get_one(Person, person_id)
    if person.personal_number:
        return person.personal_number
    passports = [paper for paper in documents_of(db, person_id) if paper.kind == DocumentKind.PASSPORT]
    return f"{passports[0].issued_by}:{passports[0].number}" if passports else None


def number_index_of(db: Session, person_id: UUID | None) -> bytes | None:
    """The keyed index of it; None without a guardian."""
    number = number_of(db, person_id) if person_id else None
    return vault(db).blind("application.number", number) if number else None
