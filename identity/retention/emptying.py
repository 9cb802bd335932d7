"""Taking the person out of a closed application. Its number, dates and decision stay: they are the office's record."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import date
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm import Session

from identity.application import Application, State
from identity.files import File

WITHOUT_ACCOUNT = (State.REFUSED.value, State.WITHDRAWN.value, State.ABANDONED.value, State.DECEASED.value)
"""How an application ends without an account."""
NO_DAY = date(1900, 1, 1)


def empty(application: Application, *, counted: bool = False) -> None:
    """Nothing sealed remains, and no index finds anybody; `counted` leaves the age band and the nationality."""
    application.full_name, application.full_name_folded = "", ""
    application.number, application.phone, application.birth_date = "", "", NO_DAY
    application.number_index, application.same_index = secrets.token_bytes(32), secrets.token_bytes(32)
    application.phone_index = secrets.token_bytes(32)
    application.email = application.supplement = application.capture_reference = None
    application.declared, application.record = {}, {}
    application.guardian_index = application.passport_index = application.residence_index = None
    if not counted:
        application.age_band = application.nationality = None
    application.portrait_file_id = application.duplicate_id = None


def is_empty(application: Application) -> bool:
    """Whether it was emptied before."""
    return application.full_name_folded == ""


def drop_files(db: Session, owners: Iterable[UUID], kinds: Iterable[str] = ()) -> int:
    """Delete the stored files of these applications, all or some kinds; returns how many."""
    gone = delete(File).where(File.owner_id.in_(list(owners)))
    if kinds:
        gone = gone.where(File.kind.in_(kinds))
    return len(db.scalars(gone.returning(File.id).execution_options(synchronize_session=False)).all())
