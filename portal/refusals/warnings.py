"""Refusals of warnings: how one may be resolved."""

from portal.language import _l

SENTENCES = {
    "warning-way": _l("Choose how the warning is resolved."),
    "warning-note": _l("Say in a sentence or two what you found."),
    "warning-not-corrected": _l(
        "Nothing behind this warning was corrected since it was found. "
        "Have the records corrected first, or say what was learned."
    ),
}
STATUS: dict[str, int] = {}
