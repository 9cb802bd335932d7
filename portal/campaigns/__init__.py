"""Campaigns of coordinators and leaders: their targets beside what was counted, and tasks with an owner and a day."""

from portal.security import Slice, staff

blueprint = Slice(
    "campaigns",
    __name__,
    guard=staff("coordinator", "leader"),
    url_prefix="/campaigns",
    template_folder="templates",
)

from portal.campaigns import campaign, closing, export, plan, tasks  # noqa: E402, F401 - they register views
