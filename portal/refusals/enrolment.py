"""Refusals of applying, of following an application, and of officers' acts on it."""

from portal.language import _l

SENTENCES = {
    # the register
    "register-mismatch": _l(
        "We could not confirm these details. Compare each with your document and correct what differs. "
        "If everything is right, go to the office with the document: the register may have to be corrected."
    ),
    "register-unavailable": _l(
        "The register does not answer at the moment. Your answers are saved; try again in a few minutes or later today."
    ),
    "register-away-for-longer": _l(
        "The register is away for longer. Until it answers nobody can apply anew, here or at an office. Your answers "
        "are saved: open this page again in the same browser on another day, within the next %(days)s days."
    ),
    "too-many-lookups": _l(
        "There were too many tries. Nothing more is looked up for 24 hours. Your answers are saved; "
        "you can also go to the office with your document."
    ),
    "phone-not-proved": _l("Confirm your mobile number first."),
    # who may apply
    "too-young": _l("Children under %(age)s cannot have a level 2 account."),
    "guardian-needed": _l(
        "Under %(age)s the guardian applies: they sign in with their own level 2 account and add the child. "
        "For level 2 go to the office together; bring the documents of both."
    ),
    "card-expired": _l(
        "The identity card is no longer valid. Apply for a new card at the commune police; you can apply for the "
        "account there at the same time."
    ),
    "residence-card-expired": _l(
        "The residence card is no longer valid. Have it renewed at the immigration office, then apply again."
    ),
    "passport-expired": _l(
        "The passport is no longer valid. Renew it, have the residence card updated, then apply again."
    ),
    "residence-document-kind": _l(
        "An account needs a permanent or temporary residence card. Ask the immigration office what you can apply for."
    ),
    "account-exists": _l(
        "There is an account for you already. Sign in with it. If you cannot get in, bring your document to any office."
    ),
    "application-open": _l(
        "There is an open application for you already. Follow it with the code in our message. "
        "Without the code, ask at the office; to begin anew, withdraw it first."
    ),
    "phone-used": _l(
        "This mobile number belongs to another person's account or application. Use a number registered in your own "
        "name, or go to the office with your document."
    ),
    # the draft and the file
    "draft-already-sent": _l("This application was sent already. Open it with its code."),
    "draft-gone": _l("There is no saved application in this browser any more. Begin again."),
    "office-missing": _l("Choose the office you will go to."),
    "code-unknown": _l("There is no application with this code. Compare it with the receipt or the message."),
    "application-unknown": _l("There is no such application."),
    "application-changed": _l("This application was changed a moment ago. Open it again to see how it stands."),
    "application-state": _l("This cannot be done with the application as it stands now. Open it again."),
    # officers' acts on a file
    "own-file": _l(
        "This is your own application or account. Another officer must act on it. Your attempt was recorded."
    ),
    "four-eyes": _l("You received this application, so another officer decides it. Your attempt was recorded."),
    "approver-only": _l("Only an approving officer decides. Your attempt was recorded."),
    "visit-missing": _l(
        "Nobody has seen this person yet. Level 2 can be approved after the visit: portrait, fingerprints and match."
    ),
    "reason-needs-visit": _l(
        "This reason rests on a visit, and nobody has seen the person and the document yet. "
        "Have the visit recorded first, or choose another reason."
    ),
    "reason-does-not-fit": _l("This reason is not true of this application. Choose another one."),
    "not-matched": _l("The register did not recognise this person, so the application cannot be approved."),
    "reason-missing": _l("Choose a reason from the list."),
    "note-too-long": _l("The note may have at most %(most)s characters."),
    "supplement-needs-supervisor": _l("Something was asked for once already. A second request takes a supervisor."),
    "capture-reference": _l("The capture reference has 4 to 80 letters, digits, dots, colons or hyphens."),
    "no-level-at-this-age": _l("There is no level 2 at this age."),
}
STATUS = {
    "application-unknown": 404,
    "own-file": 403,
    "four-eyes": 403,
    "approver-only": 403,
    "too-many-lookups": 429,
}
