"""The plain steps: which form asks, and what is kept of the answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from identity.application import Draft, save_step
from identity.deadlines import today_in_vietnam
from identity.documents import check_personal_number, normalise_document_number, normalise_residence_card
from portal.enrolment import forms
from portal.enrolment.journey import IDENTITY
from portal.fields import HouseForm
from portal.services import now

Keep = Callable[[HouseForm], dict[str, Any]]


def _as_typed(form: HouseForm) -> dict[str, Any]:
    return {field.name: _plain(field.data) for field in form}


def _personal_number(form: HouseForm) -> dict[str, Any]:
    """The number of today's card is the personal number itself, so it is not asked twice."""
    number = check_personal_number(form["personal_number"].data, today=today_in_vietnam(now())).number
    return {"personal_number": number, "document_number": number}


def _passport_number(form: HouseForm) -> dict[str, Any]:
    return {"passport_number": normalise_document_number(form["passport_number"].data)}


def _residence_card(form: HouseForm) -> dict[str, Any]:
    card = normalise_residence_card(form["residence_card"].data)
    return {"residence_card": card, "earlier_number": form["earlier_number"].data or None}


def _messages(form: HouseForm) -> dict[str, Any]:
    return {"notify_by": form["notify_by"].data, "email": form["email"].data or None}


def _help(form: HouseForm) -> dict[str, Any]:
    return {"agreed_to_help": bool(form["agreed_to_help"].data)}


FORMS: dict[str, tuple[type[HouseForm], Keep]] = {
    "language": (forms.LanguageForm, _as_typed),
    "personal-number": (forms.PersonalNumberForm, _personal_number),
    "passport-number": (forms.PassportNumberForm, _passport_number),
    "nationality": (forms.NationalityForm, _as_typed),
    "name": (forms.NameForm, _as_typed),
    "birth-date": (forms.BirthDateForm, _as_typed),
    "residence-card": (forms.ResidenceCardForm, _residence_card),
    "messages": (forms.MessagesForm, _messages),
    "help": (forms.HelpForm, _help),
}


def filled(draft: Draft, name: str) -> HouseForm:
    """The form of a step with what is known."""
    kind = FORMS[name][0]
    answers = dict(draft.answers or {})
    if "birth_date" in answers:
        answers["birth_date"] = date.fromisoformat(answers["birth_date"])
    return kind(data=answers)


def keep_step(db: Session, draft: Draft, name: str, form: HouseForm, *, now: datetime) -> None:
    """Save what one step answered."""
    keep_answers(db, draft, FORMS[name][1](form), now=now)
    if name == "language":
        draft.locale = draft.answer("locale")


def keep_answers(db: Session, draft: Draft, answers: dict[str, Any], *, now: datetime) -> None:
    """Save answers; when one that the register was asked about changes, its confirmation is void."""
    if any(draft.answer(one) != answers[one] for one in IDENTITY if one in answers):
        answers = {**answers, "record": None, "record_at": None}
    save_step(db, draft, answers, now=now)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
