"""What people who work here are told."""

from __future__ import annotations

from collections.abc import Mapping

from portal.language import _l
from portal.message_words.template import Template

ABOUT_STAFF: Mapping[str, Template] = {
    "staff-invitation": Template(
        sms=_l("You are invited to work in the e-ID portal. The letter with the way in went to your e-mail address."),
        subject=_l("Your invitation to work in the e-ID portal"),
        mail=_l(
            "%(name)s,\n\n"
            "an account for your work was made. Your account name is %(login)s.\n\n"
            "Open this address by %(until_at)s, choose a password that nobody else knows, "
            "and connect an authenticator app:\n"
            "%(issuer)s/staff/welcome?code=%(code)s\n\n"
            "If you do not work for this office, throw this letter away: without it the account stays shut."
        ),
    ),
    "staff-renewal": Template(
        sms=_l("Set up your way into the e-ID portal anew. The letter went to your e-mail address."),
        subject=_l("Your new way into the e-ID portal"),
        mail=_l(
            "%(name)s,\n\n"
            "an administrator ended every way into your account for work, because a phone or a password was lost. "
            "Your account name is still %(login)s.\n\n"
            "Open this address by %(until_at)s, choose a password that nobody else knows, "
            "and connect an authenticator app:\n"
            "%(issuer)s/staff/welcome?code=%(code)s\n\n"
            "If you lost nothing, call your administrator: somebody may be using your name."
        ),
    ),
    "office-overdue": Template(
        sms=_l("%(files)s applications of your office are overdue."),
        subject=_l("Applications of your office are overdue"),
        mail=_l(
            "%(files)s applications of the offices that you supervise passed their date since the last letter.\n\n"
            "They stand on top of the list: %(issuer)s/office/queue?filtered=1\n\n"
            "The applicants got an apology with the new date."
        ),
    ),
    "office-work-overdue": Template(
        sms=_l("%(files)s complaints, requests or tasks of your office are overdue."),
        subject=_l("Complaints, requests or tasks of your office are overdue"),
        mail=_l(
            "%(files)s complaints, requests to lock or open an account, wishes for a second supplement, and tasks of "
            "the offices that you supervise passed their date since the last letter.\n\n"
            "They stand on top of their lists:\n"
            "%(issuer)s/office/complaints\n"
            "%(issuer)s/office/second-supplements\n"
            "%(issuer)s/office/tasks\n\n"
            "Your officers find requests to lock or open under “Locks”."
        ),
    ),
    "review-due": Template(
        sms=_l("%(files)s roles wait for their review of this quarter."),
        subject=_l("The review of rights ends with the quarter"),
        mail=_l(
            "%(files)s roles of staff were not looked at this quarter. Say of each whether it is still needed, before "
            "the quarter ends.\n\n"
            "The list: %(issuer)s/staff/review"
        ),
    ),
    "review-overdue": Template(
        sms=_l("%(files)s roles were not looked at in the last quarter: their review is overdue."),
        subject=_l("The review of rights is overdue"),
        mail=_l(
            "%(files)s roles of staff were not looked at in the last quarter, and nobody has looked at them since. "
            "Say of each whether it is still needed.\n\n"
            "They stand on top of the list: %(issuer)s/staff/review"
        ),
    ),
    "role-waits": Template(
        sms=_l("A role that %(giver)s gave %(name)s waits for a second operator: confirm or refuse it."),
        subject=_l("A role of %(name)s waits for a second operator"),
        mail=_l(
            "%(giver)s gave %(name)s a role that counts only once a second operator has confirmed it. Confirm it if "
            "you know that the person exists, works there, and owns the e-mail address; else refuse it.\n\n"
            "The list: %(issuer)s/staff/waiting"
        ),
    ),
    "role-confirmed": Template(
        sms=_l("The role that you gave %(name)s was confirmed by a second operator and counts now."),
        subject=_l("A role that you gave was confirmed"),
        mail=_l(
            "A second operator confirmed the role that you gave %(name)s. It counts from its first day on.\n\n"
            "The account: %(issuer)s/staff/%(account)s"
        ),
    ),
    "role-turned-down": Template(
        sms=_l("The role that you gave %(name)s was refused by a second operator."),
        subject=_l("A role that you gave was refused"),
        mail=_l(
            "A second operator refused the role that you gave %(name)s. It never counted.\n\n"
            "Talk with the other operators before you give it again. The account: %(issuer)s/staff/%(account)s"
        ),
    ),
    "rights-overdue": Template(
        sms=_l("%(files)s requests about personal data are overdue."),
        subject=_l("Requests about personal data are overdue"),
        mail=_l(
            "%(files)s requests of people about their own data were not acknowledged or not answered by the date that "
            "the law sets.\n\n"
            "They stand on top of the list: %(issuer)s/office/data-rights"
        ),
    ),
    "supplement-wish-asked": Template(
        sms=_l("An officer of your office wishes to ask an applicant for something a second time."),
        subject=_l("An officer wishes to ask for a second supplement"),
        mail=_l(
            "An officer of an office that you supervise wishes to ask an applicant for something a second time, and "
            "says why. The time to decide runs on until you answer.\n\n"
            "Read the reason and answer: %(issuer)s/office/second-supplements"
        ),
    ),
    "supplement-wish-granted": Template(
        sms=_l("You may ask for a second supplement in application %(dossier_number)s."),
        subject=_l("You may ask for a second supplement in application %(dossier_number)s"),
        mail=_l(
            "A supervisor allowed a second supplement in application %(dossier_number)s. Ask for everything that is "
            "still missing at once.\n\n"
            "The application: %(issuer)s/office/cases/%(case)s"
        ),
    ),
    "supplement-wish-refused": Template(
        sms=_l("A second supplement in application %(dossier_number)s was not allowed."),
        subject=_l("No second supplement in application %(dossier_number)s"),
        mail=_l(
            "A supervisor did not allow a second supplement in application %(dossier_number)s. The reason stands on "
            "its page.\n\n"
            "The application: %(issuer)s/office/cases/%(case)s"
        ),
    ),
    "glass-asked": Template(
        sms=_l("An officer of another office asks to look at an application of your office."),
        subject=_l("Somebody asks to look at an application of your office"),
        mail=_l(
            "An officer of another office asks to look at an application of an office that you supervise, and says "
            "why.\n\n"
            "Read the reason and answer: %(issuer)s/office/break-glass"
        ),
    ),
    "glass-opened": Template(
        sms=_l("Application %(dossier_number)s of another office is open for you for a short time."),
        subject=_l("Application %(dossier_number)s is open for you for a short time"),
        mail=_l(
            "A supervisor opened application %(dossier_number)s of another office for you, for a short time. The "
            "applicant is told.\n\n"
            "Look at it: %(issuer)s/office/break-glass"
        ),
    ),
    "glass-turned-down": Template(
        sms=_l("Application %(dossier_number)s of another office is not opened for you."),
        subject=_l("Application %(dossier_number)s is not opened for you"),
        mail=_l("A supervisor decided that application %(dossier_number)s of another office is not opened for you."),
    ),
    "glass-lapsed": Template(
        sms=_l("Nobody answered about application %(dossier_number)s in time. If you still need it, ask anew."),
        subject=_l("Nobody answered about application %(dossier_number)s in time"),
        mail=_l(
            "You asked to look at application %(dossier_number)s of another office. No supervisor answered in time, "
            "so your wish has ended.\n\n"
            "If you still have to see it, ask anew, and call that office: %(issuer)s/office/break-glass"
        ),
    ),
    "glass-missed": Template(
        sms=_l("An officer of another office asked to look at an application of yours and had no answer in time."),
        subject=_l("A wish to look at an application of your office ended without an answer"),
        mail=_l(
            "An officer of another office asked to look at an application of an office that you supervise. Nobody "
            "answered in time, so the wish has ended. The officer was told and may ask anew."
        ),
    ),
    "tasks-overdue": Template(
        sms=_l("%(tasks)s tasks of campaigns that you do, gave or lead are past their last day."),
        subject=_l("Tasks of campaigns are past their last day"),
        mail=_l(
            "%(tasks)s tasks of campaigns that you do, gave or lead are past their last day since the last letter.\n\n"
            "Do them, ask for more time, or say why they are dropped: %(issuer)s/campaigns"
        ),
    ),
    "task-time-asked": Template(
        sms=_l("More time is asked for a task that you gave or lead."),
        subject=_l("More time is asked for a task that you gave or lead"),
        mail=_l(
            "Who does a task of a campaign that you gave or lead asks for more time, and says why.\n\n"
            "Give the time, or let the day stay, with a reason: %(issuer)s/campaigns"
        ),
    ),
    "task-time-answered": Template(
        sms=_l("The last day of a task of yours was decided on anew."),
        subject=_l("The last day of a task of yours was decided on anew"),
        mail=_l(
            "Somebody gave more time for a task of a campaign that you do, or let its last day stay, and says why.\n\n"
            "See until when it is: %(issuer)s/campaigns"
        ),
    ),
    "task-handed-to": Template(
        sms=_l("A task of a campaign was handed over to you."),
        subject=_l("A task of a campaign was handed over to you"),
        mail=_l(
            "Somebody handed a task of a campaign over to you, and says why.\n\n"
            "See what is to be done and until when: %(issuer)s/campaigns"
        ),
    ),
    "task-handed-from": Template(
        sms=_l("A task of a campaign that you did is now done by somebody else."),
        subject=_l("A task of a campaign that you did is now done by somebody else"),
        mail=_l(
            "Somebody handed a task of a campaign that you did over to another person, and says why.\n\n"
            "You need not do any more for it. Your campaigns: %(issuer)s/campaigns"
        ),
    ),
    "figure-warnings": Template(
        sms=_l("%(warnings)s warnings about figures of your units wait for you."),
        subject=_l("Warnings about figures of your units"),
        mail=_l(
            "%(warnings)s warnings about figures of your units wait for you.\n\n"
            "Something in them is unlike the weeks before. Look at the records behind each, and say what you found:\n"
            "%(issuer)s/warnings\n\n"
            "What is not looked at within seven days goes to the office above."
        ),
    ),
}
