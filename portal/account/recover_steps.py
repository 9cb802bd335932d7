"""The steps of a recovery in one browser: the phone or the wait, then password, app and sheet."""

from __future__ import annotations

from datetime import timedelta

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as Answer

from identity import recovery as domain
from identity.account import Account, get_account
from identity.activation import methods_of
from identity.base import Refused
from identity.credentials.known_facts import known_facts
from identity.credentials.passwords import check_password_rules, hash_password
from identity.credentials.recovery import Sheet
from identity.credentials.sign_in import PASSWORD_ONLY, begin_session
from identity.credentials.totp import provisioning_uri
from identity.deadlines import today_in_vietnam
from identity.recovery import Recovery, Rung, Step
from portal.account import blueprint
from portal.account.forms import NewAppForm, NewCodesForm, NewPasswordForm, PhoneCodeForm
from portal.account.visit import test_otp, this_visit, welcome
from portal.database import db, peek
from portal.device_lock import DeviceAnswerForm, options, site
from portal.fields import HouseForm
from portal.language import masked
from portal.pages import page
from portal.printing.sheets import sheet_paper
from portal.security import anyone, guarded, limiter
from portal.security.cookies import drop_cookie, is_member_device, read_cookie, set_cookie
from portal.services import now
from portal.words.browsers import browser

COOKIE = "eid_recovery"
LIFE = timedelta(hours=12)
ENDPOINTS = {
    Step.PHONE: "account.recover_phone",
    Step.WAIT: "account.recover_wait",
    Step.PASSWORD: "account.recover_password",
    Step.APP: "account.recover_app",
    Step.SHEET: "account.recover_sheet",
}
NUMBERS = {Step.PASSWORD: 1, Step.APP: 2, Step.SHEET: 3}


def keep(response: Answer, code: str, word: str = "") -> Answer:
    """This browser goes on with it; the word is shown here only, to whoever asked here."""
    set_cookie(response, COOKIE, f"{code}/{word}", LIFE)
    return response


def this_code() -> str:
    return (read_cookie(COOKIE) or "").partition("/")[0]


def this_recovery() -> Recovery:
    """The recovery of this browser. Refused "recover-over"."""
    found = domain.find_recovery(db, this_code(), now=now()) if this_code() else None
    if found is None:
        raise Refused("recover-over")
    return found


def at(*steps: Step) -> Recovery | Answer:
    """The recovery, if it stands at one of these steps; else the way to where it stands."""
    found = this_recovery()
    step = domain.next_step(found, now=now())
    return found if step in steps else redirect(url_for(ENDPOINTS[step]), 303)


@blueprint.route("/recover/phone", methods=["GET", "POST"])
@guarded(anyone)
@limiter.limit("20 per minute")
def recover_phone() -> Response | Answer:
    form, found = PhoneCodeForm(), at(Step.PHONE)
    if isinstance(found, Answer):
        return found
    if form.validate_on_submit():
        refusal = domain.prove_phone(db, found, form.otp.data, now=now())
        if refusal is None:
            return _onward(found)
        form.show(refusal)
    phone = domain.phone_of(db, found)
    return page("account/recover_phone.html", form=form, phone=phone, sent=found.challenge_id is not None)


@blueprint.post("/recover/phone/again")
@guarded(anyone)
@limiter.limit("20 per minute")
def send_recovery_code() -> Response | Answer:
    """Another message. With trusted people the worker sends it, so that the answer is the same for every number."""
    found = this_recovery()
    if found.rung == Rung.CONTACT:
        domain.want_code(db, found, now=now())
        return redirect(url_for("account.recover_wait", sent=1), 303)
    refusal = domain.send_code(db, found, now=now(), test_otp=test_otp())
    if refusal is None:
        return _onward(found)
    form = PhoneCodeForm(formdata=None)
    form.show(refusal)
    return page("account/recover_phone.html", form=form, phone=domain.phone_of(db, found), sent=True)


@blueprint.route("/recover/wait", methods=["GET", "POST"])
@guarded(anyone)
@limiter.limit("20 per minute")
def recover_wait() -> Response | Answer:
    form, found = PhoneCodeForm(), at(Step.WAIT)
    if isinstance(found, Answer):
        return found
    if form.validate_on_submit():
        refusal = domain.prove_phone(db, found, form.otp.data, now=now())
        if refusal is None:
            return _onward(found)
        form.show(refusal)
    code, _slash, word = (read_cookie(COOKIE) or "").partition("/")
    signed = domain.signatures(db, found.id)
    needed = domain.signatures_needed(found, now=now())
    names = {"code": code, "word": word, "signed": signed, "needed": needed}
    return page("account/recover_wait.html", form=form, recovery=found, **names)


