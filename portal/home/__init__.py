"""Visitors: the start page, help, what we promise, language and text size."""

from portal.security import Slice, anyone

blueprint = Slice("home", __name__, guard=anyone, template_folder="templates")

from portal.home import help, views  # noqa: E402, F401 - they register views
