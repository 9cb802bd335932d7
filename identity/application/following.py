"""What a register says by now of somebody whom we know: it counts here too, with the next application.

Identity data flow from the registers and are never edited here (Decree 69/2024/ND-CP Art. 8). A number ties the name of
now to the one before: a citizen's for life, a foreign resident's of passport or residence card. Where the name differs,
an officer looks before anything is given (`by_rule.RENAMED`).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from identity.account import Account
from identity.application.model import Application
from identity.application.registered import Record, nationality_of
from identity.audit import SYSTEM, Event, record
from identity.deadlines import today_in_vietnam
from identity.person import Person, age_band, set_name


def is_renamed(person: Person, registered: Record) -> bool:
    """Whether the register has another name or birth date for this person since."""
    return (person.full_name, person.birth_date) != (registered.full_name, registered.birth_date)


def follow(
    db: Session, application: Application, account: Account, person: Person, registered: Record, *, now: datetime
) -> None:
    """Take over what differs; on record, without the values."""
    said: dict[str, Any] = {
        "sex": registered.sex,
        "nationality": nationality_of(registered),
        "address": registered.address,
        "unit_id": application.home_unit_id or person.unit_id,
        "age_band": age_band(registered.birth_date, today_in_vietnam(now)),
    }
    changed = [name for name, value in said.items() if getattr(person, name) != value]
    for name in changed:
        setattr(person, name, said[name])
    if is_renamed(person, registered):
        changed.insert(0, "name")
        set_name(db, person, registered.full_name, registered.birth_date)
        account.display_name = registered.full_name
    if changed:
        about = ("account", account.id)
        record(db, Event.REGISTER_FOLLOWED, SYSTEM, now=now, subject=about, changed=" ".join(changed))
