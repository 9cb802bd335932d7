"""What people are told about requests concerning their own data."""

from __future__ import annotations

from collections.abc import Mapping

from portal.language import _l
from portal.message_words.template import Template

ABOUT_DATA: Mapping[str, Template] = {
    "rights-received": Template(
        sms=_l(
            "We have your request about your data. You will have an answer by %(due_on)s. Not you? Go to %(host)s, "
            "Help, Freeze my account."
        ),
        subject=_l("We have your request about your data"),
        mail=_l(
            "We have your request about your data. You will have an answer by %(due_on)s.\n\n"
            "To see how it stands, or to take it back, sign in at %(host)s and open My data.\n"
            "Was it not you? Go to %(host)s, choose Help, then Freeze my account."
        ),
    ),
    "rights-taken": Template(
        sms=_l("An officer is working on your request about your data. You will have an answer by %(due_on)s."),
        subject=_l("An officer is working on your request about your data"),
        mail=_l("An officer is working on your request about your data. You will have an answer by %(due_on)s."),
    ),
    "rights-answered": Template(
        sms=_l("Your request about your data was answered. Read it at %(host)s under My data, or at the office."),
        subject=_l("Your request about your data was answered"),
        mail=_l(
            "Your request about your data was answered. Sign in at %(host)s and open My data to read it. If you cannot "
            "sign in, the office that took it in hands it to you."
        ),
    ),
    "applicant-rights-received": Template(
        sms=_l(
            "We have your request about the data of application %(dossier_number)s. You will have an answer by "
            "%(due_on)s. Not you? Complain under Track an application at %(host)s."
        ),
        subject=_l("We have your request about your data"),
        mail=_l(
            "We have your request about the data of application %(dossier_number)s. You will have an answer by "
            "%(due_on)s.\n\n"
            "To see how it stands, or to take it back, open Track an application at %(host)s with your code.\n"
            "Was it not you? Complain in the same place, or call %(hotline)s."
        ),
    ),
    "applicant-rights-taken": Template(
        sms=_l("An officer is working on your request about your data. You will have an answer by %(due_on)s."),
        subject=_l("An officer is working on your request about your data"),
        mail=_l("An officer is working on your request about your data. You will have an answer by %(due_on)s."),
    ),
    "applicant-rights-answered": Template(
        sms=_l(
            "Your request about the data of application %(dossier_number)s was answered. Read it under Track an "
            "application at %(host)s, or at the office."
        ),
        subject=_l("Your request about your data was answered"),
        mail=_l(
            "Your request about the data of application %(dossier_number)s was answered. Open Track an application at "
            "%(host)s with your code to read it, or ask at the office."
        ),
    ),
    "applicant-data-erased": Template(
        sms=_l(
            "As you asked, the data of application %(dossier_number)s were erased. Its number, dates and decision are "
            "kept as proof of what the office did. This is the answer to your request."
        ),
        subject=_l("Your data were erased, as you asked"),
        mail=_l(
            "As you asked, the data of application %(dossier_number)s were erased: what you wrote, and your pictures "
            "and papers. Its number, dates and decision are kept as proof of what the office did. This is the answer "
            "to your request; nobody can open the application any more."
        ),
    ),
    "export-ready": Template(
        sms=_l(
            "The copy of your data is ready. Sign in at %(host)s and open My data. It stays until %(until_on)s. Not "
            "you? Choose Help, then Freeze my account."
        ),
        subject=_l("The copy of your data is ready"),
        mail=_l(
            "The copy of your data is ready. Sign in at %(host)s and open My data. It stays until %(until_on)s.\n\n"
            "Did you not ask for it? Go to %(host)s, choose Help, then Freeze my account."
        ),
    ),
}
