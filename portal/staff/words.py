"""The words for roles and states of staff."""

from __future__ import annotations

from identity.account import AccountState, Ground
from identity.staff import FOR_THE_COUNTRY, RoleName
from portal.language import _l
from portal.words.entry_codes import calls
from portal.words.roles import ROLES

__all__ = ["FOR_THE_COUNTRY", "GIVEN_BY_TEAMS", "GROUNDS", "ROLES", "SHUT", "STATES"]

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
calls("ground", GROUNDS)
SHUT = (_l("Shut"), "bad", "lock")
