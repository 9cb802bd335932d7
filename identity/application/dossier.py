"""The two numbers of an application: a sequential one that opens nothing, and an unguessable code for its status."""

from __future__ import annotations

from datetime import datetime
from functools import cache

from sqlalchemy import String, bindparam
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from identity.base import Base
from identity.credentials.codes import ALPHABET, GROUP, clean_code
from identity.deadlines import today_in_vietnam
from identity.sealed import vault
from identity.statements import Prepared
from identity.work import is_postgresql

SYMBOLS = 12
"""60 random bits."""


class DossierCounter(Base):
    """The last serial number given on a day in a unit."""

    __tablename__ = "dossier_counter"

    series: Mapped[str] = mapped_column(String(40), primary_key=True)
    last: Mapped[int]


def next_dossier_number(db: Session, unit_code: str, *, now: datetime) -> str:
    """`<unit>-<YYMMDD>-<serial>`, the form one-stop systems use."""
    series = f"{unit_code}-{today_in_vietnam(now):%y%m%d}"
    return f"{series}-{_counting(is_postgresql(db)).all(db, series=series)[0].last:04d}"


@cache
def _counting(for_postgresql: bool) -> Prepared:
    insert = postgresql.insert if for_postgresql else sqlite.insert
    statement = insert(DossierCounter).values(series=bindparam("series"), last=1)
    counted = statement.on_conflict_do_update(
        index_elements=[DossierCounter.series], set_={"last": DossierCounter.last + 1}
    )
    return Prepared(counted.returning(DossierCounter.last))


def code_from(db: Session, level: int, draft_token: str) -> str:
    """The status code of a draft's application, derived from its 256-bit token.

    Nothing but a digest is stored, and yet a request that is sent again shows the same code, as long as the browser
    holds the draft.
    """
    drawn = int.from_bytes(vault(db).derive("application-code", draft_token.encode())[:8], "big")
    symbols = "".join(ALPHABET[drawn >> 5 * place & 31] for place in range(SYMBOLS))
    groups = [symbols[at : at + GROUP] for at in range(0, SYMBOLS, GROUP)]
    return "-".join([f"DD{level}", *groups])


def code_digest(db: Session, code: str) -> bytes:
    """The digest under which a code is stored; a missing prefix does not matter."""
    return vault(db).digest("application-code", clean_code(code)[-SYMBOLS:])
