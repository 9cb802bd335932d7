"""What people are told while they get back in, and whom they trust for it."""

from __future__ import annotations

from collections.abc import Mapping

from portal.language import _l
from portal.message_words.template import Template

ABOUT_RECOVERY: Mapping[str, Template] = {
    "recovery-asked": Template(
        sms=_l(
            "Somebody asks to recover your e-ID account through the people you trust. Not you? Stop it at "
            "%(host)s/recover/stop with the code %(code)s"
        ),
        subject=_l("Somebody asks to recover your e-ID account"),
        mail=_l(
            "Somebody asks to recover your e-ID account through the people you trust.\n\n"
            "Was it you? Tell your trusted person the word that the page showed you.\n"
            "Was it not you? See what happened and stop it: %(issuer)s/recover/stop?code=%(code)s"
        ),
    ),
    "recovery-help-asked": Template(
        sms=_l(
            "%(name)s may ask you to help them back into their e-ID account. Speak with them first. Then sign in at "
            "%(host)s, My account, People I trust. Not them? Do nothing, and tell them."
        ),
        subject=_l("%(name)s may ask you to help them back into their account"),
        mail=_l(
            "%(name)s may ask you to help them back into their e-ID account.\n\n"
            "Speak with them first, by voice or face to face. They tell you a word. Sign in at %(host)s, choose "
            "My account, People I trust, and enter it.\n"
            "Was it not them? Do nothing, and tell them that somebody asked."
        ),
    ),
    "recovery-agreed": Template(
        sms=_l(
            "The people you trust agreed to recover your e-ID account. New keys can be set from %(opens_at)s. Not you? "
            "Stop it at %(host)s/recover/stop with the code %(code)s"
        ),
        subject=_l("Your e-ID account is about to be recovered"),
        mail=_l(
            "The people you trust agreed to recover your e-ID account. New keys can be set from %(opens_at)s.\n\n"
            "Was it you? Come back on that day with the code that the page showed you.\n"
            "Was it not you? Stop it: %(issuer)s/recover/stop?code=%(code)s"
        ),
    ),
    "recovery-stopped": Template(
        sms=_l(
            "The recovery of your e-ID account was stopped. New sign-ins stand still for 24 hours. Can you not sign "
            "in? Go to any office with your document."
        ),
        subject=_l("The recovery of your e-ID account was stopped"),
        mail=_l(
            "The recovery of your e-ID account was stopped. New sign-ins and changes stand still for 24 hours.\n\n"
            "Can you not sign in? Go to any office with the original of your document."
        ),
    ),
    "account-recovered": Template(
        sms=_l(
            "Your e-ID account has new ways to sign in; every device and service was signed out. Not you? Go to "
            "%(host)s, Help, Freeze my account."
        ),
        subject=_l("Your e-ID account was recovered"),
        mail=_l(
            "Your e-ID account has a new password, a new second step and new recovery codes. Every device and service "
            "was signed out. For 7 days its phone, mail address and trusted people stay as they are.\n\n"
            "Was it not you? Go to %(host)s, choose Help, then Freeze my account."
        ),
    ),
    "recovery-at-counter": Template(
        sms=_l(
            "An office saw your document and handed over a slip to recover your e-ID account. The old password no "
            "longer works. Not you? Go to any office at once."
        ),
        subject=_l("Recovery of your e-ID account at an office"),
        mail=_l(
            "An office saw your document and handed over a slip to recover your e-ID account. The old password, app "
            "and devices no longer work.\n\n"
            "Was it not you? Go to any office at once with the original of your document."
        ),
    ),
    "trusted-contact-asked": Template(
        sms=_l(
            "%(name)s names you as a person they trust with their e-ID account. To agree or decline, sign in at "
            "%(host)s, My account, People I trust."
        ),
        subject=_l("%(name)s names you as a person they trust"),
        mail=_l(
            "%(name)s names you as a person they trust. If they ever lose their phone and their codes, you can say "
            "that it is them. You see nothing of their account and can do nothing else.\n\n"
            "To agree or decline, sign in at %(host)s, My account, People I trust."
        ),
    ),
    "trusted-contact-agreed": Template(
        sms=_l("%(name)s agreed to be a person you trust. It counts in 30 days. Not you? See %(host)s, My account."),
        subject=_l("%(name)s agreed to be a person you trust"),
        mail=_l(
            "%(name)s agreed to be a person you trust with your e-ID account. It counts in 30 days.\n\n"
            "Did you not name anybody? Go to %(host)s, choose Help, then Freeze my account."
        ),
    ),
    "trusted-contact-ended": Template(
        sms=_l("You and %(name)s no longer stand for each other's e-ID account."),
        subject=_l("%(name)s is no longer a trusted person"),
        mail=_l("You and %(name)s no longer stand for each other's e-ID account. There is nothing you need to do."),
    ),
}
