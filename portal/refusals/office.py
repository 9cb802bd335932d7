"""Refusals of the office and of staff roles."""

from portal.language import _l

SENTENCES = {
    "out-of-scope": _l("This application belongs to another office. Your attempt was recorded."),
    "role-unknown": _l("There is no role of this name."),
    "role-needs-unit": _l("This role is held in a unit. Choose the unit."),
    "role-days": _l("The last day must come after the first."),
    "role-held": _l("This person holds the role in this unit already."),
    "slip-shown": _l(
        "This slip was shown already and cannot be shown again. Make a new slip; the old secret stops working."
    ),
    "register-away-at-counter": _l("The register does not answer. The visit is saved. Ask again in a few minutes."),
    "nothing-waits": _l("No application waits for you. New ones appear in the list."),
}
STATUS = {"out-of-scope": 403, "register-away-at-counter": 503}
