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
