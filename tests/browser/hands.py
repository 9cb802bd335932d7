"""Members for tests of the phone, each in a team of their own, so that no test finds another's records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from identity.audit import SYSTEM
from identity.deadlines import today_in_vietnam
from identity.places import unit_by_code
from identity.staff import hire
from onboarding.assistance import AssistanceEvent
from onboarding.team import appoint, found_team
from portal.demo.population import WARD_CODE
from tests.browser.conftest import Demo
from tests.browser.held import hold_session, in_database
from tests.browser.visitor import Visitor


@dataclass(frozen=True)
class Hand:
    """A member of some months."""

    login: str
    account_id: UUID


def new_hand(demo: Demo) -> Hand:
    login = f"cu-{uuid4().hex[:8]}"

    def build(db: Session) -> UUID:
        moment = datetime.now(UTC)
        ward = unit_by_code(db, WARD_CODE, on=moment.date())
        assert ward is not None
        team = found_team(db, ward.id, f"Tổ {login}", SYSTEM, now=moment - timedelta(days=90))
        account = hire(db, login, "Phan Thị Cũ", now=moment)
        db.flush()
        since = today_in_vietnam(moment) - timedelta(days=80)
        appoint(db, team, account.id, SYSTEM, now=moment, valid_from=since)
        return account.id

    return Hand(login, in_database(demo, build))


def sign_in(visitor: Visitor, demo: Demo, hand: Hand) -> Visitor:
    return hold_session(visitor, demo, {"login": hand.login})


def stored(demo: Demo, hand: Hand) -> list[AssistanceEvent]:
    """What the server has of this member."""
    found: list[AssistanceEvent] = in_database(demo, lambda db: list(db.scalars(_of(hand))))
    return found


def counting(demo: Demo, hand: Hand) -> list[dict[str, Any]]:
    """The records that no other corrects, with their notes."""

    def read(db: Session) -> list[dict[str, Any]]:
        rows = list(db.scalars(_of(hand)))
        corrected = {row.supersedes for row in rows}
        names = ("id", "task", "mode", "result", "minutes", "note", "supersedes", "happened_at")
        return [{name: getattr(row, name) for name in names} for row in rows if row.id not in corrected]

    return in_database(demo, read)  # type: ignore[no-any-return]


def _of(hand: Hand) -> Select[tuple[AssistanceEvent]]:
    return select(AssistanceEvent).where(AssistanceEvent.account_id == hand.account_id)
