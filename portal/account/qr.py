"""Signing in on this computer with a phone that is signed in, and the phone's side of it."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from flask import Response, jsonify, redirect, request, url_for
from werkzeug.wrappers import Response as Answer

from identity.base import Refused
from identity.credentials import qr as domain
from identity.deadlines import rule, today_in_vietnam
from identity.oidc.clients import find_client
from identity.oidc.shares import find_share
from portal.account import blueprint
from portal.account.destination import wanted
from portal.account.forms import EmptyForm
from portal.account.passkeys import lately_proved
from portal.account.visit import this_visit, visitor, welcome
from portal.database import db
from portal.drawing import qr_svg
from portal.language import in_our_language
from portal.pages import id_in, page
from portal.security import anyone, guarded, limiter
from portal.security.cookies import drop_cookie, read_cookie, set_cookie
from portal.services import now, services
from portal.words.browsers import browser

COOKIE = "eid_qr"


@blueprint.post("/sign-in/qr")
@guarded(anyone)
@limiter.limit("30 per minute")
def begin_qr() -> Answer:
    begun = domain.begin(db, this_visit(), _asking_client(), now=now())
    response = redirect(url_for("account.show_qr", next=wanted()), 303)
    set_cookie(response, COOKIE, begun.secret, timedelta(minutes=_rules()["minutes"]))
    return response


@blueprint.get("/sign-in/qr")
@guarded(anyone)
def show_qr() -> Response | Answer:
    return _computer(EmptyForm())


@blueprint.get("/sign-in/qr/picture")
@guarded(anyone)
def qr_picture() -> Response:
    """The picture of this moment, for the browser that began; an empty one when it is over."""
    row = domain.find_waiting(db, read_cookie(COOKIE) or "")
    if row is None or domain.state_of(row, now=now()) != "waiting":
        return Response('<svg xmlns="http://www.w3.org/2000/svg"/>', mimetype="image/svg+xml")
    address = services().settings.issuer + url_for("account.scan_qr", shown=domain.token(db, row, now=now()))
    return Response(str(qr_svg(address)), mimetype="image/svg+xml")


@blueprint.get("/sign-in/qr/state")
@guarded(anyone)
def qr_state() -> Response:
    row = domain.find_waiting(db, read_cookie(COOKIE) or "")
    return jsonify(state=domain.state_of(row, now=now()))


@blueprint.post("/sign-in/qr/finish")
@guarded(anyone)
@limiter.limit("30 per minute")
def finish_qr() -> Response | Answer:
    form = EmptyForm()
    if form.validate_on_submit():
        secret, which = read_cookie(COOKIE) or "", id_in(request.form.get("qr", "")) or UUID(int=0)
        outcome = domain.finish(db, secret, which, this_visit(), now=now())
        if not isinstance(outcome, Refused):
            response = welcome(outcome, wanted())
            drop_cookie(response, COOKIE)
            return response
        form.show(outcome)
    return _computer(form)


@blueprint.get("/qr/<shown>")
@guarded(lately_proved)
def scan_qr(shown: str) -> Response:
    """What the phone shows: who asks, from where, and three numbers. Looking changes nothing."""
    row, me = domain.find_shown(db, shown[:100], now=now()), visitor()
    client = find_client(db, row.client_id) if row.client_id else None
    return page(
        "account/qr_scanned.html",
        row=row,
        asked=domain.ask(db, row, me.account_id, now=now()),
        browser=browser(row.user_agent),
        service=in_our_language(client.name) if client else None,
        purpose=in_our_language(client.purpose) if client else None,
        is_first=client is not None and find_share(db, me.account_id, client.id) is None,
    )


@blueprint.post("/qr/<uuid:qr_id>/answer")
@guarded(lately_proved)
def answer_qr(qr_id: UUID) -> Answer:
    me, given = visitor(), request.form.get("number", "")
    row = domain.find_asked(db, qr_id, request.form.get("asked", "")[:200], me.account_id, now=now())
    if given == "no":
        domain.refuse(db, row, me.account_id, now=now())
        return redirect(url_for("account.qr_answered", answer="no"), 303)
    number = int(given) if given.isascii() and given.isdecimal() and len(given) < 4 else -1
    refusal = domain.approve(db, row, me.account_id, number, tuple(me.amr), now=now())
    return redirect(url_for("account.qr_answered", answer="yes" if refusal is None else "wrong"), 303)


@blueprint.get("/qr/answered")
@guarded(anyone)
def qr_answered() -> Response:
    return page("account/qr_answered.html", answer=request.args.get("answer", ""))


def _computer(form: EmptyForm) -> Response:
    row = domain.find_waiting(db, read_cookie(COOKIE) or "")
    names = {"state": domain.state_of(row, now=now()), "step_seconds": _rules()["step_seconds"]}
    return page("account/qr.html", form=form, row=row, next=wanted(), **names)


def _asking_client() -> str | None:
    """The service that the person is on the way to, as far as the address says so."""
    query = parse_qs(urlsplit(wanted() or "").query)
    return query.get("client_id", [""])[0][:300] or None


def _rules() -> dict[str, int]:
    found: dict[str, int] = rule("qr_sign_in", today_in_vietnam(now()))
    return found
