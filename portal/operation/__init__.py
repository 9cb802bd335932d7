"""What the operator and the machines around us ask: alive, ready, figures, and (in the demonstration) what was sent."""

from __future__ import annotations

from portal.security import Slice, anyone

blueprint = Slice("operation", __name__, guard=anyone, template_folder="templates")
