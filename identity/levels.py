"""The level of a person, computed from evidence and never stored: expired evidence lowers it (Decree 69 Art. 7)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar, cast
from uuid import UUID

from sqlalchemy import Table, bindparam, select
from sqlalchemy.orm import Session

from identity.base import Refused
from identity.deadlines import age_on, end_of_day, rule, today_in_vietnam
from identity.evidence import Evidence, EvidenceKind, evidence_of
from identity.person import Kind, Person
from identity.sealed import vault
from identity.statements import Prepared
from identity.vault import Vault

K = EvidenceKind
LEVEL_1 = {
    Kind.CITIZEN: frozenset({K.REGISTER, K.CITIZEN_CARD}),
    Kind.FOREIGNER: frozenset({K.REGISTER, K.PASSPORT, K.RESIDENCE_CARD}),
}
LEVEL_2 = {kind: needed | {K.IN_PERSON, K.BIOMETRICS} for kind, needed in LEVEL_1.items()}
NEEDED = ((2, LEVEL_2), (1, LEVEL_1))


@dataclass(frozen=True, slots=True)
class Proof:
    """As much of an evidence as decides about a level."""

    kind: str
    expires_at: datetime | None


AnyProof = TypeVar("AnyProof", Evidence, Proof)


@dataclass(frozen=True, slots=True)
class Level:
    """A level, the proofs it rests on, and when the first of them ends (None: never)."""

    level: int
    evidence: tuple[Evidence, ...]
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Way:
    """How a level is reached at an age (enrolment: who may have what; dated rule `who_may_have`)."""

    in_person: bool
    by_guardian: bool
    on_request: bool
    """An officer looks in any case."""


def way_to(level: int, kind: str, age: int, *, on: date) -> Way | None:
    """The way to `level` for a person of this kind and age on a day; None where there is none."""
    rows = [row for row in rule("who_may_have", on) if row["kind"] == kind and row["from_age"] <= age]
    words = max(rows, key=lambda row: int(row["from_age"]))[f"level_{level}"] if rows else None
    if words is None:
        return None
    return Way("in-person" in words, "by-guardian" in words, "on-request" in words)


def first_age(level: int, kind: str, *, on: date, alone: bool = False) -> int:
    """From which age on there is a way to `level`; `alone`: without a guardian."""
    ages = sorted(int(row["from_age"]) for row in rule("who_may_have", on) if row["kind"] == kind)
    found = ((age, way_to(level, kind, age, on=on)) for age in ages)
    return next(age for age, way in found if way is not None and not (alone and way.by_guardian))


def requirements_for(level: int, kind: str, age: int, *, now: datetime) -> frozenset[EvidenceKind]:
    """The proofs that `level` takes. Refused "no-level-at-this-age": under 6 there is no level 2 (Art. 7)."""
    if way_to(level, kind, age, on=today_in_vietnam(now)) is None:
        raise Refused("no-level-at-this-age")
    return (LEVEL_2 if level == 2 else LEVEL_1)[Kind(kind)]


def level_of(db: Session, person_id: UUID, *, now: datetime) -> int:
    """0, 1 or 2 at this moment."""
    return level_by(vault(db), _PROOFS.all(db, person=person_id), now=now)


def level_by(keys: Vault, rows: Sequence[Any], *, now: datetime) -> int:
    """The same over rows of `PROOF_COLUMNS`."""
    if not rows:
        return 0
    proofs = [Proof(row.proof_kind, _end_of(keys, row)) for row in rows if row.proof_kind is not None]
    return _highest(rows[0].person_kind, _best_valid(proofs, now))[0]


def _end_of(keys: Vault, row: Any) -> datetime | None:
    if row.proof_ends_on_sealed is None:
        return None
    opened = keys.open("evidence.ends_on_sealed", row.proof_id, row.proof_ends_on_sealed)
    return end_of_day(date.fromisoformat(opened.decode()))


def level_details(db: Session, person_id: UUID, *, now: datetime) -> Level:
    """The highest level whose proofs are all there and none of them expired."""
    person = db.get(Person, person_id)
    if person is None:
        return Level(0, (), None)
    best = _best_valid(evidence_of(db, person_id), now)
    level, needed = _highest(person.kind, best)
    used = tuple(best[one] for one in sorted(needed))
    return Level(level, used, min((one.expires_at for one in used if one.expires_at), default=None))


def _highest(kind: str, best: Mapping[EvidenceKind, Any]) -> tuple[int, frozenset[EvidenceKind]]:
    """The highest level that the proofs carry, and which of them it takes."""
    for level, needed in NEEDED:
        if needed[Kind(kind)] <= best.keys():
            return level, needed[Kind(kind)]
    return 0, frozenset()


def age_now(person: Person, *, now: datetime) -> int:
    """Full years today in Vietnam."""
    assert person.birth_date is not None
    return age_on(person.birth_date, today_in_vietnam(now))


def _best_valid(evidence: Iterable[AnyProof], now: datetime) -> dict[EvidenceKind, AnyProof]:
    """For each kind the valid proof that lasts longest."""
    best: dict[EvidenceKind, AnyProof] = {}
    for one in evidence:
        kind = EvidenceKind(one.kind)
        if one.expires_at is not None and one.expires_at <= now:
            continue
        if kind not in best or _lasts_longer(one, best[kind]):
            best[kind] = one
    return best


def _lasts_longer(one: Evidence | Proof, other: Evidence | Proof) -> bool:
    if other.expires_at is None:
        return False
    return one.expires_at is None or one.expires_at > other.expires_at


_PERSON, _EVIDENCE = cast(Table, Person.__table__), cast(Table, Evidence.__table__)
PROOF_COLUMNS = (
    _PERSON.c.kind.label("person_kind"),
    _EVIDENCE.c.kind.label("proof_kind"),
    _EVIDENCE.c.id.label("proof_id"),
    _EVIDENCE.c.ends_on_sealed.label("proof_ends_on_sealed"),
)
"""What `level_by` reads, for a statement that loads a person joined with `WITH_PROOFS`."""
WITH_PROOFS = _PERSON.outerjoin(_EVIDENCE, _EVIDENCE.c.person_id == _PERSON.c.id)
_PROOFS = Prepared(select(*PROOF_COLUMNS).select_from(WITH_PROOFS).where(_PERSON.c.id == bindparam("person")))
