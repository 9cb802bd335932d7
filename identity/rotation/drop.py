"""When an older key may be destroyed: once nothing lies under it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from identity.key_use import read_uses
from identity.rotation.reseal import is_under
from identity.sealed import vault
from identity.vault import Purpose


def droppable(db: Session, purpose: Purpose, version: int) -> bool:
    """Whether nobody reads or writes with this version any more."""
    used = read_uses(db).get(purpose)
    in_use = {vault(db).version(purpose)} if used is None else {used.version, used.other}
    if version in in_use:
        return False
    return purpose is not Purpose.ENCRYPTION or not is_under(db, version)
