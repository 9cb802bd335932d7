"""The living catalogue of components: every control in every state, in both languages; in the demonstration only."""

from portal.security import Slice, demonstration_only

blueprint = Slice(
    "design",
    __name__,
    guard=demonstration_only,
    url_prefix="/design",
    template_folder="templates",
)

from portal.design import views  # noqa: E402, F401 - the views register themselves on the blueprint above
