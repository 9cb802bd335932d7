"""Dashboards of teams, wards, provinces and the country: figures with their targets, where they go, what to decide."""

from portal.security import Slice, staff

blueprint = Slice(
    "figures",
    __name__,
    guard=staff("coordinator", "leader", "member", "lead"),
    url_prefix="/figures",
    template_folder="templates",
)

from portal.figures import course_export, export, place, team, wall  # noqa: E402, F401 - they register views
