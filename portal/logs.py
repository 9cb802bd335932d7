"""Structured logs, one JSON object a line, with personal data and secrets taken out before they are written.

Three nets: keys whose name says that the value is personal or secret lose their value; anything in a text that looks
like an identity number, a phone, an address of mail, a birth date, a code or a token is replaced; of an error only its
kind and its way through the code are kept. A name has no shape: the log names things by id and code.
"""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import Iterator, MutableMapping
from pathlib import Path
from secrets import token_hex
from typing import Any

import structlog
from flask import Flask, Response, g, request

from portal.request_log import REQUEST_ID, ROUTE
from portal.settings import Settings

HIDDEN = "[hidden]"
OWN_ID = re.compile(r"(\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b)")
"""Our ids say nothing about anybody and stay whole, whatever their digits look like."""
SECRET_NAMES = re.compile(
    r"password|secret|token|cookie|authorization|\botp\b|code_verifier|csrf|session_key|assertion"
    r"|phone|email|address|full_name|birth|passport|document_number|personal_number|foreigner_number|login|mrz|portrait"
    r"|activation_code|recovery|freeze|help_code|display_name",
    re.IGNORECASE,
)
PERSONAL_PATTERNS = (
    re.compile(r"eyJ[\w-]{10,}\.[\w.-]+"),  # a JWT
    re.compile(r"(?<=[?&])(?:code|state|nonce|request_uri|login_hint|ticket|q)=[^&\s\"']*"),  # in an address
    re.compile(r"\b[\w-]{32,}"),  # tokens
    re.compile(r"\b[0-9A-Z]{2,5}(?:-[0-9A-Z]{4,5}){1,3}\b"),  # codes of activation, recovery, status, slips
    re.compile(r"\b(?:19|20)\d\d-\d\d-\d\d\b"),  # birth dates
    re.compile(r"(?<![\w.-])\d{6}(?!\w|\.\d|-)"),  # confirmation codes
    re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+"),
    re.compile(r"(?<![\w-])\+?\d[\d .]{7,14}\d(?![\w-])"),  # identity numbers, phones
    re.compile(r"\b[A-Z]{1,2}\d{6,8}\b"),  # passport numbers
)
QUIET = ("authlib", "urllib3", "alembic", "faker")


def redact(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Take personal data and secrets out of one log entry."""
    for key, value in event.items():
        event[key] = value if key in {"timestamp", "request_id"} else _clean(key, value)
    return event


def _clean(key: str, value: Any) -> Any:
    if SECRET_NAMES.search(key):
        return HIDDEN
    if isinstance(value, str):
        return _without_personal_data(value)
    if isinstance(value, MutableMapping):
        return {name: _clean(str(name), part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_clean("", part) for part in value]
    return value


def _without_personal_data(text: str) -> str:
    parts = OWN_ID.split(text)
    return "".join(part if place % 2 else _hidden(part) for place, part in enumerate(parts))


def _hidden(text: str) -> str:
    for pattern in PERSONAL_PATTERNS:
        text = pattern.sub(HIDDEN, text)
    return text


def frames_only(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Where an error came from and of which kind it was, without its words: they may quote what somebody typed."""
    raised = event.pop("exc_info", None)
    if raised is True:
        raised = sys.exc_info()
    error = raised[1] if isinstance(raised, tuple) else raised
    if isinstance(error, BaseException):
        event["exception"] = [_told(one) for one in _chain(error)]
    return event


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: BaseException | None = error
    for _ in range(10):
        if seen is None:
            return
        yield seen
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)


def _told(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)[-12:]
    places = " < ".join(f"{Path(one.filename).name}:{one.lineno} {one.name}" for one in reversed(frames))
    return f"{type(error).__name__}: {places}"


SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    frames_only,
    redact,
]


def configure() -> None:
    """Send our own entries and those of the libraries through the same net, to standard error."""
    structlog.configure(
        processors=[*SHARED, structlog.processors.JSONRenderer(ensure_ascii=False)],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processor=structlog.processors.JSONRenderer(ensure_ascii=False),
            foreign_pre_chain=SHARED,
        )
    )
    root = logging.getLogger()
    root.handlers, root.level = [handler], logging.WARNING
    for name in QUIET:  # at DEBUG authlib prints tokens
        logging.getLogger(name).setLevel(logging.WARNING)


def init(app: Flask, settings: Settings) -> None:
    """Give each request an id that its log entries and its error page share."""
    if not app.testing and settings.setting != "test":
        configure()

    @app.before_request
    def begin() -> None:
        if request.url_rule is not None:
            request.environ[ROUTE] = request.url_rule.rule
        g.request_id = request_id = token_hex(8)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)

    @app.after_request
    def finish(response: Response) -> Response:
        response.headers[REQUEST_ID] = g.get("request_id", "")
        if response.status_code >= 500:
            structlog.get_logger("portal").error("failed", endpoint=request.endpoint, status=response.status_code)
        return response
