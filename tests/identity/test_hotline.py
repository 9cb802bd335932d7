"""The hotline: one case or none, answers held against it, and what each degree of certainty buys."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from identity.account import Act, Ground, check_may, find_account_of
from identity.audit import SYSTEM, Actor, AuditEvent, Event
from identity.base import Refused
from identity.deadlines import rule
from identity.hotline import acts
from identity.hotline.find import Way, find_call, is_warned, open_call
from identity.hotline.model import HotlineCall
from identity.hotline.questions import Known, Question, is_right, known_about
from identity.inbox import InboxMessage
from identity.locks import grounds_of, lock
from identity.outbox import OutboxMessage
from identity.person import DocumentKind, Person, add_document
from identity.staff import hire
from tests.identity.account_scene import LOGIN, PHONE, make_account, make_issued, make_person
from tests.identity.applicants import FOREIGNER, issued, submitted

RIGHT = {
    "full-name": "marie durand",
    "birth-date": date(1988, 2, 29),
    "document-end": "x123",
    "commune": "",
    "sent-on": None,
}
TODAY = date(2026, 11, 23)


@pytest.fixture
def agent(db, now):
    return Actor(hire(db, "tongdai", "Mai Thị Nghe", now=now).id, "hotline_agent")


@pytest.fixture
def account(db, now):
    return make_account(db, now, person_id=make_person(db, now).id)


def opened(db, agent, now, text=LOGIN, way=Way.NUMBER) -> HotlineCall:
    call = open_call(db, agent, way, text, now=now)
    assert isinstance(call, HotlineCall), call
    db.flush()
    return call


def verified(db, agent, now, text=LOGIN) -> HotlineCall:
    call = opened(db, agent, now, text)
    assert acts.verify(db, call, agent, RIGHT, now=now) is None
    return call


def told(db, account):
    return list(db.scalars(select(InboxMessage.kind).where(InboxMessage.account_id == account.id)))


def names(db, call):
    return set(db.scalars(select(AuditEvent.name).where(AuditEvent.subject_id == (call.account_id))))


def test_a_case_is_found_by_number_and_by_phone(db, now, agent, account):
    for way, text in ((Way.NUMBER, "001 158 012 345"), (Way.PHONE, "0912 345 678"), (Way.PHONE, PHONE)):
        assert opened(db, agent, now, text, way).account_id == account.id


def test_a_case_is_found_by_dossier_and_by_code(db, now, agent):
    application, code = submitted(db, now=now)
    for way, text in ((Way.DOSSIER, application.dossier_number.lower()), (Way.CODE, code)):
        assert opened(db, agent, now, text, way).application_id == application.id


def test_nobody_found_is_a_look_all_the_same(db, now, agent):
    for way, text in ((Way.NUMBER, "000000000000"), (Way.DOSSIER, "%"), (Way.CODE, "x"), (Way.PHONE, "0987654321")):
        assert open_call(db, agent, way, text, now=now).code == "hotline-nobody"
    missed = db.scalars(select(AuditEvent).where(AuditEvent.name == Event.HOTLINE_MISSED)).all()
    assert len(missed) == 4
    assert not any("0000" in str(event.facts) for event in missed)
    with pytest.raises(Refused, match="phone-invalid"):
        open_call(db, agent, Way.PHONE, "abc", now=now)


def test_staff_are_not_found(db, now, agent):
    hire(db, "001158099999", "Cán bộ", now=now)
    assert open_call(db, agent, Way.NUMBER, "001158099999", now=now).code == "hotline-nobody"


def test_each_look_is_on_record_for_the_holder(db, now, agent, account):
    call = opened(db, agent, now)
    assert Event.HOTLINE_LOOKED_UP in names(db, call)


def test_who_looks_up_too_many_is_warned_and_then_stopped(db, now, agent, account, monkeypatch):
    limits = rule("hotline", TODAY)
    monkeypatch.setitem(limits, "warn_lookups", 3)
    monkeypatch.setitem(limits, "most_lookups", 5)
    for _ in range(2):
        opened(db, agent, now)
    assert not is_warned(db, agent.account_id, now=now)
    for _ in range(3):
        opened(db, agent, now)
    assert is_warned(db, agent.account_id, now=now)
    warnings = db.scalars(select(AuditEvent).where(AuditEvent.name == Event.HOTLINE_WARNED)).all()
    assert [event.facts["looks"] for event in warnings] == [3]
    with pytest.raises(Refused, match="hotline-many") as caught:
        opened(db, agent, now)
    assert caught.value.audited
    assert opened(db, agent, now + timedelta(hours=9)) is not None


def test_a_call_is_its_agents_own_and_ends_by_itself(db, now, agent, account):
    call = opened(db, agent, now)
    assert find_call(db, call.id, agent, now=now) is call
    other = Actor(hire(db, "tongdai2", "Người Khác", now=now).id, "hotline_agent")
    for who, moment in ((other, now), (agent, now + timedelta(minutes=31))):
        with pytest.raises(Refused, match="hotline-call-over"):
            find_call(db, call.id, who, now=moment)
    acts.close(db, call, agent, "informed", now=now)
    with pytest.raises(Refused, match="hotline-call-over"):
        find_call(db, call.id, agent, now=now)


def test_questions_are_drawn_from_what_can_be_asked(db, now, agent, account):
    assert set(opened(db, agent, now).questions.split()) == {"full-name", "birth-date", "document-end"}


@pytest.mark.parametrize(
    ("question", "right", "wrong"),
    [
        (Question.FULL_NAME, "TRAN THI  hòa", "Trần Hoà"),
        (Question.BIRTH_DATE, date(1990, 3, 1), date(1990, 1, 3)),
        (Question.DOCUMENT_END, " 67-8 9", "789"),
        (Question.COMMUNE, "hoan kiem", "kiem"),
        (Question.COMMUNE, "Phường Hoàn Kiếm", "Phường Ba Đình"),
        (Question.SENT_ON, date(2026, 11, 23), date(2026, 11, 22)),
    ],
)
def test_an_answer_is_right_or_wrong(now, question, right, wrong):
    known = Known("Trần Thị Hoà", date(1990, 3, 1), ("KORM1236789",), "Hoàn Kiếm", now)
    assert is_right(known, question, right)
    assert not is_right(known, question, wrong)
    assert not is_right(known, question, None)
    assert not is_right(Known(None, None, (), None, None), question, right)


def test_a_foreign_resident_may_read_out_either_paper_before_the_issue_and_after_it(db, now):
    """Which of two papers counted hung on the order of two rows of one moment."""
    open_file, _code = submitted(db, FOREIGNER, now=now)
    before = known_about(db, None, open_file, now=now)
    reads_out(before, right=("5678", "M12345678", "kor m12345678", "0200", "TRC-100200", "trc 100200"), wrong=("0000",))
    open_file.record = {}
    reads_out(known_about(db, None, open_file, now=now), right=("5678",), wrong=("0200",))


def test_after_the_issue_the_newest_of_each_kind_that_has_not_ended_counts(db, now):
    application, _got = issued(db, FOREIGNER, now=now)
    account, person = find_account_of(db, application.person_id), db.get(Person, application.person_id)

    def on(day):
        return known_about(db, account, application, now=day)

    reads_out(on(now), right=("5678", "KOR M12345678", "0200", "TRC-100200"), wrong=("45678Z", "678"))
    later, ends = now + timedelta(days=30), date(2036, 1, 1)
    add_document(db, person, DocumentKind.PASSPORT, "M99990001", expires_on=ends, issued_by="KOR", now=later)
    reads_out(on(later), right=("0001", "0200"), wrong=("5678",))
    reads_out(on(later.replace(year=2029)), right=("0001",), wrong=("0200",))
    reads_out(on(later.replace(year=2037)), right=("0001", "0200"), wrong=("5678",))


def reads_out(known: Known, right, wrong) -> None:
    said = {text: is_right(known, Question.DOCUMENT_END, text) for text in (*right, *wrong)}
    assert said == dict.fromkeys(right, True) | dict.fromkeys(wrong, False)


def test_one_wrong_answer_spoils_all_and_nobody_says_which(db, now, agent, account):
    call = opened(db, agent, now)
    assert acts.verify(db, call, agent, RIGHT | {"document-end": "9999"}, now=now).code == "hotline-wrong"
    assert call.verified_at is None
    assert acts.verify(db, call, agent, RIGHT, now=now) is None
    assert told(db, account) == ["hotline-verified"]


def test_wrong_answers_run_out_over_calls_and_agents(db, now, agent, account):
    other = Actor(hire(db, "tongdai2", "Người Khác", now=now).id, "hotline_agent")
    wrong = dict.fromkeys(RIGHT, "?")
    first = opened(db, agent, now)
    assert acts.verify(db, first, agent, wrong, now=now).code == "hotline-wrong"
    assert acts.verify(db, first, agent, wrong, now=now).code == "hotline-wrong"
    second = opened(db, other, now)
    assert acts.verify(db, second, other, wrong, now=now).code == "hotline-tries"
    assert told(db, account) == ["hotline-not-verified"]
    with pytest.raises(Refused, match="hotline-tries"):
        acts.verify(db, second, other, RIGHT, now=now)
    tomorrow = now + timedelta(days=1, minutes=1)
    assert acts.verify(db, opened(db, agent, tomorrow), agent, RIGHT, now=tomorrow) is None


def test_a_new_code_goes_to_the_phone_on_file_and_nowhere_else(db, now, agent):
    account, _old = make_issued(db, now)
    call = opened(db, agent, now, account.login)
    with pytest.raises(Refused, match="hotline-verify-first") as caught:
        acts.send_notice(db, call, agent, now=now)
    assert caught.value.audited
    assert acts.verify(db, call, agent, RIGHT, now=now) is None
    acts.send_notice(db, call, agent, now=now)
    sent = db.scalars(select(OutboxMessage).where(OutboxMessage.kind == "activation-code")).one()
    assert (sent.channel, sent.recipient_id) == ("sms", account.id)
    assert {"hotline-verified", "hotline-notice-sent"} == set(told(db, account))
    with pytest.raises(Refused, match="hotline-sent-lately"):
        acts.send_notice(db, call, agent, now=now)


def test_a_code_is_sent_for_no_active_and_no_locked_account(db, now, agent, account):
    with pytest.raises(Refused, match="account-already-active"):
        acts.send_notice(db, verified(db, agent, now), agent, now=now)
    other, _code = make_issued_with_phone(db, now)
    lock(db, other, Ground.AUTHORITY, "court", SYSTEM, now=now)
    with pytest.raises(Refused, match="recover-locked"):
        acts.send_notice(db, verified(db, agent, now, other.login), agent, now=now)


def make_issued_with_phone(db, now):
    """Beside the other resident, who holds the number of `PHONE`."""
    from identity.account import create_account
    from identity.activation import make_activation_code

    person = make_person(db, now, phone="+84912000009")
    issued = create_account(db, "resident", "901234567899", display_name="M", now=now, person_id=person.id)
    return issued, make_activation_code(db, issued, now=now)


def test_whoever_applied_and_has_no_account_yet_hears_of_a_call_too(db, now, agent):
    application, _code = submitted(db, now=now)
    db.flush()
    before = len(db.scalars(select(OutboxMessage.id)).all())
    call = opened(db, agent, now, application.dossier_number, Way.DOSSIER)
    for _ in range(3):
        acts.verify(db, call, agent, {}, now=now)
    kinds = db.scalars(select(OutboxMessage.kind).order_by(OutboxMessage.posted_at, OutboxMessage.id)).all()[before:]
    assert set(kinds) == {"hotline-file-not-verified"}


def test_freezing_takes_right_answers_and_a_call_back(db, now, agent, account):
    call = verified(db, agent, now)
    with pytest.raises(Refused, match="hotline-call-back-first"):
        acts.freeze(db, call, agent, now=now)
    assert acts.call_back(db, call, agent, now=now) == PHONE
    assert Event.HOTLINE_CALLED_BACK in names(db, call)
    acts.freeze(db, call, agent, now=now)
    assert [(one.ground, one.source) for one in grounds_of(db, account, now=now)] == [("own-request", "owner")]
    assert "account-frozen" in told(db, account)


def test_the_number_is_not_shown_before_the_answers(db, now, agent, account):
    with pytest.raises(Refused, match="hotline-verify-first"):
        acts.call_back(db, opened(db, agent, now), agent, now=now)


def test_a_hold_needs_no_answer_stops_a_day_and_comes_once_a_week(db, now, agent, account):
    call = opened(db, agent, now)
    acts.hold(db, call, agent, now=now)
    with pytest.raises(Refused, match="account-paused"):
        check_may(db, account.id, Act.SIGN_IN, now=now + timedelta(hours=23))
    check_may(db, account.id, Act.SIGN_IN, now=now + timedelta(hours=25))
    with pytest.raises(Refused, match="hotline-held-lately"):
        acts.hold(db, call, agent, now=now + timedelta(days=6))
    acts.hold(db, call, agent, now=now + timedelta(days=8))


def test_a_hold_hides_nothing_that_was_done_in_the_call(db, now, agent, account):
    call = opened(db, agent, now)
    call.outcome = "frozen"
    acts.hold(db, call, agent, now=now)
    assert call.outcome == "frozen"


def test_of_a_file_without_account_only_the_state_is_told(db, now, agent):
    _application, code = submitted(db, now=now)
    call = opened(db, agent, now, code, Way.CODE)
    for act in (acts.hold, acts.freeze, acts.call_back, acts.send_notice):
        with pytest.raises(Refused, match=r"hotline-no-account|hotline-verify-first"):
            act(db, call, agent, now=now)


def test_what_was_done_names_the_end_of_a_call(db, now, agent, account):
    call = opened(db, agent, now)
    with pytest.raises(Refused, match="hotline-outcome"):
        acts.close(db, call, agent, "nonsense", now=now)
    acts.hold(db, call, agent, now=now)
    acts.close(db, call, agent, "informed", now=now)
    assert (call.outcome, call.closed_at) == ("held", now)
