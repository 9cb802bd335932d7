"""One frozen, typed object from the environment; an unsafe combination stops the start, with every reason at once."""

from __future__ import annotations

from enum import StrEnum
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import SplitResult, urlsplit

import click
from pydantic import ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from portal.locales import NAMES

ROOT = Path(__file__).resolve().parent.parent
LOOPBACK = {"localhost", "127.0.0.1", "::1"}
SWITCHES = ("demo_population", "open_registration", "fetch_loopback", "fetch_ca", "code_seconds", "pushed_seconds")
SAFE_MAIL = {"smtps", "smtp+starttls"}


class Setting(StrEnum):
    """Where the portal runs. Test switches and made-up people exist in the last two only."""

    PRODUCTION = "production"
    DEMONSTRATION = "demonstration"
    TEST = "test"


class Settings(BaseSettings):
    """Environment variables of the same name in capitals."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", case_sensitive=False, hide_input_in_errors=True)

    setting: Setting = Setting.PRODUCTION
    host: str = "127.0.0.1"
    port: int = 8080
    issuer: str = ""
    """Public address of the portal, and the OpenID issuer. Default: http://localhost:PORT."""
    secret_key: str = ""
    """Signs the form cookie. At least 32 characters."""
    database_url: str = ""
    register_database_url: str = ""
    """Embedded population and immigration registers; default: a file beside the database."""
    var: Path = ROOT / "var"
    keys: Path | None = None
    """Folder of key files (docs/operating.md); default: VAR/keys."""
    key_service: str = ""
    """Address of the keys in a service that speaks Vault's KV-2 interface; then no key file is read."""
    key_service_token: Path | None = None
    """A file that holds the token for it."""
    checkpoints: Path | None = None
    """Folder in which the audit trail's checkpoints are published, to be copied elsewhere; default: VAR/checkpoints."""
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = ()
    redis_url: str = ""
    rate_limits: bool = True
    smtp_url: str = ""
    sms_url: str = ""
    mail_from: str = "no-reply@localhost"
    owner: str = ""
    """Name of the public body that runs the portal; the strip "official site" appears only when it is set."""
    hotline: str = ""
    locales: Annotated[tuple[str, ...], NoDecode] = ("vi", "en")
    sms_second_factor: bool = False
    """Whether a code by SMS may stand in for the app. The weakest second factor: a SIM can be taken over at a shop."""
    sms_in_number: str = ""
    """Number to which people send KHOA to freeze their account, as pages show it; empty: no such way."""
    sms_in_key: str = ""
    """Key with which the provider's adapter signs what people have sent."""
    test_otp: str = ""
    demo_people: int = 0
    demo_population: int = 2_000
    """How many people the made-up registers hold."""
    open_registration: bool = False
    """Whether anybody may register a relying party, also one that does not send PKCE. A test switch."""
    fetch_loopback: bool = False
    """Whether addresses that relying parties name may lead to this machine. A test switch."""
    fetch_ca: Path | None = None
    """A file of certificates that the fetcher trusts beside the public ones. A test switch."""
    code_seconds: int = 60
    pushed_seconds: int = 60
    """How long authorization codes and pushed requests live; shorter is a test switch."""

    @field_validator("trusted_proxies", "locales", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("rate_limits", "sms_second_factor", "open_registration", "fetch_loopback", mode="before")
    @classmethod
    def _on_or_off(cls, value: object) -> object:
        return {"off": False, "on": True}.get(str(value).lower(), value)

    @model_validator(mode="before")
    @classmethod
    def _defaults(cls, values: dict[str, object]) -> dict[str, object]:
        var = Path(str(values.get("var") or ROOT / "var"))
        values["issuer"] = str(values.get("issuer") or f"http://localhost:{values.get('port') or 8080}").rstrip("/")
        values.setdefault("database_url", f"sqlite:///{var / 'portal.db'}")
        values.setdefault("register_database_url", f"sqlite:///{var / 'registers.db'}")
        values.setdefault("keys", var / "keys")
        return values

    @model_validator(mode="after")
    def _safe(self) -> Self:
        problems = list(_problems(self))
        if problems:
            raise ValueError("; ".join(problems))
        return self

    @property
    def is_demonstration(self) -> bool:
        return self.setting is Setting.DEMONSTRATION

    @property
    def https(self) -> bool:
        return self.issuer.startswith("https://")

    @property
    def host_name(self) -> str:
        return urlsplit(self.issuer).hostname or "localhost"


def _problems(settings: Settings) -> list[str]:
    found = []
    if len(settings.secret_key) < 32:
        found.append("SECRET_KEY needs at least 32 characters")
    if settings.setting is Setting.PRODUCTION:
        if not settings.https:
            found.append("ISSUER must be an https address in production")
        if settings.test_otp or settings.demo_people:
            found.append("TEST_OTP and DEMO_PEOPLE belong to the demonstration")
        if not settings.rate_limits:
            found.append("RATE_LIMITS=off belongs to the demonstration")
        found += [f"{name.upper()} belongs to the demonstration" for name in SWITCHES if _is_set(settings, name)]
        found += _problems_outside(settings)
    return found + _nonsense(settings)


def _is_set(settings: Settings, name: str) -> bool:
    return bool(getattr(settings, name) != Settings.model_fields[name].default)


def _nonsense_in_a_demonstration(settings: Settings) -> list[str]:
    found = []
    if settings.demo_people < 0:
        found.append("DEMO_PEOPLE cannot be negative")
    if not 2_000 <= settings.demo_population <= 1_000_000:
        found.append("DEMO_POPULATION goes from 2000 to 1000000")
    return found


def _nonsense_of_messages(settings: Settings) -> list[str]:
    number, key = settings.sms_in_number, settings.sms_in_key
    if bool(number) == bool(key) and (not key or len(key) >= 32):
        return []
    return ["SMS_IN_NUMBER and SMS_IN_KEY go together, and the key has at least 32 characters"]


def _nonsense(settings: Settings) -> list[str]:
    """What no setting can mean, wherever the portal runs."""
    found = []
    if not settings.locales:
        found.append("LOCALES names no language")
    if unknown := [tag for tag in settings.locales if tag not in NAMES]:
        found.append(f"LOCALES names what is no language here: {', '.join(unknown)}")
    found += _nonsense_in_a_demonstration(settings) + _nonsense_of_messages(settings)
    if not (1 <= settings.code_seconds <= 60 and 1 <= settings.pushed_seconds <= 600):
        found.append("CODE_SECONDS goes from 1 to 60, PUSHED_SECONDS from 1 to 600")
    if settings.fetch_ca is not None and not settings.fetch_ca.is_file():
        found.append("FETCH_CA names no file")
    if settings.key_service and settings.key_service_token is None:
        found.append("KEY_SERVICE needs KEY_SERVICE_TOKEN, a file that holds its token")
    if not 1 <= settings.port <= 65535:
        found.append("PORT must be between 1 and 65535")
    if settings.setting is Setting.TEST and settings.host not in LOOPBACK:
        found.append("HOST must be this machine (127.0.0.1) with SETTING=test: test switches are open to whoever calls")
    return found


def _problems_outside(settings: Settings) -> list[str]:
    """Where what we send could be read on its way, and whom we would believe too easily."""
    found = []
    issuer = urlsplit(settings.issuer)
    if issuer.path or issuer.query or issuer.fragment or "@" in issuer.netloc:
        found.append("ISSUER must be https://host, without anything after or before the host")
    service = urlsplit(settings.key_service)
    if (
        service.geturl()
        and service.scheme != "https"
        and not (service.scheme == "http" and service.hostname in LOOPBACK)
    ):
        found.append("KEY_SERVICE must be an https address: keys travel there")
    found += _problems_of_ways(urlsplit(settings.sms_url), urlsplit(settings.smtp_url))
    if not all(_is_narrow(entry) for entry in settings.trusted_proxies):
        found.append("TRUSTED_PROXIES must be addresses or networks, and not the whole world")
    return found


def _problems_of_ways(sms: SplitResult, mail: SplitResult) -> list[str]:
    """Without a way out every code and every notice would wait for ever, unseen."""
    found = []
    if not sms.geturl():
        found.append("SMS_URL is needed: one-time codes travel by SMS")
    elif sms.scheme != "https" and not (sms.scheme == "http" and sms.hostname in LOOPBACK):
        found.append("SMS_URL must be an https address: one-time codes travel there")
    if not mail.geturl():
        found.append("SMTP_URL is needed: notices travel by mail")
    elif mail.scheme not in SAFE_MAIL and not (mail.scheme == "smtp" and mail.hostname in LOOPBACK):
        found.append("SMTP_URL must be smtps:// or smtp+starttls://")
    return found


def _is_narrow(entry: str) -> bool:
    try:
        return ip_network(entry, strict=False).prefixlen > 0
    except ValueError:
        return False


def from_environment() -> Settings:
    """The settings of this process; a command says in one line what is wrong with them."""
    try:
        return Settings()
    except ValidationError as problem:
        raise click.ClickException("; ".join(map(_told, problem.errors()))) from None


def _told(error: Any) -> str:
    """Which setting, where one is wrong by itself, and what is wrong; never what was given: some are secret."""
    sentence = str(error["msg"]).removeprefix("Value error, ")
    return ": ".join([*(str(name).upper() for name in error["loc"]), sentence])
