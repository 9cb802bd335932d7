"""What an officer may do with a case now, by its state, the officer's roles here, and four eyes."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.orm import Session

from identity.application import Application, State, may
from identity.application.by_hand import HandMatch, is_by_hand
from identity.application.desks import check_handed_out
from identity.application.earlier import may_name_earlier
from identity.application.hands import RECEIVING as RECEIVERS
from identity.application.issue import needs_activation
from identity.application.review import needs_supervisor
from identity.application.supplement_wish import last_wish
from identity.audit import Actor, Event
from identity.slip import WITH_SLIP
from portal.language import _
from portal.office.access import APPROVING, RECEIVING, SUPERVISOR
from portal.office.waiting import is_allowed
from portal.office.words import NEXT_STEP
from portal.services import now

RECEIVING_ACTS = frozenset(RECEIVERS)


def actions_for(
    look: Session,
    application: Application,
    roles: Collection[str],
    officer: Actor,
    acts: Collection[str],
    *,
    is_waiting: bool,
) -> frozenset[str]:
    """The steps to offer; `acts` is what the officer did to the file (names of events), `is_waiting` whether somebody
    who was here has an account to activate. The domain checks each again: nothing here is a permission."""
    found = _receiving(application) if RECEIVING in roles else set()
    if RECEIVING in roles and is_waiting and application.level == 2:
        found.add("slip")
    if application.held_by_id == officer.account_id and application.held_by_id is not None:
        found.add("hand-back")
    elif SUPERVISOR in roles and application.held_by_id is not None:
        found.add("release")
    if application.is_open:
        found.add("conflict")
    if may(application, "request_supplement"):
        found |= _asking(look, application, roles)
    return frozenset(found | _answering(application, roles, officer, acts))


def _asking(look: Session, application: Application, roles: Collection[str]) -> set[str]:
    """Asking for a supplement; a second one, and what comes before it."""
    if not needs_supervisor(application, now=now()):
        return {"supplement"}
    wish = last_wish(look, application)
    waits = wish is not None and wish.answered_at is None
    if SUPERVISOR in roles:
        return {"supplement", "supplement-answer"} if waits else {"supplement"}
    if wish is not None and wish.is_granted:
        return {"supplement"}
    if waits:
        return {"supplement-wished"}
    return {"supplement-wish", "supplement-refused"} if wish is not None else {"supplement-wish"}


def _receiving(application: Application) -> set[str]:
    verbs = {"acknowledge": "acknowledge", "counter": "record_capture", "match": "record_match", "brought": "resubmit"}
    return {action for action, verb in verbs.items() if may(application, verb)}


def _answering(application: Application, roles: Collection[str], officer: Actor, acts: Collection[str]) -> set[str]:
    """Deciding and hearing are for whoever did not receive the file; hearing for whoever did not refuse it."""
    if took_part(application, officer, acts):
        return set()
    found = {"decide"} if may_decide(application, roles, officer, acts) else set()
    refused = application.decided_by_id == officer.account_id
    return found | ({"hear"} if SUPERVISOR in roles and may(application, "uphold") and not refused else set())


def may_decide(application: Application, roles: Collection[str], officer: Actor, acts: Collection[str]) -> bool:
    """Whoever took no part, did not refuse it before, and was given the file: one who opened it to compare namesakes
    was not."""
    if APPROVING not in roles or not may(application, "refuse") or took_part(application, officer, acts):
        return False
    if Event.APPLICATION_REFUSED in acts:
        return False
    return is_allowed(check_handed_out, application, officer, roles)


def by_hand_actions(
    look: Session, application: Application, hand: HandMatch | None, roles: Collection[str], officer: Actor
) -> frozenset[str]:
    """The manual route, while operators have taken it: comparing, then confirming by a second person."""
    if not may(application, "compare_by_hand") or not is_by_hand(look, application):
        return frozenset()
    if hand is None:
        return frozenset({"by-hand"} if RECEIVING in roles else ())
    is_second = (
        SUPERVISOR in roles and not took_part(application, officer) and hand.compared_by_id != officer.account_id
    )
    return frozenset({"confirm-by-hand"} if is_second else ())


def earlier_actions(look: Session, application: Application, roles: Collection[str]) -> frozenset[str]:
    """Naming an earlier number, while it may change anything."""
    return frozenset({"earlier"} if RECEIVING in roles and may_name_earlier(look, application) else ())


def took_part(application: Application, officer: Actor, acts: Collection[str] = ()) -> bool:
    """Whether this officer received the case or had another of the receivers' steps, and so may not decide it."""
    named = officer.account_id in (application.received_by_id, application.captured_by_id)
    return named or not RECEIVING_ACTS.isdisjoint(acts)


def has_to_be_activated(look: Session, application: Application, at: datetime) -> bool:
    """Whether somebody who was here has an account to activate, or will have; asked where a slip may be handed over."""
    return application.state in WITH_SLIP and needs_activation(look, application, now=at)


def next_step(
    application: Application,
    roles: Collection[str],
    officer: Actor,
    hand: HandMatch | None,
    acts: Collection[str],
    *,
    is_waiting: bool,
) -> str:
    """What happens next, in a sentence."""
    if application.state == State.ISSUED and not is_waiting:
        return _("Issued. The account of this person is in use: nothing has to be activated.")
    if application.state == State.ISSUED and application.level == 1:
        return _("Account issued. The applicant activates it with the notice and their document.")
    if hand is not None and hand.confirmed_at is None and application.state == State.CAPTURED:
        return _("Compared by hand. A supervisor who sees the person and the original confirms it.")
    if application.state == State.MATCHED and APPROVING in roles and took_part(application, officer, acts):
        return _("You received this application. Another officer decides.")
    if application.state == State.MATCHED and may_decide(application, roles, officer, acts):
        return _("Compare the photos and the details, then decide.")
    if application.level == 1 and application.state in (State.RECEIVED, State.RESUBMITTED):
        return _("Sent online: compare the portrait and the papers, then another officer decides.")
    return str(NEXT_STEP[application.state])
