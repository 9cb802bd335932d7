"""The copy of one's data as a page: each table under a name, its rows in words. The JSON file holds every detail."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from portal.language import _, _l, day, in_our_language, moment
from portal.words.copy_details import IN_A_DETAIL
from portal.words.copy_names import COLUMNS, TABLES
from portal.words.copy_values import CALLED, code_in_words

VALUES: dict[str, Any] = {
    "you": _l("you"),
    "staff": _l("staff"),
    "somebody else": _l("somebody else"),
    "citizen": _l("Vietnamese citizen"),
    "foreigner": _l("Foreign resident"),
    "female": _l("Female"),
    "male": _l("Male"),
    "active": _l("Active"),
    "citizen_card": _l("Identity card"),
    "residence_card": _l("Residence card"),
    "portrait": _l("Portrait"),
    "register-photo": _l("Photo of the register"),
}
"""Values of closed lists, in words; the file holds them as they are stored."""
A_DAY = re.compile(r"\d{4}-\d\d-\d\d(T|$)")
MOST = 100
"""Rows of one table on the page; all of them are in the file."""


@dataclass(frozen=True, slots=True)
class Section:
    """One table: its rows as lists of (name, value), and how many there are beyond those shown."""

    name: str
    rows: list[list[tuple[str, str]]]
    more: int


def sections(
    held: Mapping[str, list[Mapping[str, Any]]], known: Mapping[str, Any], services: Mapping[str, Mapping[str, str]]
) -> list[Section]:
    """Every table that holds something, those that matter most first; codes as `known` calls them, services by name."""
    order = {name: place for place, name in enumerate(TABLES)}
    named = {key: in_our_language(name) for key, name in services.items()}
    found = sorted(held.items(), key=lambda item: order.get(item[0], len(order)))
    return [
        Section(
            str(TABLES.get(name, name)),
            [_row(name, row, {**known, **named}, named) for row in rows[-MOST:]],
            max(0, len(rows) - MOST),
        )
        for name, rows in found
    ]


def _row(
    table: str, row: Mapping[str, Any], known: Mapping[str, Any], services: Mapping[str, str]
) -> list[tuple[str, str]]:
    shown = {**row, "client_id": services.get(str(row.get("client_id")))}
    named = ((name, CALLED.get((table, name), COLUMNS.get(name)), value) for name, value in shown.items())
    return [
        (str(title), code_in_words(table, name, str(value)) or said(name, value, known))
        for name, title, value in named
        if title is not None and _is_there(value)
    ]


def _is_there(value: Any) -> bool:
    return value is not None and value not in ("", [], {})


def said(name: str, value: Any, known: Mapping[str, Any]) -> str:
    """A value as a reader says it; codes as `known` calls them."""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, Mapping):
        told = ((key, one) for key, one in value.items() if key in IN_A_DETAIL and _is_there(one))
        return " · ".join(f"{IN_A_DETAIL[key]}: {said(key, one, known)}" for key, one in told)
    if isinstance(value, list):
        return ", ".join(said(name, one, known) for one in value)
    if isinstance(value, str):
        return _worded(name, value, known)
    return str(value)


def _worded(name: str, value: str, known: Mapping[str, Any]) -> str:
    if name in {"name", "state", "kind", "actor_role", "client"} and value in known:
        return str(known[value])
    if value in VALUES:
        return str(VALUES[value])
    return _dated(value) if A_DAY.match(value) else value


def _dated(value: str) -> str:
    try:
        return moment(datetime.fromisoformat(value)) if "T" in value else day(date.fromisoformat(value))
    except ValueError:
        return value
