"""The way back in: a ladder, never a cliff. Each rung asks two proofs, waits where it must, and can be stopped.

    device    another device of the person's own       at once           begin
    code      a recovery code and the phone on file    at once           begin
    contact   people whom the owner trusts             72 hours          people, trusted, stop
    counter   in person with the document              at once           counter

Every rung ends in `keys`: a new password, a new app, a new sheet; then all that was open ends, services are told, and
for seven days phone, mail address and trusted contacts stay as they are.
"""

from identity.recovery.begin import (
    Begun,
    begin_with_code,
    begin_with_device,
    come_back,
    find_recovery,
    phone_of,
    send_code,
    sweep,
)
from identity.recovery.counter import blocking, look_up_at_counter, recover_at_counter
from identity.recovery.keys import (
    Step,
    confirm_app,
    confirm_passkey,
    finish,
    keep_device,
    may_keep_device,
    next_step,
    options_to_make,
    prove_phone,
    set_password,
)
from identity.recovery.model import CoSignature, Recovery, Rung, TrustedContact
from identity.recovery.people import (
    ask_people,
    co_sign,
    find_request,
    send_what_is_due,
    signatures,
    signatures_needed,
    want_code,
)
from identity.recovery.stop import find_to_stop, is_closed, moving, stop, stop_own
from identity.recovery.trusted import (
    JOB,
    check_not_recovered_lately,
    choose,
    confirm,
    contacts_of,
    end,
    ripe_contacts,
    ripe_on,
    trusting,
)

__all__ = [
    "JOB",
    "Begun",
    "CoSignature",
    "Recovery",
    "Rung",
    "Step",
    "TrustedContact",
    "ask_people",
    "begin_with_code",
    "begin_with_device",
    "blocking",
    "check_not_recovered_lately",
    "choose",
    "co_sign",
    "come_back",
    "confirm",
    "confirm_app",
    "confirm_passkey",
    "contacts_of",
    "end",
    "find_recovery",
    "find_request",
    "find_to_stop",
    "finish",
    "is_closed",
    "keep_device",
    "look_up_at_counter",
    "may_keep_device",
    "moving",
    "next_step",
    "options_to_make",
    "phone_of",
    "prove_phone",
    "recover_at_counter",
    "ripe_contacts",
    "ripe_on",
    "send_code",
    "send_what_is_due",
    "set_password",
    "signatures",
    "signatures_needed",
    "stop",
    "stop_own",
    "sweep",
    "trusting",
    "want_code",
]
