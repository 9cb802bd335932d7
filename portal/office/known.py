"""With whom an applicant is compared, in words: what an officer needs to say whether the two are one person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from identity.application import Application
from identity.application.linking import Known
from identity.application.registered import from_facts
from identity.person import Person, documents_of
from portal.language import _, day, masked_phone, spaced
from portal.office.summary import identity_of
from portal.office.words import country
from portal.words.papers import PAPERS


@dataclass(frozen=True, slots=True)
class Compared:
    """One of them: what it is called, and the rows about it."""

    title: str
    rows: list[dict[str, Any]]


def compared(look: Session, known: Known) -> Compared:
    """Somebody with an account, or another application."""
    if isinstance(known, Application):
        return Compared(
            _("Application %(number)s", number=known.dossier_number), identity_of(from_facts(known.record or {}))
        )
    return Compared(_("Known here: %(name)s", name=known.full_name), _rows(look, known))


def _rows(look: Session, person: Person) -> list[dict[str, Any]]:
    number = person.personal_number or person.foreigner_number or ""
    papers = [
        {"key": PAPERS[paper.kind], "value": paper.number, "note": _until(paper.expires_on)}
        for paper in documents_of(look, person.id)
    ]
    return [
        {"key": _("Full name"), "value": person.full_name},
        {"key": _("Birth date"), "value": day(person.birth_date)},
        {"key": _("Nationality"), "value": country(person.nationality)},
        {"key": _("Identification number"), "value": spaced(number)},
        *papers,
        {"key": _("Phone"), "value": masked_phone(person.phone)},
        {"key": _("Address"), "value": person.address},
    ]


def _until(ends_on: date | None) -> str:
    return _("valid until %(day)s", day=day(ends_on)) if ends_on else ""
