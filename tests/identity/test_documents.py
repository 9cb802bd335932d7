import unicodedata
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity.base import Refused
from identity.documents import (
    Mrz,
    build_card_qr,
    build_passport_mrz,
    build_personal_number,
    build_residence_mrz,
    check_digit,
    check_personal_number,
    masked_phone,
    normalise_document_number,
    normalise_phone,
    normalise_residence_card,
    parse_card_qr,
    parse_mrz,
)
from identity.documents.card_qr import CardQR

TODAY = date(2026, 11, 23)
PASSPORT = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10"
"""The specimen of ICAO 9303 part 4."""
CARD = "I<UTOD231458907<<<<<<<<<<<<<<<\n7408122F1204159UTO<<<<<<<<<<<6\nERIKSSON<<ANNA<MARIA<<<<<<<<<<"
"""The specimen of ICAO 9303 part 5."""


def refusal(function, *arguments, **named) -> Refused:
    with pytest.raises(Refused) as caught:
        function(*arguments, **named)
    return caught.value


class TestMrz:
    def test_the_specimen_passport_is_read(self):
        assert parse_mrz(PASSPORT, today=TODAY) == Mrz(
            kind="passport",
            issuer="UTO",
            surname="ERIKSSON",
            given_names="ANNA MARIA",
            document_number="L898902C3",
            nationality="UTO",
            birth_date=date(1974, 8, 12),
            sex="female",
            expires_on=date(2012, 4, 15),
            optional="ZE184226B",
        )

    def test_the_specimen_card_is_read(self):
        read = parse_mrz(CARD, today=TODAY)
        assert (read.kind, read.document_number, read.full_name) == ("card", "D23145890", "ERIKSSON ANNA MARIA")

    def test_the_specimens_are_written_as_they_were_read(self):
        assert build_passport_mrz(parse_mrz(PASSPORT, today=TODAY)) == PASSPORT
        assert build_residence_mrz(parse_mrz(CARD, today=TODAY)) == CARD

    @pytest.mark.parametrize(
        "typed",
        [
            PASSPORT.lower(),
            PASSPORT.replace("\n", ""),
            PASSPORT.replace("\n", "\r\n\r\n  "),
            " ".join(PASSPORT),
            PASSPORT.replace("<<", "«"),
            PASSPORT.replace("<", "«"),
            PASSPORT.replace("<", " "),
            "P<UTOERIKSSON<<ANNA<MARIA\nL898902C36UTO7408122F1204159ZE184226B<<<<<10",
            "P UTO ERIKSSON  ANNA MARIA\nL898902C36UTO7408122F1204159ZE184226B<<<<<10".replace("P UTO ", "P<UTO"),
        ],
    )
    def test_how_the_lines_were_typed_does_not_matter(self, typed):
        assert parse_mrz(typed, today=TODAY) == parse_mrz(PASSPORT, today=TODAY)

    @pytest.mark.parametrize(
        ("place", "which"),
        [
            (44, "document-number"),
            (53, "document-number"),
            (57, "birth-date"),
            (63, "birth-date"),
            (65, "expiry-date"),
            (71, "expiry-date"),
            (72, "optional"),
            (86, "optional"),
            (87, "whole"),
        ],
    )
    def test_the_check_digit_that_fails_is_named(self, place, which):
        signs = PASSPORT.replace("\n", "")
        wrong = signs[:place] + ("7" if signs[place] != "7" else "8") + signs[place + 1 :]
        refused = refusal(parse_mrz, wrong, today=TODAY)
        assert (refused.code, refused.field) == (f"mrz-check-{which}", "mrz")
        assert refused.facts["expected"] != refused.facts["found"]

    def test_an_unused_optional_field_may_leave_its_digit_out(self):
        plain = Mrz("passport", "KOR", "KIM", "MINJUN", "ZZ0000001", "KOR", date(1990, 1, 2), "male", date(2030, 1, 2))
        written = build_passport_mrz(plain)
        assert written[-2] == "0"
        without = written[:-2] + "<" + written[-1]
        assert parse_mrz(without, today=TODAY) == plain

    def test_a_german_is_a_german(self):
        german = Mrz(
            "passport", "DEU", "MUELLER", "UWE", "ZZ0000002", "DEU", date(1990, 1, 2), "male", date(2030, 1, 2)
        )
        assert "P<D<<MUELLER" in build_passport_mrz(german)
        assert parse_mrz(build_passport_mrz(german), today=TODAY) == german

    def test_nobody_is_born_after_today(self):
        for born in (date(1927, 1, 1), TODAY, TODAY + timedelta(days=1) - timedelta(days=36525)):
            one = Mrz("passport", "LAO", "NOY", "", "ZZ0000003", "LAO", born, "female", date(2030, 1, 2))
            assert parse_mrz(build_passport_mrz(one), today=TODAY).birth_date == born

    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("", "mrz-length"),
            ("P<UTO", "mrz-length"),
            (PASSPORT + "1", "mrz-line"),
            (PASSPORT.replace("\n", "") + "1", "mrz-length"),
            ("\n".join(CARD.split("\n")[:2]), "mrz-length"),
            (PASSPORT.replace("L8", "É8"), "mrz-characters"),
            ("V" + PASSPORT[1:], "mrz-kind"),
        ],
    )
    def test_what_is_no_zone_is_refused_by_name(self, text, code):
        assert refusal(parse_mrz, text, today=TODAY).code == code

    @pytest.mark.parametrize(
        ("zone", "line", "cut", "width"),
        [(PASSPORT, 2, 4, 44), (PASSPORT, 2, -1, 44), (PASSPORT, 1, -2, 44), (CARD, 1, 3, 30), (CARD, 2, 1, 30)],
    )
    def test_a_line_with_too_few_or_too_many_signs_is_named(self, zone, line, cut, width):
        lines = zone.split("\n")
        one = lines[line - 1]
        lines[line - 1] = one[: width // 2] + one[width // 2 + cut :] if cut > 0 else one + "<" * -cut
        refused = refusal(parse_mrz, "\n".join(lines), today=TODAY)
        assert (refused.code, refused.field) == ("mrz-line", "mrz")
        assert refused.facts == {"line": line, "found": width - cut, "width": width}

    def test_lines_broken_elsewhere_are_read_when_their_check_digits_fit(self):
        first, second = PASSPORT.split("\n")
        broken = f"{first[:-3]}\n{first[-3:]}{second}"
        assert parse_mrz(broken, today=TODAY) == parse_mrz(PASSPORT, today=TODAY)
        assert refusal(parse_mrz, broken[:-1] + "7", today=TODAY).code == "mrz-line"

    def test_a_day_that_does_not_exist_is_refused_by_name(self):
        signs = PASSPORT.replace("\n", "")
        signs = signs[:57] + "741312" + check_digit("741312") + signs[64:]
        signs = signs[:87] + check_digit(signs[44:54] + signs[57:64] + signs[65:87])
        assert refusal(parse_mrz, signs, today=TODAY).code == "mrz-birth-date"

    @given(st.data())
    def test_what_is_written_is_read_again(self, data):
        word = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=1, max_size=9)
        written = Mrz(
            kind=data.draw(st.sampled_from(("passport", "card"))),
            issuer=data.draw(st.sampled_from(("VNM", "KOR", "DEU"))),
            surname=data.draw(word),
            given_names=data.draw(word),
            document_number=data.draw(st.text("ABCXYZ0123456789", min_size=5, max_size=9)),
            nationality=data.draw(st.sampled_from(("KOR", "DEU", "LAO", "USA"))),
            birth_date=data.draw(st.dates(date(1928, 1, 1), TODAY)),
            sex=data.draw(st.sampled_from(("male", "female", "unspecified"))),
            expires_on=data.draw(st.dates(date(1980, 1, 1), date(2070, 1, 1))),
        )
        build = build_passport_mrz if written.kind == "passport" else build_residence_mrz
        assert parse_mrz(build(written), today=TODAY) == written

    @given(st.integers(0, 43), st.sampled_from("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ<"))
    def test_one_wrong_sign_in_a_checked_line_never_gives_another_number(self, place, sign):
        signs = PASSPORT.replace("\n", "")
        changed = signs[: 44 + place] + sign + signs[45 + place :]
        try:
            read = parse_mrz(changed, today=TODAY)
        except Refused:
            return
        same = read.document_number == "L898902C3" and read.birth_date == date(1974, 8, 12)
        assert same or check_digit(changed[44:53]) == changed[53]  # 7-3-1 cannot tell signs that differ by ten

    @given(st.text(max_size=200))
    def test_no_text_breaks_the_reader(self, text):
        try:
            parse_mrz(text, today=TODAY)
        except Refused as refused:
            assert refused.field == "mrz"


