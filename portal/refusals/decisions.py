"""Refusals of appeals, of complaints, and of papers about decisions."""

from portal.language import _l

SENTENCES = {
    "appeal-empty": _l("Write why you do not agree."),
    "appeal-too-long": _l("Write at most %(most)s characters."),
    "appeal-late": _l("The time for an appeal is over, or there was one already. You may apply again at any time."),
    "application-open-beside": _l(
        "You have a new application open. Withdraw it first, then appeal about this one; there is one open at a time."
    ),
    "appeal-four-eyes": _l(
        "You had a part in this application, so another officer hears the appeal. Your attempt was recorded."
    ),
    "appeal-answer-empty": _l("Write the reasons; the applicant will read them."),
    "refused-before": _l("You refused this application before, so another officer decides. Your attempt was recorded."),
    "complaint-nobody": _l("Open your application with its code, or sign in, to complain."),
    "complaint-nowhere": _l("There is no office that could answer. Please call the hotline."),
    "complaint-category": _l("Choose what your complaint is about."),
    "complaint-empty": _l("Write what happened."),
    "complaint-too-long": _l("Write at most %(most)s characters."),
    "complaints-open": _l("Several of your complaints wait for an answer already. We answer them first."),
    "complaint-unknown": _l("There is no such complaint."),
    "complaint-own-work": _l(
        "This complaint is about your own work. Another officer answers. Your attempt was recorded."
    ),
    "complaint-answered-already": _l("Somebody answered this complaint a moment ago. Open it to read the answer."),
    "complaint-answer-empty": _l("Write the answer; the person will read it."),
    "supplement-incomplete": _l("Add a picture, or write why you cannot give it."),
    "paper-missing": _l("There is no decision about this application yet."),
}
STATUS = {
    "appeal-four-eyes": 403,
    "refused-before": 403,
    "complaint-own-work": 403,
    "complaint-unknown": 404,
    "paper-missing": 404,
}
