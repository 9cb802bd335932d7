"""Components, icons and static files."""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from typing import Any

import brotli
import pytest
from flask import Flask, redirect
from flask.testing import FlaskClient
from jinja2 import meta

from portal import assets, language, pages
from portal.assets import FOLDER, REMARK, icon, is_ours
from portal.design.forms import SpecimenForm
from portal.settings import ROOT, Settings

COMPONENTS = FOLDER.parent / "portal" / "templates" / "components"
LARGEST_STYLES, LARGEST_SCRIPT = 10 * 1024, 8 * 1024


@pytest.fixture
def house(settings: Settings) -> Flask:
    """An application of static files and components only."""
    application = Flask("portal", root_path=str(ROOT / "portal"), static_folder=None)
    application.config["SECRET_KEY"] = settings.secret_key
    language.init(application, settings)
    assets.init(application)
    pages.init(application, settings)
    long_page = "<p>" + "định danh " * 300 + "</p>"
    application.add_url_rule("/long", view_func=lambda: long_page, endpoint="long")
    elsewhere = "/long?" + "x" * assets.WORTH_COMPRESSING
    application.add_url_rule("/elsewhere", view_func=lambda: redirect(elsewhere, 303), endpoint="elsewhere")
    application.add_url_rule("/short", view_func=lambda: "<p>ngắn</p>", endpoint="short")
    return application


@pytest.fixture
def browser(house: Flask) -> FlaskClient:
    return house.test_client()


def macro(house: Flask, file: str, name: str, /, *arguments: Any, **named: Any) -> str:
    with house.test_request_context():
        return str(getattr(house.jinja_env.get_template(f"components/{file}.html").module, name)(*arguments, **named))


def address(house: Flask, path: str) -> str:
    with house.test_request_context():
        return assets.asset(path)


def test_an_unknown_icon_raises() -> None:
    with pytest.raises(FileNotFoundError):
        icon("no-such-icon")


def test_icons_are_silent_and_carry_no_style() -> None:
    for name in assets.icon_names():
        drawing = str(icon(name))
        assert 'aria-hidden="true"' in drawing
        assert "style=" not in drawing
        assert "<!--" not in drawing


def test_every_icon_that_a_template_names_exists() -> None:
    used = set()
    for template in (FOLDER.parent / "portal").rglob("*.html"):
        used |= set(re.findall(r"icon\('([a-z0-9-]+)'", template.read_text()))
        used |= set(re.findall(r"icon='([a-z0-9-]+)'", template.read_text()))
    assert used <= set(assets.icon_names())


def test_no_template_has_inline_script_or_style() -> None:
    for template in (FOLDER.parent / "portal").rglob("*.html"):
        text = template.read_text()
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)|javascript:", text), template


def test_no_template_has_a_dead_link() -> None:
    for template in (FOLDER.parent / "portal").rglob("*.html"):
        assert 'href="#"' not in template.read_text(), template


def test_a_button_sends_and_a_link_leads(house: Flask) -> None:
    button = macro(house, "button", "button", "Gửi", name="go", value="1", id="send", kind="warning")
    assert 'type="submit" id="send" name="go" value="1"' in button
    assert "button--warning" in button
    assert 'href="/x"' in macro(house, "link_button", "link_button", "Tiếp", "/x")


def test_words_from_outside_are_escaped_in_components(house: Flask) -> None:
    bad = "<b>x</b>"
    for made in (
        macro(house, "tag", "tag", bad),
        macro(house, "summary_list", "summary_list", [{"key": bad, "value": bad, "note": bad}]),
        macro(house, "tracker", "tracker", [{"text": bad, "detail": bad, "state": "now"}]),
        macro(house, "timeline", "timeline", [{"text": bad, "detail": bad}]),
        macro(house, "code_block", "code_block", bad),
        macro(house, "empty", "empty", bad),
        macro(house, "progress", "progress", 1, 3, bad),
    ):
        assert bad not in made
        assert "&lt;b&gt;" in made


def test_a_missing_value_is_said_and_a_change_link_names_its_field(house: Flask) -> None:
    made = macro(house, "summary_list", "summary_list", [{"key": "Thư", "value": "", "change_href": "/x"}])
    assert "Chưa có" in made
    assert re.search(r'href="/x">Sửa<span class="visually-hidden"> – Thư', made)


def test_the_tracker_says_in_words_what_the_colours_say(house: Flask) -> None:
    steps = [{"text": "Nộp", "state": "done"}, {"text": "Xem", "state": "now"}, {"text": "Xong", "state": "later"}]
    made = macro(house, "tracker", "tracker", steps)
    assert "(xong)" in made
    assert made.count('aria-current="step"') == 1


def test_pages_of_a_list_lead_both_ways(house: Flask) -> None:
    middle = macro(house, "pagination", "pagination", 2, 3, "/list?page={}".format)
    assert 'href="/list?page=1"' in middle
    assert 'href="/list?page=3"' in middle
    assert macro(house, "pagination", "pagination", 1, 1, str).strip() == ""


def test_a_heading_keeps_compounds_together_and_a_value_does_not() -> None:
    assert pages.joined("Tài khoản định danh điện tử") == "Tài\u00a0khoản định\u00a0danh điện\u00a0tử"


@pytest.mark.parametrize("target", ["//evil.example", "/\\evil.example", "https://evil.example", "", None, "/a\nb"])
def test_nobody_is_sent_to_a_strangers_address(house: Flask, target: str | None) -> None:
    house.add_url_rule("/", endpoint="home.index", view_func=lambda: "")
    with house.test_request_context():
        assert pages.local_path(target) == "/"
        assert pages.local_path("/help?x=1#team") == "/help?x=1#team"


