"""The data-rights desk: officers answer requests about personal data, the late ones first."""

from portal.security import Slice, staff

blueprint = Slice(
    "rights",
    __name__,
    guard=staff("receiving_officer", "approving_officer", "data_protection_officer", "operator"),
    url_prefix="/office/data-rights",
    template_folder="templates",
)

from portal.rights import breaches, counter, desk, retention, texts  # noqa: E402, F401 - they register views
