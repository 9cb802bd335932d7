"""Why an officer asks for more or refuses, in words for the applicant: what, by which rule, what to bring.

The closed lists are `identity.application.reasons`; office, status page and messages word them alike from here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from portal.language import _l


@dataclass(frozen=True, slots=True)
class RefusalWords:
    """A refusal: the reason, the rule, and what to bring to put it right."""

    reason: Any
    rule: Any
    bring: Any


SUPPLEMENTS: dict[str, Any] = {
    "residence-card-photo": _l("A clear picture of both sides of your residence card"),
    "passport-photo": _l("A clear picture of the passport page with your photograph"),
    "card-photo": _l("A clear picture of both sides of your identity card"),
    "name-differs": _l("An explanation why your name is written in two ways, with a document if you have one"),
    "phone-proof": _l("Proof that the mobile number is registered in your name"),
    "residence-proof": _l("Proof of where you live now"),
    "bring-guardian": _l("The name of the guardian who comes with you, and the document that shows it"),
    "register-correction": _l("The register has a mistake: have it corrected at the police office, then tell us"),
}
REFUSALS: dict[str, RefusalWords] = {
    "identity-not-matched": RefusalWords(
        _l("Face or fingerprints did not match the register."),
        _l("Decree 69/2024/ND-CP, articles 10 and 11"),
        _l("Bring the original document. If the register is out of date, have it corrected first."),
    ),
    "document-expired": RefusalWords(
        _l("A document is no longer valid."),
        _l("Decree 69/2024/ND-CP, article 7"),
        _l("Renew the document, then apply again with the new one."),
    ),
    "document-not-genuine": RefusalWords(
        _l("The document could not be confirmed as genuine."),
        _l("Decree 69/2024/ND-CP, articles 10 and 11"),
        _l("Bring the original document to the office that issued it."),
    ),
    "no-right-of-residence": RefusalWords(
        _l("There is no valid permanent or temporary residence card."),
        _l("Decree 69/2024/ND-CP, article 7"),
        _l("Bring a valid residence card, then apply again."),
    ),
    "supplement-not-given": RefusalWords(
        _l("What the office asked for was not given, or not completely."),
        _l("Decree 45/2020/ND-CP, article 11"),
        _l("Bring everything the office asked for and apply again."),
    ),
    "not-appeared": RefusalWords(
        _l("You did not come to the office."),
        _l("Decree 69/2024/ND-CP, articles 10 and 11: level 2 needs a visit"),
        _l("Apply again and come with the original documents."),
    ),
    "guardian-missing": RefusalWords(
        _l("The guardian did not come along."),
        _l("Decree 69/2024/ND-CP, articles 10 and 11"),
        _l("Come with the guardian, who brings their own document."),
    ),
    "second-account": RefusalWords(
        _l("This person has an account already."),
        _l("Decree 69/2024/ND-CP, article 7: one person, one account"),
        _l("Use that account. If you cannot get in, bring your document to any office."),
    ),
}
