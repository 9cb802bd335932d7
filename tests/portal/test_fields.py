"""House fields: what counts as right, what a person is told when it is not, and that nothing typed is lost."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask, g
from werkzeug.datastructures import FileStorage, MultiDict

from identity.base import Refused
from portal import errors, fields, language, pages
from portal.database import Database
from portal.design.forms import SpecimenForm
from portal.language import force_locale
from portal.settings import ROOT, Settings

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 50


@pytest.fixture
def house(settings: Settings) -> Iterator[Flask]:
    """An application of components and sentences only; fields need no more."""
    application = Flask("portal", root_path=str(ROOT / "portal"), static_folder=None)
    application.config["SECRET_KEY"] = settings.secret_key
    language.init(application, settings)
    pages.init(application, settings)
    errors.init(application)
    from portal.assets import icon

    application.jinja_env.globals["icon"] = icon
    with application.test_request_context():
        yield application


def one(field: Any, typed: Any = None, name: str = "x", **more: Any) -> Any:
    """The field alone in a form, after `typed` was sent."""
    form = type("OneForm", (fields.HouseForm,), {name: field})
    sent = MultiDict({} if typed is None else {name: typed})
    sent.update(more)
    filled = form(formdata=sent)
    filled.validate()
    return filled[name]


def test_a_personal_number_may_be_typed_in_groups(house: Flask) -> None:
    field = one(fields.IdentityNumberField("n"), "001 158.012-345")
    assert (field.data, field.error) == ("001158012345", "")


def test_a_personal_number_in_wide_digits_counts(house: Flask) -> None:
    assert one(fields.IdentityNumberField("n"), "００１１５８０１２３４５").data == "001158012345"


def test_a_short_personal_number_is_told_how_many_digits_there_are(house: Flask) -> None:
    field = one(fields.IdentityNumberField("n"), "00115801234")
    assert field.error == "Số định danh phải đủ 12 chữ số. Đã nhập 11 số."
    with force_locale("en"):
        assert "12 digits" in one(fields.IdentityNumberField("n"), "1").error


def test_a_wrong_number_stays_in_its_box_as_it_was_typed(house: Flask) -> None:
    assert 'value="001 158 0123 4"' in str(one(fields.IdentityNumberField("n"), "001 158 0123 4")())


def test_a_stored_number_is_shown_in_groups(house: Flask) -> None:
    form = type("OneForm", (fields.HouseForm,), {"x": fields.IdentityNumberField("n")})
    assert 'value="001 158 012 345"' in str(form(formdata=None, data={"x": "001158012345"}).x())


@pytest.mark.parametrize("typed", ["0912 345 678", "+84 912 345 678", "(0912)345.678", "０９１２３４５６７８"])
def test_a_phone_number_is_kept_in_one_form(house: Flask, typed: str) -> None:
    assert one(fields.PhoneField("p"), typed).data == "+84912345678"


def test_a_foreign_phone_number_counts_with_its_country_code(house: Flask) -> None:
    assert one(fields.PhoneField("p"), "+82 10 2345 6789").data == "+821023456789"


@pytest.mark.parametrize("typed", ["0912", "hello", "0112 345 678", "+999 123"])
def test_what_is_no_phone_number_is_explained_with_an_example(house: Flask, typed: str) -> None:
    assert "0912 345 678" in one(fields.PhoneField("p"), typed).error


def test_a_document_number_drops_separators_and_takes_capitals(house: Flask) -> None:
    assert one(fields.DocumentNumberField("d"), "m 1234-5678").data == "M12345678"


@pytest.mark.parametrize("typed", ["M1234567Đ", "AB1", "A" * 21])
def test_a_document_number_of_wrong_shape_is_refused(house: Flask, typed: str) -> None:
    assert one(fields.DocumentNumberField("d"), typed).error


def test_a_one_time_code_may_be_pasted_with_spaces_and_hyphens(house: Flask) -> None:
    field = one(fields.CodeField("c"), " 123-456 ")
    assert (field.data, field.error) == ("123456", "")
    assert 'autocomplete="one-time-code"' in str(field())


def test_a_code_of_letters_drops_separators(house: Flask) -> None:
    assert one(fields.CodeField("c", digits=None), "7q2m-x9tb 4kva").data == "7Q2MX9TB4KVA"


@pytest.mark.parametrize("typed", ["12345", "1234567", "12345a"])
def test_a_code_of_another_length_is_refused(house: Flask, typed: str) -> None:
    assert one(fields.CodeField("c"), typed).error == "Mã gồm 6 chữ số."


def test_letters_that_a_phone_sends_decomposed_are_put_together(house: Flask) -> None:
    assert one(fields.TextField("t"), "Nguye\u0302\u0303n").data == "Nguyễn"


@pytest.mark.parametrize("typed", ["name", "a@b", "a b@c.vn", "@c.vn", "a@@c.vn"])
def test_half_an_email_address_is_refused(house: Flask, typed: str) -> None:
    assert one(fields.EmailField("e"), typed).error


def test_an_optional_field_may_stay_empty_and_says_so(house: Flask) -> None:
    field = one(fields.EmailField("e", required=False), "")
    assert not field.error
    assert "(không bắt buộc)" in str(field())


def test_a_required_field_may_have_a_sentence_of_its_own(house: Flask) -> None:
    assert one(fields.TextField("t", required="Nhập tên"), "  ").error == "Nhập tên"


def test_a_password_is_taken_as_typed_and_never_sent_back(house: Flask) -> None:
    field = one(fields.PasswordField("p"), " hai từ ")
    assert field.data == " hai từ "
    assert "hai từ" not in str(field())


def test_what_was_typed_is_escaped(house: Flask) -> None:
    for kind in (fields.TextField, fields.TextAreaField, fields.IdentityNumberField):
        assert "<script>" not in str(one(kind("t"), "<script>alert(1)</script>")())


def test_a_date_is_read_from_three_boxes(house: Flask) -> None:
    field = one(fields.DateField("d"), **{"x-day": "2", "x-month": "09", "x-year": "1958"})
    assert field.data.isoformat() == "1958-09-02"


@pytest.mark.parametrize(
    ("day", "month", "year", "said"),
    [
        ("31", "2", "1958", "Tháng 2/1958 chỉ có 28 ngày."),
        ("1", "13", "1958", "Không có tháng 13"),
        ("1", "1", "58", "bốn chữ số"),
        ("1", "", "1958", "đủ cả ngày"),
        ("một", "1", "1958", "bằng chữ số"),
        ("0", "1", "1958", "31 ngày"),
        ("1", "1", "9" * 30, "bốn chữ số"),
        ("1", "1", "1850", "từ 1900 đến 2200"),
        ("1", "1", "2201", "từ 1900 đến 2200"),
    ],
)
def test_a_date_that_cannot_be_is_explained(house: Flask, day: str, month: str, year: str, said: str) -> None:
    field = one(fields.DateField("d"), **{"x-day": day, "x-month": month, "x-year": year})
    assert said in field.error
    assert field.data is None
    assert f'value="{day}"' in str(field())


def test_an_empty_optional_date_is_none(house: Flask) -> None:
    field = one(fields.DateField("d", required=False), **{"x-day": ""})
    assert (field.data, field.error) == (None, "")


def test_an_answer_that_was_not_offered_is_refused(house: Flask) -> None:
    choices = [("a", "A"), ("b", "B", "gợi ý")]
    assert one(fields.ChoiceField("c", choices=choices), "b").error == ""
    assert one(fields.ChoiceField("c", choices=choices), "z").error
    assert one(fields.TicksField("c", choices=choices), "z").error
    assert one(fields.SelectField("c", choices=choices), "z").error


def test_a_chosen_answer_stays_chosen(house: Flask) -> None:
    choices = [("a", "A"), ("b", "B")]
    assert 'value="b" checked' in str(one(fields.ChoiceField("c", choices=choices), "b")())
    assert 'value="b" selected' in str(one(fields.SelectField("c", choices=choices), "b")())


def test_a_box_that_must_be_ticked_says_why(house: Flask) -> None:
    assert one(fields.TickField("t", required="Đánh dấu để gửi")).error == "Đánh dấu để gửi"
    assert one(fields.TickField("t"), "1").data is True


def _sent(content: bytes, name: str = "a.png", claimed: str = "image/png") -> FileStorage:
    return FileStorage(io.BytesIO(content), name, content_type=claimed)


def test_a_picture_comes_in_as_bytes(house: Flask) -> None:
    field = one(fields.UploadField("u"), _sent(PNG))
    assert (field.data, field.error) == (PNG, "")


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "không có nội dung"), (b"MZ\x90 a program", "JPEG, PNG"), (PNG + b"0" * 2**20, "lớn hơn 1 MB")],
)
def test_a_file_that_is_no_picture_or_too_large_is_explained(house: Flask, content: bytes, said: str) -> None:
    assert said in one(fields.UploadField("u", megabytes=1), _sent(content)).error


def test_a_form_without_its_file_is_told_so(house: Flask) -> None:
    assert one(fields.UploadField("Ảnh"), _sent(b"", "")).error == "Chưa chọn tệp cho mục “Ảnh”"


HOSTILE = {
    "nothing": {},
    "blank": dict.fromkeys(("number", "passport", "full_name", "phone", "code", "password", "lines"), "  "),
    "wrong": {"number": "a", "passport": "?", "phone": "x", "email": "x", "code": "x", "channel": "z", "ward": "z"},
    "long": dict.fromkeys(("number", "passport", "full_name", "phone", "email", "code", "lines", "note"), "9" * 9999),
    "odd": {
        "born_on-day": "\x00",
        "born_on-month": "½",
        "born_on-year": "१९५८",
        "portrait": "not a file",
        "skills": "z",
    },
}


@pytest.mark.parametrize("sent", HOSTILE.values(), ids=HOSTILE.keys())
def test_every_error_is_a_vietnamese_sentence_of_ours(house: Flask, sent: dict[str, str]) -> None:
    form = SpecimenForm(formdata=MultiDict(sent))
    assert not form.validate()
    for field in form:
        for text in field.errors:
            assert any(ord(letter) > 127 for letter in str(text)), f"{field.name}: {text}"


def test_a_refusal_stands_at_its_field_and_in_the_summary(house: Flask) -> None:
    form = SpecimenForm(formdata=None)
    form.refuse(Refused("not-found", field="phone"))
    assert ("phone", form.phone.error) in form.problems()
    assert form.phone.error in str(form.phone())


def test_a_refusal_without_a_field_stands_on_top(house: Flask) -> None:
    form = SpecimenForm(formdata=None)
    form.refuse(Refused("not-found"))
    assert form.problems()[0][0] == ""
    assert form.errors


def test_a_refusal_undoes_what_the_view_has_written(house: Flask, bare_database: Database) -> None:
    with bare_database.session(write=True) as session:
        session.connection()
        g.db = session
        SpecimenForm(formdata=None).refuse(Refused("not-found"))
        assert not session.in_transaction()
        g.pop("db")


def test_a_page_that_was_open_too_long_keeps_what_was_typed(house: Flask) -> None:
    form = type("OneForm", (fields.HouseForm,), {"x": fields.TextField("t")})(formdata=MultiDict({"x": "Kim"}))
    g.stale = True
    assert not form.validate()
    assert g.form_shown
    assert form.problems() == [("", errors.sentence(Refused("page-stale")))]
    assert 'value="Kim"' in str(form.x())


def test_the_summary_leads_to_ids_that_are_on_the_page(house: Flask) -> None:
    form = SpecimenForm(formdata=MultiDict())
    form.validate()
    page = "".join(str(field()) for field in form)
    assert len(form.problems()) == 13
    for anchor, _text in form.problems():
        assert f'id="{anchor}"' in page


def test_a_text_that_is_too_long_is_told_how_long_it_is(house: Flask) -> None:
    assert "Đang có 201" in one(fields.TextField("Tên"), "a" * 201).error
    assert one(fields.TextField("Tên"), "a" * 200).error == ""
