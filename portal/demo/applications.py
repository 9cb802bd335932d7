"""Applications taken as far as a stage, by the verbs that the portal itself calls."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from identity.application import (
    Application,
    Given,
    Issued,
    abandon_unanswered,
    acknowledge,
    apply,
    decide,
    match_reference,
    possible_supplements,
    record_capture,
    record_match,
    request_supplement,
    resubmit,
    save_step,
    start_draft,
    withdraw,
)
from identity.application.death import end_applications_of
from identity.audit import SYSTEM, Actor
from identity.counter_secret import new_counter_secret
from identity.deadlines import today_in_vietnam
from identity.files import PORTRAIT, prepare_image, store
from identity.gateways import MatchResult
from identity.registers.synthetic import SyntheticCitizen
from portal.demo.population import Neighbour, documents_of, face_of, record_of

STAGES = (
    "submitted",
    "received",
    "supplement_requested",
    "resubmitted",
    "captured",
    "matched",
    "refused",
    "withdrawn",
    "abandoned",
    "issued",
    "deceased",
)
"""How far an application may be taken; an approved one is issued in the same moment. Only citizens get to the last."""


LONG_AFTER = timedelta(days=45)
"""By then a supplement that was asked for has been given up."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Who works on the demonstration's applications."""

    receiving: Actor
    approving: Actor
    office_by_kind: dict[str, UUID]


@dataclass(frozen=True, slots=True)
class Taken:
    """An application at its stage; `issued` and `counter_secret` only from the stage that makes them."""

    application: Application
    code: str
    counter_secret: str = ""
    issued: Issued | None = None


def take_to(
    db: Session, person: Neighbour, stage: str, desk: Desk, *, phone: str, start: datetime, email: str = ""
) -> Taken:
    """Apply at `start` and go on to `stage`, an hour a step."""
    application, code = _apply(db, person, desk, phone=phone, email=email, now=start)
    db.flush()
    hour = timedelta(hours=1)
    if stage == "withdrawn":
        withdraw(db, application, now=start + hour)
    if stage == "deceased" and isinstance(person, SyntheticCitizen):
        end_applications_of(db, person.personal_number, None, SYSTEM, now=start + hour)
    if stage in ("submitted", "withdrawn", "deceased"):
        return Taken(application, code)
    acknowledge(db, application, desk.receiving, now=start + hour)
    if stage in ("supplement_requested", "resubmitted", "abandoned"):
        _ask_for_more(db, application, stage, desk, now=start + 2 * hour)
    if stage in ("captured", "matched", "refused", "issued"):
        secret = _come_to_the_counter(db, person, application, desk, now=start + 2 * hour)
        return Taken(application, code, secret, _end(db, application, stage, desk, now=start + 3 * hour))
    return Taken(application, code)


def _ask_for_more(db: Session, application: Application, stage: str, desk: Desk, *, now: datetime) -> None:
    note, picture = "Ảnh thẻ bị mờ, xin chụp lại.", possible_supplements(application)[0]
    request_supplement(db, application, desk.receiving, [picture], note, now=now)
    if stage == "abandoned":
        abandon_unanswered(db, now=now + LONG_AFTER)
    if stage == "resubmitted":
        resubmit(db, application, {picture: Given("Đã chụp lại.")}, now=now + timedelta(hours=1))


def _end(db: Session, application: Application, stage: str, desk: Desk, *, now: datetime) -> Issued | None:
    if stage in ("matched", "issued"):
        record_match(db, application, desk.receiving, MatchResult(93, True), now=now)
    if stage == "refused":
        return decide(db, application, desk.approving, "refused", "document-not-genuine", now=now)
    return decide(db, application, desk.approving, "approved", now=now) if stage == "issued" else None


def _apply(
    db: Session, person: Neighbour, desk: Desk, *, phone: str, email: str, now: datetime
) -> tuple[Application, str]:
    citizen = isinstance(person, SyntheticCitizen)
    kind = "citizen" if citizen else "foreigner"
    answers = documents_of(person) | {
        "person_kind": kind,
        "phone": phone,
        "phone_proved_at": now.isoformat(),
        "office_id": str(desk.office_by_kind[kind]),
        "agreed_to_help": True,
        "notify_by": "both" if email else "sms",
        "email": email or None,
    }
    if citizen:
        answers["document_number"] = answers["card_number"]
    draft = start_draft(db, now=now, locale="vi" if citizen else "en")
    save_step(db, draft, answers, now=now)
    return apply(db, draft, record_of(person), now=now)


def _come_to_the_counter(db: Session, person: Neighbour, application: Application, desk: Desk, *, now: datetime) -> str:
    secret = new_counter_secret()
    taken = prepare_image(face_of(person, today_in_vietnam(now), at_counter=True))
    portrait = store(db, taken, PORTRAIT, application.id, now=now)
    db.flush()
    capture = f"DEMO-{match_reference(application)[-6:]}"
    record_capture(db, application, desk.receiving, portrait.id, capture, secret, now=now)
    return secret
