"""Is this helper real? By the QR code on the phone or the code on the card. And receipts of authorisations."""

from __future__ import annotations

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as Answer

from identity.deadlines import today_in_vietnam
from onboarding.badge import Shown, Standing, check_printed, check_token, report_scam
from onboarding.delegation import find_delegation, revoke, state_of
from onboarding.portrait import portrait_of
from onboarding.records import done_under
from portal.database import db
from portal.fields import CodeField, HiddenField, HouseForm, PhoneField, TextAreaField, TextField
from portal.language import _l
from portal.pages import page
from portal.picture import data_uri
from portal.security import limiter
from portal.services import now
from portal.verify import blueprint
from portal.words.assistance import RESULTS, TASKS
from portal.words.field import DELEGATION_STATES

LOOKS, REPORTS = "30 per minute", "10 per hour"


class BadgeForm(HouseForm):
    """The code on a card."""

    code = CodeField(_l("Code on the card"), hint=_l("8 letters and digits"), digits=None)


class ReceiptForm(HouseForm):
    """The code on a receipt."""

    code = CodeField(_l("Code on the receipt"), hint=_l("12 letters and digits"), digits=None)


class ReportForm(HouseForm):
    """What happened; `shown` is the code that was scanned or typed."""

    shown = HiddenField()
    text = TextAreaField(_l("What happened?"), rows=4, length=1000)
    place = TextField(
        _l("In which commune or ward?"),
        length=80,
        hint=_l("With its province, like Ba Đình, Hà Nội. The people who work there then learn of it."),
        required=False,
    )
    contact = PhoneField(_l("Your phone, if we may call you"), required=False)


@blueprint.get("/badge/<token>")
@limiter.limit(LOOKS)
def badge(token: str) -> Response:
    return _answer(check_token(db, token[:64], now=now()), token)


@blueprint.get("/badge")
@limiter.limit(LOOKS)
def badge_by_code() -> Response:
    code = request.args.get("code", "")[:20]
    if not code:
        return page("verify/badge_start.html", form=BadgeForm())
    return _answer(check_printed(db, code, now=now()), code)


@blueprint.post("/badge")
@limiter.limit(LOOKS)
def look_up_badge() -> Response | Answer:
    form = BadgeForm()
    if form.validate_on_submit():
        return redirect(url_for("verify.badge_by_code", code=form.code.data[:20]), 303)
    return page("verify/badge_start.html", form=form)


@blueprint.get("/badge-report")
def report_form() -> Response:
    return page("verify/badge_report.html", form=ReportForm(data={"shown": request.args.get("shown", "")[:64]}))


@blueprint.post("/badge-report")
@limiter.limit(REPORTS)
def report() -> Response | Answer:
    form = ReportForm()
    if not form.validate_on_submit():
        return page("verify/badge_report.html", form=form)
    shown, moment = form.shown.data or "", now()
    found = check_token(db, shown, now=moment) if len(shown) > 20 else check_printed(db, shown, now=moment)
    place, contact = form.place.data or "", form.contact.data or ""
    text = f"{form.text.data}\n{place}" if place else form.text.data
    report_scam(db, found.badge_id, text, contact, now=moment, place=place)
    return redirect(url_for("verify.reported"), 303)


@blueprint.get("/badge-reported")
def reported() -> Response:
    return page("verify/badge_reported.html")


@blueprint.route("/receipt", methods=["GET", "POST"])
@limiter.limit(LOOKS)
def receipt() -> Response | Answer:
    form, code = ReceiptForm(), request.args.get("code", "")[:24]
    if request.method == "POST" and form.validate_on_submit():
        return redirect(url_for("verify.receipt", code=form.code.data[:24]), 303)
    given = find_delegation(db, code) if code else None
    today = today_in_vietnam(now())
    state = DELEGATION_STATES[state_of(db, given, on=today)] if given else None
    done = done_under(db, given.id) if given else []
    words = {"tasks": TASKS, "results": RESULTS, "may_end": given is not None and given.may_be_ended(on=today)}
    return page("verify/receipt.html", form=form, given=given, state=state, code=code, done=done, **words)


@blueprint.post("/receipt/end")
@limiter.limit(LOOKS)
def end_authorisation() -> Answer:
    code = request.form.get("code", "")[:24]
    given = find_delegation(db, code)
    if given is not None:
        revoke(db, given, now=now())
    return redirect(url_for("verify.receipt", code=code), 303)


def _answer(shown: Shown, code: str) -> Response:
    initials = "".join(word[0] for word in (shown.name.split()[:1] + shown.name.split()[1:][-1:])).upper()
    is_good = shown.standing is Standing.GOOD and shown.badge_id is not None
    portrait = data_uri(portrait_of(db, shown.badge_id)) if is_good and shown.badge_id else ""
    return page("verify/badge.html", shown=shown, initials=initials, portrait=portrait, code=code)
