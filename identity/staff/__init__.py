"""Who works here: roles scoped to units and dates, invitations, idle accounts, and the review of rights."""

from identity.staff.model import EVERYWHERE, FOR_THE_COUNTRY, Role, RoleName
from identity.staff.roles import (
    RoleHeld,
    at_work_on,
    check_scope,
    end_role,
    give_role,
    has_scope,
    held_on,
    hire,
    roles_of,
    units_in_reach,
)

__all__ = [
    "EVERYWHERE",
    "FOR_THE_COUNTRY",
    "Role",
    "RoleHeld",
    "RoleName",
    "at_work_on",
    "check_scope",
    "end_role",
    "give_role",
    "has_scope",
    "held_on",
    "hire",
    "roles_of",
    "units_in_reach",
]
