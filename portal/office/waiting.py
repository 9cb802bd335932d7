"""Lists of what waits beside the queue (second looks, appeals, complaints): by deadline, a page at a time.

What was answered stands in a list beside it, the newest first: whoever answers sees how it was done before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from flask import request, url_for
from werkzeug.wrappers import Response as Answer

from identity.base import Refused
from identity.paging import count_pages
from identity.staff import units_in_reach
from portal.database import db
from portal.language import _, _l
from portal.office.access import officer
from portal.office.due import Due
from portal.office.people import names_of
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
class Table:
    """One of the two lists: its name for who hears it, its columns, what it says when it is empty, and each line."""

    caption: Any
    columns: Sequence[Any]
    nothing: Any
    line: Callable[[Any], Line]


def answered_before(columns: Sequence[Any], line: Callable[[Any], Line]) -> Table:
    """What was answered."""
    return Table(_l("Answered before, the newest first"), columns, _l("Nothing was answered yet."), line)


@dataclass(frozen=True, slots=True)
class Words:
    """What the page says above the list."""

    tab: str
    title: Any
    about: Any


def show_waiting(
    words: Words, role: str, find: Callable[..., tuple[Iterable[Any], int]], waiting: Table, answered: Table
) -> Answer:
    """What `find` gives for the units in which the officer has `role`, each as a line."""
    number, over = page_number(), request.args.get("list") == "answered"
    units, table = units_in_reach(db, officer().roles, role), answered if over else waiting
    found, total = find(db, units, answered=over, page=number, size=SIZE)
    place = partial(url_for, request.endpoint or "")
    return page(
        "office/waiting.html",
        words=words,
        table=table,
        lines=[table.line(one) for one in found],
        page=number,
        pages=count_pages(total, SIZE),
        href_for=lambda wanted: place(page=wanted, **({"list": "answered"} if over else {})),
        other=(place(), _("What waits")) if over else (place(list="answered"), _("Answered before")),
        is_due=lambda cell: isinstance(cell, Due),
        is_link=lambda cell: isinstance(cell, Link),
    )


def name_of(account_id: UUID | None) -> str:
    """Who answered."""
    return names_of(db, {account_id}).get(account_id, "")


def is_allowed(check: Callable[..., None], *given: Any) -> bool:
    """Whether a form is offered; the domain checks again when it is sent."""
    try:
        check(*given)
    except Refused:
        return False
    return True
