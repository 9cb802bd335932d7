"""Rows of what is pushed: who gets which figures, each message with its receipt, and what a receiver has."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from identity.base import Base, Keyed
from identity.sealed import Sealed


class Access(StrEnum):
    """How we show ourselves to a receiver."""

    NONE = "none"
    SIGNATURE = "signature"
    PASSWORD = "password"  # noqa: S105 - the name of a way
    CLIENT = "client"


class DeliveryKind(StrEnum):
    """Why a message was made."""

    FIGURES = "figures"
    DELETION = "deletion"
    TRIAL = "trial"


class FeedSubscription(Keyed, Base):
    """Figures that go to one receiver: a unit (none: the country), perhaps with those right below, for some periods.

    `passed_at` is the publication whose figures were last compared with what the receiver has.
    """

    __tablename__ = "feed_subscription"

    name: Mapped[str] = mapped_column(String(80), unique=True)
    address: Mapped[str] = mapped_column(String(500))
    format: Mapped[str] = mapped_column(String(20))
    indicators: Mapped[list[str]] = mapped_column(JSON)
    unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("unit.id"))
    with_below: Mapped[bool]
    period_kind: Mapped[str] = mapped_column(String(20))
    periods: Mapped[int]
    locale: Mapped[str] = mapped_column(String(5))
    access: Mapped[str] = mapped_column(String(10))
    secret_sealed: Mapped[bytes | None]
    secret = Sealed(dict[str, Any])
    made_at: Mapped[datetime]
    made_by_id: Mapped[UUID | None]
    paused_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    passed_at: Mapped[datetime | None]


class FeedDelivery(Keyed, Base):
    """One message: its id is the idempotency key of every attempt, its rows are what it says, whenever it is sent.

    Taken, refused for good, or neither yet; `published_at` is the publication that the figures are of.
    """

    __tablename__ = "feed_delivery"
    __table_args__ = (Index(None, "subscription_id", "made_at"),)

    subscription_id: Mapped[UUID] = mapped_column(ForeignKey("feed_subscription.id"))
    kind: Mapped[str] = mapped_column(String(10))
    rows: Mapped[list[Any]] = mapped_column(JSON)
    made_at: Mapped[datetime]
    published_at: Mapped[datetime]
    message_id: Mapped[UUID | None] = mapped_column(index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    status: Mapped[int | None]
    error: Mapped[str | None] = mapped_column(String(60))
    digest: Mapped[str | None] = mapped_column(String(64))
    answer_sealed: Mapped[bytes | None]
    answer = Sealed(str)
    answered_at: Mapped[datetime | None]
    taken_at: Mapped[datetime | None]
    refused_at: Mapped[datetime | None]


class FeedFigure(Base):
    """What a receiver has of one figure, as its receipts say. `is_due`: it is to be sent again, changed or not."""

    __tablename__ = "feed_figure"

    subscription_id: Mapped[UUID] = mapped_column(ForeignKey("feed_subscription.id"), primary_key=True)
    indicator: Mapped[str] = mapped_column(String(40), primary_key=True)
    unit_id: Mapped[UUID] = mapped_column(primary_key=True)
    period: Mapped[str] = mapped_column(String(30), primary_key=True)
    version: Mapped[int]
    status: Mapped[str] = mapped_column(String(12))
    numerator: Mapped[int | None]
    denominator: Mapped[int | None]
    revision: Mapped[int]
    is_due: Mapped[bool] = mapped_column(default=False)
