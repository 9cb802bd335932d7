"""Forecasts as the worker left them: the newest of an indicator and place."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from identity.base import Base
from onboarding.forecast.shape import Forecast, as_data, from_data


class StoredForecast(Base):
    """One row for an indicator and place (a unit or NATION), replaced every day. `content` is empty when refused."""

    __tablename__ = "forecast"

    indicator: Mapped[str] = mapped_column(String(40), primary_key=True)
    unit_id: Mapped[UUID] = mapped_column(primary_key=True)
    made_at: Mapped[datetime]
    refused: Mapped[str | None] = mapped_column(String(20))
    content: Mapped[dict[str, Any] | None] = mapped_column(JSON)


def latest(db: Session, indicator: str, unit_id: UUID) -> Forecast | None:
    """The newest forecast, or None where none was ever made. One row; nothing is reckoned here."""
    row = db.get(StoredForecast, (indicator, unit_id))
    if row is None:
        return None
    if row.content is None:
        return Forecast(indicator, unit_id, row.made_at, refused=row.refused)
    return from_data(indicator, unit_id, row.made_at, row.content)


def keep(db: Session, one: Forecast) -> None:
    """Put it in the place of the one before."""
    row = db.get(StoredForecast, (one.indicator, one.unit_id))
    if row is None:
        row = StoredForecast(indicator=one.indicator, unit_id=one.unit_id)
        db.add(row)
    row.made_at, row.refused = one.made_at, one.refused
    row.content = None if one.refused else as_data(one)
