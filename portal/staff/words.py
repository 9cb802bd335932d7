"""The words for roles and states of staff."""

from __future__ import annotations

from identity.account import AccountState, Ground
from identity.staff import FOR_THE_COUNTRY, RoleName
from portal.language import _l

__all__ = ["FOR_THE_COUNTRY", "GIVEN_BY_TEAMS", "GROUNDS", "ROLES", "SHUT", "STATES"]

ROLES = {
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
GIVEN_BY_TEAMS = {RoleName.MEMBER.value, RoleName.LEAD.value}
"""Appointed by coordinators, with their team; not given here."""
STATES = {
    AccountState.ISSUED.value: (_l("Invited"), "waiting", "clock"),
    AccountState.ACTIVE.value: (_l("Active"), "good", "check"),
    AccountState.CLOSED.value: (_l("Closed"), "plain", "x"),
}
GROUNDS = {
    Ground.IDLE.value: _l("not used for a long time"),
    Ground.SUSPENDED.value: _l("shut by an administrator"),
}
SHUT = (_l("Shut"), "bad", "lock")
