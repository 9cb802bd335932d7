"""Officers of the receiving offices: the queue, the case, the counter and the decision."""

from portal.security import Slice, staff

blueprint = Slice(
    "office",
    __name__,
    guard=staff("receiving_officer", "approving_officer", "supervisor"),
    url_prefix="/office",
    template_folder="templates",
)

from portal.office import views  # noqa: E402, F401 - the views register themselves on the blueprint above
