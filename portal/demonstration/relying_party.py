"""A demonstration relying party: the digital platform for civil judgment enforcement.

    python -m portal.demonstration.relying_party

It knows the portal only as any service would: by its issuer, through discovery, code flow with PKCE, nonce and state,
userinfo and RP-initiated logout, with Authlib's client. It imports nothing of ours and has a cookie of its own.
"""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.base_client.errors import MismatchingStateError
from authlib.integrations.flask_client import OAuth
from flask import Flask, Response, abort, current_app, redirect, render_template, request, session, url_for
from joserfc.errors import JoseError
from werkzeug.serving import WSGIRequestHandler, run_simple
from werkzeug.wrappers import Response as Answer

from portal.demonstration.cases import cases_of
from portal.demonstration.words import LANGUAGES, words

SCOPE = "openid profile identity phone"
POLICY = (
    "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)


@dataclass(frozen=True, slots=True)
class Connection:
    """How this service is connected: from the environment, else from the demonstration's file."""

    issuer: str
    client_id: str
    client_secret: str
    address: str


def read_connection() -> Connection:
    """ISSUER, CLIENT_ID, CLIENT_SECRET and RELYING_PARTY, each with `var/demo.json` (DEMO_FILE) as the fallback."""
    path = Path(os.environ.get("DEMO_FILE") or Path(os.environ.get("VAR", "var")) / "demo.json")
    written: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    client = next((one for one in written.get("clients", []) if one.get("profile") == "standard"), {})
    return Connection(
        issuer=os.environ.get("ISSUER") or written["issuer"],
        client_id=os.environ.get("CLIENT_ID") or client["client_id"],
        client_secret=os.environ.get("CLIENT_SECRET") or client["client_secret"],
        address=(os.environ.get("RELYING_PARTY") or written["relying_party"]).rstrip("/"),
    )


def create_relying_party(connection: Connection) -> Flask:
    """The application."""
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=secrets.token_bytes(32),
        SESSION_COOKIE_NAME="enforcement_demo",
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=connection.address.startswith("https://"),
    )
    app.extensions["connection"] = connection
    oauth = OAuth(app)
    oauth.register(
        "eid",
        client_id=connection.client_id,
        client_secret=connection.client_secret,
        server_metadata_url=f"{connection.issuer}/.well-known/openid-configuration",
        client_kwargs={"scope": SCOPE, "code_challenge_method": "S256", "timeout": 10},
    )
    app.extensions["eid"] = oauth.eid
    for rule, view, methods in ROUTES:
        app.add_url_rule(rule, view.__name__, view, methods=methods)
    app.context_processor(_for_templates)
    app.after_request(_harden)
    for failure in (OAuthError, JoseError, requests.RequestException):
        app.register_error_handler(failure, _failed)
    return app


def home() -> str:
    return render_template("home.html")


def sign_in() -> Answer:
    """To the portal, with state, nonce and a PKCE challenge of this browser."""
    answer: Answer = _eid().authorize_redirect(f"{_connection().address}/callback", ui_locales=_language(), **_wishes())
    return answer


def start() -> Answer:
    """The portal's list of services leads here (OpenID Connect Core section 4); no other issuer may begin anything."""
    if request.values.get("iss") != _connection().issuer:
        abort(400)
    return sign_in()


def callback() -> Answer | tuple[str, int]:
    """Authlib checks state, issuer, signature, audience, nonce and times before anything is believed."""
    _check_issuer()
    token = _eid().authorize_access_token()
    who = dict(token["userinfo"])
    told = _eid().userinfo(token=token)
    if told["sub"] != who["sub"]:
        abort(400)
    session.clear()
    session["who"] = {**told, **{name: who.get(name) for name in ("sub", "acr", "amr", "auth_time")}}
    session["id_token"] = token["id_token"]
    return redirect(url_for("who_am_i"))


def files() -> str | Answer:
    who = session.get("who")
    return render_template("files.html", cases=cases_of(who["sub"])) if who else redirect(url_for("home"))


