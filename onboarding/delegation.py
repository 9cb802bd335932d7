"""Help on somebody's behalf: for people without a smartphone, for one matter and some days, with a receipt.

The person says what may be done and until when; the receipt (paper, or an SMS) carries a code with which they see what
was agreed and end it at any time. Never for the account, its activation, passwords or codes
(`onboarding.catalogue.OWN_HAND_ONLY`).
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKey, LargeBinary, String, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from identity import outbox
from identity.account import Account
from identity.audit import VISITOR, Actor, Event, record
from identity.base import Base, Keyed, Refused, new_id
from identity.deadlines import end_of_day, rule, today_in_vietnam
from identity.helping import ENDINGS, HelpConsent, present_help_code
from identity.sealed import Sealed, vault
from onboarding.badge import LETTERS, READ_AS
from onboarding.catalogue import OWN_HAND_ONLY, Task
from onboarding.entry import Entry
from onboarding.free_text import personal_words
from onboarding.team import Membership, works_in

CODE_LENGTH = 12


class DelegationState(StrEnum):
    """What an authorisation is worth on a day."""

    VALID = "valid"
    OVER = "over"
    REVOKED = "revoked"
    MEMBER_LEFT = "member-left"
    """Its member works in that team no more, so nobody may act under it."""


class Delegation(Keyed, Base):
    """What one person allowed one member of a team to do, until when. The receipt's code alone says who they are."""

    __tablename__ = "delegation"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    team_id: Mapped[UUID] = mapped_column(ForeignKey("team.id"))
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), index=True)
    task: Mapped[str] = mapped_column(String(40))
    procedure: Mapped[str] = mapped_column(String(40))
    given_at: Mapped[datetime]
    valid_to: Mapped[date]
    code_digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    code_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    pseudonym: Mapped[bytes | None] = mapped_column(LargeBinary(32), index=True)
    by_sms: Mapped[bool]
    revoked_at: Mapped[datetime | None]

    code = Sealed(str)

    def may_be_ended(self, *, on: date) -> bool:
        """Whether there is something to end; `valid_to` is the first day on which it no longer holds."""
        return self.revoked_at is None and on < self.valid_to


def delegate(
    db: Session, member: Membership, task: Task, days: int, by: Actor, *, now: datetime, **details: str | bool
) -> Delegation:
    """Write down what the person allows. Details: procedure, agreed, help_code, phone (for the receipt). Audited."""
    if task in OWN_HAND_ONLY:
        raise Refused("assistance-own-hand", field="task")
    found = personal_words(str(details.get("procedure", "")))
    if found is not None:
        raise Refused(f"note-has-{found.kind}", field="procedure", words=found.words)
    if not details.get("agreed"):
        raise Refused("delegation-not-agreed", field="agreed")
    longest = rule("delegation_days", today_in_vietnam(now))
    if not 1 <= days <= longest:
        raise Refused("delegation-days", field="days", most=longest)
    id_, code = new_id(), "".join(secrets.choice(LETTERS) for _ in range(CODE_LENGTH))
    given = Delegation(
        id=id_,
        account_id=member.account_id,
        team_id=member.team_id,
        unit_id=member.unit_id,
        task=task,
        procedure=str(details.get("procedure", "")),
        given_at=now,
        valid_to=today_in_vietnam(now) + timedelta(days=days),
        code_digest=_digest(db, code),
        code_sealed=vault(db).seal("delegation.code_sealed", id_, code.encode()),
        pseudonym=_pseudonym(db, member, str(details.get("help_code", "")), now),
        by_sms=bool(details.get("phone")),
    )
    db.add(given)
    record(db, Event.DELEGATION_GIVEN, by, now=now, subject=("delegation", id_), task=task.value)
    if given.by_sms:
        _send_receipt(db, given, code, str(details["phone"]), str(details.get("locale", "vi")), now)
    return given


def state_of(db: Session, given: Delegation, *, on: date) -> DelegationState:
    """It ends before its time with the member's own time in the team.

    Somebody who moved to another team acts for other people: those who gave it knew the member as one of that team.
    """
    if given.revoked_at is not None:
        return DelegationState.REVOKED
    if not given.may_be_ended(on=on):
        return DelegationState.OVER
    is_there = db.scalar(select(works_in(given.account_id, given.team_id, on)))
    return DelegationState.VALID if is_there else DelegationState.MEMBER_LEFT


def check_allowed(db: Session, member: Membership, entry: Entry) -> Delegation:
    """What the person allowed this member; refused unless it covers the task at the moment of the help.

    `member` is as whom they helped then: what was given to a member of another team is worth nothing.
    """
    given = db.get(Delegation, entry.delegation_id) if entry.delegation_id else None
    if given is None or given.account_id != member.account_id:
        raise Refused("delegation-unknown", field="delegation_id")
    day = today_in_vietnam(entry.happened_at)
    holds = today_in_vietnam(given.given_at) <= day < given.valid_to and given.team_id == member.team_id
    if not holds or (given.revoked_at is not None and given.revoked_at <= entry.happened_at):
        raise Refused("delegation-over", field="delegation_id")
    if given.task != entry.task:
        raise Refused("delegation-other-task", field="delegation_id")
    return given


