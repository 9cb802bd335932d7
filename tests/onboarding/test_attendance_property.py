"""However people come, return, take slips and link them: each session counts every human being once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from identity.base import Refused
from onboarding.attendance import (
    THEMSELVES,
    attend_by_kept_scan,
    attend_by_spoken_code,
    attend_by_ticket,
    count_present,
    present_in,
)
from onboarding.check_in import codes_from, give_ticket
from onboarding.learner import Learner, learner_of, link_slip
from onboarding.roster import (
    allow_late_proof,
    attend_by_numbers,
    attend_by_roster,
    walk_in_again,
    walk_in_with_slip,
)
from onboarding.sign_up import list_numbers, sign_up
from onboarding.training import TrainingSession, get_session
from tests.onboarding.scene import communes, resident
from tests.onboarding.training_scene import room, session_of

PEOPLE, SESSIONS = 3, 2
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["ticket", "spoken", "roster", "slip", "again", "link", "kept scan", "kept digits", "number"]),
        st.integers(0, PEOPLE - 1),
        st.integers(0, SESSIONS - 1),
    ),
    max_size=14,
)


class Day:
    """The rooms, and who really was in them: the truth to compare with."""

    def __init__(self, db, now):
        self.db, self.now = db, now
        self.place = room(db, now=now)
        sessions = [
            get_session(db, self.place.session_id),
            session_of(db, self.place.member, self.place.course_id, now=now),
        ]
        self.sessions = sessions
        for session in sessions:
            allow_late_proof(db, self.place.member, session, now=now)
        unit = communes(db)[0]
        people = [resident(db, unit, now=now, phone=f"+8491111000{number}") for number in range(PEOPLE)]
        self.learners = [learner_of(db, person.id, now=now) for person in people]
        self.slips: list[list[str]] = [[] for _ in people]
        self.linked: set[str] = set()
        self.there: list[set[object]] = [set() for _ in sessions]

    def identity(self, who: int, slip: str | None = None) -> object:
        """A human being as far as the portal can know: an unlinked slip is a person of its own."""
        return ("slip", slip) if slip and slip not in self.linked else ("person", who)

    def do(self, way: str, who: int, where: int) -> None:
        learner, session = self.db.get_one(Learner, self.learners[who].id), self.sessions[where]
        if way == "slip":
            slip = walk_in_with_slip(self.db, self.place.member, session, now=self.now, age_band=None)
            self.slips[who].append(slip.code)
            self.there[where].add((who, slip.code))
        elif way in {"again", "link"}:
            self.use_slip(way, who, where)
        else:
            self.check_in(way, session, learner)
            self.there[where].add((who, None))

    def check_in(self, way: str, session: TrainingSession, learner: Learner) -> None:
        """With network now, or proven three hours later."""
        db, now, later = self.db, self.now, self.now + timedelta(hours=3)
        code = codes_from(db, session, now)[0]
        if way == "ticket":
            attend_by_ticket(db, learner, give_ticket(db, session, code.token, now=now), now=now)
        elif way == "spoken":
            attend_by_spoken_code(db, session, learner, code.spoken, now=now)
        elif way == "kept scan":
            attend_by_kept_scan(db, session, learner, code.token, scanned_at=now, now=later)
        elif way == "kept digits":
            assert attend_by_spoken_code(db, session, learner, code.spoken, now=later, heard_at=now) is None
        elif way == "number":
            sign_up(db, session.id, learner.id, now=now)
            number = list_numbers(db, session.id)[learner.id]
            attend_by_numbers(db, self.place.member, session, {number: now}, now=later)
        else:
            attend_by_roster(db, self.place.member, session, [learner.id], now=now)

    def use_slip(self, way: str, who: int, where: int) -> None:
        if not self.slips[who]:
            return
        slip = self.slips[who][-1]
        try:
            if way == "again":
                walk_in_again(self.db, self.place.member, self.sessions[where], slip, now=self.now)
                self.there[where].add((who, slip))
            else:
                link_slip(self.db, self.learners[who], slip, THEMSELVES, now=self.now)
                self.linked.add(slip)
        except Refused as refusal:
            assert refusal.code == "slip-unknown" and slip in self.linked

    def check(self) -> None:
        self.db.flush()
        counted = count_present(self.db, [session.id for session in self.sessions])
        for session, there in zip(self.sessions, self.there, strict=True):
            expected = {self.identity(who, slip) for who, slip in there}
            assert counted.get(session.id, 0) == len(expected) == len(present_in(self.db, session.id))


@pytest.mark.parametrize("offset", [0, 30])
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_every_human_being_is_counted_once(database, now, offset, steps):
    with database.session(write=True) as db:
        day = Day(db, now + timedelta(minutes=offset))
        for step in steps:
            day.do(*step)
        day.check()
        db.rollback()
