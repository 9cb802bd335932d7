"""What an officer narrowed the queue down to, as it stands in the address; the ticks stay until the browser is closed.

An officer comes back to the queue after each case. Words that were searched for are not kept: they name somebody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from werkzeug.datastructures import MultiDict

from identity.application import Filters, State
from portal.language import _, _l
from portal.office.access import SUPERVISOR
from portal.office.words import STATES, TODO
from portal.pages import page_number, searched
from portal.security import SignedIn

HOLDERS = {"mine": _l("Mine"), "unassigned": _l("Nobody yet")}
KINDS = {"citizen": _l("Citizens"), "foreigner": _l("Foreign residents")}
OPEN = (State.SUBMITTED, State.RESUBMITTED, State.RECEIVED, State.CAPTURED, State.MATCHED, State.SUPPLEMENT_REQUESTED)
FINISHED = (State.ISSUED, State.REFUSED, State.WITHDRAWN, State.ABANDONED, State.DECEASED)
LONGEST_TEXT = 100


@dataclass(frozen=True, slots=True)
class Filter:
    """The ticked boxes, the words to search for, and the page."""

    text: str
    holders: tuple[str, ...]
    kinds: tuple[str, ...]
    states: tuple[str, ...]
    page: int

    @property
    def narrowed(self) -> bool:
        return bool(self.text or self.holders or self.kinds or self.states)

    def for_queue(self, account_id: UUID) -> Filters:
        """The same for the domain. A search looks at everybody's, so that nobody is told "not found" for a tick."""
        return Filters(
            viewer=account_id,
            text=self.text,
            states=self.states,
            holder=account_id if "mine" in self.holders and not self.text else None,
            unassigned="unassigned" in self.holders and not self.text,
            person_kind=self.kinds[0] if len(self.kinds) == 1 else "",
            page=self.page,
        )

    def as_query(self) -> dict[str, Any]:
        """As parameters of the address."""
        return {"q": self.text, **self._ticks()}

    def to_keep(self) -> str:
        """The ticks alone, for the next time."""
        return urlencode(self._ticks(), doseq=True)

    def _ticks(self) -> dict[str, Any]:
        return {"filtered": 1, "who": self.holders, "kind": self.kinds, "state": self.states}


@dataclass(frozen=True, slots=True)
class Option:
    """One box. `count` is None where it is not counted."""

    value: str
    text: str
    count: int | str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Options:
    """Boxes of one question."""

    name: str
    title: str
    options: list[Option]


def read_filter(query: MultiDict[str, str], officer: SignedIn, kept: str = "") -> Filter:
    """From the address, else as it was `kept`; unknown values are dropped.

    At first: an officer's own and nobody's; a supervisor sees all.
    """
    if "filtered" not in query and kept:
        query = MultiDict(parse_qsl(kept))
    holders = tuple(value for value in query.getlist("who") if value in HOLDERS)
    if "filtered" not in query and not officer.has_role(SUPERVISOR):
        holders = tuple(HOLDERS)
    return Filter(
        text=searched(LONGEST_TEXT),
        holders=holders,
        kinds=tuple(value for value in query.getlist("kind") if value in KINDS),
        states=tuple(value for value in query.getlist("state") if value in (*OPEN, *FINISHED)),
        page=page_number(),
    )


def filter_groups(chosen: Filter, counts: Mapping[str, int]) -> list[Options]:
    """The boxes, with how many applications stand in each state."""
    return [
        Options("who", _("Officer"), _options(HOLDERS, chosen.holders)),
        Options("kind", _("Who"), _options(KINDS, chosen.kinds)),
        Options("state", _("To do"), _options({s: TODO[s] for s in OPEN}, chosen.states, counts)),
        Options("state", _("Finished"), _options({s: STATES[s][0] for s in FINISHED}, chosen.states, counts)),
    ]


def _options(
    texts: Mapping[Any, Any], chosen: tuple[str, ...], counts: Mapping[str, int] | None = None
) -> list[Option]:
    return [
        Option(str(value), str(text), "" if counts is None else counts.get(value, 0), value in chosen)
        for value, text in texts.items()
    ]
