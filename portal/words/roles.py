"""What the roles of staff are called, and everybody and everything else that acts in the record."""

from __future__ import annotations

from typing import Any

from identity.account import Kind
from identity.audit import SYSTEM, VISITOR
from identity.staff import RoleName
from portal.language import _l

ROLES: dict[str, Any] = {
    RoleName.RECEIVING_OFFICER.value: _l("Receiving officer"),
    RoleName.APPROVING_OFFICER.value: _l("Approving officer"),
    RoleName.SUPERVISOR.value: _l("Supervisor of an office"),
    RoleName.MEMBER.value: _l("Member of a team"),
    RoleName.LEAD.value: _l("Lead of a team"),
    RoleName.COORDINATOR.value: _l("Coordinator"),
    RoleName.LEADER.value: _l("Leader"),
    RoleName.OPERATOR.value: _l("Operator of the portal"),
    RoleName.AUDITOR.value: _l("Auditor"),
    RoleName.RP_DEVELOPER.value: _l("Developer of a service"),
    RoleName.HOTLINE_AGENT.value: _l("Agent of the hotline"),
    RoleName.DATA_PROTECTION_OFFICER.value: _l("Data protection officer"),
}
ACTORS: dict[str, Any] = {
    **ROLES,
    Kind.RESIDENT.value: _l("Resident"),
    Kind.STAFF.value: _l("Staff"),
    "client": _l("Service"),
    VISITOR.role: _l("Somebody who is not signed in"),
    SYSTEM.role: _l("The system"),
}
"""As whom anybody or anything acts."""
