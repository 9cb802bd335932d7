"""The sealed audit trail, for everybody: checkpoints, the key that signs them, and the check of a receipt."""

from portal.security import Slice, anyone

blueprint = Slice("trail", __name__, guard=anyone, url_prefix="/trail", template_folder="templates", cli_group=None)

from portal.trail import commands, receipts, search, views  # noqa: E402, F401 - they register views and commands
