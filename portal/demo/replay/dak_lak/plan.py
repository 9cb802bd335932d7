"""Who is guided and trained where and on which day, drawn once from the seed: whole numbers first, then the days."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from random import Random

from identity.registers.synthetic.lists import Lists
from identity.registers.synthetic.people import SyntheticCitizen, citizen
from portal.demo.replay.dak_lak.published import Province, adults_by_commune

SEED = 20250702
FIRST = 7_000_000
SATURDAY = 6
LAST_WEEKS = 14
"""Nobody begins in the last days: there is a session left for everybody."""
YOUNGEST_DAYS, BIRTHDAYS = 19 * 366, 22_807
"""A prime of days, so that no two of so many share a birthday: namesakes would wait for an officer."""
CARD_LASTS = timedelta(days=9 * 365)


@dataclass(slots=True)
class TeamDay:
    """What a team does on a day: whom it guides, and who comes to its session (numbers of people)."""

    guided: list[int] = field(default_factory=list)
    trained: list[int] = field(default_factory=list)


Plan = dict[tuple[str, date], dict[int, TeamDay]]
"""By commune and day: the teams, numbered in the order of their names."""


def draw_plan(played: Province, seed: int = SEED) -> Plan:
    """The whole campaign; the same from the same seed."""
    found: Plan = defaultdict(lambda: defaultdict(TeamDay))
    number = at = 0
    for commune, adults in adults_by_commune(played).items():
        teams = len(played.teams_in(commune))
        for adult in range(at, at + adults):
            if not _takes(adult, played.guided, played.adults):
                continue
            source = Random(f"{seed}:{played.scale}:{adult}")
            day = source.choice(played.days[:-LAST_WEEKS])
            found[commune, day][number % teams].guided.append(adult)
            if _takes(number, played.skilled, played.guided):
                session = _session_after(source, day, played.last_day)
                found[commune, session][number % teams].trained.append(adult)
            number += 1
        at += adults
    return {key: dict(teams) for key, teams in found.items()}


def person(number: int, commune: str, seed: int, on: date, lists: Lists) -> SyntheticCitizen:
    """Number N is the same grown-up citizen whenever it is asked for; papers are in order for years."""
    drawn = citizen(Random(f"{seed}:dak-lak:{number}"), lists, FIRST + number, on)
    born = on - timedelta(days=YOUNGEST_DAYS + number * 37 % BIRTHDAYS)
    digit = (2 if born.year >= 2000 else 0) + (drawn.sex == "female")
    own = f"066{digit}{born:%y}{number:06}"
    return replace(
        drawn,
        birth_date=born,
        personal_number=own,
        card_number=own,
        card_expires_on=on + CARD_LASTS,
        unit_code=commune,
        has_biometrics=True,
        died_on=None,
    )


def _takes(number: int, some: int, of: int) -> bool:
    """Spreads `some` evenly over `of`: exactly so many numbers answer yes."""
    return (number + 1) * some // of > number * some // of


def _session_after(source: Random, day: date, last: date) -> date:
    """A Saturday in one of the next weeks."""
    first = day + timedelta(days=(SATURDAY - day.isoweekday()) % 7 or 7)
    weeks = [first + timedelta(weeks=n) for n in range(3)]
    return source.choice([one for one in weeks if one <= last])
