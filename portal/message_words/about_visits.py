"""What people are told about appointments."""

from __future__ import annotations

from collections.abc import Mapping

from portal.language import _l
from portal.message_words.template import Template

ABOUT_VISITS: Mapping[str, Template] = {
    "appointment-booked": Template(
        sms=_l(
            "Your appointment: %(starts_at)s, %(office)s, %(place)s. Number to say there: %(visit_code)s. "
            "Bring your original documents."
        ),
        subject=_l("Your appointment: %(starts_at)s"),
        mail=_l(
            "Your appointment for application %(dossier_number)s:\n\n"
            "%(starts_at)s\n%(office)s, %(place)s\n"
            "Number to say at the counter: %(visit_code)s\n\n"
            "Bring your original documents and your phone. To move or cancel it, open your application at %(host)s."
        ),
    ),
    "appointment-reminder": Template(
        sms=_l(
            "Reminder: your appointment is at %(starts_at)s, %(office)s, %(place)s. Number: %(visit_code)s. "
            "Bring your original documents."
        ),
        subject=_l("Reminder of your appointment: %(starts_at)s"),
        mail=_l(
            "Your appointment for application %(dossier_number)s is at %(starts_at)s.\n\n"
            "%(office)s, %(place)s\nNumber to say at the counter: %(visit_code)s\n\n"
            "Bring your original documents and your phone. If you cannot come, open your application at %(host)s "
            "and choose another time, so that somebody else can have this one."
        ),
    ),
    "appointment-cancelled": Template(
        sms=_l("Your appointment of %(starts_at)s was cancelled, as you asked. You may book another at any time."),
        subject=_l("Your appointment was cancelled"),
        mail=_l("Your appointment of %(starts_at)s was cancelled, as you asked. You may book another at any time."),
    ),
    "appointment-missed": Template(
        sms=_l(
            "You did not come to your appointment of %(starts_at)s. Your application goes on: book another time with "
            "your code at %(host)s."
        ),
        subject=_l("You missed your appointment"),
        mail=_l(
            "You did not come to your appointment of %(starts_at)s. Application %(dossier_number)s goes on: open it "
            "with your code at %(host)s and book another time."
        ),
    ),
    "appointment-office-closed": Template(
        sms=_l(
            "We are sorry: %(office)s is closed on the day of your appointment (%(starts_at)s). Book another time with "
            "your code at %(host)s."
        ),
        subject=_l("The office is closed on the day of your appointment"),
        mail=_l(
            "We are sorry: %(office)s is closed on the day of your appointment (%(starts_at)s), and it was cancelled."
            "\n\nOpen application %(dossier_number)s with your code at %(host)s and book another time or office."
        ),
    ),
}
