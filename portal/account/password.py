"""Changing the password."""

from __future__ import annotations

from flask import Response, redirect, url_for
from werkzeug.wrappers import Response as Answer

from identity.account import Account, get_account
from identity.base import Refused
from identity.credentials.change import change_password
from identity.credentials.known_browser import introduce
from identity.credentials.known_facts import known_facts
from identity.credentials.passwords import check_password_rules, hash_password, verify_password
from identity.deadlines import today_in_vietnam
from portal.account import blueprint
from portal.account.forms import PasswordForm
from portal.account.visit import visitor
from portal.database import db, peek
from portal.pages import page
from portal.security.cookies import read_cookie
from portal.security.known_browser import KNOWN_BROWSER, remember
from portal.services import now


@blueprint.route("/account/password", methods=["GET", "POST"])
def password() -> Response | Answer:
    form = PasswordForm()
    if form.validate_on_submit():
        refusal = _change(form)
        if refusal is None:
            account, response = _account(), redirect(url_for("account.overview", done="password"), 303)
            remember(response, introduce(db, account.id, account.password_hash, read_cookie(KNOWN_BROWSER)))
            return response
        form.show(refusal)
    return page("account/password.html", form=form)


def _change(form: PasswordForm) -> Refused | None:
    """Rules and hashes first, the change afterwards: hashing takes long."""
    holder, moment = visitor(), now()
    with peek() as look:
        account = get_account(look, holder.account_id)
        seen, about = account.password_hash, known_facts(look, account)
    try:
        check_password_rules(form.new_password.data, on=today_in_vietnam(moment), about=about, field="new_password")
    except Refused as refusal:
        return refusal
    right, fresh = verify_password(seen, form.password.data), hash_password(form.new_password.data)
    return change_password(db, _account(), seen, right, fresh, holder.session_id, now=moment)


def _account() -> Account:
    return get_account(db, visitor().account_id)
