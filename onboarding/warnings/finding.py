"""What was found, before anybody is asked to look at it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from onboarding.warnings.model import Kind


@dataclass(frozen=True, slots=True)
class Finding:
    """Something odd. `about` names it within its kind and place: the same is found once. `facts` are plain data."""

    kind: Kind
    about: str
    unit_id: UUID
    facts: dict[str, Any]
    indicator: str | None = None
    team_id: UUID | None = None

    @property
    def key(self) -> str:
        """One name for it."""
        return f"{self.kind}:{self.indicator or ''}:{self.team_id or self.unit_id}:{self.about}"
