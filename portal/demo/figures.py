"""What is odd in the demonstration's figures: a team that was founded and never recorded anything, found as always."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from identity.audit import SYSTEM
from onboarding.team import found_team
from onboarding.warnings.handling import open_findings
from onboarding.warnings.of_teams import odd_teams

QUIET = "Tổ lưu động Cống Vị"
FOUNDED = timedelta(days=40)


def watch(db: Session, ward: UUID, *, now: datetime) -> None:
    """By the eyes of the worker, who finds the same again in the night and opens it only once."""
    team = found_team(db, ward, QUIET, SYSTEM, now=now - FOUNDED, decision="minh hoạ")
    db.flush()
    found = [one for one in odd_teams(db, {ward}, now=now) if one.team_id == team.id]
    open_findings(db, found, now=now)
