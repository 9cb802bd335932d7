"""What officer and applicant read together at the counter before the visit is saved (the fields of form TK01)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from identity.application import Application
from identity.application.registered import Record, from_facts
from identity.gateways import CitizenRecord
from portal.language import _, day, spaced
from portal.office.words import country


def summary_of(application: Application) -> list[dict[str, Any]]:
    """Identity as the register holds it, contact as the applicant gave it."""
    return [
        *identity_of(from_facts(application.record or {})),
        {"key": _("Phone in the applicant’s name"), "value": application.phone},
        {"key": _("E-mail"), "value": application.email},
    ]


def identity_of(record: Record) -> list[dict[str, Any]]:
    """Who somebody is, as the register holds it."""
    sexes = {"male": _("Male"), "female": _("Female")}
    return [
        {"key": _("Full name"), "value": record.full_name},
        {"key": _("Birth date"), "value": day(record.birth_date)},
        {"key": _("Sex"), "value": sexes.get(record.sex, record.sex)},
        {"key": _("Nationality"), "value": country(record.nationality)},
        *({"key": key, "value": value} for key, value in _documents(record)),
        {"key": _("Address"), "value": record.address},
    ]


def _documents(record: Record) -> Iterator[tuple[str, str]]:
    if isinstance(record, CitizenRecord):
        yield _("Personal number"), spaced(record.personal_number)
        yield _("Identity card valid until"), day(record.card_expires_on) or _("No end")
        return
    yield _("Passport number"), record.passport_number
    yield _("Passport valid until"), day(record.passport_expires_on)
    yield _("Residence card"), f"{record.residence_kind} {record.residence_card}"
    yield _("Residence card valid until"), day(record.residence_expires_on) or _("No end")
