"""Whatever stops an activation has a sentence and something to do about it (law facts 5.4, the rows on activation)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import identity.activation
import identity.credentials.passwords
from onboarding.guidance import CAUSES
from portal.activation.remedies import REMEDIES
from portal.errors import SENTENCES

STOPS = re.compile(
    r'step_failed\([^\n]*Refused\("([a-z-]+)"|Refused\("((?:activation|guardian|totp|recovery)-[a-z-]+)"'
)
NO_STEP = {"activation-other-step"}
"""The page itself leads on: there is nothing to remedy."""
ROWS = {
    "no activation SMS": "activation-code-unknown",
    "no OTP": "otp-not-sent",
    "several OTP requests": "otp-wait",
    "past 7 days": "activation-window-over",
    "changed phone number": "activation-no-phone",
    "document does not say what was typed": "activation-proof-wrong",
    "too many wrong proofs": "activation-proof-ended",
    "account locked": "account-locked",
    "the app's code does not fit": "totp-wrong",
    "recovery codes not written down": "recovery-code-wrong",
    "child under 14, guardian away": "guardian-waits",
    "child under 14, guardian says no": "guardian-said-no",
}


@pytest.mark.parametrize("row", ROWS)
def test_each_row_of_the_failure_table_has_its_sentence_and_its_remedy(row: str) -> None:
    assert str(SENTENCES[ROWS[row]])
    assert all(str(remedy) for remedy in REMEDIES[ROWS[row]]) and REMEDIES[ROWS[row]]


def test_no_step_fails_without_a_remedy() -> None:
    folder = Path(identity.activation.__file__).parent
    source = "\n".join(path.read_text(encoding="utf-8") for path in folder.glob("*.py"))
    stops = {code for found in STOPS.findall(source) for code in found if code} - NO_STEP
    assert len(stops) >= 8
    assert stops <= REMEDIES.keys()
    rules = Path(identity.credentials.passwords.__file__).read_text(encoding="utf-8")
    refused = set(re.findall(r'Refused\("(password-[a-z-]+)"', rules))
    assert len(refused) == 4 and refused | CAUSES.keys() <= REMEDIES.keys()
