"""An unsafe production does not start, and every reason is told at once."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from portal.settings import Settings

SAFE = {"issuer": "https://id.example.vn", "secret_key": "k" * 40}


def test_a_safe_production_starts() -> None:
    assert Settings(**SAFE, sms_url="https://sms.example.vn/", smtp_url="smtps://mail.example.vn").https


@pytest.mark.parametrize(
    ("unsafe", "reason"),
    [
        ({"issuer": "http://id.example.vn"}, "ISSUER"),
        ({"issuer": "https://id.example.vn/under?a=1"}, "ISSUER"),
        ({"issuer": "https://user:word@id.example.vn"}, "ISSUER"),
        ({"secret_key": "short"}, "SECRET_KEY"),
        ({"test_otp": "000000"}, "TEST_OTP"),
        ({"demo_people": 5}, "DEMO_PEOPLE"),
        ({"rate_limits": "off"}, "RATE_LIMITS"),
        ({"sms_url": "http://sms.example.vn/"}, "SMS_URL"),
        ({"smtp_url": "smtp://mail.example.vn:25"}, "SMTP_URL"),
        ({"trusted_proxies": "0.0.0.0/0"}, "TRUSTED_PROXIES"),
        ({"trusted_proxies": "the proxy"}, "TRUSTED_PROXIES"),
        ({"locales": ""}, "LOCALES"),
    ],
)
def test_an_unsafe_production_does_not_start(unsafe: dict[str, object], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        Settings(**{**SAFE, **unsafe})


def test_every_reason_is_told_at_once() -> None:
    with pytest.raises(ValidationError, match=r"ISSUER.*TEST_OTP.*RATE_LIMITS"):
        Settings(issuer="http://id.example.vn", secret_key="k" * 40, test_otp="000000", rate_limits=False)
