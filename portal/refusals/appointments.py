"""Refusals of appointments and of the queue at the office."""

from portal.language import _l

SENTENCES = {
    "appointment-state": _l("No visit is needed for this application any more."),
    "appointment-time": _l("This time cannot be booked any more. Choose another."),
    "appointment-full": _l("The last place at this time was taken a moment ago. Choose another time."),
    "appointment-unknown": _l("There is no such appointment."),
    "appointment-changed": _l("This appointment was changed a moment ago. Open the list again."),
    "appointment-not-yet": _l("The time of this appointment has not come yet."),
    "office-does-not-receive": _l("This office cannot receive your application. Choose one from the list."),
    "closure-past": _l("Choose a day after today. Who comes today is received."),
    "queue-closed": _l("No more numbers today: the office closes before the next turn. Offer an appointment."),
    "queue-empty": _l("Nobody waits."),
}
STATUS = {"appointment-unknown": 404}
