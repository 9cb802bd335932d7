"""Requests about one's own data: two clocks, one of a kind at a time, a reason with each answer, and what it does."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

import onboarding.rights  # noqa: F401 - as the worker does
from identity import inbox, purposes
from identity.account import create_account
from identity.application import Application
from identity.audit import Actor, AuditEvent, Event
from identity.base import Refused
from identity.complaints import Complainant, complain
from identity.consent import answer as answer_consent
from identity.consent import given
from identity.deadlines import end_of_day, today_in_vietnam
from identity.files import FACES, File, store
from identity.helping import agree_to_help, has_agreed
from identity.outbox import OutboxMessage
from identity.person import Person
from identity.places import Unit
from identity.rights.model import RequestState, RightKind, RightsRequest
from identity.rights.requests import answer, ask, desk, find_own, take, take_back
from identity.rights.restriction import is_restricted, lift_restriction
from identity.staff import hire
from onboarding.learner import find_learner, learner_of
from tests.identity.account_scene import PASSPORT, make_account, make_person
from tests.identity.applicants import FOREIGNER, a_record, submitted
from tests.identity.oidc.making import a_service

NAME = "Nguyễn Thị Ánh Thử"
WEDNESDAY_BEFORE_TET = datetime(2027, 2, 3, 3, 0, tzinfo=UTC)
"""Tết 2027 is on 6 February; offices close on Friday the 5th and open on Thursday the 11th at the latest."""


@pytest.fixture
def account(db, now):
    return make_account(db, now, person_id=make_person(db, now).id)


@pytest.fixture
def officer(db, now):
    return Actor(hire(db, "officer-x", "Cán bộ", now=now).id, "receiving_officer")


def own(account):
    return Actor(account.id, "resident")


def asked(db, account, kind=RightKind.ACCESS, *, now, **words):
    row = ask(db, account, kind, own(account), now=now, **words)
    db.flush()
    return row


@pytest.mark.parametrize(
    ("kind", "days"),
    [("access", 10), ("rectify", 10), ("restrict", 15), ("object", 15), ("withdraw", 15), ("erase", 20)],
)
def test_each_kind_has_its_term_in_days(db, account, now, kind, days):
    row = asked(db, account, RightKind(kind), now=now)
    assert row.due_at == end_of_day(today_in_vietnam(now) + timedelta(days=days))


def test_the_acknowledgement_is_due_after_two_working_days_over_a_holiday(db, account):
    row = asked(db, account, now=WEDNESDAY_BEFORE_TET + timedelta(days=1))
    assert today_in_vietnam(row.acknowledge_by) > date(2027, 2, 10)
    monday = asked(db, account, RightKind.ERASE, now=datetime(2026, 11, 23, 3, 0, tzinfo=UTC))
    assert today_in_vietnam(monday.acknowledge_by) == date(2026, 11, 26)  # the 24th is a holiday


def test_a_request_is_received_at_once_in_inbox_and_message(db, account, now):
    asked(db, account, now=now)
    assert [message.kind for message in inbox.messages(db, account.id)[0]] == ["rights-received"]
    assert "rights-received" in db.scalars(select(OutboxMessage.kind)).all()


def test_a_second_one_of_the_kind_waits_for_the_answer_to_the_first(db, account, officer, now):
    first = asked(db, account, now=now)
    with pytest.raises(Refused, match="rights-already-open"):
        asked(db, account, now=now)
    asked(db, account, RightKind.ERASE, now=now)
    answer(db, first, officer, RequestState.GRANTED, "done", "", now=now)
    db.flush()
    assert asked(db, account, now=now).id != first.id


def test_a_request_is_taken_back_once_and_only_by_its_owner(db, account, now):
    row = asked(db, account, now=now)
    stranger = make_account(db, now, "901000000009", person_id=make_person(db, now, phone="+84900000009").id)
    with pytest.raises(Refused, match="rights-over"):
        take_back(db, stranger.id, row.id, own(stranger), now=now)
    take_back(db, account.id, row.id, own(account), now=now)
    with pytest.raises(Refused, match="rights-over"):
        take_back(db, account.id, row.id, own(account), now=now)
    assert find_own(db, stranger.id, row.id) is None


def test_taking_acknowledges_and_is_told(db, account, officer, now):
    row = asked(db, account, now=now)
    take(db, row, officer, now=now + timedelta(hours=1))
    assert (row.state, row.taken_by_id) == ("taken", officer.account_id)
    assert "rights-taken" in [message.kind for message in inbox.messages(db, account.id)[0]]
    with pytest.raises(Refused, match="rights-taken"):
        take(db, row, officer, now=now)


def test_nobody_answers_their_own_request_under_any_account(db, account, now):
    row = asked(db, account, now=now)
    same_person = create_account(
        db, "staff", "officer-y", person_id=account.person_id, display_name="Y", now=now, state="active"
    )
    db.flush()
    for actor in (own(account), Actor(same_person.id, "receiving_officer")):
        with pytest.raises(Refused, match="own-file") as refused:
            answer(db, row, actor, RequestState.GRANTED, "done", "", now=now)
        assert refused.value.audited


@pytest.mark.parametrize(("outcome", "reason"), [("granted", "already-right"), ("refused", "done"), ("open", "done")])
def test_an_answer_needs_a_reason_that_fits(db, account, officer, now, outcome, reason):
    row = asked(db, account, now=now)
    with pytest.raises(Refused, match="rights-reason"):
        answer(db, row, officer, RequestState(outcome), reason, "", now=now)


def test_an_answer_is_given_once_told_and_recorded_with_its_reason(db, account, officer, now):
    row = asked(db, account, now=now)
    answer(db, row, officer, RequestState.REFUSED, "already-right", "Sổ đã ghi đúng.", now=now)
    assert (row.state, row.open_for, row.answer) == ("refused", None, "Sổ đã ghi đúng.")
    with pytest.raises(Refused, match="rights-over"):
        answer(db, row, officer, RequestState.GRANTED, "done", "", now=now)
    db.flush()
    said = db.scalars(select(AuditEvent).where(AuditEvent.name == Event.RIGHTS_ANSWERED)).one()
    assert (said.facts["reason"], said.facts["late"]) == ("already-right", False)


def test_the_late_rise_to_the_top_of_the_desk_and_are_counted(db, account, officer, now):
    early = asked(db, account, RightKind.ERASE, now=now)
    later = asked(db, account, RightKind.ACCESS, now=now + timedelta(days=2))
    take(db, later, officer, now=now + timedelta(days=2))
    db.flush()
    assert [row.id for row in desk(db, None, now=now + timedelta(days=2)).rows] == [later.id, early.id]
    after = desk(db, None, now=now + timedelta(days=5))  # nobody has acknowledged the early one
    assert ([row.id for row in after.rows], after.open, after.late) == ([early.id, later.id], 2, 1)


def test_a_desk_sees_its_own_units_only(db, account, now):
    row = asked(db, account, now=now)
    from identity.places import Unit

    unit = db.scalars(select(Unit).where(Unit.kind == "commune")).first()
    row.unit_id = unit.id
    db.flush()
    assert desk(db, [unit.id], now=now).open == 1
    assert desk(db, [], now=now).open == 0


def with_consents(db, account, now):
    service = a_service(db, now=now)
    answer_consent(db, account.id, service.id, {"name": True}, {"name": {}}, actor=own(account), now=now)
    person = db.get_one(Person, account.person_id)
    agree_to_help(db, person, now=now)
    purposes.agree(db, account.id, "research", 1, "vi", own(account), now=now)
    db.flush()
    return service, person


def test_a_restriction_ends_every_use_and_refuses_new_consent_until_it_is_lifted(db, account, officer, now):
    service, person = with_consents(db, account, now)
    answer(db, asked(db, account, RightKind.RESTRICT, now=now), officer, RequestState.GRANTED, "done", "", now=now)
    db.flush()
    assert is_restricted(db, account.id)
    assert (given(db, account.id, service.id), has_agreed(db, person.id)) == (frozenset(), False)
    with pytest.raises(Refused, match="use-restricted"):
        purposes.agree(db, account.id, "research", 1, "vi", own(account), now=now)
    lift_restriction(db, account.id, own(account), now=now)
    purposes.agree(db, account.id, "research", 1, "vi", own(account), now=now)
    assert purposes.has_agreed(db, account.id, "research")


def test_an_objection_ends_the_one_use_that_it_names(db, account, officer, now):
    service, person = with_consents(db, account, now)
    row = asked(db, account, RightKind.OBJECT, about="helping", now=now)
    answer(db, row, officer, RequestState.GRANTED, "done", "", now=now)
    db.flush()
    assert not has_agreed(db, person.id)
    assert given(db, account.id, service.id) == {"name"}
    assert purposes.has_agreed(db, account.id, "research")


def test_a_refusal_changes_nothing(db, account, officer, now):
    service, person = with_consents(db, account, now)
    row = asked(db, account, RightKind.WITHDRAW, now=now)
    answer(db, row, officer, RequestState.REFUSED, "not-ours", "", now=now)
    assert has_agreed(db, person.id)
    assert given(db, account.id, service.id) == {"name"}


def erased(db, account, officer, now):
    row = asked(db, account, RightKind.ERASE, now=now)
    answer(db, row, officer, RequestState.PARTLY, "kept-by-law", "", now=now)
    db.flush()
    db.expire_all()


def test_erasure_takes_what_may_go_and_leaves_what_the_law_keeps(db, account, officer, now):
    service, person = with_consents(db, account, now)
    learner_of(db, person.id, now=now)
    db.flush()
    inbox.put(db, account.id, "account-activated", {}, now=now)
    erased(db, account, officer, now)
    assert [message.kind for message in inbox.messages(db, account.id)[0]] == ["rights-answered"]
    assert not purposes.has_agreed(db, account.id, "research")
    assert not has_agreed(db, person.id)
    assert find_learner(db, person.id) is None
    assert db.get_one(Person, person.id).full_name == "Marie Durand"
    assert db.scalars(select(AuditEvent.name).where(AuditEvent.name == Event.DATA_ERASED)).all() == [
        "rights:data-erased"
    ]
    assert given(db, account.id, service.id) == {"name"}  # sharing is stopped by itself, under another right


def an_ended_application(db, account, state, closed_at):
    application, _code = submitted(db, a_record(db), now=closed_at, phone="+84900000077")
    application.state, application.person_id = state, account.person_id
    application.closed_at, application.open_index = closed_at, None
    for kind in FACES:
        store(db, b"a face", kind, application.id, now=closed_at)
    db.flush()
    return application


@pytest.mark.parametrize(
    ("state", "days", "name", "files"),
    [
        ("withdrawn", 1, "", 0),
        ("refused", 1, "Nguyễn Thị Ánh Thử", 2),
        ("refused", 121, "", 0),
        ("issued", 1, "Nguyễn Thị Ánh Thử", 0),
    ],
)
def test_erasure_empties_applications_except_where_an_appeal_or_the_account_needs_them(
    db, account, officer, now, state, days, name, files
):
    application = an_ended_application(db, account, state, now - timedelta(days=days))
    number = application.dossier_number
    erased(db, account, officer, now)
    application = db.scalars(select(Application).where(Application.dossier_number == number)).one()
    assert application.full_name == name
    assert len(db.scalars(select(File.id).where(File.owner_id == application.id)).all()) == files


def test_erasure_also_takes_what_led_to_no_account_before_there_was_one(db, account, officer, now):
    earlier = a_record(db, FOREIGNER, nationality="FRA", passport_number=PASSPORT)
    application, _code = submitted(db, earlier, now=now - timedelta(days=200), phone="+84900000077")
    application.state, application.closed_at, application.open_index = "refused", now - timedelta(days=190), None
    assert application.person_id is None
    store(db, b"a face", "portrait", application.id, now=now)
    db.flush()
    erased(db, account, officer, now)
    application = db.get_one(Application, application.id)
    assert (application.full_name, application.number) == ("", "")
    assert db.scalars(select(File.id)).all() == []


def test_erasure_takes_the_words_of_complaints_that_were_answered(db, account, officer, now):
    person = db.get_one(Person, account.person_id)
    person.unit_id = db.scalars(select(Unit.id).where(Unit.kind == "commune").limit(1)).one()
    db.flush()
    who = Complainant(account=account)
    answered, waiting = (complain(db, who, "late", words, now=now) for words in ("Chậm quá.", "Vẫn chậm."))
    answered.answered_at = now
    db.flush()
    erased(db, account, officer, now)
    assert (answered.text, waiting.text) == (None, "Vẫn chậm.")


def test_only_one_of_two_officers_answers(database, now):
    from sqlalchemy.orm.exc import StaleDataError

    with database.transaction() as db:
        account = make_account(db, now, person_id=make_person(db, now).id)
        officers = [Actor(hire(db, f"officer-{n}", "Cán bộ", now=now).id, "receiving_officer") for n in (1, 2)]
        asked(db, account, now=now)
    with database.session(write=False) as stale:
        old = stale.scalars(select(RightsRequest)).one()
        with database.transaction() as db:
            row = db.scalars(select(RightsRequest)).one()
            answer(db, row, officers[0], RequestState.GRANTED, "done", "", now=now)
        version = old.version
    with pytest.raises((StaleDataError, Refused)), database.transaction() as db:
        row = db.scalars(select(RightsRequest)).one()
        assert row.version > version
        answer(db, row, officers[1], RequestState.REFUSED, "not-ours", "", now=now)
