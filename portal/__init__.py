"""The web: turns requests into calls and results into pages; decides nothing."""

from __future__ import annotations

from flask import Flask

from portal import assets, database, errors, language, logs, pages
from portal.account import blueprint as account
from portal.activation import blueprint as activation
from portal.coordination import blueprint as coordination
from portal.database import Database
from portal.design import blueprint as design
from portal.enrolment import blueprint as enrolment
from portal.home import blueprint as home
from portal.office import blueprint as office
from portal.oidc import blueprint as oidc
from portal.operation import blueprint as operation
from portal.security import headers, limits, visitor
from portal.security.proxies import TrustedProxies
from portal.services import Services
from portal.settings import Settings
from portal.team import blueprint as team
from portal.transactions import wrap_views

EVERYWHERE = (home, enrolment, account, activation, office, oidc, team, coordination, operation)
LARGEST_REQUEST = 12 * 1024 * 1024


def create_app(settings: Settings, services: Services, opened: Database) -> Flask:
    """Assemble the application: settings, outside services, database, one guard and one transaction per view."""
    app = Flask(__name__, static_folder=None)
    app.config.update(
        SECRET_KEY=settings.secret_key,
        MAX_CONTENT_LENGTH=LARGEST_REQUEST,
        SESSION_COOKIE_NAME="__Host-eid_form" if settings.https else "eid_form",
        SESSION_COOKIE_SECURE=settings.https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_ENABLED=True,
        WTF_CSRF_TIME_LIMIT=4 * 3600,
        WTF_CSRF_SSL_STRICT=False,
    )
    app.extensions["services"] = services
    logs.init(app, settings)
    database.init(app, opened)
    language.init(app, settings)
    assets.init(app)
    pages.init(app, settings)
    visitor.init(app)
    headers.init(app, settings)
    limits.init(app, settings)
    errors.init(app)
    for blueprint in EVERYWHERE:
        app.register_blueprint(blueprint)
    if settings.is_demonstration:
        app.register_blueprint(design)
    wrap_views(app)
    app.wsgi_app = TrustedProxies(app.wsgi_app, settings.trusted_proxies)  # type: ignore[method-assign]
    return app
