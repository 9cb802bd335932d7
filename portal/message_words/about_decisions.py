"""What people are told about appeals against a decision, and about complaints."""

from __future__ import annotations

from collections.abc import Mapping

from portal.language import _l
from portal.message_words.template import Template

ABOUT_DECISIONS: Mapping[str, Template] = {
    "file-opened": Template(
        sms=_l(
            "Your application %(dossier_number)s was opened for an officer of another office until %(until_at)s. "
            "You can complain at %(host)s."
        ),
        subject=_l("Your application %(dossier_number)s was opened for another office"),
        mail=_l(
            "An officer of another office asked to look at your application %(dossier_number)s and gave a reason. "
            "A supervisor agreed. It is open until %(until_at)s, for looking only.\n\n"
            "Every look is recorded. If you do not know why, ask or complain at %(host)s."
        ),
    ),
    "application-by-hand": Template(
        sms=_l(
            "Application %(dossier_number)s: the register was away, so two officers compared you by hand. It will be "
            "asked later and you will be told."
        ),
        subject=_l("Two officers compared you by hand for application %(dossier_number)s"),
        mail=_l(
            "The state's register was away when you came. Two officers compared you with the original of your document "
            "for application %(dossier_number)s. Another officer decides.\n\n"
            "If it is approved, level 2 holds for %(days)s days, and the register is asked as soon as it answers. "
            "You will be told. If you did not visit an office, go to one or complain at %(host)s."
        ),
    ),
    "hand-match-right": Template(
        sms=_l("Application %(dossier_number)s: the register has recognised you. Level 2 holds."),
        subject=_l("The register has recognised you"),
        mail=_l(
            "The register answers again and has recognised you for application %(dossier_number)s. "
            "Level 2 holds; you need not do anything."
        ),
    ),
    "hand-match-wrong": Template(
        sms=_l(
            "Application %(dossier_number)s: the register did not recognise your fingerprints. Your account is held. "
            "Come to the office with your document."
        ),
        subject=_l("Your account is held: come to the office"),
        mail=_l(
            "The register answers again and did not recognise the fingerprints of application %(dossier_number)s. "
            "Your account is held, so that nobody else acts in it.\n\n"
            "Come to the office with the original of your document; another officer looks at it with you. "
            "You may complain at %(host)s."
        ),
    ),
    "application-appealed": Template(
        sms=_l(
            "We have your appeal about application %(dossier_number)s. Another officer looks at it and answers by "
            "%(answer_due_at)s."
        ),
        subject=_l("We have your appeal about application %(dossier_number)s"),
        mail=_l(
            "We have your appeal about application %(dossier_number)s.\n\n"
            "An officer who had no part in the decision looks at it again. "
            "You will have an answer by %(answer_due_at)s. "
            "To take the appeal back, open the application with your code at %(host)s."
        ),
    ),
    "appeal-upheld": Template(
        sms=_l(
            "Your appeal about application %(dossier_number)s was answered: the refusal stands. Open it to read why."
        ),
        subject=_l("Your appeal about application %(dossier_number)s was answered"),
        mail=_l(
            "Another officer looked at application %(dossier_number)s again. The refusal stands.\n\n"
            "Open the application with your code at %(host)s to read why, and what you can do next. "
            "You may apply again at any time."
        ),
    ),
    "appeal-overturned": Template(
        sms=_l(
            "Your appeal about application %(dossier_number)s succeeded. The refusal no longer counts; new decision by "
            "%(decision_due_at)s."
        ),
        subject=_l("Your appeal about application %(dossier_number)s succeeded"),
        mail=_l(
            "Another officer looked at application %(dossier_number)s again. The refusal no longer counts and the "
            "application is open again.\n\nYou will have a new decision by %(decision_due_at)s. "
            "If you must do anything for it, it stands under your application at %(host)s."
        ),
    ),
    "complaint-made": Template(
        sms=_l("We have your complaint %(number)s. You will have an answer by %(answer_due_at)s."),
        subject=_l("We have your complaint %(number)s"),
        mail=_l(
            "We have your complaint %(number)s. Somebody who had no part in the matter looks at it. "
            "You will have an answer by %(answer_due_at)s."
        ),
    ),
    "complaint-answered": Template(
        sms=_l("Your complaint %(number)s was answered. Read the answer at %(host)s, where you made it."),
        subject=_l("Your complaint %(number)s was answered"),
        mail=_l("Your complaint %(number)s was answered. Read the answer at %(host)s, where you made it."),
    ),
}
