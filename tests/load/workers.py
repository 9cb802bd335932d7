"""Two web processes over one PostgreSQL, and what they take together: how `operating.md` runs them on one core."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from portal.commands import SERVER_MEMORY, server_arguments
from portal.settings import Setting, Settings
from tests.browser.conftest import TEST_OTP, Demo
from tests.load.flows import CodeFlow, Provider, signed_in
from tests.load.meter import Meter
from tests.servers import free_port, process, settings_of, wait_for

CALLERS, START_SECONDS = 8, 120


def two_workers(demo: Demo, database: str, flows: int) -> float:
    """Megabytes of two workers with eight threads each (PSS), after so many code flows that were agreed to before."""
    port, log = free_port(), demo.folder / "two-workers.log"
    secret = (demo.folder / "secret_key").read_text()
    said = {"SETTING": "demonstration", "SECRET_KEY": secret, "PORT": str(port), "ISSUER": f"http://localhost:{port}"}
    more = {**SERVER_MEMORY, **said, "RATE_LIMITS": "off", "TEST_OTP": TEST_OTP}
    settings = Settings(setting=Setting.TEST, port=port, secret_key=secret)
    arguments = server_arguments(settings, processes=2, threads=CALLERS)
    with process(*arguments, environment={**os.environ, **settings_of(demo.folder, database), **more}, log=log) as it:
        wait_for(f"http://127.0.0.1:{port}/healthz", it, log, START_SECONDS)
        here = replace(demo, known={**demo.known, "portal": f"http://localhost:{port}"})
        at = Provider.of(here, signed_in(here, here.person("citizen")))
        callers = [CodeFlow(at) for _ in range(CALLERS)]
        with ThreadPoolExecutor(CALLERS) as threads:
            list(threads.map(lambda flow: [flow() for _ in range(max(1, flows // CALLERS))], callers))
        return Meter.of_portal(port).proportional()
