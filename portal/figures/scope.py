"""Who looks, at which place, and whether they may know it exactly.

Within the units of one's roles a ward and what lies in it are exact; above the ward, and elsewhere, everybody sees
what is published. A team is seen by its own people and by who coordinates or leads its unit.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from flask import request

from identity.base import Refused
from identity.places import COUNTRY, Reach, Unit, UnitKind, in_reach, units_within
from onboarding.figures.model import NATION
from portal.database import db
from portal.language import _
from portal.security import me
from portal.words.places import unit_title

THEN, NOW = "then", "now"
LEADING, HELPING = ("coordinator", "leader"), ("member", "lead")


@dataclass(frozen=True, slots=True)
class Visitor:
    """`reach` is where decisions are the visitor's, `exact` is where figures may be known exactly."""

    account_id: UUID
    held: tuple[UUID, ...]
    reach: Reach
    exact: Reach

    @property
    def leads(self) -> bool:
        return self.reach is None or bool(self.held)


@dataclass(frozen=True, slots=True)
class Place:
    """The country (`unit` is None), a province or a commune; `above` is what it lies in, the nearest first."""

    unit: Unit | None
    above: tuple[Unit, ...]
    is_exact: bool
    map: str = THEN
    """Whether places are as they were when it happened, or as they are now."""

    @property
    def map_asked(self) -> str | None:
        """For addresses: only what is not usual."""
        return None if self.map == THEN else self.map

    @property
    def id(self) -> UUID:
        return self.unit.id if self.unit else NATION

    @property
    def name(self) -> str:
        return unit_title(self.unit) if self.unit else str(_("The whole country"))

    @property
    def code(self) -> str:
        return self.unit.code if self.unit else COUNTRY

    @property
    def kind(self) -> str:
        return self.unit.kind if self.unit else "nation"

    @property
    def lineage(self) -> list[UUID]:
        """The place and what it lies in, the nearest first: at last the whole country."""
        return list(dict.fromkeys([self.id, *(unit.id for unit in self.above), NATION]))


def visitor() -> Visitor:
    """The slice's guard let nobody else pass."""
    found = me()
    assert found is not None
    held = tuple(dict.fromkeys(found.units_for(*LEADING)))
    if found.has_country(*LEADING):
        return Visitor(found.account_id, held, None, None)
    reach = frozenset[UUID]().union(*(units_within(db, unit) for unit in held))
    return Visitor(found.account_id, held, reach, reach | set(found.units_for(*HELPING)))


def place_of(who: Visitor, unit_id: UUID | None) -> Place:
    """Any place that figures are published for. Refused "figures-no-place" for a village, which is none."""
    if unit_id is None:
        return Place(None, (), False, _map())
    unit = db.get(Unit, unit_id)
    if unit is None or unit.kind == UnitKind.VILLAGE:
        raise Refused("figures-no-place")
    parent = db.get(Unit, unit.parent_id) if unit.parent_id else None
    is_exact = unit.kind == UnitKind.COMMUNE and in_reach(unit.id, who.exact)
    return Place(unit, (parent,) if parent else (), is_exact, _map())


def _map() -> str:
    return NOW if request.args.get("map") == NOW else THEN
