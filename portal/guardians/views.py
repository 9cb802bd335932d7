"""The guardian's side: the people one acts for, and the answer to a question about a use."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from flask import Response, redirect, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response as Answer

from identity.account import Account, AccountState, find_account_of, get_account
from identity.application import Application, status_of
from identity.base import Refused
from identity.deadlines import age_on, today_in_vietnam
from identity.guardians import (
    Confirmation,
    Guardianship,
    answer,
    find_mine,
    open_questions,
    past_wards_of,
    wards_of,
)
from identity.guardians.confirming import choices_of
from identity.levels import level_of, way_to
from identity.oidc.clients import client_names
from identity.person import Person
from portal.database import db
from portal.guardians import blueprint
from portal.guardians.visitor import visitor
from portal.language import _, current_locale
from portal.pages import page
from portal.services import now


@dataclass(frozen=True, slots=True)
class WardRow:
    """One ward as the list shows it."""

    person_id: UUID
    name: str
    level: int
    state: str
    ends_on: date | None
    may_rise: bool
    may_renew: bool


@blueprint.get("/wards")
def wards() -> Response:
    moment, guardian_id = now(), visitor().person_id
    assert guardian_id is not None
    held = wards_of(db, guardian_id, now=moment)
    of_mine = select(Application).where(Application.guardian_id == guardian_id, Application.open_index.is_not(None))
    files = list(db.scalars(of_mine))
    waiting = {file.person_id for file in files}
    return page(
        "guardians/wards.html",
        level=level_of(db, guardian_id, now=moment),
        wards=[row for row in (_row(one.ward_id, one.ends_on, waiting) for one in held) if row is not None],
        questions=[(one, get_account(db, one.ward_account_id)) for one in open_questions(db, guardian_id, now=moment)],
        files=[(file, status_of(file, now=moment)) for file in files],
        past=[row for row in (_past(one) for one in past_wards_of(db, guardian_id, now=moment)) if row is not None],
        done=request.args.get("done", ""),
    )


def _row(ward_id: UUID, ends_on: date | None, waiting: set[UUID | None]) -> WardRow | None:
    moment, account, person = now(), find_account_of(db, ward_id), db.get_one(Person, ward_id)
    if account is None or person.birth_date is None:
        return None
    day, level = today_in_vietnam(moment), level_of(db, ward_id, now=moment)
    way = way_to(2, person.kind, age_on(person.birth_date, day), on=day)
    ends = ends_on if ends_on is not None and ends_on.year < date.max.year else None
    is_free = ward_id not in waiting and account.state != AccountState.CLOSED
    may_rise = level < 2 and way is not None and is_free
    return WardRow(ward_id, account.display_name or "", level, account.state, ends, may_rise, may_renew=is_free)


def _past(one: Guardianship) -> tuple[str, date] | None:
    """The name, and the first day on which the account is theirs; None where nobody will take it over."""
    account = find_account_of(db, one.ward_id)
    if account is None or one.ends_on is None or account.state == AccountState.CLOSED:
        return None
    return account.display_name or "", one.ends_on + timedelta(days=1)


@blueprint.get("/wards/questions/<uuid:question_id>")
def question(question_id: UUID) -> Response:
    """Shows; only the button answers."""
    account = _account()
    found = find_mine(db, question_id, account, now=now())
    return _question_page(found, get_account(db, found.ward_account_id))


@blueprint.post("/wards/questions/<uuid:question_id>")
def answer_question(question_id: UUID) -> Response | Answer:
    typed = request.form.get("number", "")
    number = int(typed) if typed.isascii() and typed.isdigit() and len(typed) == 2 else None
    said_yes = answer(db, question_id, _account(), number, now=now())
    return redirect(url_for("guardians.wards", done="confirmed" if said_yes else "refused"), 303)


def _question_page(found: Confirmation, ward: Account) -> Response:
    return page(
        "guardians/question.html", question=found, ward=ward, numbers=choices_of(found), service=service_name(found)
    )


def service_name(found: Confirmation) -> str | None:
    """The service that the question is about, in the reader's language."""
    if found.client_id is None:
        return None
    name = {str(key): value for key, value in client_names(db).items()}.get(str(found.client_id), {})
    return name.get(current_locale()) or name.get("vi") or _("a service")


def _account() -> Account:
    holder = visitor()
    if holder.person_id is None:
        raise Refused("not-allowed")
    return get_account(db, holder.account_id)
