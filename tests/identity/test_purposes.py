"""Consent for one purpose: a clear yes to the very words shown, kept with them, taken back at any time."""

from __future__ import annotations

import json

import pytest

from identity import purposes
from identity.audit import Actor
from identity.base import Refused
from identity.deadlines import today_in_vietnam
from tests.identity.account_scene import make_account, make_person


@pytest.fixture
def account(db, now):
    return make_account(db, now, person_id=make_person(db, now).id)


def own(account):
    return Actor(account.id, "resident")


def test_nothing_is_agreed_to_beforehand(db, account, now):
    assert [purposes.has_agreed(db, account.id, one.name) for one in purposes.purposes(today_in_vietnam(now))] == [
        False,
        False,
    ]


def test_the_words_that_were_shown_are_kept(db, account, now):
    purposes.agree(db, account.id, "survey", 1, "vi", own(account), now=now)
    row = purposes.purpose_consents(db, account.id)[0]
    shown = purposes.purposes(today_in_vietnam(now))[0]
    assert row.words == {"language": "vi", **shown.words["vi"]}
    assert row.version == 1


def test_a_yes_to_other_words_than_those_that_count_is_asked_again(db, account, now):
    for purpose, version, language in (("survey", 2, "vi"), ("survey", 1, "xx"), ("profiling", 1, "vi")):
        with pytest.raises(Refused, match="words-changed"):
            purposes.agree(db, account.id, purpose, version, language, own(account), now=now)


def test_newer_words_are_asked_about_and_the_old_yes_keeps_its_own(db, account, now, tmp_path, monkeypatch):
    purposes.agree(db, account.id, "survey", 1, "vi", own(account), now=now)
    texts = json.loads(purposes.TEXTS.read_text())
    words = {"vi": {"title": "Mới", "text": "Chữ mới."}}
    texts["texts"].append({"purpose": "survey", "version": 2, "from": "2026-11-20", "words": words})
    (tmp_path / "purposes.json").write_text(json.dumps(texts))
    monkeypatch.setattr(purposes, "TEXTS", tmp_path / "purposes.json")
    purposes._texts.cache_clear()
    try:
        assert (
            purposes.purposes(today_in_vietnam(now))[-1].version == 2
            or purposes.purposes(today_in_vietnam(now))[0].version == 2
        )
        with pytest.raises(Refused, match="words-changed"):
            purposes.agree(db, account.id, "survey", 1, "vi", own(account), now=now)
        assert purposes.purpose_consents(db, account.id)[0].words["text"] != "Chữ mới."
    finally:
        monkeypatch.undo()
        purposes._texts.cache_clear()


def test_a_yes_counts_once_and_ends_when_taken_back(db, account, now):
    for _ in range(2):
        purposes.agree(db, account.id, "survey", 1, "en", own(account), now=now)
    assert len(purposes.purpose_consents(db, account.id)) == 1
    assert purposes.stop(db, account.id, "survey", own(account), now=now)
    assert not purposes.stop(db, account.id, "survey", own(account), now=now)
    assert not purposes.has_agreed(db, account.id, "survey")
    purposes.agree(db, account.id, "survey", 1, "vi", own(account), now=now)
    assert [row.withdrawn_at is None for row in purposes.purpose_consents(db, account.id)] == [True, False]


def test_every_purpose_is_worded_in_every_language():
    for row in json.loads(purposes.TEXTS.read_text())["texts"]:
        assert set(row["words"]) == {"vi", "en"}
        assert all(words["title"] and words["text"] for words in row["words"].values())
