"""Notes describe a visit, never a person."""

from __future__ import annotations

import json
import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onboarding.free_text import personal_words
from onboarding.lessons import FOLDER

NOTES = json.loads((Path(__file__).parent / "notes.json").read_text("utf-8"))
"""What must pass and what must not; the phone's rules are held to the same (tests/browser/test_offline.py)."""


@pytest.mark.parametrize(
    ("note", "words"),
    [
        ("gọi lại số 0912345678 chiều nay", "0912345678"),
        ("sđt 0912 345 678", "0912 345 678"),
        ("+84 912.345.678", "+84 912.345.678"),
        ("số thẻ 001158012345", "001158012345"),
        ("hồ sơ 12-34-56", "12-34-56"),
        ("sđt0912345678 của cụ", "0912345678"),
        ("0912345678nha", "0912345678"),
        ("CCCD001158012345", "001158012345"),
        ("0912 - 345 - 678", "0912 - 345 - 678"),
        ("0912,345,678", "0912,345,678"),
        ("hộ chiếu C1234567", "1234567"),
    ],
)
def test_numbers_of_phones_and_documents_are_found(note, words):
    found = personal_words(note)
    assert (found.kind, found.words) == ("number", words)


@pytest.mark.parametrize(
    ("note", "words"),
    [
        ("Nguyễn Văn An quên mật khẩu", "Nguyễn Văn An"),
        ("đã giúp Trần Thị Cúc kích hoạt", "Trần Thị Cúc"),
        ("NGUYỄN VĂN AN đã có SIM", "NGUYỄN VĂN AN"),
        ("bà Lan chưa có điện thoại", "Lan"),
        ("Chị Hoa hẹn mai quay lại", "Hoa"),
        ("hướng dẫn KIM MIN JUN", "KIM MIN JUN"),
        ("helped John Carter today", "John Carter"),
        ("Cô giáo gọi ông Bình", "Bình"),
        ("bà nguyễn thị lan ở xóm trên", "nguyễn thị lan"),
        ("Nguyễn văn an quên mật khẩu", "Nguyễn văn an"),
    ],
)
def test_names_of_people_are_found(note, words):
    found = personal_words(note)
    assert (found.kind, found.words) == ("name", words)


@pytest.mark.parametrize(
    "note",
    [
        "",
        "Đã hướng dẫn cài ứng dụng VNeID, mở Google Play và Zalo.",
        "Mã OTP đến chậm 10 phút, SIM Viettel",
        "Hỗ trợ tại chợ Đồng Xuân, phường Hoàn Kiếm, lúc 14:30 ngày 21/11",
        "Hẹn 3 ngày nữa. Cần thẻ mới. Không có mạng",
        "Nhà văn hoá thôn Nà Hin mất điện",
        "Bà con xếp hàng dài",
        "hẹn mai thị trấn mở lại, mai văn phòng nghỉ",
        "nộp 1.004222 và 2.000815.000.00.00 qua cổng",
        "Helped at the village market. Nobody had signal.",
    ],
)
def test_ordinary_notes_pass(note):
    assert personal_words(note) is None


@pytest.mark.parametrize("note", NOTES["ordinary"])
def test_what_is_ordinary_passes_with_marks_and_without(note):
    assert personal_words(note) is None


@pytest.mark.parametrize(("kind", "words"), NOTES["personal"])
@pytest.mark.parametrize("frame", ["{}", "đã giúp {} hôm qua", "da xong ({})"])
def test_what_tells_who_it_was_is_found_however_it_is_written(kind, words, frame):
    found = personal_words(frame.format(words))
    assert found is not None and found.kind == kind
    assert found.words.rstrip(")") in (words, words.split()[-1])


@pytest.mark.parametrize(("kind", "words"), NOTES["hidden"])
@pytest.mark.parametrize("frame", ["{}", "đã giúp {} hôm qua"])
def test_what_is_said_in_another_way_is_found_on_the_server(kind, words, frame):
    found = personal_words(frame.format(words))
    assert found is not None and found.kind == kind


@pytest.mark.parametrize("note", NOTES["told"])
def test_numbers_of_nobody_and_names_of_things_pass(note):
    assert personal_words(note) is None


@pytest.mark.parametrize(
    "note",
    ["Ivan Petrov quên mật khẩu", "Oluwaseun Adebayo đã có SIM", "Jelena Wang came", "Xong. Priyanka Devi về rồi"],
)
def test_names_from_abroad_are_found_at_the_start_of_a_sentence(note):
    assert personal_words(note).kind == "name"


def test_a_number_in_words_is_told_before_a_name():
    """Notes about a file name people, and no numbers (`portal/fields/notes.py`)."""
    assert personal_words("Nguyễn Văn An, không chín một hai ba bốn").kind == "number"


def lesson_sentences() -> list[str]:
    """What is written for and by the same people as the notes."""
    texts: list[str] = []

    def collect(part: object) -> None:
        if isinstance(part, str) and " " in part:
            texts.extend(re.split(r"(?<=[.!?])\s+|\n", part))
        for each in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
            collect(each)

    for file in FOLDER.rglob("*.json"):
        collect(json.loads(file.read_text("utf-8")))
    return texts


def test_ordinary_sentences_are_seldom_refused():
    sentences = lesson_sentences()
    refused = [sentence for sentence in sentences if personal_words(sentence)]
    assert len(sentences) > 1000 and len(refused) <= len(sentences) / 100, refused


def test_decomposed_letters_are_read_like_composed_ones():
    assert personal_words(unicodedata.normalize("NFD", "gặp Nguyễn Văn An")).words == "Nguyễn Văn An"


@given(st.text(max_size=200))
def test_no_text_breaks_it_and_what_is_found_stands_in_the_text(text):
    found = personal_words(text)
    if found is not None and found.kind == "number":
        assert found.words in unicodedata.normalize("NFC", text)


@given(st.from_regex(r"0[35789][0-9]{8}", fullmatch=True), st.sampled_from(["", " ", ".", "-"]))
def test_any_mobile_number_is_found_in_any_grouping(phone, gap):
    written = gap.join([phone[:4], phone[4:7], phone[7:]])
    assert personal_words(f"gọi {written} nhé").kind == "number"
