"""SDMX-JSON data messages: 2.0.0, and the older 1.0.0 form that today's libraries read (structure beside the data)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

import orjson

from onboarding.feeds.message import About
from onboarding.feeds.rows import Action, Row
from onboarding.feeds.sdmx import (
    AGENCY,
    ATTRIBUTES,
    DIMENSIONS,
    FLOW,
    VALUE,
    VERSION,
    Observation,
    observations,
)
from onboarding.feeds.structure import CONCEPTS, codes_of, urn

NAMES_OF_ACTIONS = {None: "Information", Action.REPLACE: "Replace", Action.DELETE: "Delete"}
SCHEMA = "https://json.sdmx.org/2.0.0/sdmx-json-data-schema.json"


def as_sdmx_json(rows: Sequence[Row], about: About) -> bytes:
    """The 1.0.0 form: `header`, `dataSets`, `structure`."""
    told = _Told(rows)
    structure = {
        "name": CONCEPTS[FLOW][about.locale],
        "dimensions": {"observation": told.dimensions(about.locale, by_id=False)},
        "attributes": {"observation": told.attributes(about.locale, by_id=False)},
    }
    header = {**_head(about), "test": False}
    return orjson.dumps({"header": header, "dataSets": told.data_sets(), "structure": structure})


def as_sdmx_json_2(rows: Sequence[Row], about: About) -> bytes:
    """The 2.0.0 form: `meta` and `data`."""
    told = _Told(rows)
    structure = {
        "name": CONCEPTS[FLOW][about.locale],
        "names": CONCEPTS[FLOW],
        "dataSets": list(range(len(told.data_sets()))) or [0],
        "links": [{"rel": "dataflow", "urn": urn("datastructure.Dataflow", FLOW, VERSION)}],
        "dimensions": {"observation": told.dimensions(about.locale, by_id=True)},
        "measures": {"observation": [{"id": VALUE, "name": CONCEPTS[VALUE][about.locale]}]},
        "attributes": {"observation": told.attributes(about.locale, by_id=True)},
    }
    sets = [{"structure": 0, **one} for one in told.data_sets()]
    data = {"structures": [structure], "dataSets": sets}
    return orjson.dumps({"$schema": SCHEMA, "meta": _head(about), "data": data})


def _head(about: About) -> dict[str, Any]:
    sender = {"id": AGENCY, "name": about.issuer}
    languages = [about.locale]
    return {"id": about.id, "prepared": about.prepared.isoformat(), "sender": sender, "contentLanguages": languages}


class _Told:
    """The observations with the lists of values that their keys and attributes point into."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.rows, self.all = rows, list(observations(rows))
        self.keys = [_places(one.key[index] for one in self.all) for index in range(len(DIMENSIONS))]
        self.parts = [_places(one.attributes[index] for one in self.all) for index in range(len(ATTRIBUTES))]

    def data_sets(self) -> list[dict[str, Any]]:
        """One for each action that there is."""
        in_order = sorted(self.all, key=lambda one: str(one.action))
        return [
            {"action": NAMES_OF_ACTIONS[action], "observations": dict(map(self._observed, members))}
            for action, members in groupby(in_order, key=lambda one: one.action)
        ]

    def dimensions(self, locale: str, *, by_id: bool) -> list[dict[str, Any]]:
        names = [_names(self.rows, dimension) for dimension in DIMENSIONS]
        return [
            {
                "id": dimension,
                "name": CONCEPTS[dimension][locale],
                "keyPosition": index,
                "values": [_coded(code, names[index], locale, by_id=by_id) for code in self.keys[index]],
            }
            for index, dimension in enumerate(DIMENSIONS)
            if self.keys[index]
        ]

    def attributes(self, locale: str, *, by_id: bool) -> list[dict[str, Any]]:
        """Those that have any value; the older form knows values by name where they are no codes."""
        return [
            {
                "id": attribute,
                "name": CONCEPTS[attribute][locale],
                "values": [_valued(attribute, value, locale, by_id=by_id) for value in self.parts[index]],
            }
            for index, attribute in enumerate(ATTRIBUTES)
            if self.parts[index]
        ]

    def _observed(self, one: Observation) -> tuple[str, list[Any]]:
        key = ":".join(str(self.keys[index][code]) for index, code in enumerate(one.key))
        if one.action is Action.DELETE:
            return key, []
        parts = [
            None if value is None else self.parts[index][value]
            for index, value in enumerate(one.attributes)
            if self.parts[index]
        ]
        return key, [one.value, *parts]


def _places(values: Iterable[str | None]) -> dict[str, int]:
    """Each value with its place in the list."""
    distinct = dict.fromkeys(value for value in values if value is not None)
    return {value: place for place, value in enumerate(distinct)}


def _names(rows: Iterable[Row], dimension: str) -> Mapping[str, Mapping[str, str]]:
    if dimension == "AREA":
        return {row.place.code: row.place.names for row in rows}
    return codes_of(dimension)


def _coded(code: str, names: Mapping[str, Mapping[str, str]], locale: str, *, by_id: bool) -> dict[str, str]:
    """A time period is a value, anything else a code; the older form gives both an id."""
    if code in names:
        return {"id": code, "name": names[code][locale]}
    return {"value": code} if by_id else {"id": code, "name": code}


def _valued(attribute: str, value: str, locale: str, *, by_id: bool) -> dict[str, str]:
    names = codes_of(attribute)
    if value in names:
        return {"id": value, "name": names[value][locale]}
    return {"value": value} if by_id else {"name": value}
