"""Who is asking, whether they may, and what their browser is told. One file per concern; this is the index."""

from portal.security.cookies import sign_in, sign_out
from portal.security.guards import Slice, anyone, demonstration_only, fresh, guarded, in_a_unit, resident, staff, writes
from portal.security.headers import allow_form_target
from portal.security.limits import limiter
from portal.security.visitor import RoleHeld, SignedIn, me

__all__ = [
    "RoleHeld",
    "SignedIn",
    "Slice",
    "allow_form_target",
    "anyone",
    "demonstration_only",
    "fresh",
    "guarded",
    "in_a_unit",
    "limiter",
    "me",
    "resident",
    "sign_in",
    "sign_out",
    "staff",
    "writes",
]
