"""The hotline desk: one case at a time, the caller verified by rule, and the few things a call may do."""

from portal.security import Slice, staff

blueprint = Slice("hotline", __name__, guard=staff("hotline_agent"), url_prefix="/hotline", template_folder="templates")

from portal.hotline import agents, call, find  # noqa: E402, F401 - they register views
