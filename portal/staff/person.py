"""One member of staff: roles given and ended, a new invitation, shutting and opening the account."""

from __future__ import annotations

from uuid import UUID

from flask import Response, abort, redirect, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response as Answer
from wtforms import Field, Form
from wtforms.validators import ValidationError

from identity.account import Account
from identity.base import Refused
from identity.deadlines import today_in_vietnam
from identity.locks import grounds_of
from identity.places import COUNTRY, Unit, find_units
from identity.staff import EVERYWHERE, FOR_THE_COUNTRY, Role, end_role, give_role
from identity.staff.confirmation import ask_others
from identity.staff.idle import last_used, lift, reopen, suspend
from identity.staff.invitation import invite_again, renew, staff_record
from portal.database import db
from portal.errors import sentence
from portal.fields import DateField, HouseForm, SelectField, TextField
from portal.language import _l, current_locale
from portal.pages import page
from portal.services import now
from portal.staff import blueprint, words
from portal.staff.visit import acting, member_of_staff, units_by_id

ACTS = {"invite": invite_again, "renew": renew, "reopen": reopen, "suspend": suspend, "lift": lift}


def not_in_the_past(_form: Form, field: Field) -> None:
    """Nobody is given rights for days on which they had none."""
    if field.data is not None and field.data < today_in_vietnam(now()):
        raise ValidationError(sentence(Refused("role-starts-past")))


class RoleForm(HouseForm):
    """A role, where and until when."""

    role = SelectField(_l("Role"))
    unit = TextField(
        _l("Unit"),
        hint=_l("Code or name of the province or commune, VN for the whole country. Empty for the whole portal."),
        required=False,
        length=120,
    )
    valid_from = DateField(_l("From"), hint=_l("Empty: today"), required=False, rules=[not_in_the_past])
    valid_to = DateField(_l("Until (the first day without it)"), hint=_l("Empty: no end"), required=False)


@blueprint.get("/<uuid:account_id>")
def person(account_id: UUID) -> Response:
    return _page(member_of_staff(account_id), _form())


@blueprint.post("/<uuid:account_id>/roles")
def give(account_id: UUID) -> Response | Answer:
    account, form = member_of_staff(account_id), _form()
    if form.validate_on_submit():
        try:
            unit = _unit(form.unit.data or "", form.role.data)
            days = {"valid_from": form.valid_from.data, "valid_to": form.valid_to.data}
            given = give_role(db, account.id, form.role.data, unit, acting(), now=now(), **days)
            asked = ask_others(db, given, now=now())
            return _back(account, "given" if given.confirmed_at else "waits" if asked else "waits-alone")
        except Refused as refusal:
            if refusal.audited:
                raise
            form.refuse(refusal)
    return _page(account, form)


@blueprint.post("/<uuid:account_id>/roles/<uuid:role_id>/end")
def end(account_id: UUID, role_id: UUID) -> Answer:
    account, role = member_of_staff(account_id), db.get(Role, role_id)
    if role is None or role.account_id != account.id:
        abort(404)
    if role.account_id == acting().account_id:
        raise Refused("own-role", audited=True)
    end_role(db, role, acting(), now=now())
    return _back(account, "ended")


@blueprint.post("/<uuid:account_id>/<any(invite, renew, reopen, suspend, lift):act>")
def change(account_id: UUID, act: str) -> Answer:
    account = member_of_staff(account_id)
    ACTS[act](db, account, acting(), now=now())
    return _back(account, act)


def _form() -> RoleForm:
    form = RoleForm()
    form.role.choices = [(name, word) for name, word in words.ROLES.items() if name not in words.GIVEN_BY_TEAMS]
    return form


def _unit(typed: str, role: str) -> UUID | None:
    """The one unit of this code or name. Roles that look after the portal go without, those for the country say so:
    an empty field is an oversight more often than the wish to give somebody the country."""
    if not typed.strip():
        if role in EVERYWHERE:
            return None
        raise Refused("role-needs-unit", field="unit")
    if role in FOR_THE_COUNTRY and typed.strip().upper() == COUNTRY:
        return None
    today = today_in_vietnam(now())
    by_code = select(Unit).where(Unit.code == typed.strip(), Unit.valid_to.is_(None))
    found = list(db.scalars(by_code)) or find_units(db, typed, on=today, limit=2)
    if len(found) != 1:
        raise Refused("unit-not-one", field="unit", found=len(found))
    return found[0].id


def _page(account: Account, form: RoleForm) -> Response:
    query = select(Role).where(Role.account_id == account.id).order_by(Role.valid_from.desc(), Role.id)
    roles = list(db.scalars(query))
    return page(
        "staff/person.html",
        account=account,
        kept=staff_record(db, account.id),
        roles=roles,
        units=units_by_id(role.unit_id for role in roles),
        grounds=[one.ground for one in grounds_of(db, account, now=now())],
        used=last_used(db, account.id),
        today=today_in_vietnam(now()),
        form=form,
        words=words,
        locale=current_locale(),
        done=request.args.get("done", ""),
        is_own=account.id == acting().account_id,
    )


def _back(account: Account, done: str) -> Answer:
    return redirect(url_for("staff.person", account_id=account.id, done=done), 303)
