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
    g.form_target = f"{parts.scheme}://{parts.netloc}" if parts.netloc else f"{parts.scheme}:"


def policy() -> str:
    """The Content-Security-Policy of this answer."""
    rules = dict(POLICY)
    if "form_target" in g:
        rules["form-action"] += f" {g.form_target}"
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def init(app: Flask, settings: Settings) -> None:
    """Set the headers on every answer; what a view has set stays."""
    usual = USUAL | ({"Strict-Transport-Security": "max-age=31536000; includeSubDomains"} if settings.https else {})

    @app.after_request
    def harden(response: Response) -> Response:
        there = {name.lower() for name, _value in response.headers}
        response.headers.extend({name: value for name, value in usual.items() if name.lower() not in there})
        if "content-security-policy" not in there:
            response.headers["Content-Security-Policy"] = policy()
        return response
