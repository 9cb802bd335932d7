"""From a template to an answer, and what every template knows."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from flask import Flask, Response, g, render_template, request, url_for
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup

from portal import sentences
from portal.answers import addressed, is_put_aside, put_aside
from portal.drawing import qr_svg
from portal.form_place import PLACE, place_of_form
from portal.language import current_locale
from portal.settings import Settings

TEXT_SIZE_COOKIE, TEXT_SIZES = "text_size", ("normal", "big")
COMPOUNDS = (
    "định danh",
    "điện tử",
    "tài khoản",
    "kích hoạt",
    "đăng ký",
    "đăng nhập",
    "hồ sơ",
    "xác nhận",
    "xác minh",
    "khuôn mặt",
    "vân tay",
    "điện thoại",
    "công dân",
    "nước ngoài",
    "mật khẩu",
    "cá nhân",
    "dữ liệu",
    "giấy tờ",
    "tiếp nhận",
    "cộng đồng",
    "chứng nhận",
    "công nghệ",
    "tin nhắn",
)
"""Vietnamese words of two syllables that a heading should not tear apart at the end of a line."""
JOINABLE = re.compile("|".join(word.replace(" ", r"\s") for word in COMPOUNDS), re.IGNORECASE)


class Page(Response):
    """A page still to be rendered: that happens when the view's transaction is over, so that no lock waits for it."""

    may_wait = True
    """Whether it may be put aside as the answer to a form; not what leads on by itself."""

    def __init__(self, template: str, status: int, context: dict[str, Any]) -> None:
        super().__init__(status=status, mimetype="text/html")
        self.template: str | None = template
        self.context = context

    def render(self) -> None:
        """Fill in the content, once."""
        if self.template is not None:
            g.sentences = sentences.of_reader()  # found once a page, not again for each of its fifty
            self.set_data(render_template(self.template, **self.context))
            self.template = None
            del g.sentences


def page(template: str, status: int = 200, /, **context: Any) -> Page:
    """The page, never kept by a cache: every page may name a person."""
    response = Page(template, status, context)
    response.headers["Cache-Control"] = "no-store"
    return response


def _render(response: Response) -> Response:
    if isinstance(response, Page):
        response.render()
        if request.method == "POST" and response.may_wait:
            response.set_data(addressed(response.get_data()))
            return put_aside(response) if response.status_code < 500 and is_put_aside() else response
    return response


def csrf_field() -> Markup:
    """The hidden form token, for a form without fields of its own, and where it stands."""
    hidden, place = Markup('<input type="hidden" name="{}" value="{}">'), _place_to_name()
    token = hidden.format("csrf_token", generate_csrf())
    return token + hidden.format(PLACE, place) if place else token


def _place_to_name() -> str | None:
    if request.method == "POST":
        return place_of_form()
    return None if request.url_rule is None else g.get("place_mark") or here()


def local_path(target: str | None) -> str:
    """`target` when it is a path of this site, else the start page: nobody is sent to a stranger's address."""
    if not target or not target.startswith("/") or target[1:2] in {"/", "\\"} or not target.isprintable():
        return url_for("home.index")
    return target


def here() -> str:
    """The address to come back to after a change of language or text size."""
    return request.full_path.rstrip("?") if request.method == "GET" else place_of_form() or request.path


def searched(most: int = 80) -> str:
    """What was typed into a search (`q`), without what no database keeps."""
    return request.values.get("q", "").replace("\x00", "").strip()[:most]


def page_number(text: str | None = None) -> int:
    """The page asked for (`page`), from 1; nonsense is the first page, and no number is too large for a database."""
    digits = (request.values.get("page", "") if text is None else text)[:6]
    return int(digits) if digits.isascii() and digits.isdigit() and int(digits) > 0 else 1


def id_in(text: str) -> UUID | None:
    """The id that somebody's browser sent, if it is one."""
    try:
        return UUID(text)
    except ValueError:
        return None


def joined(text: Any) -> str:
    """A heading whose compounds stay on one line. For headings and labels only, never for values that people copy."""
    return JOINABLE.sub(lambda word: word[0].replace(" ", "\u00a0"), str(text))


def in_a_popup() -> None:
    """This answer stands in a small window of the service that sent the person: without ways to anywhere else."""
    g.is_popup = True


def big_text() -> bool:
    """Whether this reader asked for big text."""
    return (g.get("another_size") or request.cookies.get(TEXT_SIZE_COOKIE)) == "big"


def init(app: Flask, settings: Settings) -> None:
    """Give the templates their globals, and render pages after the view's commit."""
    app.after_request(_render)
    app.jinja_env.globals.update(
        csrf_field=csrf_field,
        qr_svg=qr_svg,
        here=here,
        demonstration=settings.is_demonstration,
        owner=settings.owner or None,
        hotline=settings.hotline or None,
        site_host=settings.host_name,
    )
    app.jinja_env.filters["joined"] = joined
    sentences.init(app)
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True

    @app.context_processor
    def reader() -> dict[str, Any]:
        answered_at = place_of_form() if request.method == "POST" else None
        popup = g.get("is_popup", False)
        return {"locale": current_locale(), "big_text": big_text(), "is_popup": popup, "answered_at": answered_at}
