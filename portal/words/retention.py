"""How the rules of retention are called."""

from __future__ import annotations

from typing import Any

from portal.language import _l

RULES: dict[str, Any] = {
    "drafts": _l("Applications that were begun and never sent"),
    "codes": _l("Codes for phones, as digests"),
    "copies": _l("Copies of people's data that were not fetched"),
    "closed-files": _l("Pictures and papers of applications without an account"),
    "closed-applications": _l("Words of applications without an account"),
    "appeals": _l("Words of appeals"),
    "complaints": _l("Words of complaints"),
    "office-notes": _l("Notes of officers on second looks and namesakes"),
    "supplement-wishes": _l("Why officers wished for a second supplement, and the answers"),
    "break-glass": _l("Why files of other offices were opened"),
    "portraits": _l("Portraits after the account was issued"),
    "inbox": _l("Words of messages under My account"),
    "sent": _l("That a message was sent"),
    "sessions": _l("How accounts were signed in to"),
    "unfinished-keys": _l("Keys of activations that were not finished in time"),
    "guardian-questions": _l("What guardians were asked, and their answers"),
    "recoveries": _l("How accounts were recovered"),
    "trusted-people": _l("Trusted people who were removed"),
    "breaches": _l("Words of breaches, and who was concerned"),
    "lock-requests": _l("Words of requests to lock or open an account"),
    "calls": _l("Calls to the hotline"),
    "rights": _l("Words of requests about personal data"),
    "scam-reports": _l("What people told about badges"),
    "referrals": _l("How to reach people who were referred"),
}
