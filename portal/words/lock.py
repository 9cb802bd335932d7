"""How grounds, requests and reasons about locks are called, at the desks and on the letter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from identity.account import Ground
from identity.lock_requests.model import LockRequest, RequestState, Wish
from portal.language import _, _l


@dataclass(frozen=True, slots=True)
class GroundWords:
    """A ground, and what ends it."""

    title: Any
    ends: Any


GROUNDS: dict[str, GroundWords] = {
    Ground.OWN_REQUEST: GroundWords(
        _l("On the holder's own request"),
        _l("The holder comes with the original of the document, and you open it at once."),
    ),
    Ground.TERMS: GroundWords(
        _l("Breach of the terms"), _l("A request with the paper that ends it, decided by another officer.")
    ),
    Ground.CARD_WITHDRAWN: GroundWords(
        _l("Card withdrawn or held"),
        _l("A request with the paper that gives the card back, decided by another officer."),
    ),
    Ground.DOCUMENT_EXPIRED: GroundWords(
        _l("Card or passport expired"), _l("By itself, when an application brings the renewed paper.")
    ),
    Ground.RESIDENCE_EXPIRED: GroundWords(
        _l("Residence expired"), _l("By itself, when an application brings the renewed residence card.")
    ),
    Ground.DEATH: GroundWords(
        _l("Death"),
        _l("Only when it was a mistake: a request with the paper that shows it, decided by another officer."),
    ),
    Ground.AUTHORITY: GroundWords(
        _l("Request of a competent authority"), _l("The authority asks for it with form TK03; another officer decides.")
    ),
    Ground.HAND_OVER: GroundWords(
        _l("The guardian's authority has ended"), _l("The holder takes the account over by applying.")
    ),
    Ground.HOLD: GroundWords(
        _l("Held"),
        _l(
            "The officer who looks again says that it is the person; afterwards a request with the paper that shows "
            "it, decided by another officer."
        ),
    ),
    Ground.PAUSE: GroundWords(
        _l("New sign-ins stopped for a day"),
        _l("By itself after a day, from a signed-in device, or here by the holder."),
    ),
}
WISHES: dict[str, Any] = {Wish.LOCK: _l("Lock"), Wish.OPEN: _l("End a lock")}
STATES: dict[str, tuple[Any, str]] = {
    RequestState.RECEIVED: (_l("To be examined"), "waiting"),
    RequestState.FORWARDED: (_l("To be decided"), "waiting"),
    RequestState.GRANTED: (_l("Granted and carried out"), "good"),
    RequestState.REFUSED: (_l("Refused"), "bad"),
}
REASONS: dict[str, Any] = {
    "not-competent": _l("Who asks is not competent for it (Decree 69/2024/ND-CP)."),
    "no-basis": _l("The paper names no ground that the law knows for a lock, or for its end."),
    "other-person": _l("The paper is about somebody else."),
    "not-original": _l("The paper is no original and no certified copy, or form TK03 is missing."),
    "ground-goes-on": _l("The ground of the lock goes on."),
}


def subject(row: LockRequest) -> str:
    """What a request asks, in one line."""
    return _("%(wish)s: %(ground)s", wish=WISHES[row.wish], ground=GROUNDS[row.ground].title)
