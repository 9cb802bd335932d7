"""How the tasks beside the files are named, and those about one file."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from identity.application import Application
from identity.application.linking import known_holder
from identity.application.tasks import RENEWED, Kind, Task, check_may_settle
from identity.audit import Actor
from identity.statements import Prepared
from portal.language import _l
from portal.office.waiting import is_allowed
from portal.words.entry_codes import calls

TITLES: dict[str, Any] = {
    Kind.SECOND_LOOK: _l("Second look at an approval"),
    Kind.DISAGREEMENT: _l("Two officers do not agree"),
    Kind.LINKING: _l("Known before? One person or two"),
    Kind.NOT_RECOGNISED: _l("Compared by hand, not recognised by the register"),
    Kind.NO_GUARDIAN: _l("The guardian has died: a child or ward without one"),
}
WHAT: dict[str, Any] = {
    Kind.SECOND_LOOK: _l(
        "This approval was drawn by chance. Look at the application as if you decided it, then say whether you agree."
    ),
    Kind.DISAGREEMENT: _l(
        "The officer who looked again would not have approved it. Look at it, have the account stopped if it must be, "
        "and note what you did."
    ),
    Kind.LINKING: _l(
        "Somebody of the same birth date and of the same name or mobile number is known, or an earlier number of the "
        "applicant names an account. Compare the two; that you looked is recorded, and they see it. Until you answer, "
        "nothing is approved. An account that counts again keeps its mobile number: whoever has it no more recovers at "
        "the counter."
    ),
    Kind.NOT_RECOGNISED: _l(
        "The register was away, and two officers compared by hand. Asked afterwards, it does not recognise the "
        "fingerprints. The account is held and has lost level 2. Have the person come with the original."
    ),
    Kind.NO_GUARDIAN: _l(
        "The death of the only guardian was recorded, so nobody can confirm the use of this account and it waits. Ask "
        "the family or the commune who is the guardian now; that person applies with the paper."
    ),
}
ANSWERS: dict[str, list[tuple[str, Any]]] = {
    Kind.SECOND_LOOK: [("agree", _l("I agree with the approval")), ("disagree", _l("I do not agree"))],
    Kind.DISAGREEMENT: [
        ("stands", _l("The approval stands")),
        ("account-stopped", _l("The account was stopped at the office")),
    ],
    Kind.LINKING: [
        ("two-people", _l("They are two people")),
        ("same-person", _l("It is the same person: the application is to be refused")),
        (RENEWED, _l("It is the same person with a new passport and residence card: the account there counts again")),
    ],
    Kind.NOT_RECOGNISED: [
        ("stays-held", _l("It was somebody else, or nobody came: the account stays held")),
        (
            "person-shown",
            _l("It is the person: the account opens with level 1. For level 2 the register must recognise them."),
        ),
    ],
    Kind.NO_GUARDIAN: [
        ("family-reached", _l("The family or the commune knows what to do")),
        ("nobody-reached", _l("Nobody was reached")),
    ],
}
OUTCOMES: dict[str, Any] = {value: text for answers in ANSWERS.values() for value, text in answers}
calls("kind", TITLES)
calls("outcome", OUTCOMES)


def answers(db: Session, task: Task, application: Application) -> list[tuple[str, Any]]:
    """What may be answered here: papers are renewed for somebody whom we know."""
    known = task.kind == Kind.LINKING and known_holder(db, application) is not None
    return [(value, text) for value, text in ANSWERS[task.kind] if value != RENEWED or known]


def may_settle(db: Session, task: Task, application: Application, officer: Actor) -> bool:
    """Whether the form is shown to this officer; the domain checks again."""
    return is_allowed(check_may_settle, db, task, application, officer)


def tasks_about(db: Session, application: Application, officer: Actor) -> list[str]:
    """Kinds of the tasks about this file that wait and that this officer may settle."""
    waiting = (db.get_one(Task, row.id) for row in _WAITING.all(db, application=application.id))
    return [task.kind for task in waiting if may_settle(db, task, application, officer)]


_WAITING = Prepared(
    select(Task.id).where(Task.application_id == bindparam("application"), Task.done_at.is_(None)).order_by(Task.due_at)
)
