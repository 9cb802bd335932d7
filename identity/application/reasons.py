"""Why an officer asks for more or says no: closed lists of codes; the portal words them in the reader's language."""

SUPPLEMENT_REASONS = (
    "residence-card-photo",
    "passport-photo",
    "card-photo",
    "name-differs",
    "phone-proof",
    "residence-proof",
    "bring-guardian",
    "register-correction",
)
"""What may be asked for. Never what a register holds (Decree 45/2020, once only)."""
PAPERS_OF = {"citizen": frozenset({"card-photo"}), "foreigner": frozenset({"residence-card-photo", "passport-photo"})}
"""Which papers a kind of person has at all."""

REFUSAL_REASONS = (
    "identity-not-matched",
    "document-expired",
    "document-not-genuine",
    "no-right-of-residence",
    "supplement-not-given",
    "not-appeared",
    "guardian-missing",
    "second-account",
)
"""Why an application may be refused; each names its rule, what to bring, and how to appeal (`portal/reasons.py`)."""