@blueprint.route("/recover/password", methods=["GET", "POST"])
@guarded(anyone)
def recover_password() -> Response | Answer:
    form = NewPasswordForm()
    if form.validate_on_submit():
        try:
            _check_password(form.password.data)
        except Refused as weak:
            form.show(weak)
        else:
            password_hash = hash_password(form.password.data)  # slow: before the transaction
            found = this_recovery()
            domain.set_password(db, found, password_hash, now=now())
            return _onward(found)
    found_or_way = at(Step.PASSWORD)
    return found_or_way if isinstance(found_or_way, Answer) else _page(Step.PASSWORD, form)


@blueprint.route("/recover/app", methods=["GET", "POST"])
@guarded(anyone)
def recover_app() -> Response | Answer:
    """One page, two ways: the lock of one's own device, or an app."""
    form, found = NewAppForm(), at(Step.APP)
    if isinstance(found, Answer):
        return found
    if "answer" in request.form:
        return _with_device(found)
    if form.validate_on_submit():
        refusal = domain.confirm_app(db, found, form.otp.data, now=now(), test_otp=test_otp())
        if refusal is None:
            return _onward(found)
        form.show(refusal)
    return _app_page(found, form)


@blueprint.get("/recover/app/device")
@guarded(anyone)
@limiter.limit("30 per minute")
def recovery_device_options() -> Response | Answer:
    return options(domain.options_to_make(db, site(), this_recovery(), now=now()))


@blueprint.post("/recover/app/keep")
@guarded(anyone)
def keep_device() -> Answer:
    """No app any more: the device that opened the first rung is enough."""
    found = this_recovery()
    domain.keep_device(db, found, now=now())
    return _onward(found)


def _with_device(found: Recovery) -> Response | Answer:
    if is_member_device():
        raise Refused("helpers-device")
    form, shown = DeviceAnswerForm(), NewAppForm(None)
    if form.validate_on_submit():
        try:
            name = browser(request.user_agent.string)
            domain.confirm_passkey(db, site(), found, form.answer.data, name, now=now())
        except Refused as refusal:
            form.show(refusal)
        else:
            return _onward(found)
    shown.form_errors += form.form_errors
    return _app_page(found, shown)


def _app_page(found: Recovery, form: NewAppForm) -> Response:
    secret, login = found.totp_secret or "", _account(found).login
    shown = {"secret": secret, "address": provisioning_uri(secret, masked(login)), "with_helper": is_member_device()}
    return _page(Step.APP, form, keeps=domain.may_keep_device(db, found), **shown)


@blueprint.route("/recover/sheet", methods=["GET", "POST"])
@guarded(anyone)
def recover_sheet() -> Response | Answer:
    form, found = NewCodesForm(), at(Step.SHEET)
    if isinstance(found, Answer):
        return found
    if form.validate_on_submit():
        keeps = found.passkey == {}
        outcome = domain.finish(db, found, form.recovery.data, now=now())
        if isinstance(outcome, Account):
            return _welcome(outcome, keeps)
        form.show(outcome)
    return _page(Step.SHEET, form, sheet=Sheet.read(found.sheet), with_helper=is_member_device())


@blueprint.get("/recover/sheet/paper")
@guarded(anyone)
@limiter.limit("20 per minute")
def recover_sheet_paper() -> Response | Answer:
    """The sheet to print; never on a helper's phone, which would keep the file."""
    found = at(Step.SHEET)
    if isinstance(found, Answer) or is_member_device():
        return found if isinstance(found, Answer) else redirect(url_for("account.recover_sheet"), 303)
    return sheet_paper(Sheet.read(found.sheet), _account(found).login)


@blueprint.get("/recover/done")
@guarded(anyone)
def recover_done() -> Response:
    return page("account/recover_done.html")


def _welcome(account: Account, keeps: bool) -> Answer:
    """Signed in on one's own device; on a helper's phone nothing stays. Who keeps a device has shown its lock in an
    earlier session, now over: here it was the password alone."""
    if is_member_device():
        response: Answer = redirect(url_for("account.recover_done"), 303)
    else:
        db.flush()
        methods, aal = (PASSWORD_ONLY, 1) if keeps else (methods_of(db, account), 2)
        opened = begin_session(db, account, methods, aal, this_visit(), now=now())
        response = welcome(opened, url_for("account.overview", done="recovered"))
    drop_cookie(response, COOKIE)
    return response


def _check_password(plain: str) -> None:
    with peek() as look:
        found = domain.find_recovery(look, this_code(), now=now())
        account = get_account(look, found.account_id) if found and found.account_id else None
        about = known_facts(look, account) if account else ()
    check_password_rules(plain, on=today_in_vietnam(now()), about=about)


def _account(found: Recovery) -> Account:
    if found.account_id is None:
        raise Refused("recover-over")
    return get_account(db, found.account_id)


def _onward(found: Recovery) -> Answer:
    return redirect(url_for(ENDPOINTS[domain.next_step(found, now=now())]), 303)


def _page(step: Step, form: HouseForm, **context: object) -> Response:
    return page(f"account/recover_{step.value}.html", form=form, number=NUMBERS[step], total=len(NUMBERS), **context)
