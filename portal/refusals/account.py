"""Refusals of accounts, sessions, credentials and activation."""

from portal.language import _l

SENTENCES = {
    "account-unknown": _l("We do not know this account."),
    "account-closed": _l("This account is closed."),
    "account-locked": _l("This account is locked. The office that issued it tells you why and how to open it again."),
    "account-locked:own-request": _l(
        "This account is frozen, as its owner asked. Any office opens it again: bring the original of your document."
    ),
    "account-locked:document-expired": _l(
        "This account is locked because a document has expired. Renew it, then apply online with the new one: "
        "the same account opens again."
    ),
    "account-locked:residence-expired": _l(
        "This account is locked because the residence card has expired. Have it renewed, then apply online with the "
        "new one: the same account opens again."
    ),
    "account-locked:hand-over": _l(
        "The guardian’s authority over this account has ended. Its holder applies once, with a phone of their own, "
        "and takes the account over."
    ),
    "account-paused": _l(
        "Somebody asked to stop new sign-ins and changes for a day. A browser that is signed in can end that, "
        "under My account."
    ),
    "disown-over": _l("This was answered already, or is long past. If you still worry, freeze the account."),
    "freeze-wrong": _l(
        "The number and the freeze code do not match. The code is on the sheet with your recovery codes."
    ),
    "account-not-active": _l("This account is not active yet. Activate it with the code from the message."),
    "account-already-active": _l("This account is active already. Sign in with your password."),
    "activation-window-over": _l(
        "The 7 days to activate are over. Your account is kept: ask the office that issued it for a new code; "
        "you need no new application."
    ),
    "session-over": _l("That browser is signed out already."),
    "sign-in-wrong": _l("The number and the password do not match. Check both; an account must be activated first."),
    "sign-in-wait": _l("Too many attempts. Wait %(seconds)s seconds, then try again."),
    "second-step-wrong": _l("This code is not right. Take the one that the app shows now; each code works once."),
    "second-step-over": _l("This took too long, or the step was done already. Start again with your password."),
    "passkey-wrong": _l("This device does not open an account here. Use another one, or sign in with your password."),
    "passkey-not-made": _l("This device was not added. Try again; nothing has changed."),
    "last-second-factor": _l(
        "This is the only second step beside the password, so it stays. First connect an app or add another device."
    ),
    "passkey-unknown": _l("This device is not on your list any more."),
    "helpers-device": _l("This is the device of a helper. Do this on a phone or computer of your own."),
    "renewal-over": _l("This took too long, or it was done already. Begin again; what you had goes on working."),
    "passkeys-enough": _l("You have as many devices as one account may have. Remove one that you no longer use."),
    "second-factor-missing": _l("This account has no second step yet. Ask your office to set it up."),
    "otp-wait": _l("A code was just sent. Wait %(seconds)s seconds before you ask for another."),
    "otp-too-many": _l("%(count)s codes were sent to this phone within an hour. Try again in an hour."),
    "otp-too-many-today": _l("%(count)s codes were sent to this phone within a day. Try again tomorrow."),
    "contact-over": _l("This took too long, or it was done already. Begin again; nothing has changed."),
    "phone-of-nobody": _l("This number belongs to nobody's account. It can be used."),
    "contact-same": _l("This is the one we have already."),
    "contact-no-old": _l("No phone is on file. Go to any office with the original of your document."),
    "otp-not-sent": _l("No code is on its way. Ask for one."),
    "otp-used": _l("This code was used or replaced already. Take the latest message, or ask for a new code."),
    "otp-expired": _l("This code has expired. Ask for a new one."),
    "otp-ended": _l("%(tries)s wrong codes. This code is worthless now; ask for a new one."),
    "otp-wrong": _l("This code is not right. Check the latest message. Tries left: %(left)s."),
    "password-wrong": _l("This is not your current password."),
    "password-too-short": _l(
        "Only %(count)s characters. Use at least %(plain)s, or %(four_classes)s with small letters, capitals, digits "
        "and signs."
    ),
    "password-too-long": _l("Use at most %(most)s characters."),
    "password-common": _l(
        "Many people use this password, so it is guessed first. Choose another; a few words are good."
    ),
    "password-about-you": _l("This password is made of your name or number. Choose one that others cannot guess."),
    "totp-wrong": _l(
        "This code is not right. Take the one that the app shows now. The clock of the phone must be set automatically."
    ),
    "recovery-code-wrong": _l("This is none of the codes on this page. Type one of them as it stands."),
    "too-many-codes": _l("Too many wrong codes. Wait %(seconds)s seconds, then try again."),
    "activation-code-unknown": _l("We do not know this code. Check it letter by letter; the latest message counts."),
    "activation-no-phone": _l("No phone is on file. Go to the office that received your application."),
    "activation-proof-wrong": _l("This does not match. Tries left: %(left)s."),
    "activation-proof-ended": _l(
        "%(tries)s wrong tries. To protect you this way is closed: the office that received your application "
        "checks your document and gives you a new code."
    ),
    "activation-other-step": _l("This step is done already, or it is not its turn. Go on with the step shown."),
    "activation-over": _l(
        "This page was open for too long, or you went on elsewhere. Enter the code again; nothing is lost."
    ),
}
STATUS = {
    "account-unknown": 404,
    "account-closed": 403,
    "account-locked": 403,
    "account-paused": 403,
    "account-not-active": 403,
    "session-over": 404,
    "passkey-unknown": 404,
    "sign-in-wait": 429,
    "too-many-codes": 429,
    "otp-wait": 429,
    "otp-too-many": 429,
    "otp-too-many-today": 429,
}
