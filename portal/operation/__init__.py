"""What the operator and the machines around us ask: alive, ready, figures, and (in the demonstration) what was sent."""

from __future__ import annotations

from portal import commands
from portal.security import Slice, anyone

blueprint = Slice("operation", __name__, guard=anyone, template_folder="templates", cli_group=None)
for command in commands.ALL:
    blueprint.cli.add_command(command)

from portal.operation import (  # noqa: E402, F401 - they register themselves on the blueprint above
    deliveries,
    feeds,
    new_feed,
    outbox,
    overview,
    registers,
    rules,
    views,
    work,
)
