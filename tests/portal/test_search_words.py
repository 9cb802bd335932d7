"""Whatever stands in a search or as a page number, a page answers."""

from __future__ import annotations

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from portal.pages import page_number, searched

ODD = ["\x00", "a\x00b", "\u202e", "%", "'", "\\", "é" * 500, "😀"]
PAGES = ["0", "-1", "1.5", "x", "", "9" * 30, "٣", "²", "+1", "1 "]


@given(st.text())
def test_a_search_keeps_no_byte_that_a_database_refuses(text):
    with Flask("x").test_request_context("/", query_string={"q": text}):
        assert "\x00" not in searched() and len(searched()) <= 80


@pytest.mark.parametrize("text", PAGES)
def test_a_page_that_is_none_is_the_first(text):
    assert 1 <= page_number(text) <= 999_999


def test_an_ordinary_page_is_itself():
    assert page_number("17") == 17


@pytest.mark.parametrize("path", ["/learn/sessions"])
def test_public_searches_answer(client, path):
    for text in ODD:
        assert client.get(path, query_string={"q": text, "page": "9" * 30}).status_code == 200
