"""The member of a community team, on a phone: today, people to help, records of help."""

from portal.security import Slice, staff

blueprint = Slice("team", __name__, guard=staff("member", "lead"), url_prefix="/team", template_folder="templates")

from portal.team import device, help_log, phone, scripts, sync, today, worklist  # noqa: E402, F401 - they register views
