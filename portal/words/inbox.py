"""How a message of the inbox reads: the subject of its mail as title, its SMS as text, and where it leads.

Kinds whose SMS would name a code, or say what an inbox need not say, have words of their own here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import structlog

from identity.inbox import InboxMessage
from portal.language import _, _l
from portal.messages import TEMPLATES, readable

log = structlog.get_logger("portal")


@dataclass(frozen=True, slots=True)
class Notice:
    """Words of one kind. `endpoint` is where the person can act, `label` its button."""

    title: Any = None
    text: Any = None
    endpoint: str = ""
    label: Any = ""


SEE_MY_DATA = _l("Open My data")
SEE_MY_FILES = _l("Open My applications")
BREACH = Notice(
    text=_l("On %(found_on)s we found that data of yours were concerned in an incident, %(number)s. %(advice)s")
)
WORDS: dict[str, Notice] = {
    "rights-received": Notice(
        text=_l("We have your request about your data. You will have an answer by %(due_on)s."),
        endpoint="account.data",
        label=SEE_MY_DATA,
    ),
    "rights-taken": Notice(endpoint="account.data", label=SEE_MY_DATA),
    "rights-answered": Notice(
        text=_l("Your request about your data was answered. Read the answer under My data."),
        endpoint="account.data",
        label=SEE_MY_DATA,
    ),
    "export-ready": Notice(
        text=_l("The copy of your data is ready under My data. It stays until %(until_on)s."),
        endpoint="account.data",
        label=SEE_MY_DATA,
    ),
    "applicant-breach-notice": Notice(
        text=_l(
            "On %(found_on)s we found that data of application %(dossier_number)s were concerned in an incident, "
            "%(number)s. %(advice)s"
        ),
    ),
    "breach-notice": BREACH,
    "breach-notice-in-full": BREACH,
    "recovery-asked": Notice(
        text=_l("Somebody asks to recover your account through the people you trust. Was it not you? Stop it."),
        endpoint="account.overview",
        label=_l("See it, and stop it"),
    ),
    "recovery-agreed": Notice(
        text=_l("People you trust vouched for you. New keys can be set from %(opens_at)s. Was it not you? Stop it."),
        endpoint="account.overview",
        label=_l("See it, and stop it"),
    ),
    "recovery-help-asked": Notice(endpoint="account.trusted_people", label=_l("Open People I trust")),
    "trusted-contact-asked": Notice(endpoint="account.trusted_people", label=_l("Open People I trust")),
    "new-browser": Notice(
        text=_l("Your account was signed in to at %(at)s, in a browser that we have not seen before."),
        endpoint="account.not_mine",
        label=_l("This was not me"),
    ),
    "phone-freed": Notice(
        text=_l(
            "The operator has given your phone number to somebody else, so it was taken out of your account. Give a "
            "new number at any office, with your document."
        ),
    ),
    "contact-changed": Notice(
        text=_l("The phone or mail address of your account was changed."),
        endpoint="account.not_mine",
        label=_l("This was not me"),
    ),
    "sign-in-way-changed": Notice(
        text=_l("How your account is signed in to was changed."),
        endpoint="account.not_mine",
        label=_l("This was not me"),
    ),
    "account-recovered": Notice(
        text=_l("Your account has new ways to sign in. Every device and every service was signed out."),
        endpoint="account.not_mine",
        label=_l("This was not me"),
    ),
    "account-activated": Notice(
        text=_l("Your account is active."), endpoint="account.not_mine", label=_l("Was it not you?")
    ),
    "application-submitted": Notice(
        text=_l("We have your application %(dossier_number)s, %(at)s. An officer answers by %(receipt_due_at)s."),
        endpoint="enrolment.mine",
        label=SEE_MY_FILES,
    ),
    "application-supplement-requested": Notice(endpoint="enrolment.mine", label=SEE_MY_FILES),
    "application-refused": Notice(endpoint="enrolment.mine", label=SEE_MY_FILES),
    "account-issued": Notice(
        title=_l("The account was issued"),
        text=_l("The application was approved, and the code to activate the account was sent."),
    ),
    "training-cancelled": Notice(endpoint="learn.sessions", label=_l("Find another session")),
    "training-place": Notice(endpoint="learn.progress", label=_l("Open my training")),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A message as the reader sees it."""

    title: str
    text: str
    endpoint: str
    label: str


def shown(message: InboxMessage, site: Mapping[str, str]) -> Shown:
    """The words in the reader's language. What was sent stays readable when its words have gone or changed."""
    own, template = WORDS.get(message.kind, Notice()), TEMPLATES.get(message.kind)
    values = {**site, **{name: readable(name, value) for name, value in (message.values or {}).items()}}
    title = _worded(own.title or (template and template.subject), values) or _("A message about your account")
    if message.values is None:
        text = _("The words of this message are kept for a year and are gone now.")
    else:
        text = _worded(own.text or (template and template.sms), values)
    return Shown(title, text, own.endpoint, str(own.label))


def _worded(words: Any, values: Mapping[str, Any]) -> str:
    """Filled in, or nothing when a value is missing: an old message must not break the page."""
    try:
        return str(words) % values if words else ""
    except KeyError as missing:
        log.error("message-without-value", value=str(missing))
        return ""
