"""Codes by SMS in place of the app, where the operator allows it."""

from __future__ import annotations

from flask import abort, redirect, url_for
from werkzeug.wrappers import Response as Answer

from identity.account import get_account
from identity.base import Refused
from identity.credentials import sign_in, sms_factor
from portal.account import blueprint
from portal.account.destination import wanted
from portal.account.passkeys import lately_proved
from portal.account.visit import SECOND_STEP, test_otp, visitor
from portal.database import db
from portal.security import anyone, guarded, limiter
from portal.security.cookies import read_cookie
from portal.services import now, services


@blueprint.post("/sign-in/second/sms")
@guarded(anyone)
@limiter.limit("20 per minute")
def send_second_code() -> Answer:
    """A code to the phone on file, after the right password. Too soon is told on the next page."""
    check_allowed()
    account = sign_in.waiting_for(db, read_cookie(SECOND_STEP) or "", now=now())
    if account is None:
        raise Refused("second-step-over")
    refusal = sms_factor.send(db, account, now=now(), test_otp=test_otp())
    code = refusal.code if refusal else None
    return redirect(url_for("account.second_step", next=wanted(), by="sms", problem=code), 303)


@blueprint.post("/account/sms-codes/<any(on, off):wanted_state>")
@guarded(lately_proved)
def set_sms_codes(wanted_state: str) -> Answer:
    account = get_account(db, visitor().account_id)
    if wanted_state == "on":
        check_allowed()
        sms_factor.switch_on(db, account, now=now())
    else:
        sms_factor.switch_off(db, account, now=now())
    return redirect(url_for("account.sign_in_ways", done=f"sms-{wanted_state}"), 303)


def check_allowed() -> None:
    """Only where the operator takes the risk (SMS_SECOND_FACTOR)."""
    if not services().settings.sms_second_factor:
        abort(404)
