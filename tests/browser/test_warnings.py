"""The pages of warnings in Chromium: readable by everybody, on a phone and on a desk, in both languages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.account import find_account
from identity.staff import Role
from onboarding.team import Team
from onboarding.warnings import FigureWarning, Kind
from onboarding.warnings.finding import Finding
from onboarding.warnings.handling import open_findings
from tests.browser.conftest import Demo
from tests.browser.held import hold_session, in_database
from tests.browser.visitor import Visitor

Visit = Callable[..., Visitor]
WEEKS = [[f"2026-{month:02}-{day:02}", 49] for month in (9, 10) for day in (7, 14, 21, 28)]


def found(demo: Demo) -> UUID:
    """A warning of the coordinator's own unit, about its team."""

    def build(db: Session) -> UUID:
        account = find_account(db, demo.person("coordinator")["login"])
        unit = db.scalars(select(Role.unit_id).where(Role.account_id == account.id, Role.role == "coordinator")).one()
        team = db.scalars(select(Team.id).where(Team.unit_id == unit)).first()
        facts = {"part": "numerator", "week": "2026-11-02", "number": 210, "middle": 49, "score": 9.9}
        one = Finding(
            *(Kind.OUTLIER, str(uuid4()), unit, {**facts, "rows": [*WEEKS, ["2026-11-02", 210]]}),
            indicator="issued-of-applied",
            team_id=team,
        )
        open_findings(db, [one], now=datetime.now(UTC))
        return db.scalars(select(FigureWarning.id).where(FigureWarning.key == one.key)).one()

    return in_database(demo, build)


@pytest.mark.parametrize(("locale", "width"), [("vi", 390), ("en", 1280)])
def test_a_warning_is_read_resolved_and_reopened(visit: Visit, demo: Demo, locale: str, width: int) -> None:
    warning = found(demo)
    desk = hold_session(visit(width=width, locale=locale), demo, demo.person("coordinator"))
    desk.go("/warnings").check()
    desk.go(f"/warnings/{warning}").check()
    desk.checked.clear()
    desk.click("#submit").check()
    desk.fill(note="Ghi ngay sau mỗi lượt giúp").choose("way", "lesson")
    desk.checked.clear()
    desk.click("#submit").check()
    desk.go("/warnings?state=resolved").check()
    assert "Ghi ngay sau mỗi lượt giúp" in desk.page.inner_text("main")
    member = hold_session(visit(width=390, locale=locale), demo, demo.person("member"))
    member.go("/team/lessons").check()
    assert "Ghi ngay sau mỗi lượt giúp" in member.page.inner_text("main")
