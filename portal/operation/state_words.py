"""How the operator's pages name lanes, states, clocks, keys and registers."""

from __future__ import annotations

from typing import Any

from identity.key_use import Stage
from identity.oidc.withdrawal import Reason
from identity.operation.lanes import GiveUp
from identity.operation.routes import Register
from identity.outbox import UNSEALABLE, Lane
from identity.vault import Purpose
from portal.language import _, _l, ngettext
from portal.words.entry_codes import calls

CHECKS: dict[str, Any] = {
    "database": _l("The database answers"),
    "migrations": _l("It stands at the revision of this release"),
    "keys": _l("The keys belong to it"),
}
LANES: dict[Lane, Any] = {
    Lane.CODE: _l("One-time codes"),
    Lane.NOTICE: _l("Notices"),
    Lane.LOGOUT: _l("Sign-outs told to services"),
    Lane.FEED: _l("Figures fed to other systems"),
}
REASONS: dict[GiveUp, Any] = {
    GiveUp.WRONG_ADDRESS: _l("The address is wrong"),
    GiveUp.OUT_OF_DATE: _l("What it says no longer holds"),
    GiveUp.TOLD_OTHERWISE: _l("The person was told in another way"),
}
JOBS: dict[str, tuple[Any, str, str]] = {
    "waiting": (_l("Waiting"), "waiting", "clock"),
    "working": (_l("Under way"), "plain", "hourglass"),
    "again": (_l("Tried again soon"), "waiting", "clock"),
    "left": (_l("Its worker is gone; another goes on"), "waiting", "clock"),
    "done": (_l("Done"), "good", "check"),
    "failed": (_l("Failed"), "bad", "x"),
}
"""Word, kind of tag, icon."""
REGISTERS: dict[Register, Any] = {
    Register.POPULATION: _l("National Population Database"),
    Register.IMMIGRATION: _l("National Immigration Database"),
}
KEYS: dict[str, Any] = {
    Purpose.ENCRYPTION: _l("Encryption"),
    Purpose.INDEX: _l("Blind index"),
    Purpose.PEPPER: _l("Key of stored digests"),
    Purpose.SEAL: _l("Audit seal"),
}
STAGES: dict[str, tuple[Any, str]] = {
    Stage.RESTS: (_l("In use"), "good"),
    Stage.BOTH: (_l("The newer key counts too"), "waiting"),
    Stage.TURNED: (_l("The newer key has taken over"), "waiting"),
    Stage.FILLING: (_l("What lies under the older key is written anew"), "waiting"),
    Stage.WAITING: (_l("The older key still counts"), "waiting"),
}
SIGNING: dict[str, tuple[Any, str]] = {
    "signs": (_l("Signs"), "good"),
    "next": (_l("Comes next"), "plain"),
    "kept": (_l("Published until what it signed has run out"), "waiting"),
}
WITHDRAWN: dict[str, Any] = {
    Reason.LEAKED: _l("It was in strange hands"),
    Reason.SUSPECTED: _l("It may have been in strange hands"),
    Reason.WEAK: _l("It is too weak"),
}
calls("register", REGISTERS)
calls("purpose", KEYS)
calls("stage", STAGES)
calls("because", WITHDRAWN)
calls("reason", REASONS)
VERSIONS: dict[str, Any] = {
    "python": _l("Python"),
    "database": _l("Database"),
    "migration": _l("Revision of the database"),
    "release-migration": _l("Revision of this release"),
    "rules": _l("Newest rule since"),
}


def span(seconds: int) -> str:
    """How long, in the largest unit that says enough."""
    if seconds < 60:
        return ngettext("%(num)s second", "%(num)s seconds", seconds)
    if seconds < 3600:
        return ngettext("%(num)s minute", "%(num)s minutes", seconds // 60)
    if seconds < 172_800:
        return ngettext("%(num)s hour", "%(num)s hours", seconds // 3600)
    return ngettext("%(num)s day", "%(num)s days", seconds // 86_400)


def trouble(error: str | None) -> str:
    """Why the last attempt failed: our own name for it in words, a kind of error as it is."""
    if not error:
        return "–"
    known = {UNSEALABLE: _("The message cannot be opened with these keys")}
    return known.get(error) or next((str(words) for reason, words in REASONS.items() if reason == error), error)