class TestCardQR:
    TEXT = "001190912345||Trần Thị Hoà|02091990|Nữ|12 Lê Lợi, Phường Ba Đình, Thành phố Hà Nội|15032022"

    def test_seven_fields_are_read(self):
        assert parse_card_qr(self.TEXT) == CardQR(
            personal_number="001190912345",
            old_number="",
            full_name="Trần Thị Hoà",
            birth_date=date(1990, 9, 2),
            sex="female",
            address="12 Lê Lợi, Phường Ba Đình, Thành phố Hà Nội",
            issued_on=date(2022, 3, 15),
        )

    def test_six_fields_and_further_fields_are_read(self):
        assert parse_card_qr(self.TEXT.rpartition("|")[0]).issued_on is None
        assert parse_card_qr(self.TEXT + "|Trần Văn A|Lê Thị B") == parse_card_qr(self.TEXT)

    def test_decomposed_letters_and_blanks_are_tidied(self):
        spaced = unicodedata.normalize("NFD", self.TEXT).replace("|", " | ")
        assert parse_card_qr(f"\n{spaced}\n") == parse_card_qr(self.TEXT)

    @pytest.mark.parametrize(
        ("old", "new", "code"),
        [
            ("001190912345", "00119091234", "card-qr-number"),
            ("001190912345", "٠٠١١٩٠٩١٢٣٤٥", "card-qr-number"),
            ("Trần Thị Hoà", " ", "card-qr-name"),
            ("02091990", "30021990", "card-qr-birth-date"),
            ("02091990", "2091990", "card-qr-birth-date"),
            ("15032022", "15132022", "card-qr-issue-date"),
            ("|", "/", "card-qr-shape"),
        ],
    )
    def test_what_does_not_fit_is_refused_by_name(self, old, new, code):
        assert refusal(parse_card_qr, self.TEXT.replace(old, new)).code == code

    def test_what_is_written_is_read_again(self):
        assert build_card_qr(parse_card_qr(self.TEXT)) == self.TEXT

    @given(st.text(max_size=300) | st.lists(st.text(max_size=20), min_size=5, max_size=9).map("|".join))
    def test_no_text_breaks_the_reader(self, text):
        try:
            parse_card_qr(text)
        except Refused as refused:
            assert refused.field == "card_qr"


