"""Indicators of one place cannot be added and subtracted to a small number of records, however many are taken.

Every kind of record that there can be is counted by the worker's own counting, one in each place, so that a published
count is a row of numbers, one for each kind. What can be got from published counts, and what is guarded, are such rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from itertools import product
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert, select

from identity.deadlines import VIETNAM
from identity.places import Unit, UnitKind
from onboarding.assistance import AssistanceEvent
from onboarding.catalogue import ACTIVATION_TASKS, Mode, Obstacle, Result, Task
from onboarding.figures.facts import count_anew
from onboarding.figures.guarding import Guarding
from onboarding.figures.protection import guarded
from onboarding.figures.registry import families, get_family
from tests.onboarding.cone import Numbers, smallest_sums
from tests.onboarding.scene import communes, member_of, pseudonym_of, resident, team_in

Ending = tuple[Mode, Result, Obstacle | None]
Whose = tuple[bytes | None, Task]
NOBODY: Whose = (None, Task.LAND)
EARLIER = timedelta(days=9)
ENDINGS: list[Ending] = [
    *product((Mode.GUIDED, Mode.EXPLAINED), (Result.DONE,), (None,)),
    *product((Mode.GUIDED, Mode.EXPLAINED), (Result.BLOCKED,), (Obstacle.NO_PHONE, Obstacle.OTHER)),
    (Mode.REFERRED, Result.REFERRED, None),
]
"""Who was sent on was not guided, and who got stuck did so for one reason (`onboarding.entry`)."""
WITHIN = [name for name in families() if get_family(name).within == "help"]
TASKS = {of: [task for task in Task if (task in ACTIVATION_TASKS) == of] for of in (True, False)}


class Records:
    """A record of help of every kind, each in a place of its own, on one day; in each place one more, days before."""

    def __init__(self, db: Any, now: datetime) -> None:
        self.db, self.now, self.at = db, now, datetime.combine(now.date(), time(1), VIETNAM)
        here = communes(db)[0]
        self.member = member_of(db, team_in(db, here, now=now), now=now)
        self.units = {True: here.id, False: db.scalars(select(Unit.id).where(Unit.valid_to < now.date())).first()}
        there = select(Unit.id).where(Unit.kind == UnitKind.COMMUNE, Unit.valid_to.is_(None)).order_by(Unit.code)
        self.left, self.places = iter(db.scalars(there).all()), list[UUID]()
        self.rows: list[dict[str, Any]] = []
        self._fill()
        db.execute(insert(AssistanceEvent), self.rows)
        count_anew(db, [self.at.date(), (self.at - EARLIER).date()], now=now)

    def _fill(self) -> None:
        plain, kinds = (ENDINGS[0], False, False, True), list(product(ENDINGS, *[(True, False)] * 3))
        for kind in kinds:
            self._add(*kind)
        for of_activation, is_active in ((True, True), (True, False), (False, False)):
            others = self._somebody(of_activation, is_active)
            for kind, is_again in product(kinds, (True, False)):
                self._add(*kind, whose=next(others), is_again=is_again)
        self._add(*plain)
        replaced = self.rows[-1]["id"]
        self._add(*plain)
        self.rows[-1]["supersedes"] = replaced
        known = next(self._somebody(of_activation=False, is_active=False))
        for place in self.places:
            self._put(*plain, known, place, self.at - EARLIER)

    def _somebody(self, of_activation: bool, is_active: bool) -> Iterator[Whose]:
        """A person and a task, never the two together again: else the one record repeats the other."""
        home = self.db.get(Unit, self.units[True])
        while True:
            person = resident(self.db, home, now=self.at if is_active else self.now, active=is_active)
            yield from product([pseudonym_of(self.db, person)], TASKS[of_activation])

    def _add(self, ending: Ending, *how: bool, whose: Whose = NOBODY, is_again: bool = False) -> None:
        place = next(self.left)
        self.places.append(place)
        self._put(ending, *how, whose, place, self.at)
        if is_again:
            self._put(ending, *how, whose, place, self.at - EARLIER)

    def _put(
        self, ending: Ending, is_late: bool, is_off: bool, is_placed: bool, whose: Whose, place: UUID, at: datetime
    ) -> None:
        (mode, result, obstacle), (pseudonym, task) = ending, whose
        row = {"id": uuid4(), "digest": bytes(32), "happened_at": at, "outcome_from": at, "outcome_until": self.now}
        row |= {"account_id": self.member.account_id, "team_id": self.member.team_id, "village_id": place}
        row |= {"received_at": at + timedelta(hours=30 * is_late), "clock_skew": 3600 * is_off}
        row |= {"mode": mode, "result": result, "obstacle": obstacle, "pseudonym": pseudonym, "task": task}
        row |= {"unit_id": self.units[is_placed], "minutes": 9, "authorised": False, "traits": [], "supersedes": None}
        self.rows.append(row)

    def rows_of(self, family: str) -> tuple[list[Numbers], list[Numbers]]:
        """What is published of a family, and what is guarded of it: of each count, what every record adds to it."""
        guarding = Guarding(family, self.now)
        counts, none = guarding.counts(self.db, self.places), (0,) * guarding.width
        vectors = [counts[place].get(self.at.date(), none) for place in self.places]
        shown = (vector[: 2 * len(guarding.indicators)] for vector in vectors)
        return list(zip(*shown, strict=True)), list(zip(*map(guarded, vectors), strict=True))


@pytest.mark.any_engine
def test_nothing_that_published_counts_of_records_add_up_to_is_unguarded(db: Any, now: datetime) -> None:
    records = Records(db, now)
    for names in (["help"], *(["help", name] for name in WITHIN), ["help", *WITHIN]):
        found = [records.rows_of(name) for name in names]
        shown, kept = ({row for pair in found for row in pair[which]} for which in (0, 1))
        unguarded = smallest_sums(shown) - kept
        assert not unguarded, f"{len(unguarded)} of {names}"
