"""How a person's own pages name levels, proofs, states, browsers and what happened."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from identity.audit import Event
from identity.history import Seen, began
from identity.oidc.shares import items_told
from identity.places import Office
from identity.session import SignInSession
from portal.language import _l, in_our_language, moment
from portal.shared_items import ITEM_NAMES
from portal.words.browsers import browser
from portal.words.events import EVENTS

EVIDENCE: dict[str, Any] = {
    "register": _l("Confirmed by the register"),
    "citizen-card": _l("Identity card"),
    "passport": _l("Passport"),
    "residence-card": _l("Residence card"),
    "in-person": _l("Seen in person at the office"),
    "biometrics": _l("Face and fingerprints compared"),
}
STATES: dict[str, Any] = {
    "submitted": _l("Sent"),
    "received": _l("Received"),
    "supplement_requested": _l("Waiting for your answer"),
    "resubmitted": _l("Your answer has arrived"),
    "captured": _l("Being compared"),
    "matched": _l("Waiting for the decision"),
    "approved": _l("Approved"),
    "refused": _l("Refused"),
    "appealed": _l("Appeal under way"),
    "issued": _l("Account issued"),
    "withdrawn": _l("Withdrawn"),
    "abandoned": _l("Closed: no answer came"),
    "deceased": _l("Ended by a death"),
}
OPEN_STATES = frozenset(
    {"submitted", "received", "supplement_requested", "resubmitted", "captured", "matched", "appealed"}
)
LOOKS: dict[str, Any] = {
    Event.ACCOUNT_LOOKED_UP: _l("An officer looked up your account"),
    Event.APPLICATION_VIEWED: _l("An officer opened your application"),
    Event.REGISTER_LOOKED_UP: _l("The register was asked about you"),
    Event.WORKLIST_VIEWED: _l("A digital technology team saw that you are waiting to activate"),
    Event.GUIDANCE_VIEWED: _l("A team member opened the steps to help you activate"),
    Event.OUTREACH_PHONE_SHOWN: _l("A coordinator opened your phone number to call you about activation"),
    Event.TOKENS_ISSUED: _l("An organisation received data that you share"),
    Event.RIGHTS_VIEWED: _l("An officer opened your request about your data"),
    Event.LOCK_REQUEST_VIEWED: _l("An officer looked at the locks of your account"),
    Event.HOTLINE_LOOKED_UP: _l("The hotline opened your case"),
    Event.HOTLINE_CALLED_BACK: _l("The hotline saw your phone number to call you back"),
}
PURPOSES: dict[str, Any] = {
    Event.APPLICATION_VIEWED: _l("to work on the application"),
    Event.REGISTER_LOOKED_UP: _l("to confirm who you are"),
    Event.WORKLIST_VIEWED: _l("to offer help"),
    Event.GUIDANCE_VIEWED: _l("to help you activate"),
    Event.RIGHTS_VIEWED: _l("to answer your request"),
    Event.LOCK_REQUEST_VIEWED: _l("to lock or open an account"),
    Event.HOTLINE_LOOKED_UP: _l("because somebody called"),
}
"""Why somebody looked, as far as the event itself says it."""
LOOKED_FOR: dict[str, Any] = {
    "linking": _l("because somebody who applies may be you"),
    "data-rights": _l("for a request about your data"),
}
"""Why, where one event serves several ends (its `purpose`)."""
SERVE_SEVERAL = frozenset({Event.ACCOUNT_LOOKED_UP, Event.APPLICATION_VIEWED})
USES: dict[str, Any] = EVENTS | {
    Event.SESSION_DISOWNED: _l("You said that a sign-in was not yours; that browser was signed out"),
    Event.QR_SIGN_IN_APPROVED: _l("A computer was signed in with your phone"),
    Event.QR_SIGN_IN_REFUSED: _l("Your phone said no to a computer"),
    Event.CONTACT_CONFIRMED: _l("A person whom you named agreed"),
    Event.RECOVERY_CO_SIGNED: _l("A person you trust vouched for you"),
    Event.EXPORT_ASKED: _l("A copy of your data was asked for"),
    Event.EXPORT_OPENED: _l("The copy of your data was opened"),
    Event.RIGHTS_REQUESTED: _l("A request about your data was sent"),
    Event.RIGHTS_TAKEN_BACK: _l("A request about your data was taken back"),
    Event.RIGHTS_ANSWERED: _l("A request about your data was answered"),
    Event.DATA_ERASED: _l("Data were erased, as you asked"),
    Event.USE_RESTRICTED: _l("The use of your data was restricted"),
    Event.CONSENT_GIVEN: _l("You agreed to share data with an organisation"),
    Event.PURPOSE_AGREED: _l("You agreed to a survey or to research"),
    Event.HELP_AGREED: _l("You agreed to be helped by a digital technology team"),
}
"""As everybody reads it, except where it speaks to the person."""
WAYS = (
    ("mca", _l("with a yes on a phone")),
    ("hwk", _l("with a device's lock")),
    ("swk", _l("with a device's lock")),
    ("sms", _l("with the password and a code by SMS")),
    ("otp", _l("with the password and a code")),
    ("pwd", _l("with the password alone")),
)
"""Authentication method (RFC 8176 section 2) → how one signed in; the first that fits."""
WHY_NOT: dict[str, Any] = {
    "sign-in-wrong": _l("the password was wrong"),
    "second-step-wrong": _l("the password was right, the code was not: if this was not you, change the password"),
    "otp-wrong": _l("the code sent to the phone was wrong"),
    "recover-wrong": _l("the recovery code was wrong"),
}
"""What went wrong, where its holder has to know it: who got past the password has it."""
SHUT = frozenset({"account-paused", "account-locked"})
"""The gate is asked after the first proof only: whoever was stopped here had it."""
STOPPED: dict[str, Any] = {
    Event.SIGN_IN_FAILED: _l(
        "the password or the device was right, but sign-ins were stopped: if this was not you, change the password"
    ),
    Event.RECOVERY_FAILED: _l(
        "the recovery code was right, but sign-ins were stopped: if this was not you, make new codes"
    ),
}
MINE = frozenset(
    {
        Event.SIGNED_IN,
        Event.PASSWORD_CHANGED,
        Event.TOTP_CHANGED,
        Event.TOTP_REMOVED,
        Event.RECOVERY_CODE_USED,
        Event.QR_SIGN_IN_APPROVED,
        Event.SMS_FACTOR_ADDED,
        Event.CONTACT_CHOSEN,
        Event.ACCOUNT_RECOVERED,
        Event.CONTACT_CHANGED,
        Event.PASSKEY_ADDED,
        Event.PASSKEY_REMOVED,
        Event.RECOVERY_CODES_MADE,
        Event.EXPORT_ASKED,
        Event.EXPORT_OPENED,
        Event.RIGHTS_REQUESTED,
        Event.RIGHTS_TAKEN_BACK,
        Event.RESTRICTION_LIFTED,
        Event.CONSENT_GIVEN,
        Event.CONSENT_WITHDRAWN,
        Event.PURPOSE_AGREED,
        Event.PURPOSE_STOPPED,
        Event.HELP_AGREED,
        Event.HELP_WITHDRAWN,
        Event.HELP_CODE_MADE,
        Event.GUARDIAN_CONFIRMED,
        Event.RECOVERY_ASKED,
        Event.CONTACT_ENDED,
        Event.SMS_FACTOR_REMOVED,
        Event.SESSION_ENDED,
    }
)
"""What only the person should have done: each line offers "This was not me"."""
ROLES: dict[str, Any] = {
    "receiving_officer": _l("receiving officer"),
    "approving_officer": _l("approving officer"),
    "supervisor": _l("supervisor of an office"),
    "member": _l("digital technology team member"),
    "lead": _l("digital technology team lead"),
    "system": _l("the system"),
    "visitor": _l("somebody who is not signed in"),
    "resident": _l("you"),
    "operator": _l("operator of the portal"),
    "hotline_agent": _l("hotline agent"),
    "data_protection_officer": _l("data protection officer"),
}
DONE: dict[str, Any] = {
    "password": _l("The password is changed. Other browsers are signed out."),
    "recovery-codes": _l("The new recovery codes count from now on. The old ones are worthless."),
    "authenticator": _l("The new app counts from now on. Other browsers are signed out."),
    "authenticator-removed": _l("The app is removed. Other browsers are signed out."),
    "contact": _l("The change counts from now on. We have told the old address too."),
    "recovered": _l("Your new password, second step and codes count from now on. Everything else is signed out."),
    "recovery-stopped": _l("The recovery is stopped, and new sign-ins stand still for 24 hours."),
    "pause-ended": _l("New sign-ins and changes are possible again."),
    "activated": _l("Your account is active. You are signed in."),
    "preferences": _l("Your choices are kept."),
}
"""What was done on the page before, by the name in its address."""


@dataclass(frozen=True, slots=True)
class Line:
    """One event: what happened, and by whom and when."""

    text: str
    detail: str
    is_mine: bool = False
    """Whether the person can say that it was somebody else."""
    event_id: UUID | None = None
    """Of which event a receipt may be had."""


def look(event: Seen, organisations: Mapping[str, str], office: Office | None = None) -> Line:
    """Somebody looked: who in which role, where and what for, or which organisation. Never the officer's name."""
    who = organisations.get(event.facts.get("client", ""), str(ROLES.get(event.actor_role, event.actor_role)))
    where = "" if office is None else in_our_language({"vi": office.name, "en": office.english_name})
    shared = _items(items_told(event.facts))
    purpose = event.facts.get("purpose", "") if event.name in SERVE_SEVERAL else ""
    why = LOOKED_FOR.get(purpose) or PURPOSES.get(event.name, "")
    parts = (moment(event.at), who, where, str(why), shared)
    return Line(str(LOOKS[Event(event.name)]), " · ".join(part for part in parts if part), event_id=event.id)


