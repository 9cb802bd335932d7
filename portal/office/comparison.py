"""What the applicant declared beside what the register holds, differences first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from identity.application import Application
from identity.application.registered import Record, from_facts
from identity.deadlines import today_in_vietnam
from identity.gateways import CitizenRecord
from identity.names import same_name
from portal.language import _, day, spaced
from portal.office.words import country

SOON = timedelta(days=30)
ORDER = {"bad": 0, "waiting": 1, "good": 2, "plain": 3}
ICONS = {"bad": "x", "waiting": "triangle-alert", "good": "check", "plain": ""}


@dataclass(frozen=True, slots=True)
class Row:
    """One item. `kind` is the colour of the result."""

    item: str
    declared: str
    registered: str
    result: str
    kind: str

    @property
    def icon(self) -> str:
        return ICONS[self.kind]


def comparison(application: Application, now: datetime) -> list[Row]:
    """The rows of the table, what differs on top."""
    declared, record = application.declared or {}, from_facts(application.record or {})
    rows = [*_person(declared, record), *_documents(declared, record, today_in_vietnam(now))]
    return sorted(rows, key=lambda row: ORDER[row.kind])


def _person(declared: dict[str, Any], record: Record) -> Iterator[Row]:
    yield _name(str(declared.get("full_name", "")), record.full_name)
    born = declared.get("birth_date")
    yield _same(_("Birth date"), day(date.fromisoformat(born)) if born else "", day(record.birth_date))
    held = _("Face and fingerprints held") if record.has_biometrics else _("None held")
    yield Row(_("Biometrics"), "", held, "" if record.has_biometrics else _("Look"), _kind(record.has_biometrics))


def _documents(declared: dict[str, Any], record: Record, today: date) -> Iterator[Row]:
    if isinstance(record, CitizenRecord):
        number = str(declared.get("personal_number", ""))
        yield _same(_("Personal number"), spaced(number), spaced(record.personal_number))
        yield _term(_("Identity card valid until"), record.card_expires_on, today)
        return
    yield _same(_("Passport number"), str(declared.get("passport_number", "")), record.passport_number)
    yield _same(_("Nationality"), country(str(declared.get("nationality", ""))), country(record.nationality))
    card = f"{record.residence_kind} {record.residence_card}"
    claimed = str(declared.get("residence_card", ""))
    yield Row(_("Residence card"), claimed, card, *_verdict(claimed == record.residence_card))
    if earlier := declared.get("earlier_number"):
        yield Row(_("Earlier number named by the applicant"), str(earlier), "", _("Look"), "waiting")
    yield _term(_("Passport valid until"), record.passport_expires_on, today)
    yield _term(_("Residence card valid until"), record.residence_expires_on, today)


def _name(declared: str, registered: str) -> Row:
    if declared.casefold() != registered.casefold() and same_name(declared, registered, any_order=True):
        return Row(_("Full name"), declared, registered, _("Other marks or order"), "waiting")
    return Row(_("Full name"), declared, registered, *_verdict(declared.casefold() == registered.casefold()))


def _same(item: str, declared: str, registered: str) -> Row:
    return Row(item, declared, registered, *_verdict(declared == registered))


def _verdict(same: bool) -> tuple[str, str]:
    return (_("Match"), "good") if same else (_("Differs"), "bad")


def _kind(fine: bool) -> str:
    return "plain" if fine else "waiting"


def _term(item: str, until: date | None, today: date) -> Row:
    if until is None:
        return Row(item, "", _("No end"), _("Valid"), "good")
    if until < today:
        return Row(item, "", day(until), _("Expired"), "bad")
    soon = until - today < SOON
    return Row(item, "", day(until), _("Ends soon") if soon else _("Valid"), "waiting" if soon else "good")
