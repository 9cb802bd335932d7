"""Keys from a service that speaks Vault's KV-2 interface, asked over a real connection."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from identity.vault import Keys, Purpose
from portal.gateways.key_service import KeyService
from portal.gateways.key_set import KeysMissing
from portal.gateways.keys import key_source
from portal.settings import Setting, Settings

TOKEN = "hvs.only-in-the-tests"


@dataclass
class Store:
    """What the service holds: the set and its version."""

    data: dict[str, str] = field(default_factory=dict)
    version: int = 1
    broken: bytes | None = None


def answer_of(store: Store) -> type[BaseHTTPRequestHandler]:
    class Answer(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None: ...

        def do_GET(self) -> None:
            self.say({"data": {"data": store.data, "metadata": {"version": store.version}}})

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if body["options"]["cas"] != store.version:
                self.say({"errors": ["check-and-set parameter did not match the current version"]}, 400)
                return
            store.data, store.version = body["data"], store.version + 1
            self.say({"data": {"version": store.version}})

        def say(self, document: Any, status: int = 200) -> None:
            if self.headers["X-Vault-Token"] != TOKEN:
                document, status = {"errors": ["permission denied"]}, 403
            content = store.broken or json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    return Answer


@pytest.fixture
def store() -> Store:
    keys = Keys.generate()
    named = {
        "encryption-1": keys.encryption[1],
        "blind-index": keys.blind_index,
        "token-pepper": keys.token_pepper,
        "audit-seal": keys.audit_seal,
    }
    return Store({name: base64.b64encode(key).decode() for name, key in named.items()})


@pytest.fixture
def service(store: Store, tmp_path: Path) -> Iterator[KeyService]:
    (tmp_path / "token").write_text(f"{TOKEN}\n")
    server = ThreadingHTTPServer(("127.0.0.1", 0), answer_of(store))
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield KeyService(f"http://127.0.0.1:{server.server_port}/v1/secret/data/portal", tmp_path / "token")
    server.shutdown()
    server.server_close()
    thread.join(10)


def test_the_keys_are_read_and_the_next_version_of_one_is_made(service: KeyService, store: Store) -> None:
    before = service.read()
    assert service.make(Purpose.ENCRYPTION) == 2
    assert service.make(Purpose.PEPPER) == 2
    after = service.read()
    assert after.encryption[1] == before.encryption[1]
    assert set(after.encryption) == {1, 2}
    assert set(after.versions[Purpose.PEPPER]) == {1, 2}
    assert store.version == 3


def test_a_dropped_pepper_leaves_what_pseudonyms_are_derived_from(service: KeyService, store: Store) -> None:
    lasting = service.read().lasting
    service.make(Purpose.PEPPER)
    service.drop(Purpose.PEPPER, 1)
    assert "token-pepper" not in store.data
    assert service.read().lasting == lasting
    service.make(Purpose.PEPPER)
    service.drop(Purpose.PEPPER, 2)
    assert service.read().lasting == lasting, "also after the one that follows"


def test_a_set_that_changed_meanwhile_is_not_written_over(
    service: KeyService, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    named, version = service._get()
    service.make(Purpose.INDEX)
    with pytest.raises(KeysMissing, match="400"):
        service._put(named, version)
    assert "blind-index-2" in store.data


@pytest.mark.parametrize("broken", [b"", b"[]", b'{"data": {}}', b'{"data": {"data": {"encryption-1": "%"}}}'])
def test_an_answer_of_another_kind_stops_the_start(service: KeyService, store: Store, broken: bytes) -> None:
    store.broken = broken or b" "
    with pytest.raises(KeysMissing):
        service.read()


def test_nothing_of_the_token_or_the_keys_is_told_when_it_fails(service: KeyService, store: Store) -> None:
    service.token_file.write_text("a stolen one")
    with pytest.raises(KeysMissing) as told:
        service.read()
    assert "403" in str(told.value)
    assert "stolen" not in repr(told.value)
    assert told.value.__suppress_context__
    gone = KeyService("http://127.0.0.1:1/v1/secret/data/portal", service.token_file)
    with pytest.raises(KeysMissing, match="ConnectionError"):
        gone.read()


def test_the_settings_name_it(service: KeyService, tmp_path: Path) -> None:
    given = {"setting": Setting.TEST, "secret_key": "s" * 40, "var": tmp_path, "key_service": service.address}
    with pytest.raises(ValueError, match="KEY_SERVICE_TOKEN"):
        Settings(**given)
    source = key_source(Settings(**given, key_service_token=service.token_file))
    assert source.read().encryption == service.read().encryption
