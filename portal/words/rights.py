"""How requests about one's own data, their answers and the copy are called, for residents and for the desk."""

from __future__ import annotations

from typing import Any

from identity.rights.at_counter import Asker
from identity.rights.model import RequestState, RightKind, RightsRequest
from portal.language import _l

KINDS: dict[str, Any] = {
    RightKind.ACCESS: _l("A question about my data"),
    RightKind.RECTIFY: _l("Something is wrong"),
    RightKind.RESTRICT: _l("Restrict the use"),
    RightKind.OBJECT: _l("Object to a use"),
    RightKind.WITHDRAW: _l("Take back every consent"),
    RightKind.ERASE: _l("Erase what may go"),
}
EXPLAINED: dict[str, Any] = {
    RightKind.ACCESS: _l("When the copy of your data does not tell you what you want to know."),
    RightKind.RECTIFY: _l(
        "Name, birth date, sex, nationality and address come from the register and are put right there. "
        "Tell us what is wrong: the officer passes it on and tells you where to go with which paper."
    ),
    RightKind.RESTRICT: _l(
        "Your data stay, but are used for nothing that you agreed to, until you lift it. "
        "Services receive nothing more, and teams no longer see that you need help."
    ),
    RightKind.OBJECT: _l("You want one use of your data to end, and to be told that it did."),
    RightKind.WITHDRAW: _l(
        "Every consent ends: services, help by a team, surveys and research. Each one can also be ended by itself, "
        "at once, on its own page."
    ),
    RightKind.ERASE: _l(
        "What the law lets go is erased as soon as the officer agrees. The rest stays, and you see why."
    ),
}
BUTTONS: dict[str, Any] = {
    RightKind.ACCESS: _l("Send the question"),
    RightKind.RECTIFY: _l("Report what is wrong"),
    RightKind.RESTRICT: _l("Ask to restrict the use"),
    RightKind.OBJECT: _l("Object to this use"),
    RightKind.WITHDRAW: _l("Take back every consent"),
    RightKind.ERASE: _l("Ask to erase"),
}
ABOUT: dict[str, Any] = {
    "name": _l("Full name"),
    "birth_date": _l("Date of birth"),
    "sex": _l("Sex"),
    "nationality": _l("Nationality"),
    "address": _l("Registered address"),
    "document": _l("A document"),
    "other": _l("Something else"),
    "helping": _l("Help from a digital technology team"),
    "survey": _l("Being asked how it went"),
    "research": _l("Research"),
    "services": _l("Sharing with organisations"),
}
ASKERS: dict[str, Any] = {
    Asker.HOLDER: _l("The holder or applicant, who cannot sign in"),
    Asker.REPRESENTATIVE: _l("A guardian or representative, with a paper"),
    Asker.HEIR: _l("An heir of a holder who has died, with a paper"),
}
STATES: dict[str, tuple[Any, str]] = {
    RequestState.OPEN: (_l("Received"), "waiting"),
    RequestState.TAKEN: (_l("Being worked on"), "waiting"),
    RequestState.GRANTED: (_l("Granted"), "good"),
    RequestState.PARTLY: (_l("Granted in part"), "good"),
    RequestState.REFUSED: (_l("Not granted"), "bad"),
    RequestState.TAKEN_BACK: (_l("Taken back"), "off"),
}
REASONS: dict[str, Any] = {
    "done": _l("Done as asked."),
    "sent-to-register": _l("Passed on to the register, which puts it right and tells you."),
    "kept-by-law": _l("Some of it must be kept by law."),
    "already-right": _l("The register says the same; there is nothing to put right."),
    "not-ours": _l("We do not hold these data."),
    "needs-proof": _l("A paper is needed that shows what is right. Bring it to the office."),
    "rests-on-law": _l("This use rests on the law and not on consent, so it goes on."),
}
KEPT: dict[str, tuple[Any, Any]] = {
    "identity": (_l("Who you are, and your papers"), _l("Kept for good: the account rests on them (Decree 69/2024).")),
    "account": (_l("The account itself"), _l("Accounts are closed, never deleted (Decree 69/2024).")),
    "history": (_l("When and how the account was used"), _l("Kept for 5 years (Decree 69/2024, Article 28).")),
    "decisions": (_l("Decisions, and who looked at your file"), _l("Proof of what the office did.")),
    "consents": (_l("Which consents you gave and took back"), _l("Proof of what was allowed, and when it ended.")),
    "appeal": (_l("An application that was refused lately"), _l("Until the time to appeal is over.")),
}
GOES: tuple[Any, ...] = (
    _l("Portraits that you sent with applications that are decided"),
    _l("What you wrote and sent in applications that led to no account"),
    _l("Appeals and complaints that were answered"),
    _l("The messages of your inbox, and copies of your data"),
    _l("Your name in lessons and sessions, and the way from them to you"),
    _l("Consents to surveys, research and help: they end"),
)

KEPT_OF_APPLICANTS: dict[str, tuple[Any, Any]] = {
    "decisions": (_l("Number and dates of the application, the decision, and who looked at it"), KEPT["decisions"][1]),
    "appeal": KEPT["appeal"],
    "open": (_l("An application that is still open"), _l("Until it is decided, or you withdraw it.")),
}
GOES_OF_APPLICANTS: tuple[Any, ...] = (
    _l("What you wrote: name, numbers, phone and mail address"),
    _l("What the register answered about you, your portrait and your papers"),
    _l("Appeals and complaints about it that were answered"),
)


def outcome(row: RightsRequest) -> Any:
    """The reason of an answer, in a sentence; empty while there is none."""
    return REASONS.get(row.reason or "", "")
