"""How a decision is named, for the holder, for the office and for whoever checks the paper."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from identity.application import Outcome
from portal.language import _l


@dataclass(frozen=True, slots=True)
class OutcomeWords:
    """A decision in words: its title, what follows from it, and the colour of its tag."""

    title: Any
    means: Any
    tag: str


OUTCOMES: dict[Outcome, OutcomeWords] = {
    Outcome.APPROVED: OutcomeWords(
        _l("Approved"), _l("The account is issued. Its holder activates it with the code of the notice."), "good"
    ),
    Outcome.REFUSED: OutcomeWords(
        _l("Refused"), _l("No account is issued. The holder may appeal, and may apply again at any time."), "bad"
    ),
    Outcome.UPHELD: OutcomeWords(
        _l("The refusal stands after an appeal"),
        _l(
            "Another officer looked at it again. The holder may still go to an administrative court (Law on "
            "Administrative Procedure 93/2015/QH13), and may apply again at any time."
        ),
        "bad",
    ),
    Outcome.OVERTURNED: OutcomeWords(
        _l("The refusal was overturned on appeal"),
        _l("The refusal no longer counts. The application is open again and is decided anew."),
        "good",
    ),
}
