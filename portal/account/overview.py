"""My account at a glance: the card with its computed level, files that move, what protects the account; my history."""

from __future__ import annotations

from flask import Response, request

from identity.account import get_account
from identity.application import status_of
from identity.credentials.recovery import codes_left
from identity.freeze import paused_until
from identity.helping import has_agreed
from identity.history import files_of, looks_at, uses_of
from identity.levels import level_details
from identity.oidc.clients import client_names
from identity.person import Person
from identity.session import count_open
from portal.account import blueprint, words
from portal.account.visit import visitor
from portal.database import db
from portal.language import current_locale
from portal.pages import page
from portal.services import now


@blueprint.get("/account")
def overview() -> Response:
    moment, account = now(), get_account(db, visitor().account_id)
    person = db.get(Person, account.person_id) if account.person_id else None
    return page(
        "account/overview.html",
        words=words,
        done=words.DONE.get(request.args.get("done", "")),
        account=account,
        person=person,
        level=level_details(db, person.id, now=moment) if person else None,
        files=[(file, status_of(file, now=moment)) for file in files_of(db, person.id)] if person else [],
        browsers=count_open(db, account.id, now=moment),
        codes_left=codes_left(db, account.id),
        paused_until=paused_until(db, account.id, now=moment),
        helped=person is not None and has_agreed(db, person.id),
    )


@blueprint.get("/account/history")
def history() -> Response:
    me = visitor()
    names = {str(id): name.get(current_locale()) or name.get("vi", "") for id, name in client_names(db).items()}
    looks = [words.look(event, names) for event in looks_at(db, me.account_id, me.person_id)]
    uses = [words.use(event) for event in uses_of(db, me.account_id, me.person_id, now=now())]
    return page("account/history.html", looks=looks, uses=uses)
