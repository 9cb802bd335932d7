"""What the portal asks the state's registers, whoever answers: the embedded registers or a data-exchange adapter.

A register is no public look-up: a question carries what the applicant claims, and any difference, an unknown number,
another person's number or a dead person get one and the same `Mismatch`. The caller learns nothing about which part
differed. Every call names its purpose; the caller audits it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol


class RegisterUnavailable(Exception):
    """The register did not answer; try later or take the manual route. Nothing is known about the question."""


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Not confirmed, for a reason the register keeps to itself. There is one value."""


MISMATCH = Mismatch()


@dataclass(frozen=True, slots=True)
class CitizenQuery:
    """What a citizen claims. `document_number` is the number of the identity card (today: the personal number)."""

    personal_number: str
    full_name: str
    birth_date: date
    document_number: str


@dataclass(frozen=True, slots=True)
class CitizenRecord:
    """What the population register holds. `unit_code` is the commune of residence."""

    personal_number: str
    full_name: str
    birth_date: date
    sex: str
    nationality: str
    address: str
    unit_code: str
    card_number: str
    card_expires_on: date | None
    has_biometrics: bool
    photo: bytes | None
    is_dead: bool
    card_issued_on: date | None = None
    guardian_number: str | None = None
    """Personal number of the parent or guardian whom the register names for a child or ward."""


@dataclass(frozen=True, slots=True)
class ForeignerQuery:
    """What a foreign resident claims. `nationality` is ISO 3166-1 alpha-3."""

    passport_number: str
    nationality: str
    birth_date: date
    residence_card: str
    full_name: str


@dataclass(frozen=True, slots=True)
class ForeignerRecord:
    """What the immigration register holds. `residence_kind` is PRC (permanent) or TRC (temporary residence card)."""

    passport_number: str
    nationality: str
    full_name: str
    birth_date: date
    sex: str
    passport_expires_on: date
    residence_card: str
    residence_kind: str
    residence_category: str
    residence_expires_on: date | None
    has_biometrics: bool
    address: str
    unit_code: str
    photo: bytes | None = None


@dataclass(frozen=True, slots=True)
class MatchResult:
    """How well a capture matches what the register holds: 0 to 100, and the register's own verdict."""

    score: int
    matched: bool


class PopulationRegister(Protocol):
    """National Population Database. `reference` is a personal number. Raises `RegisterUnavailable`."""

    def is_dead(self, reference: str, purpose: str) -> bool: ...

    def deaths_since(self, day: date, purpose: str) -> list[str]:
        """Personal numbers of those whose death was recorded on that day or later."""
        ...

    def confirm(self, query: CitizenQuery, purpose: str) -> CitizenRecord | Mismatch: ...

    def match_biometrics(self, reference: str, capture_reference: str, purpose: str) -> MatchResult: ...

    def match_portrait(self, reference: str, portrait: bytes, purpose: str) -> MatchResult: ...


class ImmigrationRegister(Protocol):
    """National Immigration Database. `reference` is a residence card number. Raises `RegisterUnavailable`."""

    def confirm(self, query: ForeignerQuery, purpose: str) -> ForeignerRecord | Mismatch: ...

    def match_biometrics(self, reference: str, capture_reference: str, purpose: str) -> MatchResult: ...

    def match_portrait(self, reference: str, portrait: bytes, purpose: str) -> MatchResult: ...


class DirectoryUnavailable(Exception):
    """The mobile operators did not answer. Nothing is known about the number."""


class SubscriberDirectory(Protocol):
    """The mobile operators' lists of subscribers: whether a number is registered in somebody's own name.

    `holder` is a personal number, or nationality and passport number (`KOR:M12345678`). The directory says yes or no
    and never whose number it is. Raises `DirectoryUnavailable`.
    """

    def is_owner(self, phone: str, holder: str, purpose: str) -> bool: ...


class NoDirectory:
    """Where no operator is connected: nothing is known, and an officer looks."""

    def is_owner(self, phone: str, holder: str, purpose: str) -> bool:
        raise DirectoryUnavailable("no operator is connected")


class FetchRefused(Exception):
    """A remote address was not fetched, or did not answer as it must. `reason` is a closed, kebab-case name."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a remote address answered."""

    status: int
    body: bytes
    media_type: str


class RemoteFetcher(Protocol):
    """The one way to addresses that relying parties name (keys, sector identifiers, request objects, logout).

    Https and public addresses only, no redirects, few seconds, few bytes. Raises `FetchRefused`.
    """

    def get(self, url: str, *, accept: str) -> Fetched: ...

    def post(self, url: str, form: Mapping[str, str]) -> int: ...

    def send(self, url: str, body: bytes, headers: Mapping[str, str], *, seconds: float) -> Fetched: ...

    def reach(self, url: str) -> None: ...
