"""The member of a community team, on a phone: today, people to help, records of help."""

from portal.security import Slice, staff

blueprint = Slice("team", __name__, guard=staff("member", "lead"), url_prefix="/team", template_folder="templates")

from portal.team import (  # noqa: E402, F401 - they register views
    badge,
    behalf,
    card,
    device,
    help_log,
    phone,
    referrals,
    scripts,
    shifts,
    sync,
    today,
    worklist,
)
