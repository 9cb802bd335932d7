"""Where an application is received: any commune police for citizens, immigration offices for foreign residents.

Decree 69/2024/ND-CP, Art. 10.2 and 11: a citizen may go to any locality; a foreigner goes to the Immigration Department
(A08) or to the provincial police's immigration office.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from identity.base import Base, Keyed
from identity.names import fold
from identity.places.units import Unit, ancestors, exists_on


class OfficeKind(StrEnum):
    """Which body the office belongs to."""

    COMMUNE_POLICE = "commune_police"
    IMMIGRATION = "immigration"


RECEIVES = {"citizen": OfficeKind.COMMUNE_POLICE, "foreigner": OfficeKind.IMMIGRATION}
"""Which offices receive which kind of person."""


class Office(Keyed, Base):
    """A place to go to. `opens` names the dated rule with its hours (`identity.deadlines.rule`)."""

    __tablename__ = "office"

    kind: Mapped[str] = mapped_column(String(20), index=True)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    english_name: Mapped[str] = mapped_column(String(200))
    search_folded: Mapped[str] = mapped_column(String(400))
    address: Mapped[str] = mapped_column(String(400))
    opens: Mapped[str] = mapped_column(String(40), default="office_hours")


def office_of_home(db: Session, person_kind: str, home: Unit | None) -> Office | None:
    """The office of this kind where somebody lives: of the unit or of what it lies in; else the first there is."""
    around = [home.id, *(unit.id for unit in ancestors(db, home.id))] if home else []
    of_kind = select(Office).where(Office.kind == RECEIVES[person_kind]).order_by(Office.search_folded).limit(1)
    near = (db.scalar(of_kind.where(Office.unit_id == unit_id)) for unit_id in around)
    return next((office for office in near if office is not None), None) or db.scalar(of_kind)


def offices_for(db: Session, person_kind: str, text: str = "", *, on: date, limit: int = 50) -> list[Office]:
    """Offices that receive a "citizen" or a "foreigner" and whose name or place contains every word of `text`.

    Those of units that stand on the day.
    """
    query = select(Office).join(Unit, Unit.id == Office.unit_id).where(exists_on(on))
    query = query.where(Office.kind == RECEIVES[person_kind])
    query = query.where(*(Office.search_folded.contains(word, autoescape=True) for word in fold(text).split()))
    return list(db.scalars(query.order_by(Office.search_folded).limit(limit)))
