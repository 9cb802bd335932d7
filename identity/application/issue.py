"""Issuing: the approved applicant becomes a person with documents, evidence and an account to activate."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from identity.account import Account, AccountState, Kind, create_account, find_account_of
from identity.activation import make_activation_code, make_first_code
from identity.application import clocks, notices
from identity.application.by_hand import proof_ends_on
from identity.application.eligibility import Wish, check_account, find_registered
from identity.application.following import follow
from identity.application.guardianship_paper import guardianship_paper
from identity.application.model import Application, move
from identity.application.papers import papers_of
from identity.application.registered import Record, from_facts, kind_of
from identity.audit import SYSTEM, Event, record
from identity.base import Refused
from identity.counter_secret import bind_counter_secret, unbind_counter_secrets
from identity.deadlines import activate_by, rule, today_in_vietnam
from identity.evidence import EvidenceKind, Proof, add_proofs, end_evidence
from identity.gateways import CitizenRecord
from identity.guardians import Basis, Shown, begin, is_handed_over, last_day_for, take_over
from identity.helping import agree_to_help
from identity.levels import level_of
from identity.locks import note_paper
from identity.person import (
    Document,
    DocumentKind,
    Person,
    add_document,
    add_person,
    age_band,
    documents_of,
    find_person_by_phone,
    is_number_taken,
    set_foreigner_number,
    set_personal_number,
    set_phone,
)


@dataclass(frozen=True, slots=True)
class Issued:
    """What was made. The activation code is in the notice only; it is returned for the tests and the demonstration."""

    account_id: UUID
    activation_code: str


def issue(db: Session, application: Application, *, now: datetime) -> Issued:
    """Called by the approving decision, in its transaction. Refused "account-exists": never a silent second account;
    "phone-used" when the number has become another person's meanwhile."""
    registered = from_facts(application.record or {})
    with db.no_autoflush:  # nothing that is looked for here is still to be written
        person, account = _known(db, application, registered)
        held = documents_of(db, person.id) if person is not None else []
        person = person or _make_person(db, application, registered, now=now)
    if account is not None:
        _check_may_have_more(db, application, account, person, now=now)
    move(db, application, "issue", person_id=person.id, **clocks.ended(now=now))
    if account is not None:
        follow(db, application, account, person, registered, now=now)
    is_taken_over = account is not None and application.guardian_id is None and is_handed_over(account, now=now)
    if account is not None and is_taken_over:
        take_over(db, account, person, application.phone or "", application.email, now=now)
        unbind_counter_secrets(db, account.id)
        account.locale = application.locale
        if application.level == 1:
            _end_visits(db, person, now=now)
    if application.agreed_to_help:  # their own yes: what a guardian agreed to has ended with the take-over
        agree_to_help(db, person, now=now)
    if account is not None and not is_taken_over:
        return _raise(db, application, account, person, registered, held, now=now)
    is_new = account is None
    account = account or _open_account(db, application, person, registered, now=now)
    _keep_papers(db, application, account, person, registered, held, is_new=is_new, now=now)
    _keep_guardian(db, application, account, registered, now=now)
    return _to_be_activated(db, application, account, is_new=is_new, now=now)


def level_raised_to(db: Session, application: Application, *, now: datetime) -> int | None:
    """The level at which an account that is in use counts once this is issued; None where a code will be sent."""
    person = _in_use(db, application, now=now)
    return max(level_of(db, person.id, now=now), application.level) if person is not None else None


def needs_activation(db: Session, application: Application, *, now: datetime) -> bool:
    """Whether what is issued, or was, has still to be activated: an account in use only rises or counts again."""
    return _in_use(db, application, now=now) is None


def _in_use(db: Session, application: Application, *, now: datetime) -> Person | None:
    person, account = _known(db, application, from_facts(application.record or {}))
    return person if account is not None and not _has_to_be_activated(account, now=now) else None


def _has_to_be_activated(account: Account, *, now: datetime) -> bool:
    return account.state == AccountState.ISSUED or is_handed_over(account, now=now)


def _known(db: Session, application: Application, registered: Record) -> tuple[Person | None, Account | None]:
    """Whoever applies, where they are known already, and their account."""
    person = find_registered(db, registered) or _linked(db, application)
    return person, find_account_of(db, person.id) if person is not None else None


def _linked(db: Session, application: Application) -> Person | None:
    """Whom an officer knows under papers that were all renewed (`tasks.RENEWED`)."""
    return db.get(Person, application.person_id) if application.person_id else None


def _check_may_have_more(
    db: Session, application: Application, account: Account, person: Person, *, now: datetime
) -> None:
    """The same rule as when it was sent: something may have happened since."""
    wish = Wish(application.level, application.guardian_id, application.person_id)
    check_account(db, person, from_facts(application.record or {}), wish, now=now)


def _raise(
    db: Session,
    application: Application,
    account: Account,
    person: Person,
    registered: Record,
    held: Sequence[Document],
    *,
    now: datetime,
) -> Issued:
    """The account there is rises by the new evidence, or counts again by a renewed paper; nothing has to be activated
    that is active."""
    _keep_papers(db, application, account, person, registered, held, now=now)
    _keep_guardian(db, application, account, registered, now=now)
    db.flush()  # the level is computed from what was added
    level = level_of(db, person.id, now=now)
    record(
        db, Event.LEVEL_RAISED, SYSTEM, now=now, subject=application.subject, account_id=str(account.id), level=level
    )
    if _has_to_be_activated(account, now=now):
        return _to_be_activated(db, application, account, now=now)
    notices.tell(db, application, notices.RAISED, now=now, level=level)
    return Issued(account.id, "")


