"""Which headers of a connection are believed, and from whom."""

from __future__ import annotations

from typing import Any

import pytest

from portal.security.proxies import TrustedProxies

CERTIFICATE = {"HTTP_X_CLIENT_CERT", "HTTP_X_CLIENT_VERIFY"}
NOT_OURS = {"HTTP_X_SSL_CERT", "HTTP_X_SSL_VERIFY"}


@pytest.mark.parametrize(("caller", "told"), [("127.0.0.1", CERTIFICATE), ("203.0.113.7", set()), ("", set())])
def test_a_certificate_is_told_by_a_trusted_proxy_and_under_one_name(caller: str, told: set[str]) -> None:
    reached: dict[str, Any] = {}

    def application(environ: dict[str, Any], _start: Any) -> list[bytes]:
        reached.update(environ)
        return []

    sent = dict.fromkeys(CERTIFICATE | NOT_OURS, "something")
    TrustedProxies(application, ("127.0.0.1",))({"REMOTE_ADDR": caller, **sent}, lambda *_: None)
    assert {name for name in reached if name in sent} == told