def find_delegation(db: Session, code: str) -> Delegation | None:
    """By the code on the receipt."""
    return db.scalar(select(Delegation).where(Delegation.code_digest == _digest(db, code)))


def revoke(db: Session, given: Delegation, *, now: datetime, by: Actor = VISITOR) -> None:
    """The person (by the receipt) or the coordinator ends it. Audited; twice changes nothing."""
    if given.revoked_at is None:
        given.revoked_at = now
        record(db, Event.DELEGATION_REVOKED, by, now=now, subject=("delegation", given.id))


def delegations_of(db: Session, account_id: UUID, *, on: date) -> list[Delegation]:
    """What people allowed this member, the newest first: all that a record may name that is still taken in."""
    since = on - timedelta(days=rule("assistance_late_days", on))
    query = select(Delegation).where(Delegation.account_id == account_id, Delegation.valid_to >= since)
    return list(db.scalars(query.order_by(Delegation.given_at.desc(), Delegation.id.desc())))


def in_force(
    db: Session, unit_ids: Collection[UUID], *, on: date, limit: int = 50, offset: int = 0
) -> list[tuple[Delegation, str]]:
    """What people of these units allow today, with the member's name, the oldest first: the desk can end it."""
    query = select(Delegation, Account).join(Account, Account.id == Delegation.account_id)
    query = query.where(*_in_force(unit_ids, on))
    rows = db.execute(query.order_by(Delegation.given_at, Delegation.id).limit(limit).offset(offset))
    return [(given, account.display_name or "") for given, account in rows]


def count_in_force(db: Session, unit_ids: Collection[UUID], *, on: date) -> int:
    """How many they are."""
    return db.scalar(select(func.count()).select_from(Delegation).where(*_in_force(unit_ids, on))) or 0


def end_at_desk(db: Session, id_: UUID, by: Actor, unit_ids: Collection[UUID], *, now: datetime) -> None:
    """For somebody who lost the receipt: the coordinator ends it. Audited."""
    given = db.get(Delegation, id_)
    if given is None or given.unit_id not in unit_ids:
        raise Refused("not-found")
    revoke(db, given, now=now, by=by)


def allowed_by(db: Session, person_id: UUID) -> list[tuple[Delegation, str]]:
    """What this person allowed with a help code, and to whom, the newest first; nothing after the consent is withdrawn.

    Without a help code the receipt alone says whose it is.
    """
    mine = select(HelpConsent.pseudonym).where(HelpConsent.person_id == person_id)
    query = select(Delegation, Account).join(Account, Account.id == Delegation.account_id)
    query = query.where(Delegation.pseudonym.in_(mine)).order_by(Delegation.given_at.desc(), Delegation.id.desc())
    return [(given, account.display_name or "") for given, account in db.execute(query)]


def revoke_own(db: Session, id_: UUID, person_id: UUID, by: Actor, *, now: datetime) -> None:
    """The person ends it from their own account. Somebody else's is as unknown as none. Audited."""
    given = next((given for given, _name in allowed_by(db, person_id) if given.id == id_), None)
    if given is None:
        raise Refused("not-found")
    revoke(db, given, now=now, by=by)


def _end_with_consent(db: Session, pseudonym: bytes, by: Actor, *, now: datetime) -> None:
    """Whoever no longer wants help wants nobody to act for them: their account shows none of it from now on."""
    for given in db.scalars(select(Delegation).where(Delegation.pseudonym == pseudonym)):
        revoke(db, given, now=now, by=by)


ENDINGS["delegation"] = _end_with_consent


def get_delegation(db: Session, id_: UUID, account_id: UUID) -> Delegation:
    """One that was given to this member."""
    given = db.get(Delegation, id_)
    if given is None or given.account_id != account_id:
        raise Refused("not-found")
    return given


def _in_force(unit_ids: Collection[UUID], on: date) -> tuple[ColumnElement[bool], ...]:
    is_there = works_in(Delegation.account_id, Delegation.team_id, on)
    return Delegation.unit_id.in_(unit_ids), Delegation.revoked_at.is_(None), Delegation.valid_to > on, is_there


def _pseudonym(db: Session, member: Membership, code: str, now: datetime) -> bytes | None:
    if not code:
        return None
    presented = present_help_code(db, member.account_id, code, on=today_in_vietnam(now), now=now)
    if presented.pseudonym is None:
        raise Refused("help-code-blocked" if presented.blocked else "help-code-unknown", field="help_code")
    return presented.pseudonym


def _send_receipt(db: Session, given: Delegation, code: str, phone: str, locale: str, now: datetime) -> None:
    outbox.post(
        db,
        outbox.Channel.SMS,
        "delegation-receipt",
        phone,
        now=now,
        locale=locale,
        expires_at=end_of_day(given.valid_to),
        code=grouped(code),
        until_on=(given.valid_to - timedelta(days=1)).isoformat(),
    )


def grouped(code: str) -> str:
    """In groups of four, as it stands on paper."""
    return "-".join(code[i : i + 4] for i in range(0, len(code), 4))


def _digest(db: Session, code: str) -> bytes:
    return vault(db).digest("delegation-code", re.sub(r"[^0-9A-Z]", "", code.upper().translate(READ_AS)))
