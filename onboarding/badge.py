"""The badge that a member shows to a resident, and what becomes of a report about it.

On the member's phone it rotates: each step of half a minute has a token of its own, so that a copied picture is worth
nothing a minute later. On paper stands a short code, checked by telephone or on the public page. Somebody who left the
team, or whose badge was taken back, is named as such.
"""

from __future__ import annotations

import base64
import hmac
import re
import secrets
import struct
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKey, LargeBinary, String, func, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from identity.account import Account
from identity.audit import VISITOR, Actor, Event, record
from identity.base import Base, Keyed, Refused, new_id
from identity.deadlines import rule, today_in_vietnam
from identity.either_key import each
from identity.places import UnitKind, find_unit, line_of
from identity.sealed import Sealed, vault
from identity.staff import Role, at_work_on
from identity.writing import insert_into
from onboarding.team import COORDINATING, Member, Membership, Team, membership

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's: no I, L, O, U, so that a code survives being read out."""
READ_AS = str.maketrans("OIL", "011")
CODE_LENGTH, MAC_BYTES = 8, 12


class Badge(Keyed, Base):
    """The badge of one membership. The printed code is kept sealed (to print it again) and as a keyed digest."""

    __tablename__ = "badge"

    member_id: Mapped[UUID] = mapped_column(ForeignKey("team_member.id"), unique=True)
    code_digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    code_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    made_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]

    code = Sealed(str)


class ScamReport(Keyed, Base):
    """What somebody tells about a person who showed a badge. `unit_id` NULL: about a badge that is none of ours."""

    __tablename__ = "scam_report"

    badge_id: Mapped[UUID | None] = mapped_column(ForeignKey("badge.id"), index=True)
    unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("unit.id"), index=True)
    reported_at: Mapped[datetime]
    text_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    contact_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    handled_at: Mapped[datetime | None]
    handled_by_id: Mapped[UUID | None]
    outcome: Mapped[str | None] = mapped_column(String(20))

    text = Sealed(str)
    contact = Sealed(str)


class Standing(StrEnum):
    """What a shown badge is worth."""

    GOOD = "good"
    STALE = "stale"
    """It was real some time ago: a picture of a badge, or a page left open."""
    ENDED = "ended"
    """Taken back, or the membership is over."""
    UNKNOWN = "unknown"


class ReportOutcome(StrEnum):
    """How a report was settled."""

    REAL_SCAM = "real-scam"
    MISUNDERSTANDING = "misunderstanding"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Shown:
    """The answer to somebody who checks a badge. Nobody is named unless the badge is good."""

    standing: Standing
    badge_id: UUID | None = None
    name: str = ""
    member: Membership | None = None
    organisation: str | None = None
    valid_until: date | None = None
    shown_at: datetime | None = None
    printed: bool = False


def get_badge(db: Session, member: Membership, *, now: datetime) -> Badge:
    """The badge of this membership; made when it is first asked for."""
    today = today_in_vietnam(now)
    query = select(Member.id).where(Member.account_id == member.account_id, Member.team_id == member.team_id)
    query = query.where(Member.valid_from <= today, or_(Member.valid_to.is_(None), Member.valid_to > today))
    member_id = db.scalars(query.order_by(Member.valid_from.desc()).limit(1)).one()
    found = db.scalar(select(Badge).where(Badge.member_id == member_id))
    if found is not None:
        return found
    id_, code = new_id(), _new_code()
    values = {"id": id_, "member_id": member_id, "code_digest": _code_digest(db, code.decode()), "made_at": now}
    sealed = vault(db).seal("badge.code_sealed", id_, code)
    db.execute(insert_into(db, Badge).values(**values, code_sealed=sealed).on_conflict_do_nothing())
    return db.scalars(select(Badge).where(Badge.member_id == member_id)).one()


def token_of(db: Session, badge: Badge, *, now: datetime) -> str:
    """What the QR code on the phone holds in this step."""
    if badge.revoked_at is not None:
        raise Refused("badge-revoked")
    step = _step(now)
    return (
        base64.urlsafe_b64encode(badge.id.bytes + struct.pack(">I", step) + _mac(db, badge.id, step)[:MAC_BYTES])
        .decode()
        .rstrip("=")
    )


