"""Applications that begin under My account: a child or ward is added, a level rises, or a paper was renewed.

What is known is filled in and not asked again; the register confirms it anew.
"""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from flask import redirect
from werkzeug.wrappers import Response

from identity.account import Account, Act, check_may, find_account_of
from identity.application import save_step
from identity.base import Refused
from identity.guardians import check_guardian, guardians_of
from identity.levels import level_of
from identity.person import DocumentKind, Kind, Person, documents_of
from portal.database import db
from portal.enrolment import blueprint
from portal.enrolment.drafting import keep, new_draft
from portal.enrolment.forms import AddWardForm
from portal.enrolment.journey import address, find_step, next_step
from portal.pages import page
from portal.security import guarded, me, resident
from portal.security.visitor import SignedIn
from portal.services import now

FIRST_PAPER = "passport-number"
"""A foreign resident's papers get other numbers when they are renewed, so they are compared from here on."""


@blueprint.post("/account/level-2")
@guarded(resident)
def rise() -> Response:
    """From level 1 to level 2: the same person, one visit."""
    person, answers = _about_me()
    if level_of(db, person.id, now=now()) >= 2:
        raise Refused("level-held", level=2)
    return _begin(answers | {"level": 2, "person_id": str(person.id)})


@blueprint.post("/account/renewed-paper")
@guarded(resident)
def renew() -> Response:
    """With a paper that was renewed: nothing is asked but its number, and a citizen's is the person's own."""
    person, answers = _about_me()
    return _begin(answers | {"level": 1, "renews": str(person.id)}, at=FIRST_PAPER)


@blueprint.route("/account/wards/add", methods=["GET", "POST"])
@guarded(resident)
def add_ward() -> Response:
    account = check_guardian(db, cast(SignedIn, me()).account_id, now=now())
    form = AddWardForm()
    if form.validate_on_submit():
        guardian = db.get_one(Person, account.person_id)
        about_both = {"guardian_id": str(guardian.id), "person_kind": form.person_kind.data, "level": 1}
        return _begin(contact_of(guardian, account) | about_both)
    return page("enrolment/add_ward.html", form=form)


@blueprint.post("/account/wards/<uuid:ward_id>/level-2")
@guarded(resident)
def raise_ward(ward_id: UUID) -> Response:
    """A child of 6 or more to level 2, on request: in person, together."""
    return _begin(_about_ward(ward_id) | {"level": 2, "person_id": str(ward_id)})


@blueprint.post("/account/wards/<uuid:ward_id>/renewed-paper")
@guarded(resident)
def renew_for_ward(ward_id: UUID) -> Response:
    """With a paper of the ward that was renewed."""
    return _begin(_about_ward(ward_id) | {"level": 1, "renews": str(ward_id)}, at=FIRST_PAPER)


def _about_me() -> tuple[Person, dict[str, Any]]:
    """Whoever is signed in, and what is known of them; Refused "guardian-applies" for a child or ward."""
    moment, holder = now(), cast(SignedIn, me())
    standing = check_may(db, holder.account_id, Act.CHANGE, now=moment)
    person, account = db.get_one(Person, standing.person_id), db.get_one(Account, holder.account_id)
    if guardians_of(db, person.id, now=moment):
        raise Refused("guardian-applies")
    return person, known_about(person) | contact_of(person, account)


def _about_ward(ward_id: UUID) -> dict[str, Any]:
    """A ward of whoever is signed in, with what shows the guardianship; Refused "not-allowed" for anybody else's."""
    moment = now()
    account = check_guardian(db, cast(SignedIn, me()).account_id, now=moment)
    held = next((row for row in guardians_of(db, ward_id, now=moment) if row.guardian_id == account.person_id), None)
    if held is None or find_account_of(db, ward_id) is None:
        raise Refused("not-allowed")
    ward, guardian = db.get_one(Person, ward_id), db.get_one(Person, held.guardian_id)
    about_both = {"guardian_id": str(guardian.id), "guardian_basis": held.basis}
    if held.ends_on and held.basis == "paper" and held.ends_on.year < 9999:
        about_both["guardianship_until"] = held.ends_on.isoformat()
    return known_about(ward) | contact_of(guardian, account) | about_both


def known_about(person: Person) -> dict[str, Any]:
    """What the register is asked with."""
    papers = {paper.kind: paper.number for paper in documents_of(db, person.id)}
    assert person.birth_date is not None
    who = {"person_kind": person.kind, "full_name": person.full_name, "birth_date": person.birth_date.isoformat()}
    if person.kind == Kind.CITIZEN:
        number = person.personal_number
        return who | {"personal_number": number, "document_number": papers.get(DocumentKind.CITIZEN_CARD) or number}
    return who | {
        "passport_number": papers.get(DocumentKind.PASSPORT),
        "nationality": person.nationality,
        "residence_card": papers.get(DocumentKind.RESIDENCE_CARD),
    }


def contact_of(person: Person, account: Account) -> dict[str, Any]:
    """Where the applicant is reached: the phone on file, which the account has proved."""
    if not person.phone:
        raise Refused("contact-no-old")
    return {
        "phone": person.phone,
        "phone_proved_at": now().isoformat(),
        "email": person.email,
        "notify_by": "both" if person.email else "sms",
        "locale": account.locale,
        "agreed_to_help": False,
    }


def _begin(answers: dict[str, Any], *, at: str = "") -> Response:
    """On to what is not known, or to the step `at` where this person has it."""
    draft = new_draft()
    save_step(db, draft, answers, now=now())
    draft.locale = answers["locale"]
    return keep(redirect(address(find_step(draft, at) or next_step(draft)), 303), draft)
