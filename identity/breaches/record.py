"""Writing a breach down, telling the authority within 72 hours, and closing the file (Law 91/2025/QH15 Art. 23)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from identity.application.dossier import next_dossier_number
from identity.audit import SYSTEM, Actor, Event, record
from identity.base import Refused
from identity.breaches.model import CAUSES, PEOPLE_MUST_KNOW, Breach, Category
from identity.deadlines import rule, today_in_vietnam
from identity.outbox import Channel, post
from identity.paging import count_pages
from identity.sealed import add
from identity.staff import Role, RoleName, at_work_on
from identity.staff.record import StaffRecord

SERIES = "VPDL"
LONGEST = 4000
RUNNING_OUT, PEOPLE_WAIT, OVER = "breach-running-out", "breach-people-wait", "breach-over"
A_PAGE = 20


@dataclass(frozen=True, slots=True)
class Finding:
    """What is known so far; it may be put right until the file is closed. `advice` is by language."""

    cause: str
    categories: Sequence[str]
    people: int
    found_at: datetime
    happened_at: datetime | None
    what: str
    measures: str
    advice: Mapping[str, str]
    why_late: str = ""


def record_breach(db: Session, finding: Finding, officer: Actor, *, now: datetime) -> Breach:
    """A new entry; its clock runs from when the breach was found. Refused "breach-kind", "breach-days"."""
    assert officer.account_id is not None
    _check(finding, now)
    row = Breach(
        number=next_dossier_number(db, SERIES, now=now),
        cause=finding.cause,
        categories="",
        people=0,
        found_at=finding.found_at,
        recorded_at=now,
        recorded_by_id=officer.account_id,
        notice_by=finding.found_at,
    )
    add(db, row)
    _write(row, finding)
    record(db, Event.BREACH_RECORDED, officer, now=now, subject=("breach", row.id), **_facts(row))
    return row


def change_breach(db: Session, row: Breach, finding: Finding, version: int, officer: Actor, *, now: datetime) -> None:
    """Put right what is known; a clock that moves is on record, and its end is warned of anew.

    Refused "breach-closed", "breach-changed" when somebody else was quicker.
    """
    check_open(row)
    if row.version != version:
        raise Refused("breach-changed")
    _check(finding, now)
    before = row.notice_by
    _write(row, finding)
    if row.notice_by != before:
        row.warned_at = None
    db.flush()
    record(db, Event.BREACH_CHANGED, officer, now=now, subject=("breach", row.id), **_facts(row))


def tell_authority(
    db: Session, row: Breach, reference: str, officer: Actor, *, now: datetime, told_at: datetime | None = None
) -> None:
    """The notice left at `told_at`, or now, under this number of the authority's; the people's clock is warned of anew.

    Refused "breach-told-already", "breach-closed", "breach-told-when" before it was found or in the future,
    "breach-why-late" while the file does not say why it left after its time.
    """
    check_open(row)
    if row.authority_told_at is not None:
        raise Refused("breach-told-already")
    told_at = told_at or now
    if not row.found_at <= told_at <= now:
        raise Refused("breach-told-when", field="told_on")
    late = told_at > row.notice_by
    if late and not row.why_late:
        raise Refused("breach-why-late")
    row.authority_told_at, row.authority_told_by_id = told_at, officer.account_id
    row.authority_reference = reference.strip()[:60]
    row.warned_at = None
    db.flush()
    facts = {"late": late, "told_at": told_at.isoformat()}
    record(db, Event.BREACH_AUTHORITY_TOLD, officer, now=now, subject=("breach", row.id), **facts)


def close_breach(db: Session, row: Breach, conclusion: str, officer: Actor, *, now: datetime) -> None:
    """The file is done, with what was learned from it.

    Refused "breach-authority-waits", "breach-people-wait" while somebody who must know does not, "breach-why-late",
    "breach-closed".
    """
    check_open(row)
    if row.authority_told_at is None:
        raise Refused("breach-authority-waits")
    if row.told_all_at is None and (row.people_must_know or row.telling_since is not None):
        raise Refused("breach-people-wait")
    if row.was_late and not row.why_late:
        raise Refused("breach-why-late")
    row.conclusion = conclusion.strip()[:LONGEST]
    row.closed_at, row.closed_by_id = now, officer.account_id
    db.flush()
    record(db, Event.BREACH_CLOSED, officer, now=now, subject=("breach", row.id))


def warn_of_clocks(db: Session, *, now: datetime) -> int:
    """Called by the worker: whoever keeps the register hears by mail that a clock runs out, and once that it is over.

    The people's clock is the authority's where they must know. Returns how many were warned of.
    """
    soon = now + timedelta(hours=int(rule("breach_notice_hours", today_in_vietnam(now))["warn"]))
    ends = and_(Breach.warned_at.is_(None), Breach.notice_by <= soon)
    ended = and_(Breach.warned_at <= Breach.notice_by, Breach.notice_by < now)
    waits = select(Breach).where(Breach.closed_at.is_(None), or_(ends, ended))
    must_know = or_(*(Breach.categories.contains(kind.value) for kind in PEOPLE_MUST_KNOW))
    somebody = or_(Breach.authority_told_at.is_(None), and_(must_know, Breach.told_all_at.is_(None)))
    rows = list(db.scalars(waits.where(somebody).with_for_update(skip_locked=True)))
    for row in rows:
        row.warned_at = now
        record(db, Event.BREACH_LATE, SYSTEM, now=now, subject=("breach", row.id))
        _warn(db, row, now)
    return len(rows)


def breaches(db: Session, *, closed: bool = False, page: int = 1) -> tuple[list[Breach], int]:
    """One page of the register, what runs out first on top, and how many pages there are."""
    which = Breach.closed_at.is_not(None) if closed else Breach.closed_at.is_(None)
    order = Breach.closed_at.desc() if closed else Breach.notice_by
    total = db.scalar(select(func.count()).select_from(Breach).where(which)) or 0
    rows = db.scalars(select(Breach).where(which).order_by(order, Breach.id).limit(A_PAGE).offset((page - 1) * A_PAGE))
    return list(rows), count_pages(total, A_PAGE)


def _check(finding: Finding, now: datetime) -> None:
    if finding.cause not in CAUSES or not finding.categories or not set(finding.categories) <= set(Category):
        raise Refused("breach-kind", field="categories")
    if finding.found_at > now:
        raise Refused("breach-days", field="found_on")
    if finding.happened_at is not None and finding.happened_at > finding.found_at:
        raise Refused("breach-order", field="happened_on")


def check_open(row: Breach) -> None:
    if row.closed_at is not None:
        raise Refused("breach-closed")


def _write(row: Breach, finding: Finding) -> None:
    row.cause, row.people = finding.cause, finding.people
    row.categories = " ".join(one.value for one in Category if one.value in finding.categories)
    row.found_at, row.happened_at = finding.found_at, finding.happened_at
    hours = rule("breach_notice_hours", today_in_vietnam(finding.found_at))["authority"]
    row.notice_by = finding.found_at + timedelta(hours=int(hours))
    row.what, row.measures = finding.what.strip()[:LONGEST], finding.measures.strip()[:LONGEST]
    row.why_late = finding.why_late.strip()[:LONGEST] or None
    row.advice = {language: words.strip()[:LONGEST] for language, words in finding.advice.items()}


def _facts(row: Breach) -> dict[str, object]:
    facts = {"number": row.number, "cause": row.cause, "categories": row.kinds, "people": row.people}
    return {**facts, "found_at": row.found_at.isoformat(), "notice_by": row.notice_by.isoformat()}


def _warn(db: Session, row: Breach, now: datetime) -> None:
    kind = OVER if now > row.notice_by else PEOPLE_WAIT if row.authority_told_at else RUNNING_OUT
    officers = _addresses(db, RoleName.DATA_PROTECTION_OFFICER, now)
    for email in officers or _addresses(db, RoleName.OPERATOR, now):
        post(db, Channel.EMAIL, kind, email, now=now, number=row.number, notice_at=row.notice_by.isoformat())


def _addresses(db: Session, role: RoleName, now: datetime) -> list[str]:
    """The addresses at work of those who hold the role on that day and are not shut out."""
    today = today_in_vietnam(now)
    query = select(StaffRecord).join(Role, Role.account_id == StaffRecord.account_id)
    query = query.where(Role.role == role.value, at_work_on(today)).distinct()
    return [kept.email for kept in db.scalars(query) if kept.email]
