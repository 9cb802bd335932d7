"""What an officer is told about an application that was sent online, and about who acts for a child or ward."""

from __future__ import annotations

from sqlalchemy.orm import Session

from identity.application import Application
from identity.application.by_rule import EARLIER, GUARDIANSHIP, ON_REQUEST, PORTRAIT, RENAMED, SIM
from identity.guardians import Basis
from identity.person import Person
from portal.language import _, _l

REASONS = {
    ON_REQUEST: _l("Sent online, on request: an officer looks at it in any case."),
    SIM: _l("The operator did not say whose the number is. Ask for proof if there is doubt."),
    PORTRAIT: _l("The register did not recognise the portrait. Compare it yourself."),
    RENAMED: _l(
        "The register has another name or birth date than the account of this person. Compare the document, and the "
        "paper of the change if there is doubt. With your approval the account takes over what the register says."
    ),
    EARLIER: _l("The applicant names an earlier number, under which they had an account. Look it up."),
    GUARDIANSHIP: _l("The register does not name the guardian. Look at the paper among the files."),
}


def why_an_officer(application: Application) -> list[str]:
    """Why the rule did not decide by itself."""
    return [str(REASONS[reason]) for reason in (application.officer_reasons or "").split() if reason in REASONS]


def guardian_of(look: Session, application: Application) -> str | None:
    """Who acts for the applicant and must stand at the counter with them; None when nobody does."""
    guardian = look.get(Person, application.guardian_id) if application.guardian_id else None
    if guardian is None:
        return None
    if application.guardian_basis == Basis.REGISTER:
        return _("%(name)s, named by the register", name=guardian.full_name)
    return _("%(name)s, by a paper among the files", name=guardian.full_name)
