"""An unsafe production does not start, and every reason is told at once."""

from __future__ import annotations

import pytest
from click import ClickException
from pydantic import ValidationError

from portal.settings import Setting, Settings, from_environment

SAFE = {
    "issuer": "https://id.example.vn",
    "secret_key": "k" * 40,
    "sms_url": "https://sms.example.vn/",
    "smtp_url": "smtps://mail.example.vn",
}


def test_a_safe_production_starts() -> None:
    assert Settings(**SAFE).https


@pytest.mark.parametrize(
    ("unsafe", "reason"),
    [
        ({"issuer": "http://id.example.vn"}, "ISSUER"),
        ({"issuer": "https://id.example.vn/under?a=1"}, "ISSUER"),
        ({"issuer": "https://user:word@id.example.vn"}, "ISSUER"),
        ({"secret_key": "short"}, "SECRET_KEY"),
        ({"test_otp": "000000"}, "TEST_OTP"),
        ({"demo_people": 5}, "DEMO_PEOPLE"),
        ({"demo_population": 3_000}, "DEMO_POPULATION"),
        ({"rate_limits": "off"}, "RATE_LIMITS"),
        ({"open_registration": "on"}, "OPEN_REGISTRATION"),
        ({"fetch_loopback": "on"}, "FETCH_LOOPBACK"),
        ({"fetch_ca": __file__}, "FETCH_CA"),
        ({"code_seconds": 5}, "CODE_SECONDS"),
        ({"pushed_seconds": 5}, "PUSHED_SECONDS"),
        ({"sms_url": "http://sms.example.vn/"}, "SMS_URL"),
        ({"sms_url": "sms.example.vn"}, "SMS_URL must be"),
        ({"sms_url": ""}, "SMS_URL is needed"),
        ({"smtp_url": ""}, "SMTP_URL is needed"),
        ({"smtp_url": "mail.example.vn"}, "SMTP_URL must be"),
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


def test_a_command_names_what_is_wrong_and_shows_nothing_that_was_given(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"SETTING": "production", "PORT": "eighty", "SECRET_KEY": "secret-and-short"}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ClickException, match="PORT: ") as told:
        from_environment()
    monkeypatch.setenv("PORT", "80")
    with pytest.raises(ClickException, match="SECRET_KEY needs at least 32 characters") as also:
        from_environment()
    with pytest.raises(ValidationError) as raw:
        Settings()
    assert not any("secret-and" in str(one.value) or "eighty" in str(one.value) for one in (told, also, raw))


@pytest.mark.parametrize("setting", list(Setting))
@pytest.mark.parametrize(
    ("unsafe", "reason"),
    [
        ({"locales": "vi,xx"}, "LOCALES.*xx"),
        ({"demo_people": -1}, "DEMO_PEOPLE"),
        ({"demo_population": 1_999}, "DEMO_POPULATION"),
        ({"port": 0}, "PORT"),
        ({"port": 65536}, "PORT"),
        ({"code_seconds": 0}, "CODE_SECONDS"),
        ({"code_seconds": 61}, "CODE_SECONDS"),
        ({"fetch_ca": "/nowhere.pem"}, "FETCH_CA"),
    ],
)
def test_what_makes_no_sense_starts_nowhere(setting: Setting, unsafe: dict[str, object], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        Settings(**{**SAFE, "setting": setting, **unsafe})


def test_the_test_setting_listens_on_this_machine_only() -> None:
    with pytest.raises(ValidationError, match="HOST"):
        Settings(**SAFE, setting=Setting.TEST, host="0.0.0.0")
    assert Settings(**SAFE, setting=Setting.TEST, host="::1").host == "::1"
    assert Settings(**SAFE, host="0.0.0.0").host == "0.0.0.0"
