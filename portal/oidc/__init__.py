"""Relying parties and the people they send: authorize, consent, tokens, user information, keys, sign-out."""

from portal.security import Slice, anyone

blueprint = Slice("oidc", __name__, guard=anyone, template_folder="templates")

from portal.oidc import documents, failures, leading_back, sign_out, token, views  # noqa: E402, F401
