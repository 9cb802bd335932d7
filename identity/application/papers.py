"""The papers of a register's record: what each proves, which lock bites when it ends, and whether it was renewed."""

from __future__ import annotations

from datetime import date

from identity.account import Account, Ground
from identity.application.registered import Record
from identity.evidence import EvidenceKind
from identity.gateways import CitizenRecord
from identity.person import DocumentKind

Papers = tuple[tuple[DocumentKind, EvidenceKind, Ground, str, date | None], ...]


def papers_of(registered: Record) -> Papers:
    """The documents of a record, the evidence each gives, and the lock that bites when it ends (Art. 15)."""
    if isinstance(registered, CitizenRecord):
        card = (
            DocumentKind.CITIZEN_CARD,
            EvidenceKind.CITIZEN_CARD,
            Ground.DOCUMENT_EXPIRED,
            registered.card_number,
            registered.card_expires_on,
        )
        return (card,)
    return (
        (
            DocumentKind.PASSPORT,
            EvidenceKind.PASSPORT,
            Ground.DOCUMENT_EXPIRED,
            registered.passport_number,
            registered.passport_expires_on,
        ),
        (
            DocumentKind.RESIDENCE_CARD,
            EvidenceKind.RESIDENCE_CARD,
            Ground.RESIDENCE_EXPIRED,
            registered.residence_card,
            registered.residence_expires_on,
        ),
    )


def are_renewed(account: Account, registered: Record) -> bool:
    """Whether the register knows a paper to last longer than the account does: with it the account counts again."""
    noted = account.papers_end or {}
    ends = {kind.value: last_day for kind, _evidence, _ground, _number, last_day in papers_of(registered)}
    known = {paper: date.fromisoformat(noted[paper][1]) for paper in ends.keys() & noted.keys()}
    return any(ends[paper] is None or last_day < (ends[paper] or last_day) for paper, last_day in known.items())
