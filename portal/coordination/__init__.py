"""Ward and province coordinators and leaders: where help is needed, and what it led to."""

from portal.security import Slice, in_a_unit

blueprint = Slice(
    "coordination",
    __name__,
    guard=in_a_unit("coordinator", "leader"),
    url_prefix="/coordination",
    template_folder="templates",
)

from portal.coordination import (  # noqa: E402, F401 - they register views
    calls,
    desk,
    overview,
    pay,
    portraits,
    shifts,
    teams,
    units,
    villages,
)
