"""My account at a glance: the card with its computed level, what moves, what protects the account; my history."""

from __future__ import annotations

from flask import Response, request, url_for

from identity.account import get_account
from identity.credentials.passkey import passkeys_of
from identity.glance import at_a_glance
from identity.history import browsers_of, looks_at, offices_of, uses_of
from identity.levels import level_details
from identity.moving import moving
from identity.oidc.clients import client_names
from identity.person import Person
from identity.session import count_open
from identity.staff.confirmation import is_waited_for
from portal.account import blueprint, words
from portal.account.visit import visitor
from portal.database import db
from portal.language import current_locale
from portal.pages import page, page_number
from portal.security import guarded, resident
from portal.services import now
from portal.words import rights as rights_words


@blueprint.get("/account")
def overview() -> Response:
    moment, account = now(), get_account(db, visitor().account_id)
    person = db.get(Person, account.person_id) if account.person_id else None
    return page(
        "account/overview.html",
        words=words,
        rights=rights_words,
        done=words.DONE.get(request.args.get("done", "")),
        is_new=request.args.get("done") == "activated" and not passkeys_of(db, account.id),
        account=account,
        person=person,
        role_waits=person is None and is_waited_for(db, account.id, now=moment),
        level=level_details(db, person.id, now=moment) if person else None,
        moving=moving(db, account.id, account.person_id, now=moment),
        glance=at_a_glance(db, account.id, account.person_id, now=moment),
    )


@blueprint.get("/account/history")
def history() -> Response:
    me = visitor()
    names = {str(id): name.get(current_locale()) or name.get("vi", "") for id, name in client_names(db).items()}
    seen = looks_at(db, me.account_id, me.person_id, page=_page_of("looks"))
    used = uses_of(db, me.account_id, me.person_id, now=now(), page=_page_of("uses"))
    offices, browsers = offices_of(db, seen.events), browsers_of(db, me.account_id, used.events)
    return page(
        "account/history.html",
        looks=[words.look(event, names, offices.get(event.subject_id)) for event in seen.events],
        uses=[words.use(event, names, browsers.get(event.id)) for event in used.events],
        seen=seen,
        used=used,
        looks_at=lambda number: url_for("account.history", looks=number, uses=used.page, _anchor="looks"),
        uses_at=lambda number: url_for("account.history", looks=seen.page, uses=number, _anchor="uses"),
    )


def _page_of(which: str) -> int:
    return page_number(request.args.get(which, ""))


@blueprint.get("/account/not-mine")
@guarded(resident)
def not_mine() -> Response:
    """Something in the history was somebody else: what to do, the fastest first."""
    return page("account/not_mine.html", browsers=count_open(db, visitor().account_id, now=now()))
