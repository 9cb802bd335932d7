"""Applying for an account, step by step, and following the application. Public: nobody has an account yet."""

from portal.security import Slice, anyone

blueprint = Slice("enrolment", __name__, guard=anyone, template_folder="templates")

from portal.enrolment import (  # noqa: E402, F401
    appeal,
    appointment,
    begun_at_home,
    complaint,
    data_rights,
    decision,
    documents,
    guardianship,
    mine,
    office,
    phone,
    portrait,
    receipt,
    register,
    send,
    start,
    status,
    supplement,
    views,
)
