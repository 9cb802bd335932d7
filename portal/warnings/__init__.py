"""Warnings of coordinators and leaders: what looks odd in their figures, what is behind it, what was learned.

`lessons` is the same for the team itself: it reads what was learned from its records.
"""

from portal.security import Slice, staff

blueprint = Slice(
    "warnings",
    __name__,
    guard=staff("coordinator", "leader"),
    url_prefix="/warnings",
    template_folder="templates",
)
lessons = Slice(
    "lessons", __name__, guard=staff("member", "lead"), url_prefix="/team/lessons", template_folder="templates"
)

from portal.warnings import learned, one, overview  # noqa: E402, F401 - they register views
