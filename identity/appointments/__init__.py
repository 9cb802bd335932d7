"""Visits to an office: a seat in a slot, or a number in the day's queue.

`model` the rows, `slots` when an office has room, `booking` taking and giving back a seat, `visits` what became of it,
`closing` days without visits, `reminders` what time does by itself, `walk_in` the queue of those without a seat.
"""

from identity.appointments.booking import book, cancel, may_visit
from identity.appointments.closing import close_day, open_day
from identity.appointments.model import (
    Appointment,
    AppointmentState,
    OfficeClosure,
    QueueNumber,
    find_appointment,
    missed_appointment,
)
from identity.appointments.slots import OpenDay, Slot, open_days, slots_of
from identity.appointments.visits import appointments_on, came, did_not_come
from identity.appointments.walk_in import Waiting, call_next, finish, queue_now, take_number

__all__ = [
    "Appointment",
    "AppointmentState",
    "OfficeClosure",
    "OpenDay",
    "QueueNumber",
    "Slot",
    "Waiting",
    "appointments_on",
    "book",
    "call_next",
    "came",
    "cancel",
    "close_day",
    "did_not_come",
    "find_appointment",
    "finish",
    "may_visit",
    "missed_appointment",
    "open_day",
    "open_days",
    "queue_now",
    "slots_of",
    "take_number",
]
