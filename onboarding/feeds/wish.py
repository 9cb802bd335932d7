"""What a new receiver of figures is to be, and whether it can be so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.base import Refused
from identity.oidc.addresses import is_remote_address
from identity.places import Unit, UnitKind
from onboarding.feeds.formats import Format
from onboarding.feeds.model import Access, FeedSubscription
from onboarding.feeds.period_codes import FREQUENCIES
from onboarding.figures.periods import PeriodKind
from onboarding.figures.registry import get_indicator

KINDS = (*FREQUENCIES, PeriodKind.STATE_MONTH)
MOST_PERIODS = 60
SECRETS = {
    Access.NONE: (),
    Access.SIGNATURE: ("secret",),
    Access.PASSWORD: ("user", "password"),
    Access.CLIENT: ("client_id", "client_secret", "token_address"),
}
"""What each way of showing ourselves needs."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a new subscription is to be."""

    name: str
    address: str
    format: str
    indicators: Sequence[str]
    unit_id: UUID | None = None
    with_below: bool = False
    period_kind: str = PeriodKind.MONTH
    periods: int = 2
    locale: str = "vi"
    access: str = Access.NONE
    secret: Mapping[str, str] = field(default_factory=dict)


def check(db: Session, wish: Wish) -> None:
    """Refused with `feed-…` and the field at fault."""
    _require(0 < len(wish.name.strip()) <= 60, "feed-name")
    taken = db.scalar(select(FeedSubscription.id).where(FeedSubscription.name == wish.name.strip()))
    _require(taken is None, "feed-name-taken", "name")
    _require(len(wish.address) <= 500 and is_remote_address(wish.address), "feed-address")
    _require(wish.format in set(Format), "feed-format")
    _require(bool(wish.indicators), "feed-indicators")
    for code in wish.indicators:
        get_indicator(code)
    _require(wish.period_kind in KINDS, "feed-period-kind")
    carried = wish.format != Format.DHIS2 or wish.period_kind in FREQUENCIES
    _require(carried, "period-not-in-format", "period_kind")
    _require(1 <= wish.periods <= MOST_PERIODS, "feed-periods")
    unit = None if wish.unit_id is None else db.get(Unit, wish.unit_id)
    known = wish.unit_id is None or (unit is not None and unit.kind != UnitKind.VILLAGE)
    _require(known, "unit-unknown", "unit")
    _check_secret(wish)


def _check_secret(wish: Wish) -> None:
    _require(wish.access in set(Access), "feed-access")
    wanted = SECRETS[Access(wish.access)]
    complete = set(wish.secret) == set(wanted) and all(wish.secret.values())
    safe = all(value.isascii() and value.isprintable() for value in wish.secret.values())
    _require(complete and safe, "feed-secret")
    if wish.access == Access.CLIENT:
        _require(is_remote_address(wish.secret["token_address"]), "feed-address", "token_address")


def _require(holds: bool, code: str, field_: str | None = None) -> None:
    if not holds:
        raise Refused(code, field=field_ or code.removeprefix("feed-").replace("-", "_"))
