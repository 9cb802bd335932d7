"""Questions by rule: the portal draws them, the agent types what the caller says, and only the verdict comes back.

None asks for a secret, a password or a code from a message, and the agent never sees a right answer. What a register
holds proves little by itself (relatives know it), so right answers buy only what a call may do (`acts`).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from identity.account import Account
from identity.application import Application
from identity.application.registered import bare, from_facts, key_of, residence_card_of
from identity.deadlines import today_in_vietnam
from identity.names import fold, same_name
from identity.person import Person, documents_of
from identity.places import Unit


class Question(StrEnum):
    """What may be asked."""

    FULL_NAME = "full-name"
    BIRTH_DATE = "birth-date"
    DOCUMENT_END = "document-end"
    COMMUNE = "commune"
    SENT_ON = "sent-on"


DAYS = frozenset({Question.BIRTH_DATE, Question.SENT_ON})
"""Answered with a day."""
TAIL = 4
"""Last letters and digits of a document."""
TYPES = ("phuong", "xa", "dac khu", "ward", "commune", "special zone")
"""Of units, folded: said or left out, as people do."""
Said = str | date | None


@dataclass(frozen=True, slots=True)
class Known:
    """What the questions are held against."""

    full_name: str | None
    birth_date: date | None
    papers: tuple[str, ...]
    """Each that the caller may have at hand, the issuing country before its number."""
    commune: str | None
    submitted_at: datetime | None


def draw(
    db: Session, account: Account | None, application: Application | None, count: int, *, now: datetime, told: str = ""
) -> list[Question]:
    """So many of those that can be asked about this case, by lot; where others are enough, not the end of the number
    that the caller has just `told`."""
    known = known_about(db, account, application, now=now)
    answerable = [question for question, held in _held(known).items() if held]
    if len(answerable) > count and is_right(known, Question.DOCUMENT_END, bare(told)[-TAIL:]):
        answerable.remove(Question.DOCUMENT_END)
    return sorted(secrets.SystemRandom().sample(answerable, min(count, len(answerable))))


def known_about(db: Session, account: Account | None, application: Application | None, *, now: datetime) -> Known:
    """From the person where there is one, else from the file."""
    person = db.get(Person, account.person_id) if account and account.person_id else None
    sent = application.submitted_at if application else None
    if person is not None:
        papers = _papers_of(db, person, today_in_vietnam(now))
        return Known(person.full_name, person.birth_date, papers, _name_of(db, person.unit_id), sent)
    if application is not None:
        home = _name_of(db, application.home_unit_id)
        return Known(application.full_name, application.birth_date, _papers_in(application), home, sent)
    return Known(None, None, (), None, None)


def is_right(known: Known, question: Question, said: Said) -> bool:
    """Whether an answer is that of the case. Marks, case and spaces do not count."""
    return bool(said) and _held(known)[question] is not None and _COMPARED[question](known, said)


def _held(known: Known) -> Mapping[Question, object]:
    return {
        Question.FULL_NAME: known.full_name,
        Question.BIRTH_DATE: known.birth_date,
        Question.DOCUMENT_END: known.papers,
        Question.COMMUNE: known.commune,
        Question.SENT_ON: known.submitted_at,
    }


def _papers_of(db: Session, person: Person, today: date) -> tuple[str, ...]:
    """The newest of each kind that has not ended: a foreign resident reads out the passport or the residence card.

    Where all have ended they count: the caller has no other. Who has none is asked for the personal number.
    """
    newest = {paper.kind: paper for paper in documents_of(db, person.id)}.values()
    valid = [paper for paper in newest if paper.expires_on is None or paper.expires_on >= today]
    numbers = [paper.issued_by + bare(paper.number or "") for paper in valid or newest]
    return tuple(numbers or filter(None, [person.personal_number]))


def _papers_in(application: Application) -> tuple[str, ...]:
    """Those that the register named; once its answer is gone, the one of the file."""
    if not application.record:
        return tuple(bare(number) for number in [application.number] if number)
    held = from_facts(application.record)
    return tuple(filter(None, [bare(key_of(held)), residence_card_of(held)]))


def _name_of(db: Session, unit_id: object) -> str | None:
    unit = db.get(Unit, unit_id) if unit_id else None
    return unit.name if unit else None


def _same_commune(known: Known, said: Said) -> bool:
    """With or without "phường" or "xã" before it."""
    return _bare(known.commune or "") == _bare(str(said))


def _bare(name: str) -> str:
    folded = fold(name)
    for kind in TYPES:
        folded = folded.removeprefix(f"{kind} ").removesuffix(f" {kind}")
    return folded


def _sent_on(known: Known, said: Said) -> bool:
    return known.submitted_at is not None and said == today_in_vietnam(known.submitted_at)


def _document_end(known: Known, said: Said) -> bool:
    told = bare(str(said))
    return len(told) >= TAIL and any(number.upper().endswith(told) for number in known.papers)


_COMPARED: Mapping[Question, Callable[[Known, Said], bool]] = {
    Question.FULL_NAME: lambda known, said: same_name(known.full_name or "", str(said), any_order=True),
    Question.BIRTH_DATE: lambda known, said: said == known.birth_date,
    Question.DOCUMENT_END: _document_end,
    Question.COMMUNE: _same_commune,
    Question.SENT_ON: _sent_on,
}