def test_a_static_file_is_kept_for_a_year_under_its_own_hash_only(house: Flask, browser: FlaskClient) -> None:
    right = address(house, "css/portal.css")
    assert "immutable" in browser.get(right).headers["Cache-Control"]
    assert "immutable" not in browser.get("/static/css/portal.css?v=another-release").headers["Cache-Control"]


@pytest.mark.parametrize(("accepts", "coding", "unpack"), [("br, gzip", "br", brotli), ("gzip", "gzip", gzip)])
def test_text_travels_compressed(browser: FlaskClient, accepts: str, coding: str, unpack: Any) -> None:
    answer = browser.get("/static/js/portal.js", headers={"Accept-Encoding": accepts})
    assert answer.headers["Content-Encoding"] == coding
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert b"use strict" in unpack.decompress(answer.data)


@pytest.mark.parametrize("accepts", ["gzip", "gzip, deflate, br"])
def test_a_page_travels_as_gzip(browser: FlaskClient, accepts: str) -> None:
    """Brotli would take twice as long to make it as small."""
    answer = browser.get("/long", headers={"Accept-Encoding": accepts})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert "định danh" in gzip.decompress(answer.data).decode()


def test_what_comes_with_a_redirect_is_not_compressed(browser: FlaskClient) -> None:
    answer = browser.get("/elsewhere", headers={"Accept-Encoding": "gzip"})
    assert (answer.status_code, len(answer.data) >= assets.WORTH_COMPRESSING) == (303, True)
    assert "Content-Encoding" not in answer.headers


def test_a_client_that_takes_no_compression_gets_plain_text(browser: FlaskClient) -> None:
    for path in ("/long", "/static/css/portal.css", "/static/fonts/bvp-400.woff2"):
        assert "Content-Encoding" not in browser.get(path).headers


def test_short_pages_and_fonts_are_not_compressed(browser: FlaskClient) -> None:
    for path in ("/short", "/static/fonts/bvp-400.woff2"):
        assert "Content-Encoding" not in browser.get(path, headers={"Accept-Encoding": "br"}).headers


def test_an_unchanged_file_is_not_sent_again(browser: FlaskClient) -> None:
    first = browser.get("/static/js/portal.js")
    again = browser.get("/static/js/portal.js", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize("path", ["tools/vendor.py", "icons/x.svg", "../portal/pages.py", "css/none.css", ""])
def test_nothing_else_is_served(browser: FlaskClient, path: str) -> None:
    assert browser.get(f"/static/{path}").status_code == 404


def test_a_preloaded_font_is_the_one_that_the_styles_name(house: Flask, browser: FlaskClient) -> None:
    styles = browser.get("/static/css/portal.css").text
    font = address(house, "fonts/bvp-400.woff2").removeprefix("/static/")
    assert f"url(../{font})" in styles


def test_styles_and_script_stay_within_their_budgets(browser: FlaskClient) -> None:
    def size(path: str) -> int:
        return len(browser.get(path, headers={"Accept-Encoding": "gzip"}).data)

    assert size("/static/css/portal.css") <= LARGEST_STYLES
    assert size("/static/js/portal.js") <= LARGEST_SCRIPT


@pytest.mark.parametrize("sheet", sorted((FOLDER / "css").glob("*.css")), ids=lambda sheet: sheet.name)
def test_the_styles_close_every_brace_that_they_open(sheet: Path) -> None:
    styles = re.sub(r"/\*.*?\*/", "", sheet.read_text(), flags=re.S)
    assert styles.count("{") == styles.count("}")


def test_form_tokens_of_another_second_share_no_signature(house: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages are compressed although they hold the token; see portal/assets.py."""
    from flask import g
    from flask_wtf.csrf import generate_csrf

    tokens = []
    for second in (1_800_000_000, 1_800_000_001):
        monkeypatch.setattr("itsdangerous.timed.time.time", lambda second=second: second)
        with house.test_request_context() as context:
            context.session["csrf_token"] = "one and the same session"
            tokens.append(generate_csrf().split("."))
            g.pop("csrf_token", None)
    assert tokens[0][0] == tokens[1][0]
    assert tokens[0][2] != tokens[1][2]


def test_a_comment_on_lines_of_its_own_does_not_travel_and_nothing_else_is_lost():
    kept = b"a{b:c} /* kept */\n/*! licence */\n/* kept */ d{}\n"
    assert REMARK.sub(b"", b"/* about\n   it */\n" + kept + b"  /* and this */\n") == kept
    assert is_ours("js/portal.js") and not is_ours("vendor/simplewebauthn/browser.js")


def test_the_catalogue_shows_every_component(app_once: Flask) -> None:
    environment = app_once.jinja_env
    fields = [field.field_class for field in vars(SpecimenForm).values() if hasattr(field, "field_class")]
    waiting = [f"design/{name}.html" for name in ("catalogue", "form", "work", "field")]
    waiting += [f"components/{field.component}.html" for field in fields]
    shown = {*waiting, "components/office_tabs.html", "components/operation_tabs.html"}  # work_tabs, filled for a role
    while waiting:
        source = environment.loader.get_source(environment, waiting.pop())[0]  # type: ignore[union-attr]
        found = {name for name in meta.find_referenced_templates(environment.parse(source)) if name} - shown
        shown |= found
        waiting += found
    assert {f"components/{path.name}" for path in COMPONENTS.glob("*.html")} - shown == set()
