"""Refusals of recovery, trusted contacts, signing in with a phone, and codes by SMS."""

from portal.language import _l

SENTENCES = {
    "recover-wrong": _l("The number and the recovery code do not match. The codes are on the sheet that you kept."),
    "recover-over": _l("This was stopped or done already, or took too long. Begin again; nothing has changed."),
    "stop-over": _l(
        "There is nothing to stop: it was stopped already, it ran out, or it is done. Was it not you, or can you not "
        "sign in? Freeze the account now."
    ),
    "recover-other-step": _l("This step is done already, or it is not its turn. Go on with the step shown."),
    "recover-needs-device": _l("Sign in with the lock of a device first: face, fingerprint or screen lock."),
    "recover-no-phone": _l("No phone is on file. Go to any office with the original of your document."),
    "recover-code-unknown": _l("We do not know this code. Check it letter by letter, or begin again."),
    "recover-locked": _l("This account is locked for another reason. Only whoever locked it opens it again."),
    "recover-not-active": _l("This account was never activated. Give the person a new activation code instead."),
    "recovered-lately": _l(
        "The account was recovered a few days ago. For 7 days its phone, mail address and trusted people stay as "
        "they are."
    ),
    "counter-unknown": _l("There is no account with this number. Check it against the document."),
    "co-sign-wrong": _l("We do not know this word, or you are not one of the people this person chose. Ask again."),
    "trusted-self": _l("This is your own number. Choose somebody else."),
    "trusted-enough": _l("You have named as many people as you may. Remove one first."),
    "trusted-enough-today": _l("You have named many people today. Try again tomorrow."),
    "trusted-twice": _l("You have named this person already."),
    "trusted-unknown": _l("This is not on the list any more."),
    "trusted-level": _l("You need a level 2 account of your own for this."),
    "trusted-helper": _l("You helped this person as a team member or officer, so you cannot be their trusted person."),
    "qr-old": _l("This picture is too old. Scan the one that the computer shows now."),
    "qr-over": _l("This took too long, or it was answered already. Begin again on the computer."),
    "qr-other-browser": _l("This was begun in another browser. Begin again here."),
    "qr-waiting": _l("Your phone has not said yes. Scan the picture and choose the number shown here."),
    "qr-refused": _l("Your phone said no, or chose another number. Nobody was signed in."),
    "qr-wrong-number": _l("That is not the number on the computer. To be safe, nobody was signed in."),
    "sms-factor-off": _l("This account does not take codes by SMS. Use the app or a recovery code."),
    "otp-wrong-plain": _l("This code is not right. Check the latest message."),
}
STATUS = {
    "counter-unknown": 404,
    "trusted-unknown": 404,
}
