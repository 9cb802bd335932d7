"""An application: its states, who may move it where, and the row itself."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from functools import cache
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Table, bindparam, update
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.orm.attributes import set_committed_value

from identity.application.ties import is_tied
from identity.base import Base, Keyed, Refused
from identity.sealed import Sealed
from identity.statements import Prepared


class State(StrEnum):
    """Where an application is. A draft is a row of its own (`Draft`)."""

    SUBMITTED = "submitted"
    RECEIVED = "received"
    SUPPLEMENT_REQUESTED = "supplement_requested"
    RESUBMITTED = "resubmitted"
    CAPTURED = "captured"
    MATCHED = "matched"
    APPROVED = "approved"
    REFUSED = "refused"
    APPEALED = "appealed"
    ISSUED = "issued"
    WITHDRAWN = "withdrawn"
    ABANDONED = "abandoned"
    DECEASED = "deceased"
    """The applicant died, or the guardian who applied (`death`)."""


S = State
OPEN = frozenset(
    {
        S.SUBMITTED,
        S.RECEIVED,
        S.SUPPLEMENT_REQUESTED,
        S.RESUBMITTED,
        S.CAPTURED,
        S.MATCHED,
        S.APPROVED,
        S.APPEALED,
    }
)
"""States in which somebody still has to act."""

MOVES: dict[str, tuple[frozenset[State], State]] = {
    "acknowledge": (frozenset({S.SUBMITTED, S.RESUBMITTED}), S.RECEIVED),
    "acknowledge-captured": (frozenset({S.RESUBMITTED}), S.CAPTURED),
    "acknowledge-matched": (frozenset({S.RESUBMITTED}), S.MATCHED),
    "request_supplement": (
        frozenset({S.SUBMITTED, S.RECEIVED, S.RESUBMITTED, S.CAPTURED, S.MATCHED}),
        S.SUPPLEMENT_REQUESTED,
    ),
    "resubmit": (frozenset({S.SUPPLEMENT_REQUESTED}), S.RESUBMITTED),
    "record_capture": (frozenset({S.RECEIVED, S.RESUBMITTED, S.CAPTURED, S.MATCHED}), S.CAPTURED),
    "record_match": (frozenset({S.CAPTURED}), S.MATCHED),
    "compare_by_hand": (frozenset({S.CAPTURED}), S.CAPTURED),
    "match_by_hand": (frozenset({S.CAPTURED}), S.MATCHED),
    "check_hand": (frozenset({S.MATCHED}), S.MATCHED),
    "approve": (frozenset({S.MATCHED}), S.APPROVED),
    "approve_online": (frozenset({S.RECEIVED, S.RESUBMITTED, S.MATCHED}), S.APPROVED),
    "approve_by_rule": (frozenset({S.SUBMITTED}), S.APPROVED),
    "refuse": (frozenset({S.RECEIVED, S.RESUBMITTED, S.CAPTURED, S.MATCHED}), S.REFUSED),
    "issue": (frozenset({S.APPROVED}), S.ISSUED),
    "withdraw": (OPEN - {S.APPROVED, S.APPEALED}, S.WITHDRAWN),
    "appeal": (frozenset({S.REFUSED}), S.APPEALED),
    "uphold": (frozenset({S.APPEALED}), S.REFUSED),
    "overturn": (frozenset({S.APPEALED}), S.RECEIVED),
    "overturn-captured": (frozenset({S.APPEALED}), S.CAPTURED),
    "overturn-matched": (frozenset({S.APPEALED}), S.MATCHED),
    "abandon": (frozenset({S.SUPPLEMENT_REQUESTED}), S.ABANDONED),
    "end_for_death": (OPEN, S.DECEASED),
}
"""Verb: from which states, to which."""
OF_A_VISIT = frozenset({"record_capture", "record_match", "compare_by_hand", "match_by_hand", "check_hand", "approve"})


class Desk(StrEnum):
    """Whose turn a file waits for."""

    RECEIVE = "receive"
    DECIDE = "decide"
    NONE = "none"


RECEIVED_ONLINE = frozenset({S.RECEIVED, S.RESUBMITTED})
"""With these an application that was sent online is complete, and the next officer decides."""


def desk_of(level: int, state: str) -> Desk:
    """Where a file lies: it keeps its officer on one desk, and loses them on the way to the next."""
    if state == S.MATCHED or (level == 1 and state in RECEIVED_ONLINE):
        return Desk.DECIDE
    at_work = (S.SUBMITTED, S.RECEIVED, S.SUPPLEMENT_REQUESTED, S.RESUBMITTED, S.CAPTURED)
    return Desk.RECEIVE if state in at_work else Desk.NONE


class Application(Keyed, Base):
    """One application for an account.

    In clear stay what the queue sorts and searches by: folded name, dossier number, office, units, state and clocks.
    `unit_id` is the unit of the office that handles it (scope of officers); `home_unit_id` is where the applicant lives
    (scope of teams and coordinators, and the funnel).
    """

    __tablename__ = "application"
    __table_args__ = (Index(None, "unit_id", "state", "due_at"), Index(None, "home_unit_id", "state"))

    dossier_number: Mapped[str] = mapped_column(String(40), unique=True)
    code_digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    draft_id: Mapped[UUID] = mapped_column(unique=True)
    kind: Mapped[str] = mapped_column(String(20), default="account")
    level: Mapped[int] = mapped_column(default=2)
    state: Mapped[str] = mapped_column(String(24))
    version: Mapped[int] = mapped_column(default=1)

    person_kind: Mapped[str] = mapped_column(String(10))
    age_band: Mapped[str | None] = mapped_column(String(12))
    nationality: Mapped[str | None] = mapped_column(String(3))
    """With the age band: the groups by which the office is held to treat people alike (`figures`)."""
    full_name_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    full_name_folded: Mapped[str] = mapped_column(String(200), index=True)
    number_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    """Personal number of a citizen, passport number of a foreign resident."""
    number_index: Mapped[bytes] = mapped_column(LargeBinary(32), index=True)
    open_index: Mapped[bytes | None] = mapped_column(LargeBinary(32), unique=True)
    """`number_index` while the application is open: nobody has two open ones."""
    passport_index: Mapped[bytes | None] = mapped_column(LargeBinary(32), index=True)
    residence_index: Mapped[bytes | None] = mapped_column(LargeBinary(32), index=True)
    """A foreign resident's passport without its country, and residence card: officers search what is printed."""
    same_index: Mapped[bytes] = mapped_column(LargeBinary(32), index=True)
    birth_date_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    guardian_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"), index=True)
    """The guardian who applies for a child or ward; the phone is the guardian's."""
    guardian_index: Mapped[bytes | None] = mapped_column(LargeBinary(32), index=True)
    """The guardian's number as in `number_index`: who is tied to the guardian is tied to the file."""
    guardian_basis: Mapped[str | None] = mapped_column(String(10))
    officer_reasons: Mapped[str | None] = mapped_column(String(200))
    """Why an application that was sent online is not decided by rule (codes of `by_rule`, with spaces between)."""
    phone_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    phone_index: Mapped[bytes] = mapped_column(LargeBinary(32), index=True)
    email_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    declared_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    """What the applicant typed, for the officer's comparison."""
    record_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    """What the register answered."""

    locale: Mapped[str] = mapped_column(String(10))
    notify_by: Mapped[str] = mapped_column(String(10))
    office_id: Mapped[UUID] = mapped_column(ForeignKey("office.id"), index=True)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    home_unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("unit.id"))
    agreed_to_help: Mapped[bool] = mapped_column(default=False)

    submitted_at: Mapped[datetime] = mapped_column(index=True)
    receipt_due_at: Mapped[datetime]
    received_at: Mapped[datetime | None]
    received_by_id: Mapped[UUID | None] = mapped_column(index=True)
    held_by_id: Mapped[UUID | None] = mapped_column(index=True)
    """The officer whose turn it is (`desks`); none while nobody took the file."""
    held_at: Mapped[datetime | None]
    warned_at: Mapped[datetime | None]
    """When the supervisors were told of the date that was missed last."""
    decision_days: Mapped[int]
    decision_due_at: Mapped[datetime | None]
    days_left: Mapped[int | None]
    """Working days of the decision clock that were left when a supplement stopped it."""
    due_at: Mapped[datetime | None]
    """The next deadline of the office; none while the applicant must act or all is done."""
    apologised_at: Mapped[datetime | None]
    """When a missed date was last owned up to."""
    promised_at: Mapped[datetime | None]
    """The new date of that apology; missed too, it brings another."""
    supplements: Mapped[int] = mapped_column(default=0)
    supplement_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The last request: reason codes, note, and the answer."""
    supplement_due_at: Mapped[datetime | None]
    captured_at: Mapped[datetime | None]
    captured_by_id: Mapped[UUID | None]
    portrait_file_id: Mapped[UUID | None]
    capture_reference_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    match_score: Mapped[int | None]
    matched: Mapped[bool | None]
    matched_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[UUID | None]
    refusal_reason: Mapped[str | None] = mapped_column(String(40))
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"), index=True)
    duplicate_of: Mapped[str | None] = mapped_column(String(20))
    """Why an officer must first rule out a second account: earlier-number, same-document, same-name or same-phone."""
    duplicate_id: Mapped[UUID | None]
    closed_at: Mapped[datetime | None] = mapped_column(index=True)

    full_name = Sealed(str)
    number = Sealed(str)
    birth_date = Sealed(date)
    phone = Sealed(str)
    email = Sealed(str)
    declared: Sealed[dict[str, Any]] = Sealed(dict)
    record: Sealed[dict[str, Any]] = Sealed(dict)
    supplement: Sealed[dict[str, Any]] = Sealed(dict)
    capture_reference = Sealed(str)

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def tied_by(self) -> tuple[bytes | None, ...]:
        """Of whom an officer of this file must not be: the applicant, and the guardian who applies."""
        return self.number_index, self.guardian_index

    @property
    def subject(self) -> tuple[str, UUID]:
        """How the audit names it."""
        return ("application", self.id)


def approving(application: Application) -> str:
    """The verb that approves this file: without a visit there is nothing to match."""
    return "approve" if application.level == 2 else "approve_online"


def way_on(application: Application, verb: str) -> str:
    """The same verb, to where the visit has led. Whoever was not recognised, or never came, comes (again)."""
    if application.captured_at is None or application.matched is False:
        return verb
    return f"{verb}-matched" if application.matched else f"{verb}-captured"


def check_version(application: Application, version: int | None) -> None:
    """Refuse an act on a page that is older than the file: Refused "application-changed"."""
    if version is not None and version != application.version:
        raise Refused("application-changed")


def may(application: Application, verb: str) -> bool:
    """Whether the state allows the verb. What is sent online has no visit, and no receipt once it can be decided."""
    if application.level == 1 and verb in OF_A_VISIT:
        return False
    if verb.startswith("acknowledge") and desk_of(application.level, application.state) != Desk.RECEIVE:
        return False
    return application.state in MOVES[verb][0]


def check_move(application: Application, verb: str) -> None:
    """Raises Refused "application-state" when the state forbids the verb."""
    if not may(application, verb):
        raise Refused("application-state")


def move(db: Session, application: Application, verb: str, **facts: Any) -> None:
    """Take the application to the verb's state, and write `facts` with it; of two who try at once one wins, the other
    is "application-changed"."""
    check_move(application, verb)
    target = MOVES[verb][1]
    left, reached = desk_of(application.level, application.state), desk_of(application.level, target)
    facts |= {"state": target.value, "open_index": application.number_index if target in OPEN else None}
    if left != reached:
        facts["held_by_id"] = _next_holder(db, application, reached)
    write(db, application, **facts)


def write(db: Session, application: Application, **facts: Any) -> None:
    """Write `facts` where the row is as it was read, and count the version; else Refused "application-changed"."""
    given = {f"new_{name}": value for name, value in facts.items()}
    moved = _moving(tuple(facts)).one(db, of=application.id, seen=application.version, **given)
    if moved is None:
        raise Refused("application-changed")
    for name, value in {**facts, "version": moved.version}.items():
        set_committed_value(application, name, value)


def _next_holder(db: Session, application: Application, reached: Desk) -> UUID | None:
    """On the way to be decided a file is nobody's again; sent back, it is its receiving officer's, unless tied."""
    receiver = application.received_by_id if reached == Desk.RECEIVE else None
    return None if is_tied(db, receiver, *application.tied_by) else receiver


_TABLE = cast(Table, Application.__table__)


@cache
def _moving(names: tuple[str, ...]) -> Prepared:
    given = {name: bindparam(f"new_{name}", type_=_TABLE.c[name].type) for name in names}
    return Prepared(
        update(_TABLE)
        .where(_TABLE.c.id == bindparam("of"), _TABLE.c.version == bindparam("seen"))
        .values({**given, "version": _TABLE.c.version + 1})
        .returning(_TABLE.c.version)
    )
