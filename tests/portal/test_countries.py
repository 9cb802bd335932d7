"""The list of nationalities: each country once, under the code that passports carry."""

from __future__ import annotations

import pytest
from flask import Flask

from portal.enrolment.countries import HOME, OFTEN, _names, country, nationalities


@pytest.mark.parametrize("locale", ["vi", "en", "ko", "zh-Hans", "ja"])
def test_each_country_is_there_once_under_a_code_of_three_letters(locale: str) -> None:
    names = _names(locale)
    assert all(len(code) == 3 and code.isalpha() and code.isupper() for code in names)
    assert len(set(names.values())) == len(names)
    assert 230 <= len(names) <= 260
    assert set(OFTEN) < names.keys() and HOME not in names


def test_the_frequent_ones_come_first_and_none_twice(app: Flask) -> None:
    with app.test_request_context("/", headers={"Accept-Language": "en"}):
        codes = [code for code, _name in nationalities()]
        assert codes[: len(OFTEN)] == list(OFTEN)
        assert len(codes) == len(set(codes))
        assert country("KOR") in ("South Korea", "Hàn Quốc")
        assert country("XYZ") == "XYZ"
