"""Refusals of helping: help codes, records of help, teams."""

from portal.language import _l

SENTENCES = {
    "help-not-agreed": _l("This person has not agreed to be helped."),
    "help-code-limit": _l("Enough help codes were made for today. Use one of them, or make a new one tomorrow."),
    "help-code-unknown": _l(
        "This help code is not known for that day. Ask the person to read it out again, or leave the field empty."
    ),
    "help-code-blocked": _l(
        "Too many wrong help codes today. Save the record without a code; codes work again tomorrow."
    ),
    "already-a-member": _l("This account is a member of a team already."),
    "not-a-member": _l("You are not a member of a team today. Ask your commune to appoint you."),
    "not-a-member-then": _l("You were not a member of a team on that day. Check the day."),
    "nobody-waits-here": _l("Nobody waits here. The person may have activated the account, or no longer wants help."),
    "assistance-in-future": _l("This time lies ahead. Check the day and the clock of your phone."),
    "assistance-too-late": _l("Help of more than %(days)s days ago is not taken in any more. Tell your team lead."),
    "assistance-minutes": _l("Give between 1 and %(most)s minutes."),
    "assistance-obstacle": _l("Choose the reason if the person got stuck, and only then."),
    "assistance-referred": _l("If you referred the person, choose “Referred” in both places."),
    "assistance-own-hand": _l(
        "Account, password and codes are never done on somebody's behalf. Choose what really happened, or refer the"
        " person to the desk."
    ),
    "assistance-not-authorised": _l(
        "Help on somebody's behalf needs their authorisation. Choose the receipt, or choose another way."
    ),
    "delegation-unknown": _l("This authorisation was not given to you. Choose one of yours."),
    "delegation-over": _l("This authorisation did not hold at that time: it was over, or the person had ended it."),
    "delegation-other-person": _l("This help code is of somebody else than who gave the authorisation. Check both."),
    "delegation-other-task": _l("The person allowed something else. Choose the task that stands on the receipt."),
    "village-exists": _l("There is a village of this name already."),
    "own-portrait": _l("Nobody puts the portrait on their own badge. Another coordinator has to."),
    "assistance-not-yours": _l("Only your own records can be corrected."),
    "assistance-superseded": _l(
        "This record was corrected meanwhile. Check what you wrote and save again: it then corrects the newest version."
    ),
    "assistance-conflict": _l(
        "This record was saved before with other content, and stays as it is. Open it from today's list to correct it."
    ),
    "held-refused": _l("The coordinator did not let this record count. Ask them why."),
    "village-elsewhere": _l("This village does not lie in your unit. Choose another one."),
    "record-damaged": _l("This record cannot be read. Open it, check every answer and save it again."),
    "outbox-of-another": _l("These records belong to another member, who has to sign in to send them."),
    "badge-revoked": _l("This badge was taken back. Ask your coordinator for a new one."),
    "no-such-member": _l("No staff account has this name. Check it, or have one made first."),
    "team-full": _l("This team has %(most)s members already. That is the most a team may have."),
    "shift-times": _l("The end must come after the beginning. Tell a night as two shifts, one for each day."),
    "shift-too-late": _l("Shifts of more than %(days)s days ago are not taken in any more."),
    "shift-overlaps": _l("You have another shift at that time. Choose other hours."),
    "shift-not-yet": _l("This shift has not been yet. Approve it afterwards."),
    "shift-told-again": _l("The member told this shift again meanwhile. Decide on the new one."),
    "own-badge": _l("Nobody decides about their own badge. Another coordinator has to."),
    "own-shift": _l("Nobody approves their own shift. Somebody else has to."),
    "referral-not-agreed": _l("Refer somebody only when they agree. Tick that they do."),
    "delegation-not-agreed": _l("The person must say what you may do. Tick that they agree and got the receipt."),
    "delegation-days": _l("Choose between 1 and %(most)s days."),
    "outreach-not-yours": _l("Somebody else calls this person."),
    "note-has-number": _l("Take “%(words)s” out: numbers of phones, documents and vehicles may not stand here."),
    "note-has-address": _l("Take “%(words)s” out: e-mail addresses may not stand here."),
    "note-has-page": _l("Take “%(words)s” out: what leads to somebody's page or account may not stand here."),
    "note-has-letters": _l(
        "Write “%(words)s” in Vietnamese or English: in other letters nobody can check whether it is a name."
    ),
    "note-has-secret": _l("Take “%(words)s” out: a password or code may stand nowhere. Never ask for one."),
    "note-has-name": _l(
        "Take “%(words)s” out: people's names may not stand here. For a place, write its kind before it: phường, xã,"
        " thôn."
    ),
}
STATUS = {
    "help-not-agreed": 403,
    "not-a-member": 403,
    "nobody-waits-here": 404,
    "assistance-not-yours": 403,
    "outbox-of-another": 403,
}
