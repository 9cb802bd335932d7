"""Three answers for machines and one page of the demonstration."""

from __future__ import annotations

from ipaddress import ip_address

from flask import Response, abort, jsonify, request

from portal.gateways.sink import sent
from portal.operation import blueprint
from portal.operation.figures import exposition
from portal.pages import page
from portal.readiness import checks
from portal.security import demonstration_only, guarded
from portal.services import services


@blueprint.get("/healthz")
def healthz() -> Response:
    """The process answers; asks nothing else, so that a slow database does not get every process restarted."""
    return _plain("ok\n")


@blueprint.get("/readyz")
def readyz() -> tuple[Response, int]:
    """Whether requests may be sent here: the database answers, its revision is this release's, the keys fit."""
    found = checks()
    return jsonify(found), 200 if all(found.values()) else 503


@blueprint.get("/metrics")
def metrics() -> Response:
    """Figures for Prometheus, told to callers on this host only; a proxy in front must not pass it on."""
    if not ip_address(request.remote_addr or "0.0.0.0").is_loopback:  # noqa: S104 - an unknown caller is no neighbour
        abort(404)
    return _plain(exposition())


@blueprint.get("/operation/messages")
@guarded(demonstration_only)
def messages() -> Response:
    """What the demonstration would have sent."""
    to = request.args.get("to", "").strip()
    messages = sent(services().settings.var / "messages", to=to)
    return page("operation/messages.html", messages=messages, to=to)


def _plain(text: str) -> Response:
    response = Response(text, mimetype="text/plain")
    response.headers["Cache-Control"] = "no-store"
    return response
