"""An application from the draft to the account."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from identity.account import Account, get_account
from identity.application import (
    Application,
    Filters,
    Given,
    acknowledge,
    apply,
    decide,
    find_by_code,
    load_draft,
    notices,
    public_status,
    queue,
    record_capture,
    record_match,
    request_supplement,
    resubmit,
    save_step,
    take_next,
    view_case,
    withdraw,
)
from identity.application.review import abandon_unanswered, apologise_when_late
from identity.audit import Event, events_about
from identity.base import Refused, new_id
from identity.counter_secret import is_counter_secret
from identity.deadlines import VIETNAM, today_in_vietnam
from identity.evidence import evidence_of
from identity.gateways import MatchResult
from identity.levels import level_details, level_of
from identity.locks import grounds_of
from identity.outbox import Channel, Lane, OutboxMessage, lease
from identity.person import Person, documents_of, find_person_by_number, set_phone
from identity.slip import renew_slip
from tests.identity.applicants import (
    CITIZEN,
    FOREIGNER,
    a_draft,
    a_record,
    an_officer,
    at_work,
    issued,
    matched,
    sent_online,
    submitted,
)


def refused(code: str) -> Any:
    """The block is refused with this code."""
    return pytest.raises(Refused, match=f"^{code}$")


def local(moment: datetime | None) -> str:
    assert moment is not None
    return f"{moment.astimezone(VIETNAM):%Y-%m-%d %H:%M}"


# the draft


def test_a_draft_is_found_by_its_token_only_and_keeps_what_was_typed(db: Session, now: datetime) -> None:
    draft = a_draft(db, a_record(db), now=now)
    token = draft.token
    db.commit()
    db.expunge_all()
    found = load_draft(db, token, now=now)
    assert found is not None and found.answer("full_name") == CITIZEN.full_name
    assert load_draft(db, token + "x", now=now) is None
    assert CITIZEN.full_name.encode() not in found.answers_sealed


def test_an_unsent_draft_opens_no_more_after_its_term(db: Session, now: datetime) -> None:
    draft = a_draft(db, a_record(db), now=now)
    db.flush()
    assert load_draft(db, draft.token, now=now + timedelta(days=13)) is not None
    assert load_draft(db, draft.token, now=now + timedelta(days=15)) is None


def test_a_sent_draft_takes_no_more_answers(db: Session, now: datetime) -> None:
    record = a_record(db)
    draft = a_draft(db, record, now=now)
    apply(db, draft, record, now=now)
    with refused("draft-already-sent"):
        save_step(db, draft, {"email": "a@example.org"}, now=now)


# sending


def test_sending_gives_an_unguessable_code_a_dossier_number_and_the_first_clock(db: Session, now: datetime) -> None:
    application, code = submitted(db, now=now)
    prefix, *groups = code.split("-")
    assert prefix == "DD2" and [len(group) for group in groups] == [4, 4, 4]
    assert application.dossier_number.endswith("-261123-0001")
    assert local(application.receipt_due_at) == "2026-11-25 10:00"  # 24 November is a holiday
    assert find_by_code(db, code.lower().replace("-", " ")) is application
    assert find_by_code(db, "DD2-0000-0000-0000") is None


def test_the_acknowledgement_leaves_at_once_on_the_chosen_channels(db: Session, now: datetime) -> None:
    _application, code = submitted(db, now=now, notify_by="both", email="thu@example.org")
    sent = lease(db, Lane.NOTICE, now=now)
    assert {message.channel for message in sent} == {Channel.SMS, Channel.EMAIL}
    assert all(message.facts["code"] == code and message.facts["at"] == now.isoformat() for message in sent)


def test_a_request_sent_again_gets_the_same_file_and_the_same_code(db: Session, now: datetime) -> None:
    record = a_record(db)
    draft = a_draft(db, record, now=now)
    first, code = apply(db, draft, record, now=now)
    second, same = apply(db, draft, record, now=now)
    assert (second.id, same) == (first.id, code)
    assert db.scalar(select(func.count()).select_from(Application)) == 1
    assert len(lease(db, Lane.NOTICE, now=now)) == 1


def test_a_second_application_of_the_same_number_is_refused(db: Session, now: datetime) -> None:
    submitted(db, now=now)
    with refused("application-open"):
        submitted(db, now=now, phone="+84912345679")


def test_a_withdrawn_application_makes_room_for_a_new_one(db: Session, now: datetime) -> None:
    application, _code = submitted(db, now=now)
    withdraw(db, application, now=now)
    db.flush()
    again, _code = submitted(db, now=now)
    assert again.id != application.id and application.state == "withdrawn"


def test_a_person_with_an_account_does_not_get_a_second(db: Session, now: datetime) -> None:
    issued(db, now=now)
    with refused("account-exists"):
        submitted(db, now=now)


def test_a_phone_of_another_applicant_or_person_is_refused(db: Session, now: datetime) -> None:
    submitted(db, now=now)
    with refused("phone-used"):
        submitted(db, FOREIGNER, now=now)


def test_a_phone_of_an_account_holder_is_refused(db: Session, now: datetime) -> None:
    issued(db, now=now)
    with refused("phone-used"):
        submitted(db, FOREIGNER, now=now)


@pytest.mark.parametrize(
    ("birth_date", "code"),
    [
        (date(2012, 11, 24), "guardian-needed"),  # 14 tomorrow
        (date(2020, 11, 24), "too-young"),  # 6 tomorrow
        (date(2020, 11, 23), "guardian-needed"),  # 6 today
    ],
)
def test_ages_count_on_the_birthday_in_vietnam(db: Session, now: datetime, birth_date: date, code: str) -> None:
    record = a_record(db, birth_date=birth_date)
    with refused(code):
        apply(db, a_draft(db, record, now=now), record, now=now)


def test_on_the_fourteenth_birthday_one_applies_alone(db: Session, now: datetime) -> None:
    record = a_record(db, birth_date=date(2012, 11, 23))
    assert apply(db, a_draft(db, record, now=now), record, now=now)[0].state == "submitted"


def test_the_birthday_begins_at_midnight_in_vietnam(db: Session) -> None:
    record = a_record(db, birth_date=date(2012, 11, 23))
    midnight = datetime(2026, 11, 23, tzinfo=VIETNAM)
    with refused("guardian-needed"):
        apply(db, a_draft(db, record, now=midnight), record, now=midnight - timedelta(seconds=1))


@pytest.mark.parametrize(
    ("base", "change", "code"),
    [
        (CITIZEN, {"card_expires_on": date(2026, 11, 22)}, "card-expired"),
        (FOREIGNER, {"residence_expires_on": date(2026, 11, 22)}, "residence-card-expired"),
        (FOREIGNER, {"passport_expires_on": date(2026, 11, 22)}, "passport-expired"),
        (FOREIGNER, {"residence_kind": "VISA"}, "residence-document-kind"),
    ],
)
def test_an_expired_document_is_refused(db: Session, now: datetime, base: Any, change: Any, code: str) -> None:
    record = a_record(db, base, **change)
    with refused(code):
        apply(db, a_draft(db, record, now=now), record, now=now)


def test_a_document_counts_on_its_last_day(db: Session, now: datetime) -> None:
    record = a_record(db, FOREIGNER, residence_expires_on=date(2026, 11, 23))
    assert apply(db, a_draft(db, record, now=now), record, now=now)[0].state == "submitted"


def test_an_unproved_phone_sends_nothing(db: Session, now: datetime) -> None:
    record = a_record(db)
    with refused("phone-not-proved"):
        apply(db, a_draft(db, record, now=now, phone_proved_at=None), record, now=now)


def test_a_namesake_born_the_same_day_is_flagged_for_an_officer(db: Session, now: datetime) -> None:
    issued(db, now=now)
    record = a_record(db, personal_number="001190999999", card_number="001190999999", full_name="NGUYEN THI ANH THU")
    application, _code = apply(db, a_draft(db, record, now=now, phone="+84912000000"), record, now=now)
    assert application.duplicate_of == "same-name"
    assert Event.DUPLICATE_FOUND in {event.name for event in events_about(db, application.subject)}


# the officers


def test_acknowledging_starts_the_decision_clock(db: Session, now: datetime) -> None:
    application, _code = submitted(db, now=now)
    acknowledge(db, application, an_officer(db, "receiving_officer", now=now), now=now)
    assert application.state == "received"
    assert local(application.decision_due_at) == "2026-11-27 23:59"  # 3 working days, 24 November not counted


def test_without_biometrics_in_the_register_the_decision_may_take_seven_days(db: Session, now: datetime) -> None:
    record = a_record(db, FOREIGNER, has_biometrics=False)
    application, _code = apply(db, a_draft(db, record, now=now), record, now=now)
    assert application.decision_days == 7


def test_of_two_officers_who_act_on_one_page_the_second_is_told(db: Session, now: datetime) -> None:
    application, _code = submitted(db, now=now)
    shown = application.version
    acknowledge(db, application, an_officer(db, "receiving_officer", now=now), now=now, version=shown)
    with refused("application-changed"):
        request_supplement(
            db,
            application,
            an_officer(db, "receiving_officer", now=now),
            ["card-photo"],
            "",
            now=now,
            version=shown,
        )


def test_a_supplement_stops_the_clock_and_the_answer_runs_the_rest(db: Session, now: datetime) -> None:
    application, _code = submitted(db, now=now)
    officer = an_officer(db, "receiving_officer", now=now)
    acknowledge(db, application, officer, now=now)
    later = now + timedelta(days=2)  # Wednesday; two of three days are left
    request_supplement(db, application, officer, ["card-photo"], "Ảnh mờ", now=later)
    assert application.due_at is None and application.days_left == 2
    answered = now + timedelta(days=9)  # Wednesday a week later
    resubmit(db, application, {"card-photo": Given("Gửi lại ảnh")}, now=answered)
    assert application.state == "resubmitted"
    assert local(application.decision_due_at) == "2026-12-04 23:59"


def test_after_an_answer_the_visit_leaves_the_decision_as_the_next_deadline(db: Session, now: datetime) -> None:
    application, _code = submitted(db, now=now)
    officer = an_officer(db, "receiving_officer", now=now)
    request_supplement(db, application, officer, ["card-photo"], "", now=now)
    resubmit(db, application, {"card-photo": Given("Đây")}, now=now)
    assert local(application.due_at) == "2026-11-25 10:00"  # a receipt is owed again
    record_capture(db, application, officer, new_id(), "CAP-0001", None, now=now)
    assert local(application.due_at) == "2026-11-27 23:59"


def test_an_answer_that_completes_the_file_is_acknowledged_and_the_decision_is_the_next_date(
    db: Session, now: datetime
) -> None:
    application, _code = submitted(db, now=now)
    officer = an_officer(db, "receiving_officer", now=now)
    request_supplement(db, application, officer, ["card-photo"], "", now=now)
    resubmit(db, application, {"card-photo": Given("Đây")}, now=now)
    told = application.decision_due_at
    looked = now + timedelta(days=1)
    acknowledge(db, application, officer, now=looked)
    assert (application.state, application.received_at) == ("received", looked)
    assert application.due_at == application.decision_due_at == told, "the date that the applicant was told stands"
    told_now = db.scalar(select(func.count()).where(OutboxMessage.kind == "application-received"))
    assert told_now == 1


@pytest.mark.parametrize("is_matched", [True, False])
def test_a_visit_counts_when_something_else_was_missing_after_it(
    db: Session, now: datetime, *, is_matched: bool
) -> None:
    application, officer = matched(db, now=now)
    if not is_matched:
        record_capture(db, application, officer, new_id(), "CAP-0002", None, now=now)
    request_supplement(db, application, officer, ["phone-proof"], "", now=now)
    resubmit(db, application, {"phone-proof": Given("Đây")}, now=now)
    acknowledge(db, application, officer, now=now)
    assert application.state == ("matched" if is_matched else "captured")
    assert application.held_by_id == (None if is_matched else officer.account_id)
    told = select(func.count()).where(OutboxMessage.kind == notices.COMPLETE)
    assert db.scalar(told) == 1, "nobody is sent to the counter again"
    if is_matched:
        assert decide(db, application, an_officer(db, "approving_officer", now=now), "approved", now=now)


def test_a_late_receipt_puts_off_no_decision(db: Session, now: datetime) -> None:
    application, _code = submitted(db, now=now)
    officer = an_officer(db, "receiving_officer", now=now)
    request_supplement(db, application, officer, ["card-photo"], "", now=now)
    resubmit(db, application, {"card-photo": Given("Đây")}, now=now)
    late = application.due_at + timedelta(minutes=5)
    db.flush()
    assert apologise_when_late(db, now=late) == 1
    assert application.promised_at == application.decision_due_at
    acknowledge(db, application, officer, now=late)
    db.flush()
    assert application.promised_at is None and apologise_when_late(db, now=late) == 0


def test_what_was_sent_online_waits_for_the_decision_once_it_is_answered(db: Session, now: datetime) -> None:
    application, _code = sent_online(db, now=now, portrait_matched=False)
    officer = an_officer(db, "receiving_officer", now=now)
    request_supplement(db, application, officer, ["card-photo"], "", now=now)
    resubmit(db, application, {"card-photo": Given("Đây")}, now=now)
    assert application.due_at == application.decision_due_at
    with refused("application-state"):  # another officer decides
        acknowledge(db, application, officer, now=now)


def test_a_second_supplement_takes_a_supervisor(db: Session, now: datetime) -> None:
    application, _code = submitted(db, now=now)
    officer = an_officer(db, "receiving_officer", now=now)
    request_supplement(db, application, officer, ["card-photo"], "", now=now)
    resubmit(db, application, {"card-photo": Given("Đây")}, now=now)
    with refused("supplement-needs-supervisor"):
        request_supplement(db, application, officer, ["phone-proof"], "", now=now)
    with refused("supplement-needs-supervisor"):
        request_supplement(db, application, an_officer(db, "approving_officer", now=now), ["phone-proof"], "", now=now)
    request_supplement(db, application, an_officer(db, "supervisor", now=now), ["phone-proof"], "", now=now)
    assert application.supplements == 2


def test_a_supplement_names_reasons_of_the_list(db: Session, now: datetime) -> None:
    application, _code = submitted(db, now=now)
    officer = an_officer(db, "receiving_officer", now=now)
    for reasons in ([], ["because"]):
        with refused("reason-missing"):
            request_supplement(db, application, officer, reasons, "", now=now)


def test_an_unanswered_supplement_is_closed_by_the_dated_rule(db: Session, now: datetime) -> None:
    application, _code = submitted(db, now=now)
    request_supplement(db, application, an_officer(db, "receiving_officer", now=now), ["card-photo"], "", now=now)
    db.flush()
    assert abandon_unanswered(db, now=now + timedelta(days=30)) == 0
    assert abandon_unanswered(db, now=now + timedelta(days=31)) == 1
    assert application.state == "abandoned" and application.open_index is None


def test_a_missed_date_is_owned_up_to_once_with_a_new_one(db: Session, now: datetime) -> None:
    application, _code = submitted(db, now=now)
    db.flush()
    apologise_when_late(db, now=application.receipt_due_at)
    assert application.apologised_at is None
    late = now + timedelta(days=3)
    apologise_when_late(db, now=late)
    apologise_when_late(db, now=late + timedelta(hours=1))
    apologies = [message for message in lease(db, Lane.NOTICE, now=late) if message.kind == "application-overdue"]
    assert len(apologies) == 1 and apologies[0].facts["decision_due_at"] > late.isoformat()
    overdue = [event for event in events_about(db, application.subject) if event.name == Event.APPLICATION_OVERDUE]
    assert len(overdue) == 1


def test_a_capture_needs_a_reference_of_the_device(db: Session, now: datetime) -> None:
    application, _code = submitted(db, now=now)
    officer = an_officer(db, "receiving_officer", now=now)
    acknowledge(db, application, officer, now=now)
    with refused("capture-reference"):
        record_capture(db, application, officer, new_id(), "!", None, now=now)


def test_a_match_before_the_visit_is_refused(db: Session, now: datetime) -> None:
    application, _code = submitted(db, now=now)
    with refused("application-state"):
        record_match(db, application, an_officer(db, "receiving_officer", now=now), MatchResult(99, True), now=now)


def test_the_officer_who_received_does_not_approve(db: Session, now: datetime) -> None:
    application, receiver = matched(db, now=now)
    both = type(receiver)(receiver.account_id, "approving_officer")
    with pytest.raises(Refused, match="four-eyes") as refusal:
        decide(db, application, both, "approved", now=now)
    assert refusal.value.audited and application.state == "matched"


def test_a_receiving_officer_does_not_decide(db: Session, now: datetime) -> None:
    application, _receiver = matched(db, now=now)
    with refused("approver-only"):
        decide(db, application, an_officer(db, "receiving_officer", now=now), "approved", now=now)


def test_nobody_acts_on_their_own_file(db: Session, now: datetime) -> None:
    first, made = issued(db, now=now)
    account = db.get_one(Account, made.account_id)
    account.state = "closed"
    account.person_id, person_id = None, account.person_id
    db.flush()
    again, _code = submitted(db, now=now)
    own = an_officer(db, "receiving_officer", now=now, person_id=person_id)
    with refused("own-file"):
        acknowledge(db, again, own, now=now)
    assert first.person_id == person_id


def test_nobody_makes_a_new_slip_for_their_own_file(db: Session, now: datetime) -> None:
    application, made = issued(db, now=now)
    account = db.get_one(Account, made.account_id)
    account.person_id, person_id = None, account.person_id
    db.flush()
    own = an_officer(db, "receiving_officer", now=now, person_id=person_id)
    with refused("own-file"):
        renew_slip(db, application, own, now=now)
    assert renew_slip(db, application, an_officer(db, "receiving_officer", now=now), now=now)


def test_an_unmatched_person_is_not_approved_but_may_be_refused(db: Session, now: datetime) -> None:
    application, _receiver = matched(db, now=now, verdict=False)
    approver = an_officer(db, "approving_officer", now=now)
    with refused("not-matched"):
        decide(db, application, approver, "approved", now=now)
    with refused("reason-missing"):
        decide(db, application, approver, "refused", "because", now=now)
    assert decide(db, application, approver, "refused", "identity-not-matched", now=now) is None
    assert (application.state, application.refusal_reason) == ("refused", "identity-not-matched")
    assert application.due_at is None


def test_every_view_of_a_file_is_recorded(db: Session, now: datetime) -> None:
    application, _code = submitted(db, now=now)
    officer = an_officer(db, "receiving_officer", now=now)
    view_case(db, application.id, officer, now=now)
    viewed = [event for event in events_about(db, application.subject) if event.name == Event.APPLICATION_VIEWED]
    assert [event.actor_id for event in viewed] == [officer.account_id]


# issue


def test_an_approved_citizen_has_an_account_documents_and_level_two(db: Session, now: datetime) -> None:
    application, made = issued(db, now=now, agreed_to_help=True)
    person = find_person_by_number(db, CITIZEN.personal_number)
    assert person is not None and person.id == application.person_id and person.agreed_to_help_at == now
    account = db.get_one(Account, made.account_id)
    assert (account.state, account.login, account.person_id) == ("issued", CITIZEN.personal_number, person.id)
    assert [document.kind for document in documents_of(db, person.id)] == ["citizen_card"]
    assert level_of(db, person.id, now=now) == 2
    assert is_counter_secret(db, account.id, "abcde fghjk") and not is_counter_secret(db, account.id, "ABCDE-FGHJJ")


def test_the_notice_carries_the_activation_code(db: Session, now: datetime) -> None:
    _application, made = issued(db, now=now)
    notices = [message for message in lease(db, Lane.NOTICE, now=now) if message.kind == "account-issued"]
    assert [message.facts["code"] for message in notices] == [made.activation_code]


def test_a_foreign_resident_gets_a_number_marked_as_simulated(db: Session, now: datetime) -> None:
    application, made = issued(db, FOREIGNER, now=now)
    person = db.get_one(Person, application.person_id)
    assert person.foreigner_number is not None
    assert person.foreigner_number[0] == "9" and len(person.foreigner_number) == 12
    assert db.get_one(Account, made.account_id).login == person.foreigner_number


def test_an_expired_residence_card_lowers_the_level_and_locks_the_account(db: Session, now: datetime) -> None:
    application, made = issued(db, FOREIGNER, now=now)
    assert application.person_id is not None
    before = datetime(2028, 6, 30, 23, 0, tzinfo=VIETNAM)
    after = datetime(2028, 7, 1, 0, 1, tzinfo=VIETNAM)
    assert level_of(db, application.person_id, now=before) == 2
    assert level_of(db, application.person_id, now=after) == 0
    account = get_account(db, made.account_id)
    assert grounds_of(db, account, now=before) == []
    much_later = grounds_of(db, account, now=datetime(2031, 2, 1, tzinfo=VIETNAM))
    assert [(one.ground, local(one.since)) for one in much_later] == [
        ("residence-expired", "2028-06-30 23:59"),
        ("document-expired", "2031-01-01 23:59"),
    ]


def test_a_level_ends_with_its_first_proof(db: Session, now: datetime) -> None:
    application, _made = issued(db, FOREIGNER, now=now)
    assert application.person_id is not None
    assert local(level_details(db, application.person_id, now=now).expires_at) == "2028-06-30 23:59"


def test_without_the_visit_there_is_no_level_two(db: Session, now: datetime) -> None:
    application, _made = issued(db, now=now)
    assert application.person_id is not None
    for proof in evidence_of(db, application.person_id):
        if proof.kind == "in-person":
            proof.ends_on = today_in_vietnam(now) - timedelta(days=1)
    db.flush()
    assert level_of(db, application.person_id, now=now) == 1


# status and queue


def test_the_code_shows_step_and_dates_only(db: Session, now: datetime) -> None:
    _application, code = submitted(db, now=now)
    status = public_status(db, code, now=now)
    assert status is not None and (status.state, status.who_acts, status.is_late) == ("submitted", "office", False)
    assert not {"full_name", "phone", "number"} & set(status.__slots__)
    late = public_status(db, code, now=now + timedelta(days=3))
    assert late is not None and late.is_late


def test_the_queue_groups_by_deadline_and_finds_names_without_marks(db: Session, now: datetime) -> None:
    citizen, _code = submitted(db, now=now)
    foreigner, _code = submitted(db, FOREIGNER, now=now + timedelta(days=1), phone="+84912000001")
    units = {citizen.unit_id, foreigner.unit_id}
    page = queue(db, units, Filters(), now=now + timedelta(days=2, hours=1))
    assert [(group.name, [row.id for row in group.rows]) for group in page.groups] == [
        ("overdue", [citizen.id]),
        ("today", [foreigner.id]),
    ]
    found = queue(db, units, Filters(text="nguyen thi anh"), now=now)
    assert found.total == 1 and found.groups[0].rows[0].id == citizen.id
    assert queue(db, units, Filters(text=foreigner.dossier_number), now=now).total == 1
    assert queue(db, {citizen.unit_id}, Filters(), now=now).total == 1


def test_the_next_case_is_the_most_urgent_that_is_nobodys_and_stays_with_its_officer(
    db: Session, now: datetime
) -> None:
    application, _code = submitted(db, now=now)
    one, other = (at_work(db, application.unit_id, "receiving_officer", now) for _ in range(2))
    assert take_next(db, {application.unit_id}, one, now=now) is application
    assert take_next(db, {application.unit_id}, one, now=now) is application
    assert take_next(db, {application.unit_id}, other, now=now) is None


def test_a_file_that_waits_for_a_register_keeps_nobody_from_the_next(db: Session, now: datetime) -> None:
    """One visit while the register was away would have shut the desk until it answered."""
    application, _code = submitted(db, now=now)
    officer, units = an_officer(db, "receiving_officer", now=now), {application.unit_id}
    assert take_next(db, units, officer, now=now) is application
    acknowledge(db, application, officer, now=now)
    record_capture(db, application, officer, new_id(), "CAP-0001", "ABCDE-FGHJK", now=now)
    assert take_next(db, units, officer, now=now) is application, "nothing else waits"
    next_one = replace(CITIZEN, personal_number="001085000003", card_number="001085000003", full_name="Phạm Văn Kế")
    other, _code = submitted(db, next_one, now=now, phone="+84912000003")
    assert take_next(db, units, officer, now=now) is other
    assert take_next(db, units, officer, now=now) is other, "that one is theirs to finish first"


def test_whoever_asked_the_register_does_not_decide_on_its_answer(db: Session, now: datetime) -> None:
    application, _code = submitted(db, now=now)
    receiver, both = (an_officer(db, "receiving_officer", now=now) for _ in range(2))
    acknowledge(db, application, receiver, now=now)
    record_capture(db, application, receiver, new_id(), "CAP-0001", "ABCDE-FGHJK", now=now)
    record_match(db, application, both, MatchResult(92, True), now=now)
    approver = replace(both, role="approving_officer")
    with pytest.raises(Refused, match="four-eyes"):
        decide(db, application, approver, "approved", now=now)
    assert take_next(db, {application.unit_id}, approver, to_decide=True, now=now) is None


def test_an_approver_is_given_what_somebody_else_received(db: Session, now: datetime) -> None:
    application, receiver = matched(db, now=now)
    units = {application.unit_id}
    assert take_next(db, units, receiver, to_decide=True, now=now) is None
    approver = an_officer(db, "approving_officer", now=now)
    assert take_next(db, units, approver, to_decide=True, now=now) is application


def test_what_is_told_of_an_issued_file_goes_where_the_account_says(db: Session, now: datetime) -> None:
    application, _made = issued(db, now=now)
    db.flush()
    set_phone(db, db.get_one(Person, application.person_id), "+84987000222")
    db.flush()
    notices.tell(db, application, notices.FILE_OPENED, now=now, until_at=now)
    reached = [one.address for one in lease(db, Lane.NOTICE, now=now) if one.kind == notices.FILE_OPENED]
    assert reached == ["+84987000222"], "the phone of the file may be somebody else's by now"


@pytest.mark.parametrize("typed", ["m1234 5678", "TRC-100200", "TRC 100200", "Minji Kim", "test min", "KOR M12345678"])
def test_a_foreign_resident_is_found_by_what_is_printed_on_the_papers(db: Session, now: datetime, typed: str) -> None:
    application, _code = submitted(db, FOREIGNER, now=now)
    found = queue(db, {application.unit_id}, Filters(text=typed), now=now)
    assert [row.id for group in found.groups for row in group.rows] == [application.id]
    assert queue(db, {application.unit_id}, Filters(text="Kim Ngọc"), now=now).total == 0