def who_am_i() -> str | Answer:
    who = session.get("who")
    return render_template("who.html", who=who) if who else redirect(url_for("home"))


def sign_out() -> Answer:
    """Out here, then out of the portal if the person wants that too (RP-Initiated Logout)."""
    hint = session.pop("id_token", None)
    session.clear()
    if hint is None:
        return redirect(url_for("home"))
    wish = {
        "id_token_hint": hint,
        "post_logout_redirect_uri": f"{_connection().address}/",
        "state": secrets.token_urlsafe(8),
        "ui_locales": _language(),
    }
    return redirect(f"{_eid().load_server_metadata()['end_session_endpoint']}?{urlencode(wish)}")


def language(code: str) -> Answer:
    response = redirect(url_for("home"), 303)
    if code in LANGUAGES:
        response.set_cookie("enforcement_language", code, samesite="Lax", httponly=True)
    return response


ROUTES = (
    ("/", home, ["GET"]),
    ("/sign-in", sign_in, ["POST", "GET"]),
    ("/start", start, ["POST", "GET"]),
    ("/callback", callback, ["GET"]),
    ("/files", files, ["GET"]),
    ("/who-am-i", who_am_i, ["GET"]),
    ("/sign-out", sign_out, ["POST"]),
    ("/language/<code>", language, ["POST"]),
)


def _check_issuer() -> None:
    """Who answers must be whom we asked (RFC 9207): Authlib's client leaves this to us."""
    if request.args.get("iss") != _eid().load_server_metadata()["issuer"]:
        raise OAuthError("invalid_issuer", "The answer came from somebody else")


def _wishes() -> dict[str, str]:
    """`prompt`, `max_age` and the like may be tried from the address line of a demonstration."""
    tried = ("prompt", "max_age", "acr_values", "login_hint", "claims")
    return {name: request.values[name] for name in tried if name in request.values}


def _failed(error: Exception) -> Answer | tuple[str, int]:
    """The sign-in did not come about; what the portal said is shown, for this is a demonstration.

    The back button brings an answer a second time: whoever is signed in already stays so.
    """
    if isinstance(error, MismatchingStateError) and session.get("who"):
        return redirect(url_for("who_am_i"))
    reason = getattr(error, "error", None) or type(error).__name__
    description = "" if isinstance(error, MismatchingStateError) else getattr(error, "description", "")
    return render_template("failed.html", reason=reason, description=description), 400


def _eid() -> Any:
    return current_app.extensions["eid"]


def _connection() -> Connection:
    found: Connection = current_app.extensions["connection"]
    return found


def _language() -> str:
    own = request.cookies.get("enforcement_language")
    return own if own in LANGUAGES else request.accept_languages.best_match(LANGUAGES) or LANGUAGES[0]


def _for_templates() -> dict[str, Any]:
    tag = _language()
    return {"language": tag, "t": words(tag), "who": session.get("who"), "issuer": _connection().issuer}


def _harden(response: Response) -> Response:
    issuer = urlsplit(_connection().issuer)
    form_targets = f"form-action 'self' {issuer.scheme}://{issuer.netloc}"
    response.headers["Content-Security-Policy"] = POLICY.replace("form-action 'self'", form_targets)
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


class WithoutQuery(WSGIRequestHandler):
    """Writes the log without query strings: the callback's holds the code and the state."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        path = getattr(self, "path", "?").partition("?")[0]
        self.log("info", '"%s %s %s" %s %s', self.command, ascii(path)[1:-1], self.request_version, code, size)


def main() -> None:
    """Serve at the address that the portal knows."""
    connection = read_connection()
    parts = urlsplit(connection.address)
    app, host = create_relying_party(connection), parts.hostname or "127.0.0.1"
    run_simple(host, parts.port or 80, app, threaded=True, request_handler=WithoutQuery)


if __name__ == "__main__":
    main()
