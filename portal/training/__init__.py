"""Trainers: courses, sessions, who came, and what people can do by themselves."""

from portal.security import Slice, staff

blueprint = Slice(
    "training", __name__, guard=staff("member", "lead"), url_prefix="/training", template_folder="templates"
)

from portal.training import checks, figures, kept, people, plans, roster, screen, sessions, ticks  # noqa: E402, F401 - views
