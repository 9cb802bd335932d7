"""Who an applicant may be already: the people an officer compares before anybody gets an account beside another.

A foreign resident whose passport and residence card are both new is known by no number of the register (Decree 69/2024
Art. 15: a renewed paper opens the account there is). An earlier number names the account: that of an older passport or
residence card, or the identification number made at issue, as the person says it or an old paper shows it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime

from sqlalchemy.orm import Session

from identity.account import find_account_of
from identity.application.eligibility import find_registered
from identity.application.model import Application
from identity.application.registered import from_facts
from identity.audit import Actor, Event, record
from identity.base import Refused
from identity.documents import COUNTRY_LETTERS, normalise_document_number, normalise_residence_card
from identity.person import DocumentKind, Kind, Person, find_namesakes, find_person_by_number, find_person_by_papers

EARLIER_NUMBER = "earlier-number"
"""Why a file is flagged (`Application.duplicate_of`)."""
PURPOSE = "linking"
Known = Person | Application


def find_by_earlier_number(db: Session, typed: str, nationality: str) -> Person | None:
    """The foreign resident with an account whom this number names; a passport without country is one of theirs."""
    person = find_person_by_number(db, "".join(typed.split()))
    person = person or find_person_by_papers(db, list(_papers(typed, nationality)))
    return person if person is not None and _is_foreign_holder(db, person) else None


def known_holder(db: Session, application: Application) -> Person | None:
    """The foreign resident with an account whom this file may be about: by name, phone or an earlier number."""
    person = db.get(Person, application.duplicate_id) if application.duplicate_id else None
    if person is None or application.person_kind != Kind.FOREIGNER:
        return None  # a citizen's number stays the same for life
    return person if _is_foreign_holder(db, person) else None


def compared_with(db: Session, application: Application) -> list[Known]:
    """With whom an officer compares the applicant: whom the file is flagged with first, then every other namesake."""
    flagged = _flagged(db, application)
    found: list[Known] = [flagged] if flagged is not None else []
    if application.record:
        registered = from_facts(application.record)
        own = find_registered(db, registered)
        found += [one for one in find_namesakes(db, registered.full_name, registered.birth_date) if one is not own]
    return list(dict.fromkeys(found))


def look_at_compared(db: Session, application: Application, officer: Actor, *, now: datetime) -> list[Known]:
    """The same for an officer's eyes: each of them sees that somebody looked, and why."""
    found = compared_with(db, application)
    for one in found:
        account = find_account_of(db, one.id) if isinstance(one, Person) else None
        if account is not None:
            about = ("account", account.id)
            record(db, Event.ACCOUNT_LOOKED_UP, officer, now=now, subject=about, purpose=PURPOSE)
        elif isinstance(one, Application):
            record(db, Event.APPLICATION_VIEWED, officer, now=now, subject=one.subject, purpose=PURPOSE)
    return found


def _flagged(db: Session, application: Application) -> Known | None:
    """Somebody whom we know, or another file that was not emptied since."""
    if application.duplicate_id is None:
        return None
    file = db.get(Application, application.duplicate_id)
    return db.get(Person, application.duplicate_id) or (file if file is not None and file.record else None)


def _is_foreign_holder(db: Session, person: Person) -> bool:
    return person.kind == Kind.FOREIGNER and find_account_of(db, person.id) is not None


def _papers(typed: str, nationality: str) -> Iterator[tuple[DocumentKind, str, str]]:
    """What the number may be of: a passport with its country, one of the applicant's country, a residence card."""
    with suppress(Refused):  # no passport has such a number
        passport = normalise_document_number(typed)
        if passport[:COUNTRY_LETTERS].isalpha():
            yield DocumentKind.PASSPORT, passport[COUNTRY_LETTERS:], passport[:COUNTRY_LETTERS]
        yield DocumentKind.PASSPORT, passport, nationality
    with suppress(Refused):  # nor a residence card
        yield DocumentKind.RESIDENCE_CARD, normalise_residence_card(typed), "VNM"
