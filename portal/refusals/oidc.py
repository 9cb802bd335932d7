"""Refusals of the provider that a person may meet."""

from portal.language import _l

SENTENCES = {
    "message-not-sendable": _l(
        "This message has arrived, is on its way, or is kept no longer. It cannot be sent again."
    ),
    "client-id-invalid": _l("The identifier of the service must be plain printable text of at most 512 characters."),
    "client-id-taken": _l("Another service has this identifier, or had it before it was closed."),
    "client-auth-method-invalid": _l("This kind of service cannot authenticate in this way."),
    "client-grant-invalid": _l("This kind of service cannot be given this grant."),
    "client-scope-invalid": _l("A service that signs people in needs a redirect address and known scopes."),
    "client-address-invalid": _l("%(address)s cannot be used: an address starts with https:// and has no user or #."),
    "client-metadata-invalid": _l("What was said about the service cannot be used: %(member)s."),
    "client-sector-clash": _l("The service has met people whom its new sector knows by another name."),
    "client-sector-needed": _l("Redirect addresses on several hosts need a sector to be named."),
}
