"""Refusals about the people who work here."""

from portal.language import _l

SENTENCES = {
    "login-taken": _l("This account name is taken. Choose another one."),
    "mailbox-taken": _l(
        "Somebody's account has this address already. One person has one account: give the role to that one, or open "
        "it again."
    ),
    "login-number": _l("An account name of digits only could be somebody's personal number. Add letters."),
    "already-accepted": _l("This account is open already. No new invitation was sent."),
    "invitation-over": _l("This invitation was used or is too old. Ask your administrator for a new one."),
    "app-code-wrong": _l("This code is not right. Wait for the next one in the app and type that."),
    "own-role": _l("Nobody changes their own rights. Another administrator has to."),
    "role-second": _l(
        "Another operator has to confirm or refuse this role: not the one who gave it, nor somebody whom that one "
        "alone made an operator."
    ),
    "role-answered": _l("This role was confirmed, refused or ended already."),
    "role-has-no-unit": _l("This role looks after the whole portal. Leave the unit empty."),
    "not-accepted": _l("Nobody has opened this account yet. Send the invitation again."),
    "no-work-address": _l("No e-mail address at work is known, so no letter can go out. Nothing was changed."),
    "role-stands-alone": _l(
        "Operators, auditors and agents of the hotline hold no other role. End the other role first."
    ),
    "roles-kept-apart": _l("Whoever helps people apply does not decide on applications. End the other role first."),
    "roles-held-together": _l(
        "You hold roles that nobody holds together. Until an operator has ended one of them, you cannot work here."
    ),
    "role-starts-past": _l("A role begins today or later."),
    "account-locked:idle": _l(
        "This account was shut because nobody had signed in for a long time. Ask an operator of the portal to open it."
    ),
    "account-locked:suspended": _l("An operator of the portal shut this account. Ask them why."),
    "not-idle": _l("This account was not shut for being idle."),
    "not-suspended": _l("This account was not shut by an administrator."),
    "unit-not-one": _l("%(found)s units fit. Enter the code of the one you mean."),
}
STATUS = {
    "own-role": 403,
    "role-second": 403,
    "role-answered": 409,
    "roles-held-together": 403,
    "already-accepted": 409,
    "not-accepted": 409,
    "no-work-address": 409,
    "not-idle": 409,
    "not-suspended": 409,
}
