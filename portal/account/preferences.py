"""How the person would like to be written to and shown things: language of messages, language and size of pages."""

from __future__ import annotations

from flask import Response, redirect, url_for
from werkzeug.wrappers import Response as Answer

from identity.account import get_account
from portal.account import blueprint
from portal.account.visit import visitor
from portal.database import db
from portal.fields import ChoiceField, HouseForm
from portal.language import COOKIE, _l
from portal.locales import NAMES
from portal.pages import TEXT_SIZE_COOKIE, big_text, page
from portal.security import guarded, resident
from portal.security.cookies import set_taste
from portal.services import services


class PreferencesForm(HouseForm):
    """Two choices; both are kept at once."""

    language = ChoiceField(
        _l("Language of pages and messages"), required=_l("Choose a language"), hint=_l("SMS and mail come in it too.")
    )
    size = ChoiceField(
        _l("Size of the letters"),
        choices=[("normal", _l("As usual"), ""), ("big", _l("Big"), "")],
        required=_l("Choose a size"),
    )


@blueprint.route("/account/preferences", methods=["GET", "POST"])
@guarded(resident)
def preferences() -> Response | Answer:
    account = get_account(db, visitor().account_id)
    form = PreferencesForm(data={"language": account.locale, "size": "big" if big_text() else "normal"})
    form.language.choices = [(code, NAMES.get(code, code), "") for code in services().settings.locales]
    if form.validate_on_submit():
        account.locale = form.language.data
        response = redirect(url_for("account.overview", done="preferences"), 303)
        set_taste(response, COOKIE, form.language.data)
        set_taste(response, TEXT_SIZE_COOKIE, form.size.data, http_only=False)
        return response
    return page("account/preferences.html", form=form)