def check_token(db: Session, token: str, *, now: datetime) -> Shown:
    """Whose badge the scanned code is, when it was drawn by us within this step or just before it."""
    read = _read(token)
    if read is None:
        return Shown(Standing.UNKNOWN)
    badge_id, step, mac = read
    badge = db.get(Badge, badge_id)
    marks = (one[:MAC_BYTES] for one in each(_mac(db, badge_id, step)))
    if badge is None or not any(hmac.compare_digest(mac, mark) for mark in marks):
        return Shown(Standing.UNKNOWN)
    seconds = rule("badge_step_seconds", today_in_vietnam(now))
    shown_at = datetime.fromtimestamp(step * seconds["step"], UTC)
    age = (now - shown_at).total_seconds()
    if not -seconds["margin"] <= age < seconds["step"] + seconds["margin"]:
        return Shown(Standing.STALE, badge_id, shown_at=shown_at)
    return _shown(db, badge, now)


def check_printed(db: Session, code: str, *, now: datetime) -> Shown:
    """Whose badge the printed code is."""
    badge = db.scalar(select(Badge).where(Badge.code_digest == _code_digest(db, code)))
    return Shown(Standing.UNKNOWN) if badge is None else _shown(db, badge, now, printed=True)


def revoke_badge(db: Session, badge: Badge, by: Actor, *, now: datetime) -> None:
    """Take the badge back, lost or misused. Audited; twice changes nothing."""
    if badge.revoked_at is None:
        badge.revoked_at = now
        record(db, Event.BADGE_REVOKED, by, now=now, subject=("badge", badge.id))


def renew_badge(db: Session, badge: Badge, by: Actor, *, now: datetime) -> None:
    """A new printed code for one that was lost or taken back; the old one is unknown from now on. Audited."""
    code = _new_code()
    badge.code_digest = _code_digest(db, code.decode())
    badge.code_sealed = vault(db).seal("badge.code_sealed", badge.id, code)
    badge.made_at, badge.revoked_at = now, None
    record(db, Event.BADGE_RENEWED, by, now=now, subject=("badge", badge.id))


def badge_of(db: Session, member_id: UUID, by: Actor) -> Badge:
    """The badge of one membership, for somebody who acts on it; nobody does on their own."""
    badge = db.scalar(select(Badge).where(Badge.member_id == member_id).with_for_update())
    if badge is None:
        raise Refused("not-found")
    _check_not_own(db, badge, by)
    return badge


def badges_of(db: Session, member_ids: Collection[UUID]) -> dict[UUID, Badge]:
    """The badges that were made for these memberships."""
    return {badge.member_id: badge for badge in db.scalars(select(Badge).where(Badge.member_id.in_(member_ids)))}


def report_scam(
    db: Session, badge_id: UUID | None, text: str, contact: str, *, now: datetime, place: str = ""
) -> ScamReport:
    """Somebody reports; it reaches the coordinator of the unit whose badge was shown, else of the place they name."""
    unit = select(Team.unit_id).join(Member, Member.team_id == Team.id).join(Badge, Badge.member_id == Member.id)
    id_, badge = new_id(), db.get(Badge, badge_id) if badge_id else None
    sealed = vault(db)
    report = ScamReport(
        id=id_,
        badge_id=None if badge is None else badge.id,
        unit_id=_commune_named(db, place, now) if badge is None else db.scalar(unit.where(Badge.id == badge.id)),
        reported_at=now,
        text_sealed=sealed.seal("scam_report.text_sealed", id_, text.encode()),
        contact_sealed=sealed.seal("scam_report.contact_sealed", id_, contact.encode()) if contact else None,
    )
    db.add(report)
    record(db, Event.SCAM_REPORTED, VISITOR, now=now, subject=("scam-report", id_))
    return report


def open_reports(
    db: Session, unit_ids: Collection[UUID], *, limit: int | None = None, offset: int = 0
) -> list[tuple[ScamReport, str]]:
    """What waits for coordinators here, the oldest first, with whose badge it was; what names no unit waits for all."""
    query = select(ScamReport, Account).outerjoin(Badge, Badge.id == ScamReport.badge_id)
    query = query.outerjoin(Member, Member.id == Badge.member_id).outerjoin(Account, Account.id == Member.account_id)
    query = query.where(*_open(unit_ids)).order_by(ScamReport.reported_at, ScamReport.id)
    rows = db.execute(query.limit(limit).offset(offset))
    return [(report, (account.display_name or "") if account else "") for report, account in rows]


