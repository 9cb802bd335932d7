"""Programs of other bodies: the registry of indicators and the published figures, for tokens of machine clients."""

from portal.exchange.machine import machine
from portal.security import Slice

blueprint = Slice("exchange", __name__, guard=machine, url_prefix="/exchange")

from portal.exchange import documents, figures, problems, structures  # noqa: E402, F401 - they register views
