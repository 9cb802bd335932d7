"""Words about levels, guardians, and accounts that are handed over."""

from __future__ import annotations

from collections.abc import Mapping

from portal.language import _l
from portal.message_words.template import Template

ABOUT_FAMILIES: Mapping[str, Template] = {
    "account-level-raised": Template(
        sms=_l("Your e-ID account now has level %(level)s. Sign in as before; nothing has to be activated."),
        subject=_l("Your e-ID account now has level %(level)s"),
        mail=_l(
            "Your e-ID account now has level %(level)s (application %(dossier_number)s).\n\n"
            "Sign in as before; nothing has to be activated."
        ),
    ),
    "guardian-asked": Template(
        sms=_l(
            "The account of %(name)s waits for your yes until %(answer_before_at)s. Sign in at %(host)s, then "
            "Children and wards. Not you both? Choose “This was not us”."
        ),
        subject=_l("The account of %(name)s waits for your yes"),
        mail=_l(
            "The account of %(name)s is about to be used and waits for your yes until %(answer_before_at)s.\n\n"
            "Sign in at %(host)s and open Children and wards. If it was not you both, choose “This was not us”."
        ),
    ),
    "hand-over-soon": Template(
        sms=_l(
            "From %(changes_on)s the e-ID account of %(name)s is their own. Before that day get a card that is valid "
            "then, and a phone in their own name. From that day they apply at %(host)s."
        ),
        subject=_l("The e-ID account of %(name)s is theirs alone from %(changes_on)s"),
        mail=_l(
            "From %(changes_on)s the guardian's authority over the e-ID account of %(name)s is over. The account waits "
            "until they take it over.\n\n"
            "What to do: get an identity card that is valid after that day and a phone number in their own name. "
            "From that day they apply at %(host)s and set secrets that nobody else knows. What it holds is kept."
        ),
    ),
    "hand-over-today": Template(
        sms=_l(
            "From today the e-ID account of %(name)s is their own; it opens again when they have taken it over. "
            "Apply at %(host)s with a valid card and a phone of their own."
        ),
        subject=_l("The e-ID account of %(name)s waits to be taken over"),
        mail=_l(
            "From today the e-ID account of %(name)s is their own. It opens again when they have taken it over.\n\n"
            "They apply at %(host)s with a valid card and a phone of their own, and set new secrets."
        ),
    ),
    "issued-of-age": Template(
        sms=_l(
            "Application %(dossier_number)s is approved. %(name)s is old enough now: the e-ID account waits until they "
            "take it over. They apply at %(host)s with a phone of their own. You need not activate anything."
        ),
        subject=_l("The e-ID account of %(name)s waits to be taken over"),
        mail=_l(
            "Application %(dossier_number)s is approved. Meanwhile %(name)s became old enough to have the account "
            "alone, so a guardian no longer activates it.\n\n"
            "They apply at %(host)s with a valid card and a phone of their own, and set secrets that nobody else "
            "knows. What the office checked counts; they need not go there again for it."
        ),
    ),
    "account-handed-over": Template(
        sms=_l("%(name)s has taken over their e-ID account. You can no longer act in it. Thank you for your care."),
        subject=_l("%(name)s has taken over their e-ID account"),
        mail=_l("%(name)s has taken over their e-ID account. You can no longer act in it.\n\nThank you for your care."),
    ),
    "guardianship-ended": Template(
        sms=_l(
            "Your authority over the e-ID account of %(name)s has ended, by a paper shown at an office. You can no "
            "longer act in it. Is that wrong? Go to any office."
        ),
        subject=_l("Your authority over the e-ID account of %(name)s has ended"),
        mail=_l(
            "Your authority over the e-ID account of %(name)s has ended, by a paper that was shown at an office. You "
            "can no longer act in it.\n\nIs that wrong? Go to any office with your own paper, or complain at %(host)s."
        ),
    ),
    "application-ended-by-death": Template(
        sms=_l("Application %(dossier_number)s is closed: a death was recorded. A mistake? Come to any office."),
        subject=_l("Application %(dossier_number)s is closed"),
        mail=_l(
            "Application %(dossier_number)s, which you sent as a guardian, is closed, because the death of the person "
            "it was for was recorded. We are sorry for your loss.\n\n"
            "You need do nothing. If it is a mistake, come to any office with the person's document."
        ),
    ),
    "ward-closed-by-death": Template(
        sms=_l("The e-ID account of %(name)s is closed: a death was recorded. A mistake? Come to any office."),
        subject=_l("The e-ID account of %(name)s is closed"),
        mail=_l(
            "The e-ID account of %(name)s is closed, because a death was recorded. We are sorry for your loss.\n\n"
            "You need do nothing. If it is a mistake, come to any office with the person's document."
        ),
    ),
    "ward-guardian-died": Template(
        sms=_l(
            "The death of a guardian of %(name)s was recorded. Without another guardian the e-ID account waits until a "
            "new guardian applies at %(host)s. A mistake? Come to any office."
        ),
        subject=_l("A guardian of %(name)s can no longer act in the e-ID account"),
        mail=_l(
            "The death of a guardian of %(name)s was recorded. We are sorry for your loss.\n\n"
            "With another guardian the e-ID account goes on as before. Without one it waits until its holder, or a new "
            "guardian with the paper, applies at %(host)s. If it is a mistake, come to any office."
        ),
    ),
    "ward-without-guardian": Template(
        sms=_l(
            "A guardianship over the e-ID account of %(name)s has ended, by a paper shown at an office. Without "
            "another guardian the account waits until somebody applies at %(host)s."
        ),
        subject=_l("A guardianship over the e-ID account of %(name)s has ended"),
        mail=_l(
            "A guardianship over the e-ID account of %(name)s has ended, by a paper that was shown at an office.\n\n"
            "Without another guardian the account waits until its holder, or a new guardian, applies at %(host)s."
        ),
    ),
}
