"""How breaches, their causes and kinds of data are called."""

from __future__ import annotations

from typing import Any

from identity.breaches.model import Category
from portal.language import _l

CAUSES: dict[str, Any] = {
    "attack": _l("An attack from outside"),
    "loss": _l("Something was lost or stolen"),
    "mistake": _l("A mistake"),
    "insider": _l("Somebody who works here"),
    "provider": _l("A provider of ours"),
    "unknown": _l("Not known yet"),
}
CATEGORIES: dict[str, Any] = {
    Category.NAME: _l("Names, birth dates, nationality"),
    Category.NUMBER: _l("Personal or identification numbers"),
    Category.CONTACT: _l("Phone numbers, mail addresses, addresses"),
    Category.DOCUMENT: _l("Pictures or numbers of documents"),
    Category.PORTRAIT: _l("Portraits"),
    Category.BIOMETRIC: _l("Biometric data (people must be told)"),
    Category.LOCATION: _l("Locations (people must be told)"),
    Category.SIGN_IN: _l("Account names, passwords, ways to sign in"),
    Category.USE: _l("How accounts were used"),
}
DONE: dict[str, Any] = {
    "saved": _l("The file is saved"),
    "told": _l("It is noted that the authority was told"),
    "telling": _l("The messages are on their way; the page shows how many have left"),
    "everybody": _l("Everybody is being written down"),
    "named": _l("The people are named"),
    "closed": _l("The file is closed"),
}
