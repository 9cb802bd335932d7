"""Clocks and long work: what ran when, how it ended, how far it is."""

from __future__ import annotations

from uuid import UUID

from flask import Response, redirect, url_for
from werkzeug.wrappers import Response as Answer

from identity.operation import stuck_jobs
from identity.operation.clocks import last_runs
from onboarding.figures.kept import use_gone_before
from portal.chores import CHORES, name_of
from portal.database import db
from portal.operation import blueprint, state_words
from portal.operation.clock_words import CLOCKS, KINDS_OF_WORK
from portal.operation.guard import OPERATORS, READERS, acting, may_act
from portal.operation.overview import is_late
from portal.pages import page
from portal.security import guarded, staff
from portal.services import now


@blueprint.get("/operation/work")
@guarded(staff(*READERS))
def work() -> Response:
    runs, names = last_runs(db), [name_of(chore) for chore in CHORES]
    jobs = stuck_jobs.last_jobs(db)
    return page(
        "operation/work.html",
        clocks=[(name, runs.get(name), name not in runs or is_late(runs[name])) for name in names],
        jobs=[(job, stuck_jobs.state_of(job, now=now()), stuck_jobs.part_done(job)) for job in jobs],
        may_act=may_act(),
        use_gone_before=use_gone_before(db),
        words=state_words,
        clock_words=CLOCKS,
        work_words=KINDS_OF_WORK,
    )


@blueprint.post("/operation/work/<uuid:job_id>/start")
@guarded(staff(*OPERATORS))
def start_job_again(job_id: UUID) -> Answer:
    stuck_jobs.start_again(db, job_id, acting(), now=now())
    return redirect(url_for("operation.work"), 303)
