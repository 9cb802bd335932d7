"""The decision as a document: what was decided, on which file, when and where; anybody who holds it can check it.

The row stands by itself and outlives the file (a result stays searchable for as long as it counts). It holds no name:
whoever checks types the name that stands on the paper and learns only whether it is that of the decision.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, String, Table, bindparam, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from identity.application.model import Application
from identity.base import Base, Keyed
from identity.credentials.codes import clean_code, new_code
from identity.deadlines import today_in_vietnam
from identity.either_key import same
from identity.names import fold
from identity.paper_key import ensure_paper_key, sign_paper
from identity.sealed import Sealed, vault
from identity.statements import Prepared
from identity.writing import write_row

GROUPS = 4
"""Of the code on the paper: 80 random bits."""


class Outcome(StrEnum):
    """What a decision says. The last two answer an appeal against a refusal."""

    APPROVED = "approved"
    REFUSED = "refused"
    UPHELD = "upheld"
    OVERTURNED = "overturned"


class DecisionPaper(Keyed, Base):
    """One decision. `replaced_at` says when a later one about the same file took its place."""

    __tablename__ = "decision_paper"

    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"), index=True)
    dossier_number: Mapped[str] = mapped_column(String(40))
    code_digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    code_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    name_digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    outcome: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str | None] = mapped_column(String(40))
    level: Mapped[int]
    office_id: Mapped[UUID] = mapped_column(ForeignKey("office.id"))
    decided_at: Mapped[datetime]
    replaced_at: Mapped[datetime | None]

    code = Sealed(str)


def make_paper(
    db: Session, application: Application, outcome: Outcome, *, now: datetime, reason: str | None = None
) -> None:
    """Write down a decision; the one before it about this file no longer counts."""
    ensure_paper_key(db, now=now)
    _REPLACE.run(db, application=application.id, now=now)
    code = new_code(GROUPS)
    paper = DecisionPaper(
        application_id=application.id,
        dossier_number=application.dossier_number,
        code_digest=_digest(db, code),
        name_digest=_name_digest(db, code, application.full_name or ""),
        outcome=outcome.value,
        reason=reason,
        level=application.level,
        office_id=application.office_id,
        decided_at=now,
    )
    write_row(db, paper, code=code)


def paper_of(db: Session, application: Application) -> DecisionPaper | None:
    """The decision that counts now; none before the first."""
    query = select(DecisionPaper).where(DecisionPaper.application_id == application.id)
    return db.scalar(
        query.where(DecisionPaper.replaced_at.is_(None)).order_by(DecisionPaper.decided_at.desc()).limit(1)
    )


def find_paper(db: Session, code: str) -> DecisionPaper | None:
    """The decision of a code on paper, whether it still counts or not. The caller limits the tries."""
    return db.scalar(select(DecisionPaper).where(DecisionPaper.code_digest == _digest(db, code)))


def is_name_on(db: Session, paper: DecisionPaper, code: str, full_name: str) -> bool:
    """Whether the decision was made about somebody of this name; marks and case do not count."""
    return same(paper.name_digest, _name_digest(db, code, full_name))


def facts_of(paper: DecisionPaper, issuer: str, office: str) -> dict[str, Any]:
    """What is signed: enough to trust the paper without network, nothing about the person."""
    facts = {
        "iss": issuer,
        "jti": paper.code,
        "dossier": paper.dossier_number,
        "outcome": paper.outcome,
        "reason": paper.reason,
        "level": paper.level,
        "office": office,
        "on": today_in_vietnam(paper.decided_at).isoformat(),
    }
    return {name: value for name, value in facts.items() if value is not None}


def signed(db: Session, paper: DecisionPaper, issuer: str, office: str) -> str:
    """The decision as a compact JWS, for the QR code."""
    return sign_paper(db, facts_of(paper, issuer, office)) or ""


def _digest(db: Session, code: str) -> bytes:
    return vault(db).digest("decision-code", clean_code(code))


def _name_digest(db: Session, code: str, full_name: str) -> bytes:
    return vault(db).digest("decision-name", f"{clean_code(code)}|{fold(full_name)}")


_REPLACE = Prepared(
    update(cast(Table, DecisionPaper.__table__))
    .where(DecisionPaper.application_id == bindparam("application"), DecisionPaper.replaced_at.is_(None))
    .values(replaced_at=bindparam("now"))
)
