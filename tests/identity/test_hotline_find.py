"""What a caller may name: also the number that is printed on a foreign resident's papers."""

from __future__ import annotations

from dataclasses import replace

from identity.account import get_account
from identity.audit import Actor
from identity.hotline.find import Way, open_call
from identity.hotline.model import HotlineCall
from identity.hotline.questions import Question, draw
from identity.staff import hire
from tests.identity.applicants import FOREIGNER, issued, submitted


def test_a_case_is_found_by_the_number_of_a_paper_as_it_is_printed(db, now):
    """A passport does not say of itself by which letters its country goes."""
    agent = Actor(hire(db, "tongdai", "Mai Thị Nghe", now=now).id, "hotline_agent")
    application, made = issued(db, FOREIGNER, now=now)
    other = replace(FOREIGNER, passport_number="Z99", residence_card="T99", full_name="PARK TEST JUN")
    waiting, _code = submitted(db, other, now=now, phone="+84912000000")
    for text, file, account_id in (
        ("M 123-45678", application, made.account_id),
        ("KOR M12345678", application, made.account_id),
        ("trc 100200", application, made.account_id),
        ("z99", waiting, None),
    ):
        call = open_call(db, agent, Way.NUMBER, text, now=now)
        assert isinstance(call, HotlineCall), text
        assert (call.account_id, call.application_id) == (account_id, file.id)


def test_the_end_of_a_number_is_not_asked_of_whoever_has_just_said_it(db, now):
    """The answer would prove nothing: it has just been read out."""
    application, made = issued(db, FOREIGNER, now=now)
    account = get_account(db, made.account_id)
    for told, is_asked in (("0912 345 999", True), ("m12345678 ", False), ("TRC-100200", False)):
        asked = [question for _try in range(20) for question in draw(db, account, application, 3, now=now, told=told)]
        assert (Question.DOCUMENT_END in asked, len(asked)) == (is_asked, 60), told
