"""Which resource server a token is for (RFC 8707). One at a time: a token for two could be used by one at the other.

A token without a resource is for our own endpoints. A resource server that asks about tokens is a client whose
`client_id` is the resource's address.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from identity.oidc.errors import ProtocolError

RULE = "RFC 8707 section 2.2"


def check_resource(asked: Sequence[str], allowed: Collection[str]) -> str | None:
    """The resource that this token request names; None for our own endpoints. `ProtocolError` invalid_target."""
    if not asked:
        return None
    if len(asked) > 1:
        raise ProtocolError("invalid_target", "A token is for one resource: ask for each in its turn", rule=RULE)
    if asked[0] not in allowed:
        raise ProtocolError("invalid_target", "The resource was not granted to this client", rule=RULE)
    return asked[0]
