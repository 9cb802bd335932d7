"""Public checks of what we hand out: awards of training. Anybody may look, nobody learns more than they hold."""

from portal.security import Slice, anyone

blueprint = Slice("verify", __name__, guard=anyone, url_prefix="/verify", template_folder="templates")

from portal.verify import awards, badges, decisions, lock_decisions  # noqa: E402, F401 - they register views
