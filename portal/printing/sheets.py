"""The recovery sheet on paper: the same at activation, at a renewal and at the end of a recovery."""

from __future__ import annotations

from identity.credentials.recovery import Sheet
from portal.printing.paper import Paper, paper
from portal.services import now


def sheet_paper(sheet: Sheet, login: str | None) -> Paper:
    """The sheet that waits to be confirmed; its number is masked, and nobody is named on it."""
    return paper("sheets/recovery_codes.html", "recovery-codes", sheet=sheet, login=login or "", made_at=now())
