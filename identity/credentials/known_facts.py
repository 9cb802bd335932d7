"""What others know of a person and try first: no password may be made of it (NIST SP 800-63B-4, 3.1.1.2)."""

from __future__ import annotations

from sqlalchemy.orm import Session

from identity.account import Account
from identity.person import Person

BIRTHDAYS = ("%d%m%Y", "%d%m%y", "%Y%m%d", "%y%m%d", "%d%m", "%Y")
"""How people write a birthday in digits."""
SUBSCRIBER = 9
"""Digits of a phone after 0 or +84."""


def known_facts(db: Session, account: Account) -> tuple[str, ...]:
    """Login, name, and of a resident birth date and phone."""
    person = db.get(Person, account.person_id) if account.person_id else None
    found = [account.login or "", account.display_name or ""]
    if person is not None:
        found += [person.birth_date.strftime(form) for form in BIRTHDAYS] if person.birth_date else []
        found += [person.phone[-SUBSCRIBER:]] if person.phone else []
    return tuple(found)
