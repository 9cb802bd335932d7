"""My consent to be helped by a digital technology team: the code of today, stopping, agreeing again."""

from __future__ import annotations

from flask import Response, redirect, session, url_for
from werkzeug.wrappers import Response as Answer

from identity.helping import agree_to_help, has_agreed, new_help_code, withdraw_help
from identity.person import Person
from portal.account import blueprint
from portal.account.visit import visitor
from portal.database import db
from portal.pages import page
from portal.security import guarded, resident
from portal.services import now

HELP_CODE = "help_code"


@blueprint.get("/account/help")
@guarded(resident)
def help() -> Response:  # the endpoint's name is part of the site's map
    return page("account/help.html", agreed=has_agreed(db, _person().id), code=session.pop(HELP_CODE, None))


@blueprint.post("/account/help/code")
@guarded(resident)
def make_help_code() -> Answer:
    session[HELP_CODE] = new_help_code(db, _person().id, now=now(), actor=visitor().actor)
    return redirect(url_for("account.help"), 303)


@blueprint.post("/account/help/agree")
@guarded(resident)
def agree_to_be_helped() -> Answer:
    agree_to_help(db, _person(), now=now(), actor=visitor().actor)
    return redirect(url_for("account.help"), 303)


@blueprint.post("/account/help/stop")
@guarded(resident)
def stop_being_helped() -> Answer:
    withdraw_help(db, _person(), now=now(), actor=visitor().actor)
    return redirect(url_for("account.help"), 303)


def _person() -> Person:
    return db.get_one(Person, visitor().person_id)
