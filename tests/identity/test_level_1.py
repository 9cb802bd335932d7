"""Level 1 online: what is decided by rule, what waits for an officer, and how the level rises."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.account import Act, check_may, find_account_of
from identity.activation import begin
from identity.activation.journey import Journey
from identity.activation.proof import ProofKind, proofs_for
from identity.application import (
    Application,
    Given,
    acknowledge,
    apply,
    decide,
    record_capture,
    record_match,
    request_supplement,
    resubmit,
)
from identity.application.figures import figures
from identity.application.lookup import reserve_lookup, settle_lookup
from identity.audit import Event, events_about
from identity.base import Refused, new_id
from identity.deadlines import VIETNAM, calendar
from identity.files import store
from identity.gateways import MatchResult
from identity.levels import level_of
from identity.outbox import Lane, lease
from tests.identity.applicants import (
    CITIZEN,
    FOREIGNER,
    a_draft,
    a_record,
    activated,
    an_officer,
    issued,
    sent_online,
    submitted,
)


def refused(code: str) -> Any:
    return pytest.raises(Refused, match=f"^{code}$")


def local(moment: datetime | None) -> str:
    assert moment is not None
    return f"{moment.astimezone(VIETNAM):%Y-%m-%d %H:%M}"


def test_where_everything_agrees_the_rule_decides_at_once(db: Session, now: datetime) -> None:
    application, code = sent_online(db, now=now)
    assert code.startswith("DD1-") and application.state == "issued"
    assert level_of(db, application.person_id, now=now) == 1
    kinds = {message.kind for message in lease(db, Lane.NOTICE, now=now)}
    assert kinds == {"application-submitted", "account-issued"}
    approved = [event for event in events_about(db, application.subject) if event.name == Event.APPLICATION_APPROVED]
    assert [(event.actor_role, event.facts) for event in approved] == [("system", {"by": "rule"})]


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ({"sim": None}, "sim-unchecked"),
        ({"portrait_matched": False}, "portrait-unmatched"),
        ({"portrait_matched": None}, "portrait-unmatched"),
    ],
)
def test_what_does_not_agree_waits_for_an_officer(db: Session, now: datetime, answers: Any, reason: str) -> None:
    application, _code = sent_online(db, now=now, **answers)
    assert (application.state, application.officer_reasons) == ("submitted", reason)
    assert application.person_id is None


def test_a_foreign_resident_is_looked_at_by_an_officer(db: Session, now: datetime) -> None:
    application, _code = sent_online(db, FOREIGNER, now=now)
    assert application.officer_reasons == "on-request"


def test_a_namesake_born_the_same_day_stops_the_rule(db: Session, now: datetime) -> None:
    issued(db, now=now)
    twin = replace(CITIZEN, personal_number="001190999999", card_number="001190999999")
    application, _code = sent_online(db, twin, now=now, phone="+84912000000")
    assert (application.state, application.officer_reasons) == ("submitted", "same-name")


def test_two_officers_decide_what_the_rule_left_to_them_and_it_gives_level_1(db: Session, now: datetime) -> None:
    application, _code = sent_online(db, FOREIGNER, now=now, portrait_matched=False)
    receiving, approving = (an_officer(db, role, now=now) for role in ("receiving_officer", "approving_officer"))
    with refused("application-state"):
        decide(db, application, approving, "approved", now=now)
    acknowledge(db, application, receiving, now=now)
    told = {message.kind for message in lease(db, Lane.NOTICE, now=now)}
    assert told == {"application-submitted", "application-complete"}, "nobody is sent to a counter"
    both = replace(receiving, role="approving_officer")
    with refused("four-eyes"):
        decide(db, application, both, "approved", now=now)
    decide(db, application, approving, "approved", now=now)
    assert application.state == "issued"
    assert level_of(db, application.person_id, now=now) == 1


def test_a_late_decision_counts_as_late_where_an_answer_was_decided_upon_without_a_receipt(
    db: Session, now: datetime
) -> None:
    application, _code = sent_online(db, FOREIGNER, now=now)
    asked = an_officer(db, "receiving_officer", now=now)
    request_supplement(db, application, asked, ["passport-photo"], "", now=now)
    answered, late = now + timedelta(days=2), now + timedelta(days=20)
    resubmit(db, application, {"passport-photo": Given("Đây")}, now=answered)
    decide(db, application, an_officer(db, "approving_officer", now=now), "refused", "document-not-genuine", now=late)
    decided = figures(db, {application.unit_id}, days=30, now=late).decided
    assert (decided.count, decided.in_time) == (1, 0)
    assert decided.middle_hours == calendar().working_time(answered, late) / timedelta(hours=1)


def test_no_visit_can_be_recorded_for_what_was_sent_online(db: Session, now: datetime) -> None:
    application, _code = sent_online(db, FOREIGNER, now=now)
    officer = an_officer(db, "receiving_officer", now=now)
    acknowledge(db, application, officer, now=now)
    with refused("application-state"):
        record_capture(db, application, officer, new_id(), "CAP-0001", None, now=now)


@pytest.mark.parametrize(
    ("accepted", "due"),
    [
        (datetime(2026, 11, 23, 9, 0, tzinfo=VIETNAM), "2026-11-25 23:59"),  # 24 November is a holiday
        (datetime(2026, 2, 13, 16, 0, tzinfo=VIETNAM), "2026-02-23 23:59"),  # the Friday before Tết
        (datetime(2026, 8, 21, 9, 0, tzinfo=VIETNAM), "2026-08-22 23:59"),  # a make-up Saturday
        (datetime(2026, 8, 28, 9, 0, tzinfo=VIETNAM), "2026-09-03 23:59"),  # swapped Monday, then 1 and 2 September
        (datetime(2026, 12, 31, 16, 59, tzinfo=VIETNAM), "2027-01-04 23:59"),  # the end of a year
        (datetime(2026, 9, 30, 9, 0, tzinfo=VIETNAM), "2026-10-01 23:59"),  # the end of a month
        (datetime(2027, 2, 3, 9, 0, tzinfo=VIETNAM), "2027-02-11 23:59"),  # Tết 2027
    ],
)
def test_one_working_day_after_the_receipt(db: Session, accepted: datetime, due: str) -> None:
    application, _code = sent_online(db, replace(FOREIGNER, passport_expires_on=date(2035, 1, 1)), now=accepted)
    acknowledge(db, application, an_officer(db, "receiving_officer", now=accepted), now=accepted)
    assert local(application.decision_due_at) == due


def test_without_a_portrait_nothing_is_sent(db: Session, now: datetime) -> None:
    with refused("portrait-missing"):
        sent_online(db, now=now, portrait_file_id=None)


def test_the_portrait_goes_with_the_file(db: Session, now: datetime) -> None:
    record = a_record(db)
    draft = a_draft(db, record, now=now, level=1, sim="own", portrait_matched=True)
    kept = store(db, b"\xff\xd8\xff", "portrait", draft.id, now=now)
    draft.answers = {**(draft.answers or {}), "portrait_file_id": str(kept.id)}
    db.flush()
    application, _code = apply(db, draft, record, now=now)
    db.refresh(kept)
    assert (kept.owner_id, application.portrait_file_id) == (application.id, kept.id)


@pytest.mark.parametrize(
    ("is_own", "level", "code", "sim"),
    [(True, 1, None, "own"), (None, 1, None, None), (False, 1, "sim-not-own", None), (False, 2, None, None)],
)
def test_a_number_in_another_name_stops_an_application_online(
    db: Session, now: datetime, is_own: bool | None, level: int, code: str | None, sim: str | None
) -> None:
    record = a_record(db)
    draft = a_draft(db, record, now=now, level=level)
    lookup = reserve_lookup(db, draft, "192.0.2.1", now=now)
    refusal = settle_lookup(db, lookup, draft, record, is_own, now=now)
    assert (refusal.code if refusal else None) == code
    assert draft.answer("sim") == sim
    assert ("record" in (draft.answers or {})) is (code is None)


# a second application: rising, and what is refused


def test_from_level_1_the_same_account_rises_to_2_by_a_visit(db: Session, now: datetime) -> None:
    first, _code = sent_online(db, now=now)
    account = find_account_of(db, first.person_id)
    activated(db, account.id, now=now)
    record = a_record(db)
    second, _code = apply(db, a_draft(db, record, now=now, person_id=str(first.person_id)), record, now=now)
    assert second.duplicate_of is None, "nobody is their own namesake"
    receiving, approving = (an_officer(db, role, now=now) for role in ("receiving_officer", "approving_officer"))
    acknowledge(db, second, receiving, now=now)
    record_capture(db, second, receiving, new_id(), "CAP-0001", None, now=now)
    record_match(db, second, receiving, MatchResult(92, True), now=now)
    made = decide(db, second, approving, "approved", now=now)
    assert made.account_id == account.id and made.activation_code == ""
    assert level_of(db, first.person_id, now=now) == 2
    check_may(db, account.id, Act.SIGN_IN, now=now)
    assert "account-level-raised" in [message.kind for message in lease(db, Lane.NOTICE, now=now)]


def test_rising_before_the_account_was_activated_brings_a_new_code(db: Session, now: datetime) -> None:
    first, _code = sent_online(db, now=now)
    _second, made = issued(db, now=now, person_id=str(first.person_id))
    assert begin(db, made.activation_code, address="192.0.2.1", now=now).journey.account.id == made.account_id


@pytest.mark.parametrize(("person", "code"), [(True, "level-held"), (False, "account-exists")])
def test_who_holds_the_level_applies_for_no_second_account(db: Session, now: datetime, person: bool, code: str) -> None:
    first, _made = issued(db, now=now)
    with refused(code):
        submitted(db, now=now, person_id=str(first.person_id) if person else None)


def test_another_persons_session_raises_nobody(db: Session, now: datetime) -> None:
    sent_online(db, now=now)
    other, _made = issued(db, FOREIGNER, now=now, phone="+84912000009")
    with refused("account-exists"):
        submitted(db, now=now, person_id=str(other.person_id), phone="+84912345678")


def test_level_1_ends_with_the_card(db: Session, now: datetime) -> None:
    application, _code = sent_online(db, replace(CITIZEN, card_expires_on=date(2026, 12, 1)), now=now)
    last = datetime(2026, 12, 1, 23, 59, tzinfo=VIETNAM)
    assert level_of(db, application.person_id, now=last) == 1
    assert level_of(db, application.person_id, now=last + timedelta(minutes=1)) == 0


def test_a_card_without_end_is_proved_by_its_day_of_issue(db: Session, now: datetime) -> None:
    old = replace(CITIZEN, card_expires_on=None, card_issued_on=date(2022, 3, 4))
    application, _code = sent_online(db, old, now=now)
    account = find_account_of(db, application.person_id)
    journey = Journey(account, None, None)  # type: ignore[arg-type] - the papers alone are looked at
    assert proofs_for(db, journey) == [ProofKind.CITIZEN_CARD]


def test_of_two_that_are_sent_at_once_one_file_is_open(db: Session, now: datetime) -> None:
    sent_online(db, now=now, portrait_matched=False)
    with refused("application-open"):
        sent_online(db, now=now, phone="+84912000000")
    assert len(db.scalars(select(Application)).all()) == 1