def use(event: Seen, organisations: Mapping[str, str], session: SignInSession | None = None) -> Line:
    """The account was used: when, how, in which browser and from where, or what was shared with whom."""
    parts = [moment(began(event)), _why_not(event)]
    parts += [organisations.get(event.facts.get("client", ""), ""), _items(event.facts.get("items", ()))]
    if event.name == Event.SIGNED_IN:
        parts.append(_way(event.facts.get("amr", ())))
    if session is not None:
        parts += [browser(session.user_agent), session.address or ""]
    detail = " · ".join(part for part in parts if part)
    return Line(str(USES[Event(event.name)]), detail, event.name in MINE, event.id)


def _why_not(event: Seen) -> str:
    """Codes by SMS are asked for after the password, and are no others while somebody signs in."""
    reason = str(event.facts.get("reason", ""))
    if reason in SHUT:
        return str(STOPPED.get(event.name, ""))
    is_second = event.name == Event.SIGN_IN_FAILED and reason.startswith("otp-")
    return str(WHY_NOT.get("second-step-wrong" if is_second else reason, ""))


def _items(items: Collection[str]) -> str:
    """What was shared, in the order of the consent page."""
    return ", ".join(str(words) for item, words in ITEM_NAMES.items() if item in items)


def _way(methods: Collection[str]) -> str:
    return next((str(words) for method, words in WAYS if method in methods), "")
