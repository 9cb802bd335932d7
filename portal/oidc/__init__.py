"""Relying parties and the people they send: authorize, consent, tokens, user information, keys, sign-out."""

from portal.security import Slice, anyone

blueprint = Slice("oidc", __name__, guard=anyone, template_folder="templates", cli_group=None)

from portal.oidc import (  # noqa: E402
    commands,  # noqa: F401
    cors,  # noqa: F401
    documents,  # noqa: F401
    failures,  # noqa: F401
    leading_back,  # noqa: F401
    logo,  # noqa: F401
    onward,  # noqa: F401
    par,  # noqa: F401
    registration,  # noqa: F401
    sign_out,  # noqa: F401
    straight_on,  # noqa: F401
    token,  # noqa: F401
    views,  # noqa: F401
)
