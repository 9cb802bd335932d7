"""The words for what `onboarding` keeps as codes: tasks, ways of helping, traits, troubles and their remedies."""

from __future__ import annotations

from typing import Any, NamedTuple

from identity.activation import Step
from onboarding.catalogue import AgeBand, Mode, Obstacle, Result, Sex, Task, Trait
from onboarding.guidance import Trouble
from onboarding.records import Standing
from portal.language import _l


class Words(NamedTuple):
    """A name and the sentence under it."""

    name: Any
    text: Any


class Mark(NamedTuple):
    """A state as a tag: its word, colour and icon."""

    text: Any
    kind: str
    icon: str


TASKS = {
    Task.ACTIVATION: _l("Activate the account"),
    Task.SETUP: _l("Set up the phone and the app"),
    Task.APPLICATION: _l("Apply for an account"),
    Task.PUBLIC_SERVICE: _l("Online public service"),
    Task.LAND: _l("Land matters"),
    Task.CIVIL_STATUS: _l("Civil status"),
    Task.SOCIAL_WELFARE: _l("Social welfare, health insurance"),
    Task.PAYMENT: _l("Cashless payment"),
    Task.SHOPPING: _l("Online shopping"),
    Task.SAFETY: _l("Safety, scams"),
    Task.OTHER: _l("Something else"),
    Task.ACTIVATION_CODE: _l("Activation: notice and code"),
    Task.ACTIVATION_PHONE: _l("Activation: code on the phone"),
    Task.ACTIVATION_PROOF: _l("Activation: second proof"),
    Task.ACTIVATION_PASSWORD: _l("Activation: password"),
    Task.ACTIVATION_TOTP: _l("Activation: second factor"),
    Task.ACTIVATION_RECOVERY: _l("Activation: recovery codes"),
}
MODES = {
    Mode.GUIDED: Words(_l("Guided, with their own hand"), _l("You showed, the person pressed.")),
    Mode.EXPLAINED: Words(_l("Explained only"), _l("Nothing was done on a device.")),
    Mode.HELPERS_DEVICE: Words(_l("On your device"), _l("The person typed, on a phone of the team.")),
    Mode.ON_BEHALF: Words(
        _l("On their behalf"), _l("The person asked you to and got a receipt. Never for activation.")
    ),
    Mode.REFERRED: Words(_l("Referred to a desk"), _l("Somebody else goes on from here.")),
}
RESULTS = {
    Result.DONE: _l("It was done"),
    Result.BLOCKED: _l("Got stuck"),
    Result.REFERRED: _l("Referred"),
}
OBSTACLES = {
    Obstacle.NO_PHONE: _l("No phone or no smartphone"),
    Obstacle.SIM_NOT_OWN: _l("The SIM is in another name"),
    Obstacle.NO_MESSAGE: _l("The notice did not come"),
    Obstacle.LATE_CODE: _l("The code came late or not at all"),
    Obstacle.PAST_WINDOW: _l("The 7 days are over"),
    Obstacle.DATA_MISMATCH: _l("The data do not agree"),
    Obstacle.DOCUMENT_EXPIRED: _l("A document has expired"),
    Obstacle.LOCKED: _l("The account is locked"),
    Obstacle.NO_NETWORK: _l("No network"),
    Obstacle.UNWILLING: _l("The person did not want to go on"),
    Obstacle.OTHER: _l("Another reason"),
}
AGE_BANDS = {
    AgeBand.UNDER_14: _l("under 14"),
    AgeBand.FROM_14: _l("14 to 17"),
    AgeBand.FROM_18: _l("18 to 29"),
    AgeBand.FROM_30: _l("30 to 44"),
    AgeBand.FROM_45: _l("45 to 59"),
    AgeBand.FROM_60: _l("60 and over"),
}
SEXES = {Sex.FEMALE: _l("woman"), Sex.MALE: _l("man")}
TRAITS = {
    Trait.NO_SMARTPHONE: _l("has no smartphone"),
    Trait.DISABILITY: _l("has a disability"),
    Trait.MINORITY_LANGUAGE: _l("speaks a minority language"),
    Trait.POOR_HOUSEHOLD: _l("poor or near-poor household"),
}
STANDINGS = {
    Standing.CONFIRMED: Mark(_l("Confirmed by the system"), "good", "circle-check"),
    Standing.WAITING: Mark(_l("Claimed, not yet confirmed"), "waiting", "clock"),
    Standing.CLAIMED: Mark(_l("Claimed"), "plain", "check"),
    Standing.BLOCKED: Mark(_l("Stuck"), "bad", "circle-alert"),
    Standing.REFERRED: Mark(_l("Referred"), "plain", "arrow-right"),
}
STEPS = {
    Step.CODE: Words(
        _l("Notice and code"),
        _l("The person opens the message about the new account and types its code, or scans the QR on the paper."),
    ),
    Step.PHONE: Words(
        _l("Code on the phone"),
        _l("The site sends a code to the person's own number. The person reads it silently and types it."),
    ),
    Step.PROOF: Words(
        _l("Second proof"),
        _l("The secret from the slip of the counter, or a field of the document that the person holds. Look away."),
    ),
    Step.PASSWORD: Words(
        _l("Password"),
        _l("The person thinks of 12 or more characters and types them alone. A short sentence is easy to remember."),
    ),
    Step.TOTP: Words(
        _l("Second factor"),
        _l(
            "On their own phone or computer the person takes its lock: face, finger or code. Or they scan the QR with"
            " an authenticator app and type the six digits it shows."
        ),
    ),
    Step.RECOVERY: Words(
        _l("Recovery codes"),
        _l(
            "The person writes the codes down or prints them and takes them home. You neither copy nor photograph them."
        ),
    ),
}
TROUBLES = {
    Trouble.NO_NOTICE: Words(
        _l("The notice did not come"),
        _l(
            "Make room in the inbox, look among blocked senders and in the e-mail. Check the status page with the"
            " application code. Still nothing: the desk or the helpline sends it again."
        ),
    ),
    Trouble.CODE_REFUSED: Words(
        _l("The activation code is not accepted"),
        _l(
            "Only the newest notice counts. Type the letters and digits again, in any grouping. If it fails again, the"
            " desk makes a new code."
        ),
    ),
    Trouble.PAST_WINDOW: Words(
        _l("The 7 days are over"),
        _l(
            "The account is not lost and no new application is needed. The person calls the helpline or goes to the"
            " desk, which opens it again."
        ),
    ),
    Trouble.LOCKED: Words(
        _l("The account is locked"),
        _l(
            "Usually a document has expired: with the renewed one the person applies again, and the same account opens."
            " For other reasons the office that locked it answers."
        ),
    ),
    Trouble.NO_OTP: Words(
        _l("The code on the phone comes late or not at all"),
        _l(
            "Ask once and wait two minutes; a new request makes the earlier code worthless. Check the signal, turn the"
            " phone off and on, try outdoors."
        ),
    ),
    Trouble.OTP_REFUSED: Words(
        _l("The code on the phone is not accepted"),
        _l("Type the newest code, within five minutes. After ten wrong tries ask for a new one."),
    ),
    Trouble.PHONE_CHANGED: Words(
        _l("The number has changed"),
        _l(
            "The number on the account is changed at the commune police or the immigration office, with the document,"
            " or by the helpline. Not by a helper."
        ),
    ),
    Trouble.SIM_NOT_OWN: Words(
        _l("The SIM is in another name"),
        _l(
            "The person puts the SIM into their own name at a shop of the operator first, with the identity card or"
            " passport. Otherwise the account may be locked later."
        ),
    ),
    Trouble.PROOF_REFUSED: Words(
        _l("The second proof is not accepted"),
        _l(
            "Compare with the slip or the document, letter by letter: 0 and O, 1 and I. There are five tries; take the"
            " other proof if one is missing."
        ),
    ),
    Trouble.PROOF_ENDED: Words(
        _l("Five tries are used up"),
        _l("Stop here. The person goes to the desk with the document; the desk makes a new code and a new secret."),
    ),
    Trouble.DATA_MISMATCH: Words(
        _l("Name or birth date is wrong"),
        _l("The register must be corrected at the commune police or the immigration office. Nobody changes it here."),
    ),
    Trouble.PASSWORD_REFUSED: Words(
        _l("The password is not accepted"),
        _l("Too short, too common or made of the own name. Three or four words that do not belong together are good."),
    ),
    Trouble.NO_SMARTPHONE: Words(
        _l("There is no smartphone"),
        _l(
            "An authenticator app on a tablet or a family computer of the person will do. Otherwise the person goes to"
            " the desk."
        ),
    ),
    Trouble.TOTP_REFUSED: Words(
        _l("The six digits are not accepted"),
        _l("Set the phone's clock to automatic time and take the next digits, as soon as they change."),
    ),
    Trouble.DEVICE_REFUSED: Words(
        _l("The lock of the device is not accepted"),
        _l(
            "The device needs a screen lock: set one up in its settings, then try once more. Or the person takes an"
            " authenticator app; both are safe."
        ),
    ),
    Trouble.NO_PAPER: Words(
        _l("The recovery codes are not written down"),
        _l("Give the person paper and time. One of the codes must be typed back before the account is active."),
    ),
    Trouble.OTHER: Words(
        _l("Another reason"),
        _l(
            "Let the person read the sentence on the page: it says what to do. If that does not help, go to the desk"
            " together."
        ),
    ),
}
