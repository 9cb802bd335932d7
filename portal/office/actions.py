"""What an officer may do with a case now, by its state, the officer's roles here, and four eyes."""

from __future__ import annotations

from collections.abc import Collection

from identity.application import Application, State, may
from identity.audit import Actor
from identity.slip import WITH_SLIP
from portal.language import _
from portal.office.access import APPROVING, RECEIVING
from portal.office.words import NEXT_STEP


def actions_for(application: Application, roles: Collection[str], officer: Actor) -> frozenset[str]:
    """The steps to offer. The domain checks each again; nothing here is a permission."""
    found = set()
    if RECEIVING in roles:
        verbs = {"acknowledge": "acknowledge", "counter": "record_capture", "match": "record_match"}
        found = {action for action, verb in verbs.items() if may(application, verb)}
        if application.state in WITH_SLIP and application.level == 2:
            found.add("slip")
    if application.held_by_id == officer.account_id and application.held_by_id is not None:
        found.add("hand-back")
    elif APPROVING in roles and application.held_by_id is not None:
        found.add("release")
    if application.is_open:
        found.add("conflict")
    if may(application, "request_supplement"):
        found.add("supplement")
    if APPROVING in roles and not took_part(application, officer):
        found |= {"decide"} if may(application, "refuse") else set()
        refused = application.decided_by_id == officer.account_id
        found |= {"hear"} if may(application, "uphold") and not refused else set()
    return frozenset(found)


def took_part(application: Application, officer: Actor) -> bool:
    """Whether this officer received or captured the case, and so may not decide it."""
    return officer.account_id in (application.received_by_id, application.captured_by_id)


def next_step(application: Application, roles: Collection[str], officer: Actor) -> str:
    """What happens next, in a sentence."""
    if application.state == State.MATCHED and APPROVING in roles and took_part(application, officer):
        return _("You received this application. Another officer decides.")
    if application.state == State.MATCHED and RECEIVING not in roles:
        return _("Compare the photos and the details, then decide.")
    if application.level == 1 and application.state in (State.RECEIVED, State.RESUBMITTED):
        return _("Sent online: compare the portrait and the papers, then another officer decides.")
    return str(NEXT_STEP[application.state])
