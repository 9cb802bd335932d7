"""The breach register, the texts of consent and the report of retention on their pages."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from identity import purposes
from identity.audit import SYSTEM, Actor
from identity.breaches import telling
from identity.breaches.model import Breach
from identity.retention.run import purge_some
from identity.staff import give_role, hire
from tests.identity.account_scene import LOGIN, make_account, make_person
from tests.identity.applicants import FOREIGNER, submitted
from tests.portal.work_scene import sign_in, write

pytestmark = pytest.mark.any_engine

FOUND = {
    "found_on-day": "22",
    "found_on-month": "11",
    "found_on-year": "2026",
    "found_time": "14:30",
    "cause": "mistake",
    "categories": ["name", "biometric"],
    "people": "12",
    "what": "Gửi nhầm danh sách",
    "measures": "Đã thu hồi",
    "advice_vi": "Cảnh giác với cuộc gọi lạ.",
    "advice_en": "Beware of strange calls.",
}
LIST = "/office/data-rights/breaches"


@pytest.fixture
def keeper(client, database, now):
    at_work(client, database, now, "data_protection_officer")
    return client


def at_work(client, database, now, role, name="baove"):
    def hired(db):
        account = hire(db, name, "Cao Văn Hộ", now=now)
        db.flush()
        give_role(db, account.id, role, None, SYSTEM, now=now)
        return account.id

    sign_in(client, database, write(database, hired), now=now)
    client.set_cookie("language", "en")


def written(keeper, **changes) -> str:
    answer = keeper.post(f"{LIST}/new", data=FOUND | changes)
    assert answer.status_code == 303, answer.text
    return answer.location.split("?")[0]


def saved(database) -> Breach:
    with database.session(write=False) as db:
        row = db.scalars(select(Breach)).one()
        assert row.what is not None
        db.expunge(row)
        return row


def test_an_empty_register_says_so(keeper):
    assert "No breach is open." in keeper.get(LIST).text
    assert "No file was closed yet." in keeper.get(f"{LIST}?show=closed").text


def test_a_file_from_writing_it_down_to_its_closing_report(keeper, database, now, monkeypatch):
    monkeypatch.setattr("portal.printing.paper.can_press", lambda: False)
    write(database, lambda db: make_account(db, now, person_id=make_person(db, now).id))
    file = written(keeper)
    page = keeper.get(file).text
    assert "52 hours left to tell the authority" in page  # found at 14:30 the day before, in Vietnam
    assert "Gửi nhầm danh sách" in page
    notice = keeper.get(f"{file}/report?in=en").text
    assert "Notice of a breach of personal data" in notice and "Beware of strange calls." in notice
    keeper.post(f"{file}/authority", data={"reference": "A05-991"})
    assert "A05-991" in keeper.get(file).text
    refused = keeper.post(f"{file}/close", data={"conclusion": "Đã rút kinh nghiệm"}).text
    assert "Not all people concerned were told" in refused and "Đã rút kinh nghiệm" in refused
    answer = keeper.post(f"{file}/people", data={"numbers": f"{LOGIN}\n 000 "})
    assert "Some numbers belong to nobody" in answer.text and "000" in answer.text
    keeper.post(f"{file}/telling")
    assert "Told: 0 of 1" in keeper.get(file).text
    with database.transaction() as db:
        telling.tell_some(db, None, now=now)
    assert "Told: 1 of 1" in keeper.get(file).text
    keeper.post(f"{file}/close", data={"conclusion": "Đã rút kinh nghiệm"})
    assert "Closing report on a breach" in keeper.get(f"{file}/report?in=en").text
    assert "No breach is open." in keeper.get(LIST).text
    assert "A mistake" in keeper.get(f"{LIST}?show=closed").text
    assert keeper.get(f"{file}/edit").location == file, "a form that could only be refused is not shown"


def test_a_late_notice_is_taken_with_its_reason_and_with_when_it_left(keeper, monkeypatch):
    monkeypatch.setattr("portal.printing.paper.can_press", lambda: False)
    file = written(keeper, **{"found_on-day": "18"})
    assert "say why it is late" in keeper.get(file).text
    assert "First put the file right and say why" in keeper.post(f"{file}/authority", data={"reference": "A05"}).text
    half = {"reference": "A05", "told_on-day": "21", "told_on-month": "11", "told_on-year": "2026"}
    assert "Enter day and time" in keeper.post(f"{file}/authority", data=half).text
    in_time = written(keeper, **{"found_on-day": "18"})
    keeper.post(f"{in_time}/authority", data=half | {"told_time": "14:30"})
    assert "Told 2:30 pm, 21 November 2026, A05</p>" in keeper.get(in_time).text
    version = keeper.get(f"{file}/edit").text.partition('name="version" value="')[2].partition('"')[0]
    words = {"found_on-day": "18", "why_late": "Mất điện hai ngày", "version": version}
    assert keeper.post(f"{file}/edit", data=FOUND | words).status_code == 303
    assert "Mất điện hai ngày" in keeper.get(f"{file}/report").text
    assert keeper.post(f"{file}/authority", data=half | {"told_time": "14:31"}).status_code == 303
    page = keeper.get(file).text
    assert "2:31 pm, 21 November 2026, A05 · late" in page and "Mất điện hai ngày" in page


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"found_time": "25:99"}, "Enter the time like 14:30."),
        ({"found_on-year": "2027"}, "This lies in the future."),
        ({"people": "many"}, "Enter a number in digits"),
        ({"people": "-1"}, "Enter a number in digits"),
        ({"people": "٣"}, "Enter a number in digits"),
        ({"categories": []}, "Tick at least one kind of data"),
        ({"categories": ["shoes"]}, "Choose one of the answers shown."),
        ({"cause": "magic"}, "Choose one of the answers shown."),
        (
            {"happened_on-day": "23", "happened_on-month": "11", "happened_on-year": "2026"},
            "cannot have happened after",
        ),
    ],
)
def test_what_cannot_be_is_asked_again_and_words_stay(keeper, database, changes, sentence):
    page = keeper.post(f"{LIST}/new", data=FOUND | changes).text
    assert sentence in page
    assert "Gửi nhầm danh sách" in page and "Beware of strange calls." in page
    with database.session(write=False) as db:
        assert db.scalars(select(Breach)).all() == []


def test_two_who_put_it_right_at_once_do_not_overwrite_each_other(keeper, database):
    file = written(keeper)
    version = saved(database).version
    assert 'value="12"' in keeper.get(f"{file}/edit").text
    keeper.post(f"{file}/edit", data=FOUND | {"people": "40", "version": version})
    page = keeper.post(f"{file}/edit", data=FOUND | {"people": "50", "version": version}).text
    assert "A colleague has changed this file meanwhile." in page and 'value="50"' in page
    assert saved(database).people == 40
    for version in ("", "x", "9" * 30):
        assert "A colleague has changed" in keeper.post(f"{file}/edit", data=FOUND | {"version": version}).text


def test_a_late_file_says_so_and_stands_out(keeper):
    file = written(keeper, **{"found_on-day": "19"})
    assert "The 72 hours are over" in keeper.get(file).text
    assert "Late" in keeper.get(LIST).text


def test_everybody_is_named_with_a_tick(keeper, database, now):
    file = written(keeper)
    assert "Tick it when everybody is concerned" in keeper.post(f"{file}/everybody", data={}).text
    keeper.post(f"{file}/everybody", data={"everybody": "1"})
    assert "Everybody is being written down" in keeper.get(file).text


def test_applicants_without_an_account_are_named_on_the_page(keeper, database, now):
    """As they are printed: a passport with its country, with or without a space; and the number of a file."""
    file = written(keeper)
    number = write(database, lambda db: submitted(db, FOREIGNER, now=now)[0].dossier_number)
    named = keeper.post(f"{file}/people", data={"numbers": f"KOR M12345678\n{number}"}, follow_redirects=True).text
    assert "The people are named" in named and "1 person is named" in named
    keeper.post(f"{file}/telling")
    write(database, lambda db: telling.tell_some(db, None, now=now))
    assert "Told: 1 of 1" in keeper.get(file).text


def test_more_numbers_than_fit_are_refused_and_stay_typed(keeper, database, now):
    """Cut at the 500th line, those behind it would be neither named nor told; a line that comes again counts once."""
    file = written(keeper)
    number = write(database, lambda db: submitted(db, FOREIGNER, now=now)[0].dossier_number)
    many = [f"0010990{one:05}" for one in range(500)]
    page = keeper.post(f"{file}/people", data={"numbers": "\n".join([*many, number])}).text
    assert "At most 500 numbers at once, and there are 501. Name the others after these." in page
    assert number in page and "Some numbers belong to nobody" not in page and "0 people are named" in page
    again = keeper.post(f"{file}/people", data={"numbers": "\n\n".join([*many[:499], *many[:499], number])}).text
    assert "Some numbers belong to nobody" in again and "1 person is named" in again


def test_telling_nobody_and_telling_twice_are_refused_in_words(keeper, database, now):
    file = written(keeper)
    assert "Nobody is named yet." in keeper.post(f"{file}/telling").text
    write(database, lambda db: make_account(db, now, person_id=make_person(db, now).id))
    keeper.post(f"{file}/people", data={"numbers": LOGIN})
    keeper.post(f"{file}/telling")
    assert "nobody can be added any more" in keeper.post(f"{file}/telling").text


def test_texts_show_every_version_and_how_many_agree(keeper, database, now):
    def agreed(db):
        account = make_account(db, now, person_id=make_person(db, now).id)
        actor = Actor(account.id, "resident")
        purposes.agree(db, account.id, "survey", 1, "vi", actor, now=now)
        purposes.agree(db, account.id, "research", 1, "vi", actor, now=now)
        purposes.stop(db, account.id, "research", actor, now=now + timedelta(minutes=1))

    write(database, agreed)
    page = keeper.get("/office/data-rights/texts").text
    assert "1 person agrees now" in page and "1 took it back" in page
    assert "Hỏi ý kiến về dịch vụ" in page and "Asking how it went" in page


def test_retention_names_every_rule_and_what_went(keeper, database, now):
    page = keeper.get("/office/data-rights/retention").text
    assert "Nothing has gone yet." in page
    assert "Calls to the hotline" in page and "Words of breaches, and who was concerned" in page
    cursor = None
    while True:
        with database.transaction() as db:
            cursor = purge_some(db, cursor, now=now)
        if cursor is None:
            break
    assert "Report of the last nights" in keeper.get("/office/data-rights/retention").text


def test_every_rule_of_retention_has_a_name():
    from identity.retention.rules import RULES
    from portal.words.retention import RULES as NAMES

    assert {one.name for one in RULES} == NAMES.keys()


@pytest.mark.parametrize("role", ["auditor", "hotline_agent"])
@pytest.mark.parametrize("path", [LIST, f"{LIST}/new", "/office/data-rights/texts", "/office/data-rights/retention"])
def test_others_at_work_may_not_open_it(client, database, now, role, path):
    at_work(client, database, now, role)
    assert client.get(path).status_code == 403


def test_data_protection_officers_answer_requests_too(keeper):
    page = keeper.get("/office/data-rights").text
    assert "Nobody waits for an answer about their data." in page and "Breaches" in page


def test_a_file_that_nobody_knows_is_not_found(keeper):
    assert keeper.get(f"{LIST}/{UUID(int=0)}").status_code == 404
    assert keeper.post(f"{LIST}/{UUID(int=0)}/telling").status_code == 404
