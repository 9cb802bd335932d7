"""The lock desk: why an account is shut, requests on paper to lock or open one, and the decision about them."""

from portal.security import Slice, staff

blueprint = Slice(
    "locks",
    __name__,
    guard=staff("receiving_officer", "approving_officer"),
    url_prefix="/office/locks",
    template_folder="templates",
)

from portal.locks import account, desk, request_case  # noqa: E402, F401 - they register views
