"""Signing in and out, and a person's own account: sessions, history, consents, password."""

from flask import redirect, url_for
from werkzeug.wrappers import Response

from portal.pages import here
from portal.security import Slice, me


def signed_in() -> Response | None:
    """Anybody who is signed in, residents and staff alike."""
    return None if me() else redirect(url_for("account.sign_in", next=here()))


blueprint = Slice("account", __name__, guard=signed_in, template_folder="templates")

from portal.account import (  # noqa: E402, F401 - they register views
    authorisations,
    consents,
    contact,
    data,
    freeze,
    freeze_message,
    help,
    inbox,
    new_browser,
    overview,
    papers,
    passkeys,
    password,
    preferences,
    purposes,
    qr,
    recover,
    recover_steps,
    renewal,
    sessions,
    sign_in,
    sms,
    trusted,
)
