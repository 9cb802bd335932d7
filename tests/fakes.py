"""Stand-ins for what is outside us. Our own code is never replaced."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

A_MONDAY = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
"""10:00 on Monday 23 November 2026 in Vietnam: an office hour."""


class Clock:
    """Stands still until it is moved."""

    def __init__(self, now: datetime = A_MONDAY) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **parts: float) -> datetime:
        """`clock.advance(days=1, hours=2)`"""
        self.now += timedelta(**parts)
        return self.now
