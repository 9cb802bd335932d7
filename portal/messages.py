"""The words of every message that leaves: one entry a kind, for SMS and for mail, in the recipient's language.

An SMS never carries a link to sign in, and a code names the site it belongs to in its last line. Facts named `…_at`
are moments and `…_on` or `…_by` are days; both arrive as ISO text and are written as the reader's language does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.language import _l, day, moment
from portal.message_words import (
    ABOUT_DATA,
    ABOUT_DECISIONS,
    ABOUT_FAMILIES,
    ABOUT_LOCKS,
    ABOUT_RECOVERY,
    ABOUT_STAFF,
    ABOUT_TRAINING,
    ABOUT_VISITS,
    CODES_BY_SMS,
    Template,
)


@dataclass(frozen=True, slots=True)
class Words:
    """A message ready to send. An SMS has no subject; a mail may carry the QR code of an address."""

    subject: str
    text: str
    scan: str = ""


SIGNATURE = _l(
    "This message was sent automatically. Nobody from this service will ever ask for your codes or password."
)

RECEIPT = _l(
    "You allowed a helper to act for you until %(until_on)s. To see or end it: %(host)s/verify/receipt, code %(code)s, "
    "or ask at the ward's desk."
)

ACTIVATION_PAGE = "%(issuer)s/activate?code=%(code)s"

TEMPLATES: Mapping[str, Template] = {
    "otp": Template(
        sms=_l(
            "%(code)s is your confirmation code, valid for %(minutes)s minutes. Give it to no one.\n@%(host)s #%(code)s"
        ),
        subject=_l("Your confirmation code"),
        mail=_l("Your confirmation code is %(code)s. It is valid for %(minutes)s minutes. Give it to no one."),
    ),
    "delegation-receipt": Template(
        sms=RECEIPT,
        subject=_l("What you allowed a helper"),
        mail=RECEIPT,
    ),
    "application-submitted": Template(
        sms=_l("We have your application %(dossier_number)s, %(at)s. Code to follow it: %(code)s"),
        subject=_l("We have your application %(dossier_number)s"),
        mail=_l(
            "We received your application %(dossier_number)s at %(at)s.\n\n"
            "Code to follow it: %(code)s\n"
            "Keep this code. Enter it under Track an application at %(host)s.\n\n"
            "An officer answers by %(receipt_due_at)s."
        ),
    ),
    "application-received": Template(
        sms=_l("Application %(dossier_number)s is complete and accepted. Decision by %(decision_due_at)s."),
        subject=_l("Your application %(dossier_number)s was accepted"),
        mail=_l(
            "Your application %(dossier_number)s is complete and was accepted.\n\n"
            "You will have a decision by %(decision_due_at)s. Bring your original documents to the office you chose."
        ),
    ),
    "application-complete": Template(
        sms=_l("Application %(dossier_number)s is complete and accepted. Decision by %(decision_due_at)s."),
        subject=_l("Your application %(dossier_number)s was accepted"),
        mail=_l(
            "Your application %(dossier_number)s is complete and was accepted.\n\n"
            "You will have a decision by %(decision_due_at)s. There is nothing you need to do."
        ),
    ),
    "application-supplement-requested": Template(
        sms=_l(
            "Application %(dossier_number)s needs something more from you by %(supplement_due_at)s. "
            "Open it with your code to see what."
        ),
        subject=_l("Your application %(dossier_number)s needs something more"),
        mail=_l(
            "Your application %(dossier_number)s needs something more from you by %(supplement_due_at)s.\n\n"
            "Open it with your code at %(host)s to see what to send. Until then our own deadline stands still."
        ),
    ),
    "application-resubmitted": Template(
        sms=_l("We have what you added to application %(dossier_number)s. Decision by %(decision_due_at)s."),
        subject=_l("We have what you added to application %(dossier_number)s"),
        mail=_l(
            "We have what you added to application %(dossier_number)s. You will have a decision by %(decision_due_at)s."
        ),
    ),
    "application-refused": Template(
        sms=_l("Application %(dossier_number)s was refused. Open it with your code to read why and how to appeal."),
        subject=_l("Your application %(dossier_number)s was refused"),
        mail=_l(
            "Your application %(dossier_number)s was refused.\n\n"
            "Open it with your code at %(host)s to read the reason, what to bring, and how to appeal."
        ),
    ),
    "application-withdrawn": Template(
        sms=_l("Application %(dossier_number)s was withdrawn, as you asked. You may apply again at any time."),
        subject=_l("Your application %(dossier_number)s was withdrawn"),
        mail=_l("Application %(dossier_number)s was withdrawn, as you asked. You may apply again at any time."),
    ),
    "application-abandoned": Template(
        sms=_l("Application %(dossier_number)s was closed: what we asked for did not arrive. You may apply again."),
        subject=_l("Your application %(dossier_number)s was closed"),
        mail=_l("Application %(dossier_number)s was closed: what we asked for did not arrive. You may apply again."),
    ),
    "application-overdue": Template(
        sms=_l("We are late with application %(dossier_number)s and are sorry. New date: %(decision_due_at)s."),
        subject=_l("We are late with your application %(dossier_number)s"),
        mail=_l(
            "The date we gave you for application %(dossier_number)s has passed, and we are sorry. "
            "You will have a decision by %(decision_due_at)s. There is nothing you need to do."
        ),
    ),
    "account-issued": Template(
        sms=_l(
            "Your e-ID account %(login)s is ready. Activation code: %(code)s. Activate by %(activate_by)s at %(host)s, "
            "with this phone and your document."
        ),
        subject=_l("Your e-ID account is ready: activate it by %(activate_by)s"),
        mail=_l(
            "Your e-ID account is ready. Your account number is %(login)s.\n\n"
            "Activation code: %(code)s\n"
            "Activate it by %(activate_by)s: open %(issuer)s/activate and enter this code, "
            "or scan the attached picture. You need your phone, and the slip from the counter or your document.\n\n"
            "After that day the account is not lost: ask the hotline or any office for a new code."
        ),
        scan=ACTIVATION_PAGE,
    ),
    "activation-reminder": Template(
        sms=_l(
            "Your e-ID account waits for you. Activate it by %(activate_by)s with the code we sent you. "
            "Lost it? Any office gives you a new one."
        ),
        subject=_l("Your e-ID account still waits to be activated"),
        mail=_l(
            "Your e-ID account is ready and waits to be activated by %(activate_by)s.\n\n"
            "Use the code of our first message at %(host)s. If it is lost, any office or the hotline gives a new one."
        ),
    ),
    "activation-late": Template(
        sms=_l(
            "Your e-ID account is kept, although the 7 days are over. Call the hotline or ask any office for a new "
            "code. No new application, no fee."
        ),
        subject=_l("Your e-ID account is kept"),
        mail=_l(
            "The 7 days to activate your e-ID account are over. The account is kept: you need no new application, and "
            "it costs nothing.\n\nCall the hotline, or ask any office for a new code with your document."
        ),
    ),
    "account-activated": Template(
        sms=_l("Your e-ID account is active. Not you? Go to %(host)s, Help, Freeze my account."),
        subject=_l("Your e-ID account is active"),
        mail=_l("Your e-ID account is active. Not you? Go to %(host)s, Help, Freeze my account."),
    ),
    "new-browser": Template(
        sms=_l(
            "New sign-in to your e-ID account, %(at)s. Not you? Go to %(host)s, choose Help, then Freeze my account."
        ),
        subject=_l("New sign-in to your e-ID account"),
        mail=_l(
            "Your e-ID account was signed in to at %(at)s, in a browser that we have not seen before.\n\n"
            "Was it you? Then there is nothing to do.\n"
            "Was it not you? See what happened and stop it: %(issuer)s/not-me?code=%(code)s"
        ),
    ),
    "phone-freed": Template(
        sms=_l("A number was taken out of an e-ID account, because the operator gave it to somebody else."),
        subject=_l("Your phone number was taken out of your e-ID account"),
        mail=_l(
            "The operator has given the phone number of your e-ID account to somebody else, so it was taken out of "
            "your account. Codes no longer go there.\n\n"
            "To give a new number, go to any office with the original of your document.\n"
            "Is it still your number? Go there too."
        ),
    ),
    "contact-changed": Template(
        sms=_l(
            "The phone or mail address of your e-ID account was changed. "
            "Not you? Go to %(host)s, Help, Freeze my account."
        ),
        subject=_l("The phone or mail address of your e-ID account was changed"),
        mail=_l(
            "The phone or mail address of your e-ID account was changed.\n\n"
            "Was it not you? Go to %(host)s, choose Help, then Freeze my account."
        ),
    ),
    "account-frozen": Template(
        sms=_l(
            "Your e-ID account is frozen, as you asked. Nobody can use it. "
            "Any office opens it again; bring your document."
        ),
        subject=_l("Your e-ID account is frozen"),
        mail=_l(
            "Your e-ID account is frozen, as you asked. Nobody can use it, and every service was signed out.\n\n"
            "Any office opens it again. Bring the original of your document."
        ),
    ),
    "account-paused": Template(
        sms=_l(
            "Somebody asked to stop new sign-ins to your e-ID account. They are stopped for 24 hours. "
            "Not you? End it under My account where you are signed in."
        ),
        subject=_l("New sign-ins to your e-ID account are stopped for 24 hours"),
        mail=_l(
            "Somebody asked to stop new sign-ins to your e-ID account. They are stopped for 24 hours; nothing else "
            "changes.\n\nNot you? End it under My account in a browser where you are signed in."
        ),
    ),
    "sign-in-way-changed": Template(
        sms=_l("How your e-ID account is signed in to was changed. Not you? Go to %(host)s, Help, Freeze my account."),
        subject=_l("How your e-ID account is signed in to was changed"),
        mail=_l("How your e-ID account is signed in to was changed. Not you? Go to %(host)s, Help, Freeze my account."),
    ),
    "activation-code": Template(
        sms=_l(
            "Your new activation code: %(code)s. Activate by %(activate_by)s at %(host)s. Earlier codes no longer work."
        ),
        subject=_l("Your new activation code"),
        mail=_l(
            "Your new activation code: %(code)s\n"
            "Activate your account by %(activate_by)s at %(host)s. Earlier codes no longer work."
        ),
        scan=ACTIVATION_PAGE,
    ),
    "help-code": Template(
        sms=_l("Today's help code: %(code)s. Say it to the person who helps you. It opens nothing by itself."),
        subject=_l("Today's help code"),
        mail=_l("Today's help code: %(code)s. Say it to the person who helps you. It opens nothing by itself."),
    ),
    **ABOUT_DATA,
    **ABOUT_RECOVERY,
    **ABOUT_STAFF,
    **ABOUT_TRAINING,
    **ABOUT_VISITS,
    **ABOUT_DECISIONS,
    **ABOUT_FAMILIES,
    **ABOUT_LOCKS,
}


def worded(kind: str, channel: str, facts: Mapping[str, Any], site: Mapping[str, str]) -> Words:
    """The words of one message; an unknown kind or a missing fact raises, and the message stays in the outbox."""
    template = TEMPLATES[kind]
    values = {**site, **{name: readable(name, value) for name, value in facts.items()}}
    if channel == "sms":
        said = CODES_BY_SMS.get(facts.get("purpose", ""), template.sms) if kind == "otp" else template.sms
        return Words("", str(said) % values)
    text = f"{str(template.mail) % values}\n\n{SIGNATURE}\n"
    return Words(str(template.subject) % values, text, template.scan % values)


def readable(name: str, value: Any) -> Any:
    """A fact as the reader's language writes it; moments and days are told by the ends of their names."""
    if not isinstance(value, str) or name.rpartition("_")[2] not in {"at", "on", "by"}:
        return value
    when = datetime.fromisoformat(value)
    return moment(when) if name.endswith("at") else day(when)
