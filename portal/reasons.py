"""Why an officer asks for more or says no: a label for the officer, the words for the applicant.

The codes are closed lists of `identity.application.reasons`. Texts are lazy: they are read in the reader's language.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from portal.language import _l


@dataclass(frozen=True, slots=True)
class Supplement:
    """`label` is what an officer ticks; `text` is what the applicant reads and does."""

    label: Any
    text: Any


@dataclass(frozen=True, slots=True)
class Refusal:
    """`label` is what an officer chooses; `why`, `rule` and `bring` are what the applicant reads."""

    label: Any
    why: Any
    rule: Any
    bring: Any


SUPPLEMENTS: Mapping[str, Supplement] = {
    "residence-card-photo": Supplement(
        _l("Photo of the residence card"), _l("Send a clear photo of both sides of your residence card.")
    ),
    "passport-photo": Supplement(
        _l("Photo of the passport page"), _l("Send a clear photo of the passport page with your portrait.")
    ),
    "card-photo": Supplement(
        _l("Photo of the identity card"), _l("Send a clear photo of both sides of your identity card.")
    ),
    "name-differs": Supplement(
        _l("Name differs between documents"),
        _l("Your name is not the same on your documents. Send the paper that explains the difference."),
    ),
    "phone-proof": Supplement(
        _l("Phone is not in the applicant’s name"),
        _l("Send proof that the phone number is in your name, or give a number that is."),
    ),
    "residence-proof": Supplement(
        _l("Proof of the right of residence"), _l("Send the paper that shows until when you may reside in Vietnam.")
    ),
    "bring-guardian": Supplement(
        _l("Guardian must come along"), _l("Come with your guardian. The guardian brings an identity card or passport.")
    ),
    "register-correction": Supplement(
        _l("The register must be corrected first"),
        _l("What the register holds about you is wrong. Ask the office to correct it; then we go on."),
    ),
}

REFUSALS: Mapping[str, Refusal] = {
    "identity-not-matched": Refusal(
        _l("Face or fingerprints do not match"),
        _l("Your face or fingerprints did not match what the register holds."),
        _l("Decree 69/2024/ND-CP, Articles 10 and 11"),
        _l("Bring your identity card or your passport with residence card, and ask for a new capture."),
    ),
    "document-expired": Refusal(
        _l("Document has expired"),
        _l("Your identity card, passport or residence card has expired."),
        _l("Decree 69/2024/ND-CP, Articles 7, 10 and 11"),
        _l("Renew the document, then apply again."),
    ),
    "document-not-genuine": Refusal(
        _l("Document is not genuine"),
        _l("The document that you showed could not be accepted as genuine."),
        _l("Decree 69/2024/ND-CP, Articles 10 and 11"),
        _l("Bring the original, or a new one from the body that issued it."),
    ),
    "no-right-of-residence": Refusal(
        _l("No permanent or temporary residence card"),
        _l("You do not hold a permanent or temporary residence card in force."),
        _l("Decree 69/2024/ND-CP, Article 7"),
        _l("Get a permanent or temporary residence card, then apply again."),
    ),
    "supplement-not-given": Refusal(
        _l("Supplement did not arrive"),
        _l("What we asked you for did not arrive, or was not enough to decide."),
        _l("Decree 45/2020/ND-CP"),
        _l("Apply again with the papers that we asked for."),
    ),
    "not-appeared": Refusal(
        _l("Applicant did not come"),
        _l("You did not come to the counter, and level 2 needs a visit in person."),
        _l("Decree 69/2024/ND-CP, Articles 10 and 11"),
        _l("Apply again and come to the office with your documents."),
    ),
    "guardian-missing": Refusal(
        _l("Guardian was missing"),
        _l("A person under 14 or under guardianship comes with the guardian."),
        _l("Decree 69/2024/ND-CP, Article 10"),
        _l("Come together with the guardian, who brings an identity card or passport."),
    ),
    "second-account": Refusal(
        _l("Person has an account already"),
        _l("You have an account already, and nobody may have two."),
        _l("Decree 69/2024/ND-CP, Article 7"),
        _l("Use your account. If you cannot open it, any office helps."),
    ),
}

APPEAL = _l("If you do not agree, write to the office or come in person: another officer looks at it again.")
