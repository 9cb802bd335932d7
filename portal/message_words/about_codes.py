"""What a confirmation code does, where giving it away costs the account: callers who ask for one lie about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portal.language import _l

GETTING_BACK_IN = _l(
    "%(code)s gets back into your e-ID account and sets a new password, within %(minutes)s minutes. Not you? Give it "
    "to no one, and freeze the account: Help, Freeze my account.\n@%(host)s #%(code)s"
)
CODES_BY_SMS: Mapping[str, Any] = {
    "contact-old": _l(
        "%(code)s changes the phone or mail address of your e-ID account, within %(minutes)s minutes. Not you? Give it "
        "to no one, and freeze the account: Help, Freeze my account.\n@%(host)s #%(code)s"
    ),
    "recovery": GETTING_BACK_IN,
    "recovery-people": GETTING_BACK_IN,
    "second-step": _l(
        "%(code)s signs in to your e-ID account, within %(minutes)s minutes. Not you? Give it to no one, and change "
        "the password.\n@%(host)s #%(code)s"
    ),
}
"""By the purpose of the code (`identity.credentials.otp`); these go to the phone on file. Others are plain."""
