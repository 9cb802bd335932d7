"""One day of one working group, in one transaction: the portal's own verbs, kind by kind, at each act's own moment.

The session writes what the verbs leave with it once a kind, not once a person: nothing is flushed by a mere question,
and everything before the next kind of act looks for it.
"""

from __future__ import annotations

import io
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from PIL import Image
from sqlalchemy.orm import Session

from identity.application import (
    Application,
    acknowledge,
    apply,
    decide,
    match_reference,
    possible_supplements,
    record_capture,
    record_match,
    request_supplement,
    save_step,
    start_draft,
    withdraw,
)
from identity.application.draft import Draft
from identity.application.tasks import Kind, settle, task_of
from identity.counter_secret import new_counter_secret
from identity.files import prepare_image, store
from identity.gateways import MatchResult
from identity.registers.synthetic import SyntheticForeigner
from identity.writing import held_back, write_held
from portal.demo.population import documents_of, record_of
from portal.demo.replay import activating, messages
from portal.demo.replay.activating import Settled
from portal.demo.replay.campaign import Played, province_by_commune
from portal.demo.replay.looking import applications_by_number
from portal.demo.replay.people import person, phone_of
from portal.demo.replay.plan import Act, Day, Step
from portal.demo.replay.staff import Desk

Files = Mapping[int, Application]
NOTE = "Ảnh thẻ bị mờ, xin chụp lại."
ENGLISH_ONE_IN = 5


@dataclass(frozen=True, slots=True)
class Scene:
    """What the acts of one group need beside the session."""

    played: Played
    seed: int
    desk: Desk
    settled: Settled

    def person(self, number: int) -> SyntheticForeigner:
        return person(number, self.seed, self.played.first_day)


def do_day(db: Session, scene: Scene, day: Day) -> None:
    """Everything the group and its people do on this day. Nothing is left to be sent."""
    with db.no_autoflush, held_back(db):
        _apply_all(db, scene, day.get(Act.APPLY, ()))
        for act in (act for act in OFFICE if act in day):
            files = _files(db, scene, day[act])
            for step in day[act]:
                OFFICE[act](db, scene, files[step.number], step)
            _write(db)
        if Act.ACTIVATE in day:
            activating.activate_all(db, scene.settled, _holders(db, scene, day[Act.ACTIVATE]))
            _write(db)
        messages.sink(db, scene.played)


def _write(db: Session) -> None:
    """What one kind of act left, before the next looks for it."""
    db.flush()
    write_held(db)


def _apply_all(db: Session, scene: Scene, steps: Iterable[Step]) -> None:
    drafts = [(step, _draft(db, scene, step)) for step in steps]
    db.flush()
    for step, draft in drafts:
        apply(db, draft, record_of(scene.person(step.number)), now=step.at)
    _write(db)


def _draft(db: Session, scene: Scene, step: Step) -> Draft:
    somebody = scene.person(step.number)
    draft = start_draft(db, now=step.at, locale="vi" if step.number % ENGLISH_ONE_IN == 0 else "en")
    province = province_by_commune(scene.played.first_day)[somebody.unit_code]
    answers = documents_of(somebody) | {
        "person_kind": "foreigner",
        "phone": phone_of(step.number),
        "phone_proved_at": step.at.isoformat(),
        "office_id": str(scene.desk.offices[province]),
        "agreed_to_help": True,
        "notify_by": "sms",
    }
    save_step(db, draft, answers, now=step.at)
    return draft


def _receive(db: Session, scene: Scene, file: Application, step: Step) -> None:
    acknowledge(db, file, scene.desk.receiving, now=step.at)


def _withdraw(db: Session, scene: Scene, file: Application, step: Step) -> None:
    withdraw(db, file, now=step.at)


def _ask(db: Session, scene: Scene, file: Application, step: Step) -> None:
    request_supplement(db, file, scene.desk.receiving, possible_supplements(file)[:1], NOTE, now=step.at)


def _visit(db: Session, scene: Scene, file: Application, step: Step) -> None:
    """At the counter: portrait, capture, the secret on a slip, and the register's answer."""
    portrait = store(db, drawn_portrait(), "portrait", file.id, now=step.at)
    capture = f"REPLAY-{match_reference(file)[-6:]}"
    record_capture(db, file, scene.desk.receiving, portrait.id, capture, new_counter_secret(), now=step.at)
    record_match(db, file, scene.desk.receiving, MatchResult(90 + secrets.randbelow(10), True), now=step.at)


def _refuse(db: Session, scene: Scene, file: Application, step: Step) -> None:
    decide(db, file, scene.desk.approving, "refused", "document-not-genuine", now=step.at)


def _approve(db: Session, scene: Scene, file: Application, step: Step) -> None:
    if file.duplicate_of is not None:
        _tell_apart(db, scene, file, step)
    decide(db, file, scene.desk.approving, "approved", now=step.at)


def _tell_apart(db: Session, scene: Scene, file: Application, step: Step) -> None:
    """Of fifty thousand some share name and birth date; an officer says that they are two, and then decides."""
    task = task_of(db, file.id, Kind.LINKING)
    assert task is not None
    settle(db, task, scene.desk.approving, "two-people", "", now=step.at)


OFFICE: dict[Act, Callable[[Session, Scene, Application, Step], None]] = {
    Act.RECEIVE: _receive,
    Act.WITHDRAW: _withdraw,
    Act.ASK: _ask,
    Act.VISIT: _visit,
    Act.REFUSE: _refuse,
    Act.APPROVE: _approve,
}
"""What happens to a file, in the order of a day."""


def _files(db: Session, scene: Scene, steps: Sequence[Step]) -> Files:
    return applications_by_number(db, {step.number: scene.person(step.number) for step in steps})


def _holders(db: Session, scene: Scene, steps: Sequence[Step]) -> list[activating.Holder]:
    files = _files(db, scene, steps)
    return [activating.Holder(scene.person(step.number), files[step.number], step.at) for step in steps]


@lru_cache
def drawn_portrait() -> bytes:
    """A small grey square that stands for a portrait: nobody's face."""
    out = io.BytesIO()
    Image.new("RGB", (36, 48), "#8fa3b5").save(out, "PNG")
    return prepare_image(out.getvalue())
