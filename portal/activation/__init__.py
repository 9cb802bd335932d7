"""Activating an issued account, step by step, alone or with a helper beside."""

from portal.security import Slice, anyone

blueprint = Slice("activation", __name__, guard=anyone, url_prefix="/activate", template_folder="templates")

from portal.activation import credentials, proofs, start  # noqa: E402, F401 - they register views