def count_reports(db: Session, unit_ids: Collection[UUID]) -> int:
    """How many they are."""
    return db.scalar(select(func.count()).select_from(ScamReport).where(*_open(unit_ids))) or 0


def settle_report(
    db: Session, id_: UUID, outcome: ReportOutcome, by: Actor, unit_ids: Collection[UUID], *, now: datetime
) -> None:
    """Close a report; nobody closes one about themselves. A real scam takes the badge back. Audited."""
    report = db.scalar(select(ScamReport).where(ScamReport.id == id_).with_for_update())
    if report is None or (report.unit_id is not None and report.unit_id not in unit_ids):
        raise Refused("not-found")
    if report.handled_at is not None:
        raise Refused("changed-meanwhile")
    badge = db.get(Badge, report.badge_id) if report.badge_id else None
    if badge is not None:
        _check_not_own(db, badge, by)
    report.handled_at, report.handled_by_id, report.outcome = now, by.account_id, outcome
    record(db, Event.SCAM_REPORT_SETTLED, by, now=now, subject=("scam-report", id_), outcome=outcome.value)
    if badge is not None and outcome is ReportOutcome.REAL_SCAM:
        revoke_badge(db, badge, by, now=now)


def _shown(db: Session, badge: Badge, now: datetime, *, printed: bool = False) -> Shown:
    today = today_in_vietnam(now)
    row = db.get_one(Member, badge.member_id)
    member = membership(db, row.account_id, on=today)
    is_over = row.valid_to is not None and row.valid_to <= today
    if badge.revoked_at is not None or is_over or member is None or member.team_id != row.team_id:
        return Shown(Standing.ENDED, badge.id, printed=printed)
    account, team = db.get_one(Account, row.account_id), db.get_one(Team, row.team_id)
    organisation, until = team.organisation, row.valid_to
    return Shown(Standing.GOOD, badge.id, account.display_name or "", member, organisation, until, now, printed)


def _step(now: datetime) -> int:
    return int(now.timestamp()) // int(rule("badge_step_seconds", today_in_vietnam(now))["step"])


def _mac(db: Session, badge_id: UUID, step: int) -> bytes:
    return vault(db).digest("badge-step", f"{badge_id}:{step}")


def _read(token: str) -> tuple[UUID, int, bytes] | None:
    if not re.fullmatch(r"[A-Za-z0-9_-]{40,48}={0,2}", token):
        return None
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except ValueError:
        return None
    if len(raw) != 16 + 4 + MAC_BYTES:
        return None
    return UUID(bytes=raw[:16]), struct.unpack(">I", raw[16:20])[0], raw[20:]


def _check_not_own(db: Session, badge: Badge, by: Actor) -> None:
    if db.get_one(Member, badge.member_id).account_id == by.account_id:
        raise Refused("own-badge", audited=True)


def _open(unit_ids: Collection[UUID]) -> tuple[ColumnElement[bool], ...]:
    ours = or_(ScamReport.unit_id.in_(unit_ids), ScamReport.unit_id.is_(None))
    return ScamReport.handled_at.is_(None), ours


def _commune_named(db: Session, place: str, now: datetime) -> UUID | None:
    """The one commune that this can mean, where somebody reads it; a name that several bear says nothing."""
    today = today_in_vietnam(now)
    found = find_unit(db, place, on=today, kind=UnitKind.COMMUNE)
    if found is None:
        return None
    readers = select(Role.id).where(Role.role.in_(COORDINATING), Role.unit_id.in_(line_of(db, found.id)))
    return None if db.scalar(readers.where(at_work_on(today)).limit(1)) is None else found.id


def _new_code() -> bytes:
    return "".join(secrets.choice(LETTERS) for _ in range(CODE_LENGTH)).encode()


def _code_digest(db: Session, code: str) -> bytes:
    plain = re.sub(r"[^0-9A-Z]", "", code.upper().translate(READ_AS))
    return vault(db).digest("badge-code", plain)
