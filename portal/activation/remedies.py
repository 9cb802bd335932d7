"""What helps when a step of the activation fails (failures as people report them, with what they can do)."""

from __future__ import annotations

from typing import Any

from portal.language import _l

LATE_SMS = (
    _l("Wait two minutes and ask for one new code only; the latest counts."),
    _l("Check the signal, whether the inbox is full, and whether unknown senders are blocked."),
    _l("Another SIM in the phone? The message goes to the number on file."),
    _l("Nothing helps: the office that received your application can change the number on file."),
)
OFFICE = (
    _l("Your account is kept; you need no new application."),
    _l("Go to the office that received your application with the original of your document, or call the hotline."),
)
PASSWORD = (
    _l("Three or four words that do not belong together are easy to remember and hard to guess."),
    _l("Leave out your name, your number and your birthday, and what many people use."),
)
REMEDIES: dict[str, tuple[Any, ...]] = {
    "activation-code-unknown": (
        _l("Take the code from the latest message; an older one no longer works."),
        _l("0 and O, 1 and I and L count as the same. Hyphens and spaces do not matter."),
        _l("No message? Look up your application with its code: it may not be approved yet."),
    ),
    "activation-window-over": OFFICE,
    "activation-no-phone": OFFICE,
    "activation-proof-ended": OFFICE,
    "activation-proof-wrong": (
        _l("Read it from the document itself, not from memory."),
        _l("Renewed since you applied? Use the slip from the counter, or go to the office."),
    ),
    "guardian-waits": (
        _l("Your guardian signs in on their own phone and opens Children and wards under My account."),
        _l("They choose the number that stands on this page."),
    ),
    "guardian-said-no": (_l("Talk to your guardian. Then ask again; a new number is shown."),),
    "guardian-question-over": (_l("Ask again when your guardian has a minute; the answer is waited for 10 minutes."),),
    "guardian-asked-often": (_l("Wait an hour. Meanwhile see that your guardian can sign in to their own account."),),
    "guardian-missing": OFFICE,
    "account-locked": (
        _l("A document may have expired: renew it, then apply online with the new one. The same account opens again."),
        _l("14 years old by now? Then apply once more yourself, with a phone of your own."),
        _l("Otherwise the office that issued the account tells you the reason."),
    ),
    "otp-wrong": (_l("Read the newest message; an older code no longer works."),),
    "otp-expired": LATE_SMS,
    "otp-ended": LATE_SMS,
    "otp-used": LATE_SMS,
    "otp-not-sent": LATE_SMS,
    "otp-wait": LATE_SMS,
    "otp-too-many": LATE_SMS,
    "otp-too-many-today": LATE_SMS,
    "password-too-short": PASSWORD,
    "password-too-long": PASSWORD,
    "password-common": PASSWORD,
    "password-about-you": PASSWORD,
    "recovery-code-wrong": (
        _l("Write the codes down first: on paper, or in a safe place that is not this phone."),
        _l("Then type any one of them as it stands; hyphens do not matter."),
    ),
    "passkey-not-made": (
        _l("Nothing is lost. Try once more, and confirm with your face, a finger or the code that opens the device."),
        _l("No screen lock on this device yet? Set one up in its settings, then come back to this page."),
        _l("Or take the app below: it works on every phone."),
    ),
    "totp-wrong": (
        _l("Set the phone’s date and time to automatic."),
        _l("Remove older entries of this account from the app; scan the picture on this page again."),
        _l("Wait for the next 6 digits, then type them at once."),
    ),
}
"""Code of a refusal → what to try, the likeliest first."""
