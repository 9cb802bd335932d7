"""Guardians and wards: the list of those somebody acts for, each question about a use, and where a ward waits."""

from portal.security import Slice, resident

blueprint = Slice("guardians", __name__, guard=resident, url_prefix="/account", template_folder="templates")

from portal.guardians import asking, views  # noqa: E402, F401 - they register views
