"""Refusals of the portal itself."""

from portal.language import _l

SENTENCES = {
    "page-stale": _l("This page was open for too long. Check what you entered and send it again."),
    "not-allowed": _l("Your account may not open this page."),
    "second-factor-needed": _l("Sign in with your second factor to open this page."),
    "changed-meanwhile": _l(
        "This was changed a moment ago, perhaps by a second click. Open the page again to see how it stands."
    ),
    "not-found": _l("We could not find this."),
}
STATUS = {"page-stale": 400, "not-allowed": 403, "second-factor-needed": 403, "not-found": 404}
