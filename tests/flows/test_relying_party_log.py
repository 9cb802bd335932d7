"""What the demonstration platform writes down about its visitors."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import requests

from tests.servers import free_port, process, wait_for

pytestmark = pytest.mark.slow


def test_the_log_keeps_no_code_and_no_state(tmp_path: Path) -> None:
    address = f"http://127.0.0.1:{free_port()}"
    service = {"profile": "standard", "client_id": "a-service", "client_secret": "s"}
    demo, log = tmp_path / "demo.json", tmp_path / "relying-party.log"
    demo.write_text(json.dumps({"issuer": "http://127.0.0.1:1", "relying_party": address, "clients": [service]}))
    environment = {"DEMO_FILE": str(demo)}
    with process("-m", "portal.demonstration.relying_party", environment=environment, log=log) as started:
        wait_for(f"{address}/", started, log)
        requests.get(f"{address}/callback?code=the-code&state=the-state", timeout=10)
        requests.get(f"{address}/nowhere?code=the-code", timeout=10)
    written = log.read_text()
    assert '"GET /callback HTTP/1.1" 400' in written
    assert '"GET /nowhere HTTP/1.1" 404' in written
    assert "the-code" not in written
    assert "the-state" not in written
