"""Rows of the check pages: what was typed, where it can be changed, and what only the register holds, masked."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from flask import url_for

from identity.application import Draft
from identity.documents import check_personal_number
from identity.guardians import Basis
from identity.places import Office
from portal.database import db
from portal.enrolment.countries import country
from portal.enrolment.journey import CITIZEN, Step, address, find_step, is_signed_in
from portal.language import NAMES, _, current_locale, day, masked_phone, spaced

Row = dict[str, Any]


def typed_rows(draft: Draft, note: str = "") -> list[Row]:
    """What the register is asked with."""
    born = date.fromisoformat(draft.answer("birth_date"))
    if draft.answer("person_kind") == CITIZEN:
        number = draft.answer("personal_number")
        hint = note or _look_again(number, born)
        numbers = [row(draft, "personal-number", _("Personal number"), spaced(number), hint)]
    else:
        numbers = [
            row(draft, "passport-number", _("Passport number"), draft.answer("passport_number"), note),
            row(draft, "nationality", _("Nationality"), country(draft.answer("nationality")), note),
            row(draft, "residence-card", _("Residence card number"), draft.answer("residence_card"), note),
            row(draft, "residence-card", _("Earlier number"), draft.answer("earlier_number")),
        ]
    person = [
        row(draft, "name", _("Full name"), draft.answer("full_name"), note),
        row(draft, "birth-date", _("Date of birth"), day(born), note),
    ]
    return [*numbers, *person]


def _look_again(number: str, born: date) -> str:
    """What looks mistyped in a personal number. No reason to refuse it: the codes of other countries are not public."""
    reasons = check_personal_number(number, birth_date=born).needs_review
    if "province-code-unknown" in reasons:
        words = _(
            "No province has the code %(code)s. It can be right for a birth abroad; else compare it with the card."
        )
        return words % {"code": number[:3]}
    if "birth-year-differs" in reasons:
        return _("This number is of somebody born in another year than you entered. Compare both with the card.")
    return ""


def contact_rows(draft: Draft) -> list[Row]:
    """Phone, channel, language."""
    ways = {"sms": _("By text message"), "both": _("By text message and e-mail"), "email": _("By e-mail")}
    helped = _("Yes, from the team of my area") if draft.answer("agreed_to_help") else _("No")
    return [
        row(draft, "phone", _("Mobile number"), masked_phone(draft.answer("phone")), _("Confirmed by a code")),
        row(draft, "messages", _("Result"), ways[draft.answer("notify_by")]),
        row(draft, "messages", _("E-mail"), draft.answer("email")),
        row(draft, "language", _("Language of messages"), NAMES[draft.answer("locale")]),
        row(draft, "help", _("Help with activating"), helped),
    ]


def office_row(draft: Draft, office: Office) -> Row:
    """Where to go."""
    return row(draft, "office", _("Office"), office_name(office), office.address)


def guardian_rows(draft: Draft) -> list[Row]:
    """What shows that the guardian may act: the register, or a paper and its last day."""
    if not draft.answer("guardian_id"):
        return []
    until = draft.answer("guardianship_until")
    by_register = draft.answer("guardian_basis") == Basis.REGISTER
    shown = _("The register names you") if by_register else _("Paper added")
    note = _("until %(day)s", day=day(date.fromisoformat(until))) if until else ""
    return [row(draft, "guardianship", _("Guardianship"), shown, note)]


def portrait_row(draft: Draft) -> Row:
    """What became of the portrait."""
    known = draft.answer("portrait_matched")
    note = _("The register knows the face") if known else _("An officer compares it")
    return row(draft, "portrait", _("Portrait"), _("Portrait added"), note)


def row(draft: Draft, name: str, key: str, value: Any, note: str = "") -> Row:
    """One line with the way to change it."""
    step = find_step(draft, name)
    return {
        "key": key,
        "value": value,
        "note": note,
        "change_href": _where_to_change(draft, step),
    }


def _where_to_change(draft: Draft, step: Step | None) -> str | None:
    """What is known from My account is not changed here."""
    if step is not None:
        return address(step)
    return None if is_signed_in(draft.answers or {}) else url_for("enrolment.start")


def office_name(office: Office) -> str:
    """In the reader's language, with the Vietnamese name beside it: that is what the sign at the door says."""
    return office.name if current_locale() == "vi" else f"{office.english_name} ({office.name})"


def chosen_office(draft: Draft) -> Office:
    """The office of the draft."""
    return db.get_one(Office, UUID(draft.answer("office_id")))
