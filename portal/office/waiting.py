"""Lists of what waits beside the queue (second looks, appeals, complaints): by deadline, a page at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Answer

from identity.base import Refused
from identity.paging import count_pages
from identity.staff import units_in_reach
from portal.database import db
from portal.office.access import officer
from portal.office.due import Due
from portal.pages import page, page_number

SIZE = 25


@dataclass(frozen=True, slots=True)
class Link:
    """Where an officer goes on; `about` is read out only."""

    href: str
    text: str
    about: str


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that waits. Cells stand under the columns behind the first; a `Due` becomes a tag."""

    href: str
    name: Any
    number: str
    cells: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Words:
    """What the page says around the lines."""

    tab: str
    title: Any
    about: Any
    caption: Any
    columns: Sequence[Any]
    nothing: Any


def show_waiting(
    words: Words, role: str, find: Callable[..., tuple[Iterable[Any], int]], line: Callable[[Any], Line]
) -> Answer:
    """What `find` gives for the units in which the officer has `role`, each as a line."""
    number = page_number()
    found, total = find(db, units_in_reach(db, officer().roles, role), page=number, size=SIZE)
    return page(
        "office/waiting.html",
        words=words,
        lines=[line(one) for one in found],
        page=number,
        pages=count_pages(total, SIZE),
        href_for=lambda wanted: url_for(request.endpoint or "", page=wanted),
        is_due=lambda cell: isinstance(cell, Due),
        is_link=lambda cell: isinstance(cell, Link),
    )


def is_allowed(check: Callable[..., None], look: Session, *given: Any) -> bool:
    """Whether a form is offered; the domain checks again when it is sent."""
    try:
        check(look, *given)
    except Refused:
        return False
    return True
