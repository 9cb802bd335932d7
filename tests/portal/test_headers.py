"""What every answer tells the browser, whatever it answers, and how cookies travel over https."""

from __future__ import annotations

from dataclasses import replace

import pytest

from portal.assembly import create_app

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=(), payment=()",
}
ORDERS = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
}
ANSWERS = {"/": 200, "/sign-in": 200, "/nowhere": 404, "/account": 302, "/healthz": 200, "/apply": 200}


@pytest.fixture
def secure(settings, services, database):
    there = settings.model_copy(update={"issuer": "https://eid.example"})
    app = create_app(there, replace(services, settings=there), database)
    app.testing, app.config["WTF_CSRF_ENABLED"] = True, False
    return app.test_client()


@pytest.mark.parametrize("path", ANSWERS)
def test_every_answer_hardens_the_browser(client, path):
    answer = client.get(path)
    assert answer.status_code == ANSWERS[path]
    assert {name: answer.headers.get(name) for name in ALWAYS} == ALWAYS
    assert set(answer.headers["Content-Security-Policy"].split("; ")) >= ORDERS


def test_over_https_the_browser_stays_there_and_cookies_are_bound_to_the_host(secure):
    answer = secure.get("/sign-in", base_url="https://eid.example")
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    cookies = [*answer.headers.getlist("Set-Cookie"), *secure.post("/sign-in/qr").headers.getlist("Set-Cookie")]
    assert len(cookies) > 1 and all(one.startswith("__Host-") for one in cookies)
    assert all({"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(one.split("; ")) for one in cookies)
