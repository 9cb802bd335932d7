"""The visit to the counter: the portrait, the capture reference, the secret handed over, the register's match."""

from __future__ import annotations

import re
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from identity.application import clocks
from identity.application.by_hand import forget
from identity.application.model import Application, check_move, check_version, move
from identity.application.registered import reference_of
from identity.application.review import check_not_own
from identity.audit import Actor, Event, record
from identity.base import Refused
from identity.counter_secret import keep_counter_secret
from identity.gateways import MatchResult

CAPTURE_REFERENCE = re.compile(r"[A-Za-z0-9._:-]{4,80}")


def record_capture(  # noqa: PLR0913 - a visit has that many parts
    db: Session,
    application: Application,
    officer: Actor,
    portrait_file_id: UUID,
    capture_reference: str,
    counter_secret: str | None,
    *,
    now: datetime,
    version: int | None = None,
    guardian_present: bool = False,
) -> None:
    """The person stood here with the document. Fingerprints stay in the device gateway: only its reference is kept."""
    check_version(application, version)
    check_move(application, "record_capture")
    check_not_own(db, application, officer)
    check_guardian_is_here(application, guardian_present)
    if not CAPTURE_REFERENCE.fullmatch(capture_reference.strip()):
        raise Refused("capture-reference", field="capture_reference")
    move(db, application, "record_capture")
    application.captured_at = now
    application.captured_by_id = officer.account_id
    application.received_by_id = application.received_by_id or officer.account_id
    application.received_at = application.received_at or now
    application.held_by_id = application.held_by_id or officer.account_id
    clocks.receive(application, now=now)
    application.portrait_file_id = portrait_file_id
    application.capture_reference = capture_reference.strip()
    application.match_score = application.matched = application.matched_at = None
    forget(db, application)
    if counter_secret is not None:
        keep_counter_secret(db, application.id, counter_secret, now=now)
    record(db, Event.APPLICATION_CAPTURED, officer, now=now, subject=application.subject)


def check_guardian_is_here(application: Application, is_here: bool) -> None:
    """A child or ward comes with the guardian (Decree 69/2024 Art. 10.2 and 11)."""
    if application.guardian_id is not None and not is_here:
        raise Refused("guardian-absent", field="guardian_present")


def record_match(
    db: Session,
    application: Application,
    officer: Actor,
    result: MatchResult,
    *,
    now: datetime,
    version: int | None = None,
) -> None:
    """Keep what the register said about the capture; it was asked before this transaction began."""
    check_version(application, version)
    check_not_own(db, application, officer)
    move(db, application, "record_match")
    application.match_score = result.score
    application.matched = result.matched
    application.matched_at = now
    record(db, Event.APPLICATION_MATCHED, officer, now=now, subject=application.subject, matched=result.matched)


def match_reference(application: Application) -> str:
    """Under which number the register knows the biometrics: personal number, or residence card number."""
    return reference_of(application.record or {})
