"""Residents learn: lessons for everybody, sessions near them, and what they have reached."""

from portal.security import Slice, anyone

blueprint = Slice("learn", __name__, guard=anyone, url_prefix="/learn", template_folder="templates")

from portal.learn import certificate, check_in, kept, lessons, progress, sessions  # noqa: E402, F401 - views
