"""What reaches the log: kinds, places and ids; no personal data, no secret, not even in an error's words."""

from __future__ import annotations

import json
import logging
import sys
from typing import Any

import pytest
import structlog
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from portal.database import Database
from portal.logs import HIDDEN, frames_only, redact
from portal.request_log import RequestLog

NAMES = (
    "password", "client_secret", "access_token", "cookie", "Authorization", "otp", "code_verifier", "csrf_token",
    "session_key", "client_assertion", "phone", "email", "address", "full_name", "birth_date", "passport_number",
    "document_number", "personal_number", "foreigner_number", "login", "mrz", "portrait", "activation_code",
    "recovery_codes", "freeze_code", "help_code", "display_name",
)  # fmt: skip
PERSONAL = (
    "001158012345", "+84 912 345 678", "an@example.org", "M1234567", "0912345678", "1964-08-08", "123456",
    "MA5G-RASX-WW8H", "DD2-QEPW-FPVC-S423", "ABCDE-12345",
    "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
)  # fmt: skip
REQUEST_KEYS = {"event", "method", "route", "status", "ms", "request_id", "level", "timestamp"}
IDS = (
    "3254281a-8235-4112-866f-13843b2e2774", "bf1f5628-ec99-4230-9147-812563131331",
    "01900000-0000-7000-8000-000912345678", "019abcde-2024-7010-9999-123456789012",
)  # fmt: skip
"""Parts of them look like codes, phones and days."""
ADDRESSES = (
    "/activate?code=MA5G",
    "https://rp.example/cb?code=abc&state=s3cret",
    "/status?ticket=x1y2",
    "/office?q=an",
)


def written(**entry: Any) -> str:
    return json.dumps(redact(None, "info", dict(entry)), ensure_ascii=False)


@pytest.mark.parametrize("name", NAMES)
def test_a_value_loses_itself_by_its_name(name: str) -> None:
    assert json.loads(written(**{name: "x"}))[name] == HIDDEN
    assert "xyz" not in written(detail={name: "xyz"})


@pytest.mark.parametrize("value", PERSONAL)
def test_a_value_loses_itself_by_its_shape(value: str) -> None:
    for entry in ({"event": f"about {value}."}, {"things": [value]}, {"detail": {"said": f"({value})"}}):
        assert HIDDEN in written(**entry) and value not in written(**entry)


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_loses_what_it_carries(address: str) -> None:
    left = written(path=address)
    assert not any(part.partition("=")[2] in left for part in address.partition("?")[2].split("&"))


def test_what_the_log_needs_stays() -> None:
    entry = {
        "event": "not-sent", "kind": "otp", "error": "TimeoutError", "status": 503, "endpoint": "office.queue",
        "id": IDS[0], "code": "application-open", "lane": "code", "client": "thi-hanh-an",
        "rule": "RFC 9449 section 4.3", "version": "2026.11",
    }  # fmt: skip
    assert redact(None, "info", dict(entry)) == entry
    assert structlog.get_logger("portal") is not None


@pytest.mark.parametrize("own", IDS)
def test_an_id_stays_whole_whatever_its_digits(own: str) -> None:
    assert written(id=own, said=f"about {own}, 0912345678") == json.dumps({"id": own, "said": f"about {own}, {HIDDEN}"})


def failure(database: Database) -> IntegrityError:
    """A row that cannot be written, with a name and a code in it."""
    insert = text("INSERT INTO client_session (session_id, client_id) VALUES (:name, :code)")
    with pytest.raises(Exception) as raised, database.transaction() as db:
        db.execute(insert, {"name": "tsai yi-chun", "code": "MA5G-RASX-WW8H"})
    return raised.value  # type: ignore[return-value]


def test_an_error_of_the_database_tells_no_values(database: Database) -> None:
    error = failure(database)
    assert "tsai" not in str(error).partition("[SQL")[2]
    entry = frames_only(None, "error", {"event": "unhandled", "exc_info": error})
    told = json.dumps(redact(None, "error", entry))
    assert type(error).__name__ in told and "test_logs.py" in told
    assert "tsai" not in told and "MA5G" not in told


def test_an_error_that_is_being_handled_is_told_with_its_cause() -> None:
    try:
        try:
            raise ValueError("typed: 001158012345")
        except ValueError as cause:
            raise RuntimeError("an@example.org") from cause
    except RuntimeError:
        entry = frames_only(None, "error", {"exc_info": True})
    assert [line.partition(":")[0] for line in entry["exception"]] == ["RuntimeError", "ValueError"]
    assert "001158012345" not in str(entry) and "example.org" not in str(entry)


def test_libraries_go_through_the_same_net(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    from portal.logs import configure

    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [])
    level = root.level
    monkeypatch.setattr(sys, "stderr", sys.__stderr__)
    configure()
    try:
        try:
            raise ValueError("typed: 001158012345")
        except ValueError:
            logging.getLogger("some.library").exception("failed for an@example.org")
        line = capfd.readouterr().err.strip().splitlines()[-1]
    finally:
        root.setLevel(level)
        structlog.reset_defaults()
    assert json.loads(line)["exception"][0].startswith("ValueError: test_logs.py")
    assert "001158012345" not in line and "an@example.org" not in line


def requests_in(text: str) -> list[dict[str, Any]]:
    """The entries of requests, each without its time of day and id."""
    entries = [json.loads(line) for line in text.splitlines() if line.startswith('{"event":"request"')]
    assert all(entry.keys() == REQUEST_KEYS for entry in entries)
    return entries


@pytest.mark.parametrize(
    ("method", "address", "route", "status"),
    [
        ("GET", "/status", "/status", 200),
        ("GET", "/apply/001158012345?q=Nguyen", "/apply/<name>", 303),
        ("GET", "/an@example.org/001158012345", "-", 404),
        ("POST", "/sign-in?next=/001158012345", "/sign-in", 200),
        ("001158012345", "/status", "-", 405),
        ("GET", "/oauth/jwks", "/oauth/jwks", 200),
        ("GET", "/static/css/001158012345.css", "/static/<path:filename>", 404),
    ],
)
def test_each_request_has_one_line_without_a_value(
    client: FlaskClient, capsys: pytest.CaptureFixture[str], method: str, address: str, route: str, status: int
) -> None:
    for _ in range(2):  # the second may be answered before the framework
        capsys.readouterr()
        answer = client.open(address, method=method, buffered=True)
        lines = capsys.readouterr().err
        (entry,) = requests_in(lines)
        assert "001158012345" not in lines and "example.org" not in lines and "Nguyen" not in lines
        assert entry["method"] == (method if method.isalpha() else "OTHER")
        assert (entry["route"], entry["status"]) == (route, status)
        assert entry["request_id"] == answer.headers["X-Request-Id"] and 0 <= entry["ms"] < 60_000


def test_a_request_that_breaks_has_its_line() -> None:
    def breaks(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        raise ValueError("001158012345")

    lines: list[bytes] = []
    with pytest.raises(ValueError):
        RequestLog(breaks, lines.append)({"REQUEST_METHOD": "GET"}, lambda *_: None)
    (entry,) = requests_in(lines[0].decode())
    assert (entry["status"], entry["route"]) == (500, "-")