class TestNumbers:
    def test_a_personal_number_tells_sex_and_year(self):
        read = check_personal_number("001 190 912 345")
        assert (read.number, read.sex, read.birth_year, read.needs_review) == ("001190912345", "female", 1990, ())

    @pytest.mark.parametrize(
        ("number", "year"), [("001099000001", 1999), ("001200000001", 2000), ("001426000001", 2126)]
    )
    def test_the_fourth_digit_tells_the_century(self, number, year):
        assert check_personal_number(number).birth_year == year

    @pytest.mark.parametrize(("number", "refused"), [("001426000001", True), ("001326000001", False)])
    def test_nobody_has_a_number_of_a_year_that_has_not_come(self, number, refused):
        if not refused:
            assert check_personal_number(number, today=date(2026, 11, 22)).birth_year == 2026
            return
        century = refusal(check_personal_number, number, today=date(2026, 11, 22))
        assert (century.code, century.facts) == ("personal-number-century", {"digit": 4, "year": 2126})

    @pytest.mark.parametrize("text", ["", "00119091234", "0011909123456", "00119091234a", "٠٠١١٩٠٩١٢٣٤٥x"])
    def test_anything_but_twelve_digits_is_refused(self, text):
        assert refusal(check_personal_number, text).code == "personal-number-invalid"

    def test_the_refusal_says_how_many_digits_there_were(self):
        assert refusal(check_personal_number, "00119091234").facts["found"] == 11

    def test_an_unknown_place_of_birth_is_looked_at_and_never_refused(self):
        assert check_personal_number("301190912345").needs_review == ("province-code-unknown",)

    def test_disagreement_with_birth_date_and_sex_is_looked_at_and_never_refused(self):
        read = check_personal_number("001190912345", birth_date=date(2090, 1, 1), sex="male")
        assert read.needs_review == ("birth-year-differs", "sex-differs")
        assert check_personal_number("001190912345", birth_date=date(1990, 1, 1), sex="female").needs_review == ()

    @given(st.dates(date(1900, 1, 1), date(2399, 12, 31)), st.sampled_from(("male", "female")), st.integers(0, 999_999))
    def test_a_number_by_the_rule_agrees_with_its_person(self, born, sex, serial):
        number = build_personal_number("001", born, sex, serial)
        assert check_personal_number(number, birth_date=born, sex=sex).needs_review == ()

    def test_document_numbers_are_written_one_way(self):
        assert normalise_document_number(" zz 123-4567 ") == "ZZ1234567"
        assert normalise_residence_card("zt 0001-234") == "ZT0001-234"

    @pytest.mark.parametrize("text", ["", "A1", "A" * 21, "ABC/123", "số thẻ"])
    def test_what_cannot_be_a_card_number_is_refused(self, text):
        assert refusal(normalise_residence_card, text).code == "residence-card-invalid"
        assert refusal(normalise_document_number, text).code == "document-number-invalid"


