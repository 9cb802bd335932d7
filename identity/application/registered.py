"""From a draft's answers to the register's question, and the register's answer as it is kept with the file."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import date
from typing import Any

from identity.application.draft import Draft
from identity.gateways import CitizenQuery, CitizenRecord, ForeignerQuery, ForeignerRecord
from identity.person import Kind

Record = CitizenRecord | ForeignerRecord
Query = CitizenQuery | ForeignerQuery


def query_of(draft: Draft) -> Query:
    """What the applicant claims; KeyError or ValueError when a step is missing."""
    answers = draft.answers or {}
    birth_date = date.fromisoformat(answers["birth_date"])
    if answers["person_kind"] == Kind.CITIZEN:
        return CitizenQuery(answers["personal_number"], answers["full_name"], birth_date, answers["document_number"])
    return ForeignerQuery(
        answers["passport_number"],
        answers["nationality"],
        birth_date,
        answers["residence_card"],
        answers["full_name"],
    )


def claimed_number(query: Query) -> str:
    """The number that the question is about, with its issuer for a passport; bare of how it was typed."""
    if isinstance(query, CitizenQuery):
        return bare(query.personal_number)
    return f"{query.nationality}:{bare(query.passport_number)}"


def claimed_card(query: Query) -> str | None:
    """The residence card that the question is about, by which the register finds a foreigner; bare likewise."""
    return bare(query.residence_card) if isinstance(query, ForeignerQuery) else None


def bare(number: str) -> str:
    """Capitals and digits alone, so that spaces, hyphens and small letters do not make another number of it."""
    return "".join(sign for sign in number.upper() if sign.isalnum())


def number_of(record: Record) -> str:
    """The number by which the register knows the person: personal number, or passport number."""
    return record.personal_number if isinstance(record, CitizenRecord) else record.passport_number


def key_of(record: Record) -> str:
    """The number with its issuer, unique over all countries."""
    if isinstance(record, CitizenRecord):
        return record.personal_number
    return f"{record.nationality}:{record.passport_number}"


def passport_of(record: Record) -> str | None:
    """The bare number of a foreign resident's passport, as it is printed."""
    return None if isinstance(record, CitizenRecord) else bare(record.passport_number)


def residence_card_of(record: Record) -> str | None:
    """The bare number of the residence card, likewise."""
    return None if isinstance(record, CitizenRecord) else bare(record.residence_card)


def kind_of(record: Record) -> Kind:
    """Citizen or foreign resident."""
    return Kind.CITIZEN if isinstance(record, CitizenRecord) else Kind.FOREIGNER


def nationality_of(record: Record) -> str:
    """The country in three letters (ICAO 9303)."""
    return "VNM" if isinstance(record, CitizenRecord) else record.nationality


def to_facts(record: Record) -> dict[str, Any]:
    """The answer as JSON, to be sealed."""
    return {name: _plain(value) for name, value in asdict(record).items()}


def from_facts(facts: dict[str, Any]) -> Record:
    """The inverse of `to_facts`."""
    kind = CitizenRecord if "personal_number" in facts else ForeignerRecord
    values = {field.name: _typed(field.name, facts.get(field.name)) for field in fields(kind)}
    return kind(**values)


def reference_of(facts: Mapping[str, Any]) -> str:
    """Under which number the register knows the biometrics: personal number, or residence card number."""
    return str(facts.get("residence_card") or facts["personal_number"])


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return b64encode(value).decode() if isinstance(value, bytes) else value


def _typed(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name == "birth_date" or name.endswith("_on"):
        return date.fromisoformat(value)
    return b64decode(value) if name == "photo" else value
