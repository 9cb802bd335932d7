"""The table of contents: what the application is made of, and how this process gets its own.

Not in `portal/__init__.py`, so that a part (the worker, the relying party) can be imported without the whole web.
"""

from __future__ import annotations

import gc

from flask import Flask

import onboarding.help_known  # noqa: F401 - what teams know of help keeps helpers from vouching
from identity.operation.routes import Register
from identity.registers.embedded import open_registers, open_subscribers
from identity.vault import Vault
from portal import another_look, assets, database, errors, language, logs, pages
from portal.account import blueprint as account
from portal.activation import blueprint as activation
from portal.campaigns import blueprint as campaigns
from portal.coordination import blueprint as coordination
from portal.database import Database, connect
from portal.design import blueprint as design
from portal.enrolment import blueprint as enrolment
from portal.exchange import blueprint as exchange
from portal.figures import blueprint as figures
from portal.frame import Portal
from portal.gateways.fetcher import Fetcher
from portal.gateways.keys import key_source
from portal.gateways.registers import Switched
from portal.guardians import blueprint as guardians
from portal.home import blueprint as home
from portal.hotline import blueprint as hotline
from portal.learn import blueprint as learn
from portal.locks import blueprint as locks
from portal.office import blueprint as office
from portal.oidc import blueprint as oidc
from portal.oidc.at_hand import AtHand
from portal.operation import blueprint as operation
from portal.printing import paper
from portal.request_log import RequestLog
from portal.rights import blueprint as rights
from portal.security import headers, limits, visitor
from portal.security.proxies import TrustedProxies
from portal.services import Services, utc_now
from portal.settings import Settings, from_environment
from portal.staff import blueprint as staff
from portal.standing import Standing
from portal.team import blueprint as team
from portal.trail import blueprint as trail
from portal.training import blueprint as training
from portal.transactions import touch_session, wrap_views
from portal.verify import blueprint as verify
from portal.warnings import blueprint as warnings
from portal.warnings import lessons

RESIDENTS = (home, enrolment, account, activation, guardians, learn, verify)
STAFF = (
    office,
    locks,
    hotline,
    rights,
    staff,
    team,
    training,
    coordination,
    figures,
    campaigns,
    warnings,
    lessons,
    operation,
)
EVERYWHERE = (*RESIDENTS, *STAFF, oidc, trail, exchange)
LARGEST_REQUEST = 12 * 1024 * 1024


def create_app(settings: Settings, services: Services, opened: Database) -> Flask:
    """Assemble the application: settings, outside services, database, one guard and one transaction per view."""
    app = Portal("portal", static_folder=None)
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
    another_look.init(app)
    assets.init(app)
    app.after_request(touch_session)  # the last registered runs first: the page is drawn by then
    pages.init(app, settings)
    paper.init(app)
    visitor.init(app)
    headers.init(app, settings)
    limits.init(app, settings)
    errors.init(app)
    for blueprint in EVERYWHERE:
        app.register_blueprint(blueprint)
    if settings.is_demonstration:
        app.register_blueprint(design)
    wrap_views(app)
    proxied = TrustedProxies(app.wsgi_app, settings.trusted_proxies)
    app.wsgi_app = RequestLog(AtHand(app, proxied))  # type: ignore[method-assign]
    return app


def build_services(settings: Settings) -> Services:
    """The real outside world, as the settings name it."""
    source = key_source(settings)
    vault = Vault(source.read(), source.read)
    standing = Standing(vault)
    population, immigration = open_registers(settings.register_database_url)
    population = Switched(population, Register.POPULATION, standing.is_off)
    immigration = Switched(immigration, Register.IMMIGRATION, standing.is_off)
    fetcher = Fetcher(loopback=settings.fetch_loopback, authority=settings.fetch_ca)
    subscribers = open_subscribers(settings.register_database_url)
    return Services(settings, utc_now, vault, population, immigration, fetcher, subscribers, standing)


def application() -> Flask:
    """The application of this process."""
    settings = from_environment()
    services = build_services(settings)
    app = create_app(settings, services, connect(settings.database_url, services.vault, services.standing))
    gc.collect()
    gc.freeze()  # what was made until now stays: to walk over it again took a sixth of a second of somebody's page
    return app
