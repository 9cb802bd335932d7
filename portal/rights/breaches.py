"""The breach register: the list by clock, one file, telling the authority and the people, the report on paper."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as Answer

from identity.audit import Actor
from identity.base import Refused
from identity.breaches import telling
from identity.breaches.model import Breach
from identity.breaches.record import breaches as register
from identity.breaches.record import change_breach, close_breach, record_breach, tell_authority
from portal.database import db
from portal.fields import HouseForm
from portal.pages import page, page_number
from portal.printing.paper import paper
from portal.rights import blueprint
from portal.rights.breach_forms import AuthorityForm, CloseForm, EverybodyForm, FindingForm, PeopleForm, filled
from portal.security import guarded, limiter, me, staff
from portal.services import now, services
from portal.words import breach as breach_words

KEEPERS = ("data_protection_officer", "operator")
keeping = staff(*KEEPERS)


@blueprint.get("/breaches")
@guarded(keeping)
def breaches() -> Response:
    is_closed = request.args.get("show") == "closed"
    rows, pages = register(db, closed=is_closed, page=page_number())
    return page(
        "rights/breaches.html",
        rows=rows,
        closed=is_closed,
        page=min(page_number(), pages),
        pages=pages,
        href_for=lambda number: url_for("rights.breaches", page=number, show="closed" if is_closed else None),
        now=now(),
        words=breach_words,
    )


@blueprint.route("/breaches/new", methods=["GET", "POST"])
@guarded(keeping)
def new_breach() -> Response | Answer:
    form = FindingForm()
    if form.validate_on_submit():
        try:
            row = record_breach(db, form.finding(), keeper(), now=now())
        except Refused as refusal:
            form.refuse(refusal)
        else:
            return redirect(url_for("rights.breach", breach_id=row.id, done="saved"), 303)
    return page("rights/breach_edit.html", form=form, row=None)


@blueprint.get("/breaches/<uuid:breach_id>")
@guarded(keeping)
def breach(breach_id: UUID) -> Response:
    return _page(_breach(breach_id))


@blueprint.route("/breaches/<uuid:breach_id>/edit", methods=["GET", "POST"])
@guarded(keeping)
def edit_breach(breach_id: UUID) -> Response | Answer:
    row = _breach(breach_id)
    if request.method == "GET" and row.closed_at is not None:  # the file says so
        return redirect(url_for("rights.breach", breach_id=breach_id))
    form = FindingForm(data=filled(row)) if request.method == "GET" else FindingForm()
    if form.validate_on_submit():
        try:
            change_breach(db, row, form.finding(), _seen(), keeper(), now=now())
        except Refused as refusal:
            form.refuse(refusal)
            row = _breach(breach_id)
        else:
            return redirect(url_for("rights.breach", breach_id=breach_id, done="saved"), 303)
    return page(
        "rights/breach_edit.html", form=form, row=row, seen=_seen() if request.method == "POST" else row.version
    )


@blueprint.post("/breaches/<uuid:breach_id>/authority")
@guarded(keeping)
def tell_breach(breach_id: UUID) -> Response | Answer:
    form = AuthorityForm()
    return _act(breach_id, form, "told", lambda row: tell_authority(
        db, row, form.reference.data, keeper(), now=now(), told_at=form.told_at()), authority=form)  # fmt: skip


@blueprint.post("/breaches/<uuid:breach_id>/people")
@guarded(keeping)
def name_people(breach_id: UUID) -> Response | Answer:
    """Numbers that nobody has stay in the form, to be put right."""
    form, row = PeopleForm(), _breach(breach_id)
    if form.validate_on_submit():
        try:
            unknown = telling.name_people(db, row, form.lines(), keeper(), now=now())
        except Refused as refusal:
            form.refuse(refusal)
            row = _breach(breach_id)
        else:
            if not unknown:
                return redirect(url_for("rights.breach", breach_id=breach_id, done="named"), 303)
            return _page(row, people=form, unknown=unknown)
    return _page(row, people=form)


@blueprint.post("/breaches/<uuid:breach_id>/everybody")
@guarded(keeping)
def name_everybody(breach_id: UUID) -> Response | Answer:
    form = EverybodyForm()
    return _act(breach_id, form, "everybody", lambda row: telling.name_everybody(
        db, row, keeper(), now=now()), everybody=form)  # fmt: skip


@blueprint.post("/breaches/<uuid:breach_id>/telling")
@guarded(keeping)
def start_telling(breach_id: UUID) -> Answer:
    telling.start_telling(db, _breach(breach_id), keeper(), now=now())
    return redirect(url_for("rights.breach", breach_id=breach_id, done="telling"), 303)


@blueprint.post("/breaches/<uuid:breach_id>/close")
@guarded(keeping)
def end_breach(breach_id: UUID) -> Response | Answer:
    form = CloseForm()
    return _act(breach_id, form, "closed", lambda row: close_breach(
        db, row, form.conclusion.data, keeper(), now=now()), closing=form)  # fmt: skip


@blueprint.get("/breaches/<uuid:breach_id>/report")
@guarded(keeping)
@limiter.limit("20/minute")
def breach_report(breach_id: UUID) -> Response:
    """The notice to the authority, or, once the file is closed, its closing report; Vietnamese unless `in` says so."""
    row = _breach(breach_id)
    named, told = telling.people_of(db, row)
    language = request.args.get("in", "vi")
    return paper(
        "rights/sheets/breach.html",
        f"breach-{row.number}",
        language=language if language in {"vi", "en"} else "vi",
        row=row,
        named=named,
        told=told,
        words=breach_words,
        owner_name=services().settings.owner,
    )


def keeper() -> Actor:
    """Who keeps the register; the guard let nobody else in."""
    visitor = me()
    assert visitor is not None
    return visitor.acting_as(*KEEPERS)


def _act(breach_id: UUID, form: HouseForm, done: str, act: Any, **forms: HouseForm) -> Response | Answer:
    """One step from a form of the file's page; a refusal shows the page with what was typed."""
    row = _breach(breach_id)
    if form.validate_on_submit():
        try:
            act(row)
        except Refused as refusal:
            form.refuse(refusal)
            row = _breach(breach_id)
        else:
            return redirect(url_for("rights.breach", breach_id=breach_id, done=done), 303)
    return _page(row, **forms)


def _page(row: Breach, *, unknown: list[str] | None = None, **forms: HouseForm) -> Response:
    named, told = telling.people_of(db, row)
    return page(
        "rights/breach.html",
        row=row,
        named=named,
        told=told,
        is_late=row.is_late(now()),
        left=max(row.notice_by - now(), timedelta()),
        unknown=unknown,
        form=next(iter(forms.values()), None),
        authority=forms.get("authority") or AuthorityForm(formdata=None),
        people=forms.get("people") or PeopleForm(formdata=None),
        everybody=forms.get("everybody") or EverybodyForm(formdata=None),
        closing=forms.get("closing") or CloseForm(formdata=None),
        done=breach_words.DONE.get(request.args.get("done", "")),
        words=breach_words,
    )


def _breach(breach_id: UUID) -> Breach:
    return db.get(Breach, breach_id) or abort(404)


def _seen() -> int:
    typed = request.form.get("version", "")[:9]
    return int(typed) if typed.isascii() and typed.isdigit() else -1
