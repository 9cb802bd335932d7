"""The people who work here: who they are, what they may do, who looked at it; and the welcome of those invited."""

from portal.security import Slice, staff

blueprint = Slice(
    "staff", __name__, guard=staff("operator"), url_prefix="/staff", template_folder="templates", cli_group=None
)

from portal.staff import commands, confirmation, directory, person, review, welcome  # noqa: E402, F401 - they register themselves
