"""What people are told about locks, calls to the hotline, and breaches of personal data."""

from __future__ import annotations

from collections.abc import Mapping

from portal.language import _l
from portal.message_words.template import Template

_BREACH_SUBJECT = _l("Your personal data were concerned in an incident")
_BREACH_MAIL = _l(
    "On %(found_on)s we found that personal data of yours were concerned in an incident, number %(number)s.\n\n"
    "%(advice)s\n\n"
    "We never ask for codes or passwords, on the phone neither."
)

ABOUT_LOCKS: Mapping[str, Template] = {
    "account-locked-by-decision": Template(
        sms=_l("Your account was locked by decision %(number)s. Any office tells you why and what you can do."),
        subject=_l("Your account was locked by a decision"),
        mail=_l(
            "Your account was locked by a decision, number %(number)s. Nobody can sign in with it now.\n\n"
            "Any office tells you who asked for it and what you can do. Bring the original of your document and "
            "this number."
        ),
    ),
    "lock-request-refused": Template(
        sms=_l("Request %(number)s about your account was refused. Nothing changed. Any office tells you more."),
        subject=_l("A request about your account was refused"),
        mail=_l(
            "A request to lock or open your account, number %(number)s, was refused. Nothing changed.\n\n"
            "Any office tells you who asked for it and why it was refused. Bring the original of your document and "
            "this number."
        ),
    ),
    "account-lock-ended": Template(
        sms=_l("A lock on your account ended. Another one still stands; an office tells you which."),
        subject=_l("A lock on your account ended"),
        mail=_l(
            "A lock on your account ended. Another one still stands, so nobody can sign in yet.\n\n"
            "Any office tells you which it is."
        ),
    ),
    "account-open-again": Template(
        sms=_l("Your account is open again. You can sign in at %(host)s."),
        subject=_l("Your account is open again"),
        mail=_l(
            "Your account is open again. You can sign in at %(host)s.\n\n"
            "If somebody else may know your password, change it first thing."
        ),
    ),
    "hotline-verified": Template(
        sms=_l("At %(called_at)s somebody called our hotline as you and answered right. Not you? Freeze your account."),
        subject=_l("Somebody called our hotline as you"),
        mail=_l(
            "At %(called_at)s somebody called our hotline in your name and answered our questions rightly.\n\n"
            "If it was you, there is nothing to do. If it was not, freeze your account at %(host)s or call us."
        ),
    ),
    "hotline-not-verified": Template(
        sms=_l("At %(called_at)s somebody called our hotline as you and answered wrongly. We did nothing for them."),
        subject=_l("Somebody called our hotline as you and answered wrongly"),
        mail=_l(
            "At %(called_at)s somebody called our hotline in your name and answered our questions wrongly. "
            "We did nothing for them.\n\n"
            "If it was you, go to any office with the original of your document."
        ),
    ),
    "hotline-file-verified": Template(
        sms=_l("At %(called_at)s somebody called our hotline about application %(dossier_number)s and answered right."),
        subject=_l("Somebody called our hotline about your application"),
        mail=_l(
            "At %(called_at)s somebody called our hotline about application %(dossier_number)s and answered our "
            "questions rightly.\n\n"
            "If it was you, there is nothing to do. If it was not, call us or tell the office."
        ),
    ),
    "hotline-file-not-verified": Template(
        sms=_l(
            "At %(called_at)s somebody called our hotline about application %(dossier_number)s and answered wrongly. "
            "We did nothing for them."
        ),
        subject=_l("Somebody called our hotline about your application and answered wrongly"),
        mail=_l(
            "At %(called_at)s somebody called our hotline about application %(dossier_number)s and answered our "
            "questions wrongly. We did nothing for them.\n\n"
            "If it was you, go to the office with the original of your document."
        ),
    ),
    "hotline-notice-sent": Template(
        sms=_l("A new activation code went to your phone after a call to our hotline at %(called_at)s."),
        subject=_l("A new activation code was sent to your phone"),
        mail=_l("A new activation code went to your phone after a call to our hotline at %(called_at)s."),
    ),
    "breach-notice": Template(
        sms=_l("Your data were concerned in incident %(number)s. What to do: open Messages at %(host)s."),
        subject=_BREACH_SUBJECT,
        mail=_BREACH_MAIL,
    ),
    "breach-notice-in-full": Template(
        sms=_l("Your data were concerned in incident %(number)s. %(advice)s We never ask for codes or passwords."),
        subject=_BREACH_SUBJECT,
        mail=_BREACH_MAIL,
    ),
    "applicant-breach-notice": Template(
        sms=_l(
            "Data of your application %(dossier_number)s were concerned in incident %(number)s. %(advice)s We never "
            "ask for codes or passwords."
        ),
        subject=_BREACH_SUBJECT,
        mail=_l(
            "On %(found_on)s we found that personal data of your application %(dossier_number)s were concerned in an "
            "incident, number %(number)s.\n\n"
            "%(advice)s\n\n"
            "We never ask for codes or passwords, on the phone neither."
        ),
    ),
    "breach-running-out": Template(
        sms=_l("The notice of breach %(number)s must reach the authority by %(notice_at)s."),
        subject=_l("The notice of breach %(number)s runs out"),
        mail=_l(
            "The authority has not been told of breach %(number)s. The notice must reach it by %(notice_at)s.\n\n"
            "Open Data rights, then Breaches, at %(host)s."
        ),
    ),
    "breach-over": Template(
        sms=_l("The time for the notice of breach %(number)s ended at %(notice_at)s. It is late."),
        subject=_l("The notice of breach %(number)s is late"),
        mail=_l(
            "The time to tell the authority of breach %(number)s, and the people who must know, ended at "
            "%(notice_at)s, and not all have been told. Tell them at once, and write into the file why it is late.\n\n"
            "Open Data rights, then Breaches, at %(host)s."
        ),
    ),
    "breach-people-wait": Template(
        sms=_l("The people concerned by breach %(number)s must be told by %(notice_at)s."),
        subject=_l("The people concerned by breach %(number)s must be told"),
        mail=_l(
            "The people concerned by breach %(number)s have not all been told. The law gives time until "
            "%(notice_at)s.\n\n"
            "Open Data rights, then Breaches, at %(host)s."
        ),
    ),
}
