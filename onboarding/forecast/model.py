"""Forecasts as the worker left them: the newest of an indicator and place."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from identity.base import Base
from onboarding.forecast.shape import Forecast, aim_as_data, aim_from, as_data, from_data


class StoredForecast(Base):
    """One row for an indicator and place (a unit or NATION), replaced every day; of a refused one its aim is kept."""

    __tablename__ = "forecast"

    indicator: Mapped[str] = mapped_column(String(40), primary_key=True)
    unit_id: Mapped[UUID] = mapped_column(primary_key=True)
    made_at: Mapped[datetime]
    refused: Mapped[str | None] = mapped_column(String(20))
    content: Mapped[dict[str, Any] | None] = mapped_column(JSON)


def latest(db: Session, indicator: str, unit_id: UUID) -> Forecast | None:
    """The newest forecast, or None where none was ever made. One row; nothing is reckoned here."""
    row = db.get(StoredForecast, (indicator, unit_id))
    return None if row is None or not _is_told(row) else _read(row)


def latest_of(db: Session, indicator: str, units: Collection[UUID]) -> dict[UUID, Forecast]:
    """The newest forecasts of several places."""
    query = select(StoredForecast).where(StoredForecast.indicator == indicator, StoredForecast.unit_id.in_(units))
    return {row.unit_id: _read(row) for row in db.scalars(query) if _is_told(row)}


def keep(db: Session, one: Forecast) -> None:
    """Put it in the place of the one before."""
    row = db.get(StoredForecast, (one.indicator, one.unit_id))
    if row is None:
        row = StoredForecast(indicator=one.indicator, unit_id=one.unit_id)
        db.add(row)
    row.made_at, row.refused = one.made_at, one.refused
    row.content = aim_as_data(one) if one.refused else as_data(one)


def _is_told(row: StoredForecast) -> bool:
    """What was kept before its aim was told is none until the next night."""
    return "aim" in (row.content or {})


def _read(row: StoredForecast) -> Forecast:
    content = row.content or {}
    if row.refused:
        return Forecast(row.indicator, row.unit_id, row.made_at, refused=row.refused, aim=aim_from(content))
    return from_data(row.indicator, row.unit_id, row.made_at, content)
