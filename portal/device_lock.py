"""A device's own lock on pages: our address as browsers know it, and the form that brings what a browser has made."""

from __future__ import annotations

from flask import Flask, Response

from identity.credentials.passkey import Site
from portal.fields import HiddenField, HouseForm
from portal.language import _
from portal.services import services

SCRIPT, PARTS = "js/with-passkey.js", ("vendor/simplewebauthn/browser.js", "js/passkey.js")


class DeviceAnswerForm(HouseForm):
    """What the browser answered for a device's lock (JSON of WebAuthn level 3)."""

    answer = HiddenField()


def join_scripts(app: Flask) -> None:
    """The library and our few lines as one file: a first visit has ten requests to spend."""
    files = app.extensions["assets"]
    files.add(SCRIPT, b"\n".join(files.files[part] for part in PARTS))


def site() -> Site:
    """Our address as browsers know it."""
    settings = services().settings
    return Site(settings.host_name, settings.issuer, settings.owner or _("e-ID portal"))


def options(found: str) -> Response:
    """A question for the browser, as the domain has put it."""
    return Response(found, mimetype="application/json")