def _to_be_activated(
    db: Session, application: Application, account: Account, *, is_new: bool = False, now: datetime
) -> Issued:
    with db.no_autoflush:  # papers and evidence are written with the code
        record(db, Event.APPLICATION_ISSUED, SYSTEM, now=now, subject=application.subject, account_id=str(account.id))
    if is_handed_over(account, now=now):
        if is_new:
            account.activate_by = None  # no code leaves, so no window runs and nobody is reminded of it
        notices.tell(db, application, notices.OF_AGE, now=now, name=account.display_name)
        return Issued(account.id, "")
    make = make_first_code if is_new else make_activation_code
    code = make(db, account, now=now)
    bind_counter_secret(db, application.id, account.id)
    said = {"code": code, "login": account.login, "activate_by": activate_by(now)}
    has_reader = application.guardian_id is not None or not is_new
    notices.tell(db, application, notices.ISSUED, now=now, keep=has_reader, **said)
    return Issued(account.id, code)


def _keep_guardian(
    db: Session, application: Application, account: Account, registered: Record, *, now: datetime
) -> None:
    """Guardianship is evidence: by whom, on what paper, until when.

    As it was when the guardian applied: a child who came of age while the file lay with an office is a ward no more,
    and the account waits for them.
    """
    if application.guardian_id is None:
        return
    until = (application.declared or {}).get("guardianship_until")
    paper_ends_on = date.fromisoformat(until) if until else None
    shown = Shown(
        Basis(application.guardian_basis or Basis.PAPER),
        last_day_for(registered.birth_date, paper_ends_on, now=application.submitted_at),
        application.decided_by_id,
        application.id,
        guardianship_paper(db, application, now=now),
    )
    begin(db, account, application.guardian_id, shown, now=now)


def _make_person(db: Session, application: Application, registered: Record, *, now: datetime) -> Person:
    """Identity data from the register, contact data from the applicant."""
    if application.guardian_id is None and application.phone and find_person_by_phone(db, application.phone):
        raise Refused("phone-used")
    set_number = set_personal_number if isinstance(registered, CitizenRecord) else set_foreigner_number
    number = registered.personal_number if isinstance(registered, CitizenRecord) else new_foreigner_number(db, now=now)
    person = Person(
        kind=kind_of(registered).value,
        sex=registered.sex,
        nationality=registered.nationality,
        unit_id=application.home_unit_id,
        age_band=age_band(registered.birth_date, today_in_vietnam(now)),
        created_at=now,
    )
    add_person(db, person, full_name=registered.full_name, birth_date=registered.birth_date, phone=application.phone)
    if application.guardian_id is not None:
        set_phone(db, person, application.phone or "", is_own=False)
    person.email = application.email
    person.address = registered.address
    set_number(db, person, number)
    db.flush()  # documents, evidence and consent point at the row
    return person


def new_foreigner_number(db: Session, *, now: datetime) -> str:
    """An opaque number under the simulated prefix of a dated rule; the structure of the true one is the state's."""
    prefix = str(rule("foreigner_number_prefix", today_in_vietnam(now)))
    while True:
        number = prefix + "".join(secrets.choice("0123456789") for _ in range(12 - len(prefix)))
        if not is_number_taken(db, number):
            return number


def _open_account(
    db: Session, application: Application, person: Person, registered: Record, *, now: datetime
) -> Account:
    account = create_account(
        db,
        Kind.RESIDENT,
        person.personal_number or person.foreigner_number or "",
        person_id=person.id,
        display_name=registered.full_name,
        now=now,
        state=AccountState.ISSUED,
        locale=application.locale,
    )
    account.activate_by = activate_by(now)
    _note_papers(db, account, registered, now=now)  # before the row is written, so that it is written once
    db.flush()  # locks and codes point at the row
    return account


def _keep_papers(
    db: Session,
    application: Application,
    account: Account,
    person: Person,
    registered: Record,
    held: Sequence[Document],
    *,
    is_new: bool = False,
    now: datetime,
) -> None:
    """Documents that the person does not hold yet, and evidence; that of level 2 only from a visit to the counter.

    A new account has its papers noted.
    """
    if not is_new:
        _note_papers(db, account, registered, now=now)
    proofs = [Proof(EvidenceKind.REGISTER)]
    known = {(document.kind, document.number, document.expires_on) for document in held}
    issued_on = registered.card_issued_on if isinstance(registered, CitizenRecord) else None
    for kind, evidence, _ground, number, expires_on in papers_of(registered):
        issuer = registered.nationality if kind is DocumentKind.PASSPORT else "VNM"
        if (kind.value, number, expires_on) not in known:
            add_document(
                db, person, kind, number, expires_on=expires_on, issued_by=issuer, issued_on=issued_on, now=now
            )
        proofs.append(Proof(evidence, expires_on))
    if application.level == 2:
        officer = application.captured_by_id
        proofs.append(Proof(EvidenceKind.IN_PERSON, by_account_id=officer))
        proofs.append(Proof(EvidenceKind.BIOMETRICS, proof_ends_on(db, application, now=now), officer))
    add_proofs(db, person.id, proofs, now=now, application_id=application.id)


def _end_visits(db: Session, person: Person, *, now: datetime) -> None:
    """Whom a guardian brought to the counter has level 2, but who takes the account over online was seen by nobody: a
    guardian has the card and the photos at hand. Level 2 takes a visit of one's own."""
    for kind in (EvidenceKind.IN_PERSON, EvidenceKind.BIOMETRICS):
        end_evidence(db, person.id, kind, now=now)


def _note_papers(db: Session, account: Account, registered: Record, *, now: datetime) -> None:
    """With the last day of each the account is locked by itself."""
    for kind, _evidence, ground, _number, expires_on in papers_of(registered):
        note_paper(db, account, kind.value, ground, expires_on, now=now)