class TestPhones:
    @pytest.mark.parametrize(
        "text",
        [
            "0912345678",
            "0912 345 678",
            "+84 912.345.678",
            "84912345678",
            "０９１２３４５６７８",
            "(0912) 345-678",
            "+840912345678",
        ],
    )
    def test_a_number_is_spelt_one_way(self, text):
        assert normalise_phone(text) == "+84912345678"

    @pytest.mark.parametrize("text", ["0551234567", "0871234567", "0598765432"])
    def test_prefixes_of_small_operators_are_accepted(self, text):
        assert normalise_phone(text) == "+84" + text[1:]

    def test_a_number_from_abroad_keeps_its_country(self):
        assert normalise_phone("+82 10-1234-5678") == "+821012345678"

    @pytest.mark.parametrize(
        "text", ["", "abc", "091234567", "09123456789", "0123456789", "0912345678 ext 5", "+", "9" * 60]
    )
    def test_what_cannot_be_called_is_refused(self, text):
        assert refusal(normalise_phone, text).code == "phone-invalid"

    def test_a_landline_gets_no_message_and_is_refused_by_name(self):
        assert refusal(normalise_phone, "024 3934 5678").code == "phone-not-mobile"

    def test_the_mask_shows_the_last_three_digits_only(self):
        assert masked_phone("+84912345678") == "09•• ••• 678"
        assert masked_phone("+821012345678") == "+82 ••• ••• 678"

    @given(st.text(max_size=50))
    def test_no_text_breaks_the_reader(self, text):
        try:
            assert normalise_phone(text).startswith("+")
        except Refused as refused:
            assert refused.field == "phone"
