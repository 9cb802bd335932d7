"""What every answer tells the browser: a strict content policy with Trusted Types; no sniffing, framing, referrer."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, Response, g

from portal.settings import Settings

POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
    "require-trusted-types-for": "'script'",
    "trusted-types": "'none'",
}

USUAL = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=(), payment=()",
    "Cache-Control": "no-store",
}


def allow_form_target(address: str) -> None:
    """Let forms of this one answer lead to the origin of `address`, a redirect address already validated.

    Chromium applies `form-action` to the redirect after a form post, so consent needs it (CSP3 section 6.4.3).
    """
    parts = urlsplit(address)
    origin = f"{parts.scheme}://{parts.netloc}" if parts.netloc else f"{parts.scheme}:"
    if "[" in parts.netloc:  # the grammar of policies has no word for [::1]: browsers pass over it
        origin = f"{parts.scheme}://*:{parts.port or 80}"
    g.form_target = origin


def policy() -> str:
    """The Content-Security-Policy of this answer."""
    return _policy(g.get("form_target", ""))


def _policy(form_target: str = "") -> str:
    rules = dict(POLICY)
    if form_target:
        rules["form-action"] += f" {form_target}"
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def init(app: Flask, settings: Settings) -> None:
    """Set the headers on every answer; what a view has set stays."""
    usual = USUAL | ({"Strict-Transport-Security": "max-age=31536000; includeSubDomains"} if settings.https else {})

    usual["Content-Security-Policy"] = _policy()
    ready = [(name.lower(), (name, value)) for name, value in usual.items()]

    @app.after_request
    def harden(response: Response) -> Response:
        if "form_target" in g and "Content-Security-Policy" not in response.headers:
            response.headers["Content-Security-Policy"] = policy()
        said = response.headers._list  # what is ours needs no look at each of its signs
        there = {name.lower() for name, _value in said}
        said.extend(pair for name, pair in ready if name not in there)
        return response
