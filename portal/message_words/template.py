"""What a kind of message says on each channel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Template:
    """Lazy texts of one kind."""

    sms: Any
    subject: Any
    mail: Any
    scan: str = ""
    """The address whose QR code goes with the mail: opening it only shows a page, the button acts."""
