"""Flask's frame around a view, and what it does not do for every request here.

Flask searches the routes, opens the session, binds addresses and calls every function that any slice has registered,
for each request, also for a program that wants a token. Here a path without variables is looked up, the session is
opened when somebody asks for it, and a function marked `only_for` some endpoints is called for those. What is called,
in which order, and what becomes of errors is Flask's.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass
from itertools import chain
from typing import Any, TypeVar, cast

from flask import Flask, Request, Response
from flask.ctx import AppContext, RequestContext
from flask.globals import _cv_app, _cv_request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from werkzeug.datastructures import Headers
from werkzeug.routing import MapAdapter, Rule

Hook = TypeVar("Hook", bound=Callable[..., Any])


def only_for(endpoints: Container[str | None]) -> Callable[[Hook], Hook]:
    """Say of a function around requests that it has nothing to do for any other endpoint."""

    def mark(hook: Hook) -> Hook:
        hook.only_for = endpoints  # type: ignore[attr-defined]
        return hook

    return mark


@dataclass(frozen=True, slots=True)
class Around:
    """What is called before and after the view of one endpoint, in order."""

    before: tuple[Callable[[], Any], ...]
    after: tuple[Callable[[Response], Response], ...]


class FormSession(SecureCookieSessionInterface):
    """Flask's session, which holds the form token: programs send none, and nothing is prepared to read it then."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        if self.get_cookie_name(app) not in request.cookies:
            return self.session_class()
        return super().open_session(app, request)


class Answer(Response):
    """What a program gets, with headers that are ours to the last sign: nothing about them has to be worked out."""

    def get_wsgi_headers(self, environ: Any) -> Headers:
        return self.headers


class Context(RequestContext):
    """A request. Its route is looked up; addresses are bound and the session is opened when they are asked for."""

    app: Portal

    def __init__(
        self, app: Portal, environ: dict[str, Any], request: Any = None, session: SessionMixin | None = None
    ) -> None:
        self.app = app
        self.request = app.request_class(environ) if request is None else request
        self.request.json_module = app.json
        self.flashes = None
        self._session = session
        self._after_request_functions = []
        self._cv_tokens = []
        self._adapter: MapAdapter | None = None

    @property
    def url_adapter(self) -> MapAdapter | None:  # type: ignore[override]
        if self._adapter is None:
            self._adapter = self.app.create_url_adapter(self.request)
        return self._adapter

    @property
    def session(self) -> SessionMixin:
        if self._session is None:
            self._session = self.app.session_interface.open_session(self.app, self.request)
        return super().session

    def push(self) -> None:
        outer: AppContext | None = _cv_app.get(None)
        own = None if outer is not None and outer.app is self.app else self.app.app_context()
        if own is not None:
            own.push()
        self._cv_tokens.append((_cv_request.set(self), own))
        environ = self.request.environ
        rule = self.app.plain_routes.get((environ["REQUEST_METHOD"], environ["PATH_INFO"]))
        if rule is None:
            self.match_request()
        else:
            self.request.url_rule, self.request.view_args = rule, {}


class Portal(Flask):
    """Flask with a lighter frame. No function of ours is a coroutine, so none is searched for."""

    session_interface = FormSession()
    _routes: dict[tuple[str, str], Rule] | None = None

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._around: dict[str | None, Around] = {}

    def ensure_sync(self, func: Any) -> Any:
        return func

    def request_context(self, environ: dict[str, Any]) -> RequestContext:
        return Context(self, environ)

    @property
    def plain_routes(self) -> dict[tuple[str, str], Rule]:
        """The routes without variables, by method and path."""
        if self._routes is None:
            self._routes = _plain(self.url_map.iter_rules())
        return self._routes

    def full_dispatch_request(self) -> Response:
        self._got_first_request = True
        context = cast(Context, _cv_request.get())
        around = self._around_of(context)
        try:
            answer = next((said for hook in around.before if (said := hook()) is not None), None)
            if answer is None:
                answer = self.dispatch_request()
        except Exception as error:
            answer = self.handle_user_exception(error)
        return self.finalize_request(answer)

    def process_response(self, response: Response) -> Response:
        context = cast(Context, _cv_request.get())
        for hook in chain(context._after_request_functions, self._around_of(context).after):
            response = hook(response)  # type: ignore[assignment]
        if context._session is not None:
            self.session_interface.save_session(self, context._session, response)
        return response

    def _around_of(self, context: Context) -> Around:
        endpoint = context.request.endpoint
        found = self._around.get(endpoint)
        if found is None:
            found = self._around[endpoint] = self._collect(endpoint, context.request.blueprints)
        return found

    def _collect(self, endpoint: str | None, blueprints: list[str]) -> Around:
        """As Flask calls them: before from the outside in, after from the inside out, the last registered first."""
        before = (hook for name in (None, *reversed(blueprints)) for hook in self.before_request_funcs.get(name, ()))
        after = (hook for name in (*blueprints, None) for hook in reversed(self.after_request_funcs.get(name, ())))
        return Around(tuple(_meant_for(endpoint, before)), tuple(_meant_for(endpoint, after)))


def _meant_for(endpoint: str | None, hooks: Iterable[Any]) -> Iterable[Any]:
    return (hook for hook in hooks if endpoint in getattr(hook, "only_for", (endpoint,)))


def _plain(rules: Iterable[Rule]) -> dict[tuple[str, str], Rule]:
    plain = [rule for rule in rules if not rule.arguments and not rule.build_only and rule.redirect_to is None]
    return {(method, rule.rule): rule for rule in plain for method in rule.methods or () if method != "OPTIONS"}
