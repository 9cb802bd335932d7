"""The first page of an operator: is everything well, and if not, where to look."""

from __future__ import annotations

import platform
from datetime import date, datetime
from typing import Any

from flask import Response
from sqlalchemy import text

from identity.deadlines import newest_rules, today_in_vietnam
from identity.key_use import all_uses
from identity.oidc import keys as signing
from identity.oidc.withdrawal import withdrawn
from identity.operation.clocks import last_runs
from identity.operation.lanes import count_in_trouble, lanes
from identity.operation.routes import manual
from identity.operation.stuck_jobs import count_open
from identity.seals import unsealed_tail
from identity.staff import review
from identity.staff.confirmation import count_to_answer
from portal.chores import CHORES, name_of
from portal.database import db
from portal.migrations import newest
from portal.operation import blueprint, state_words
from portal.operation.guard import READERS, acting, may_act
from portal.pages import page
from portal.readiness import checks
from portal.security import guarded, staff
from portal.services import now

LATE_SECONDS = 300
"""A clock that has not run for so long stands still: they run every twenty seconds."""


@blueprint.get("/operation")
@guarded(staff(*READERS))
def overview() -> Response:
    (waiting, failed), at = count_open(db), now()
    unsealed, oldest = unsealed_tail(db, now=at)
    return page(
        "operation/overview.html",
        checks=checks(),
        lanes=lanes(db),
        trouble=count_in_trouble(db, now=at),
        jobs_waiting=waiting,
        jobs_failed=failed,
        clocks_late=len(late_clocks()),
        manual=manual(db),
        reviews_overdue=len(review.overdue(db, now=at)),
        roles_wait=count_to_answer(db, acting(), now=at) if may_act() else 0,
        operates=may_act(),
        unsealed=unsealed,
        oldest_unsealed=oldest,
        keys=all_uses(db, now=at),
        signing=signing_keys(at),
        withdrawn=withdrawn(db, now=at),
        versions=versions(),
        now=at,
        date=date.fromisoformat,
        words=state_words,
    )


def signing_keys(at: datetime) -> list[tuple[str, signing.SigningKey]]:
    """The published keys, each with its state: it signs, comes next, or is kept for what it signed."""
    rows = signing.published(db, now=at)
    signs = {row.algorithm: row.kid for row in rows if row.active_from <= at}
    return [
        ("next" if row.active_from > at else "signs" if signs[row.algorithm] == row.kid else "kept", row)
        for row in rows
    ]


def late_clocks() -> list[str]:
    """Chores that did not run lately, or ended with an error."""
    runs = last_runs(db)
    return [name for name in map(name_of, CHORES) if name not in runs or is_late(runs[name])]


def is_late(run: Any) -> bool:
    """Whether this clock stands still or fails."""
    return run.trouble is not None or (now() - run.at).total_seconds() > LATE_SECONDS


def versions() -> dict[str, str]:
    """What runs here, by a name that the page words."""
    dialect = db.connection().dialect.name
    question = "SHOW server_version" if dialect == "postgresql" else "SELECT sqlite_version()"
    return {
        "python": platform.python_version(),
        "database": f"{dialect} {db.scalar(text(question))}",
        "migration": str(db.scalar(text("SELECT version_num FROM alembic_version"))),
        "release-migration": newest(),
        "rules": max(str(row["from"]) for row in newest_rules(today_in_vietnam(now())).values()),
    }
