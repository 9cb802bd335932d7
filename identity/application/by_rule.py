"""What is sent online and agrees in every point is decided by rule, at once; anything else waits for an officer.

The rule looks at answers of others, never at what was typed: the register knows the person, the operator knows the
number as theirs, the register knows the face, it names the guardian, nobody else bears the name and birth date, and
somebody whom we know bears the name by which we know them. Who names an earlier number hears nothing about it here.
It gives level 1 at most: level 2 takes a visit and two officers.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from identity.application.decision_paper import Outcome, make_paper
from identity.application.draft import Draft
from identity.application.eligibility import Wish
from identity.application.following import is_renamed
from identity.application.issue import issue
from identity.application.linking import EARLIER_NUMBER
from identity.application.lookup import OWN
from identity.application.model import Application, move
from identity.application.registered import Record, kind_of
from identity.audit import SYSTEM, Event, record
from identity.deadlines import age_on, today_in_vietnam
from identity.guardians import Basis
from identity.levels import way_to
from identity.person import Person

ON_REQUEST, SIM, PORTRAIT, GUARDIANSHIP = "on-request", "sim-unchecked", "portrait-unmatched", "guardianship-paper"
NAMESAKE, RENAMED, EARLIER = "same-name", "renamed", EARLIER_NUMBER
REASONS = (ON_REQUEST, SIM, PORTRAIT, GUARDIANSHIP, NAMESAKE, RENAMED, EARLIER)


def reasons_for_an_officer(draft: Draft, registered: Record, wish: Wish, *, now: datetime) -> list[str]:
    """Why an officer has to look before level 1 is given; none of them, and the rule decides."""
    day = today_in_vietnam(now)
    way = way_to(wish.level, kind_of(registered).value, age_on(registered.birth_date, day), on=day)
    found = {
        ON_REQUEST: way is None or way.on_request,
        SIM: draft.answer("sim") != OWN and wish.guardian_id is None,
        PORTRAIT: draft.answer("portrait_matched") is not True,
        GUARDIANSHIP: wish.guardian_id is not None and draft.answer("guardian_basis") != Basis.REGISTER,
    }
    return [reason for reason, applies in found.items() if applies]


def note_who_is_known(application: Application, registered: Record, known: Person | None) -> None:
    """Add what an officer is to see about people whom we know, whoever decides. `known`: whom the number names."""
    found = {
        NAMESAKE: application.duplicate_of is not None,
        RENAMED: known is not None and is_renamed(known, registered),
        EARLIER: known is None and application.duplicate_of != EARLIER and _names_earlier(application),
    }
    also = [reason for reason, applies in found.items() if applies]
    application.officer_reasons = " ".join([*(application.officer_reasons or "").split(), *also]) or None


def _names_earlier(application: Application) -> bool:
    return bool((application.declared or {}).get("earlier_number"))


def settle(db: Session, application: Application, *, now: datetime) -> bool:
    """Issue the account if nothing is in the way. False: it stays with the office, whose clocks run."""
    if application.officer_reasons is not None:
        return False
    move(db, application, "approve_by_rule", decided_at=now)
    record(db, Event.APPLICATION_APPROVED, SYSTEM, now=now, subject=application.subject, by="rule")
    make_paper(db, application, Outcome.APPROVED, now=now)
    issue(db, application, now=now)
    return True
