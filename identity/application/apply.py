"""Sending an application: from a draft and the register's answer to a dossier with a running clock."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

from sqlalchemy import Table, bindparam, select, update
from sqlalchemy.orm import Session

from identity.application import by_rule, clocks, notices
from identity.application.dossier import code_digest, code_from, next_dossier_number
from identity.application.draft import Draft, claim
from identity.application.eligibility import Wish, check_may_apply, find_registered, wish_of
from identity.application.known_numbers import number_index_of, printed_indexes
from identity.application.linking import EARLIER_NUMBER, find_by_earlier_number
from identity.application.model import Application, State
from identity.application.registered import Record, key_of, kind_of, nationality_of, number_of, to_facts
from identity.application.tasks import Kind, open_task
from identity.audit import SYSTEM, VISITOR, Event, record
from identity.base import Refused
from identity.deadlines import receipt_due, rule, today_in_vietnam
from identity.either_key import each, same
from identity.files import REGISTER_PHOTO, File, store
from identity.gateways import CitizenRecord
from identity.guardians import Basis, is_of_age
from identity.names import fold
from identity.person import Person, age_band, find_namesakes, find_person_by_phone, same_person_index
from identity.places import Office, Unit, office_of_home, unit_by_code
from identity.sealed import add, vault
from identity.statements import Prepared
from identity.turns import take_turns

DECLARED = (
    "full_name", "birth_date", "personal_number", "document_number", "passport_number", "nationality", "residence_card",
    "guardianship_until", "earlier_number",
)  # fmt: skip


def apply(db: Session, draft: Draft, registered: Record, *, now: datetime) -> tuple[Application, str]:
    """Submit the draft once; a repeated request gets the same application and the same code.

    The acknowledgement with the receipt time leaves at once (Decree 45/2020 Art. 11.1). Refused: see `eligibility`,
    and "office-missing", "phone-not-proved", "of-age".
    """
    assert draft.token is not None
    wish = wish_of(draft)
    code = code_from(db, wish.level, draft.token)
    sent = find_sent(db, draft) if draft.submitted_at is not None else None
    if sent is not None:
        return sent, code
    _check_complete(draft, wish)
    if draft.answer("guardian_basis") == Basis.REGISTER and is_of_age(registered.birth_date, now=now):
        raise Refused("of-age")  # begun for a child, sent after the birthday
    if not claim(db, draft, now=now):  # before the checks, which would find the winner of a double click
        return _get_sent(db, draft), code
    take_turns(
        db, vault(db).blind("application.number", key_of(registered))
    )  # of two drafts one finds the other's file
    check_may_apply(db, registered, draft.answer("phone"), wish, now=now)
    application = _submit(db, draft, wish, registered, code, now=now)
    notices.tell(
        db, application, notices.SUBMITTED, now=now, code=code, at=now, receipt_due_at=application.receipt_due_at
    )
    if wish.level == 1:
        by_rule.settle(db, application, now=now)
    return application, code


def find_receipt(db: Session, draft: Draft, *, now: datetime) -> tuple[Application, str] | None:
    """The receipt again, code and all, for the browser that sent the draft; for some hours (dated rule)."""
    hours = int(rule("status_receipt_hours", today_in_vietnam(now)))
    if draft.submitted_at is None or now > draft.submitted_at + timedelta(hours=hours):
        return None
    sent = find_sent(db, draft)
    return None if sent is None else (sent, code_from(db, sent.level, draft.token or ""))


def find_sent(db: Session, draft: Draft) -> Application | None:
    """What became of a draft that was sent."""
    return db.scalar(select(Application).where(Application.draft_id == draft.id))


def _get_sent(db: Session, draft: Draft) -> Application:
    """The other request of a double click won; its row is committed, because its claim on the draft made us wait."""
    sent = find_sent(db, draft)
    if sent is None:
        raise Refused("draft-already-sent")
    return sent


def _check_complete(draft: Draft, wish: Wish) -> None:
    if not draft.answer("phone_proved_at"):
        raise Refused("phone-not-proved")
    if wish.level == 2 and not draft.answer("office_id"):
        raise Refused("office-missing")
    if wish.level == 1 and not draft.answer("portrait_file_id"):
        raise Refused("portrait-missing")
    if wish.guardian_id is not None and not draft.answer("guardian_basis"):
        raise Refused("guardianship-missing")


def _office(db: Session, draft: Draft, home: Unit | None) -> Office:
    """The one that was chosen; online, the one where the person lives."""
    chosen = draft.answer("office_id")
    found = db.get(Office, UUID(chosen)) if chosen else office_of_home(db, draft.answer("person_kind"), home)
    if found is None:
        raise Refused("office-missing")
    return found


def _submit(db: Session, draft: Draft, wish: Wish, registered: Record, code: str, *, now: datetime) -> Application:
    keys, answers = vault(db), draft.answers or {}
    home = unit_by_code(db, registered.unit_code, on=today_in_vietnam(now))
    office = _office(db, draft, home)
    number, known = keys.blind("application.number", key_of(registered)), find_registered(db, registered)
    reasons = by_rule.reasons_for_an_officer(draft, registered, wish, now=now) if wish.level == 1 else []
    application = Application(
        dossier_number=next_dossier_number(db, _unit_code(db, office), now=now),
        code_digest=code_digest(db, code),
        draft_id=draft.id,
        kind="account",
        level=wish.level,
        state=State.SUBMITTED.value,
        version=1,
        person_kind=kind_of(registered).value,
        age_band=age_band(registered.birth_date, today_in_vietnam(now)),
        nationality=nationality_of(registered),
        full_name_folded=fold(registered.full_name)[:200],
        number_index=number,
        open_index=number,
        **printed_indexes(db, registered),
        same_index=same_person_index(db, registered.full_name, registered.birth_date),
        phone_index=keys.blind("application.phone", answers["phone"]),
        guardian_id=wish.guardian_id,
        guardian_index=number_index_of(db, wish.guardian_id),
        guardian_basis=answers.get("guardian_basis"),
        officer_reasons=" ".join(reasons) or None,
        person_id=_whose(wish, known),
        portrait_file_id=UUID(answers["portrait_file_id"]) if wish.level == 1 else None,
        match_score=answers.get("portrait_score"),
        matched=answers.get("portrait_matched"),
        locale=draft.locale,
        notify_by=answers.get("notify_by", "sms"),
        office_id=office.id,
        unit_id=office.unit_id,
        home_unit_id=home.id if home else None,
        agreed_to_help=bool(answers.get("agreed_to_help")),
        submitted_at=now,
        receipt_due_at=receipt_due(now),
        due_at=receipt_due(now),
        decision_days=_decision_days(registered, wish.level, now=now),
        supplements=0,
    )
    _add(db, application, draft, registered, now=now)
    _HAND_OVER.run(db, draft=draft.id, application=application.id)
    record(db, Event.APPLICATION_SUBMITTED, VISITOR, now=now, subject=application.subject, level=wish.level)
    _flag_duplicate(db, application, registered, known, now=now)
    by_rule.note_who_is_known(application, registered, known)
    draft.answers = {}  # what was typed now lies with the file
    return application


def _add(db: Session, application: Application, draft: Draft, registered: Record, *, now: datetime) -> None:
    answers = draft.answers or {}
    add(
        db,
        application,
        full_name=registered.full_name,
        number=number_of(registered),
        birth_date=registered.birth_date,
        phone=answers["phone"],
        email=answers.get("email"),
        declared={name: answers[name] for name in DECLARED if name in answers},
        record=to_facts(replace(registered, photo=None)),
    )
    db.flush()  # the files of the draft, and a task about it, point at the row
    if registered.photo is not None:  # a file, so that it goes when portraits go
        store(db, registered.photo, REGISTER_PHOTO, application.id, now=now)


def _whose(wish: Wish, known: Person | None) -> UUID | None:
    """Whose account it is about, where a session says so; of a renewed paper the register says it, too."""
    return wish.renews if known is not None and known.id == wish.renews else wish.person_id


def _decision_days(registered: Record, level: int, *, now: datetime) -> int:
    if isinstance(registered, CitizenRecord):
        return clocks.days_for(
            clocks.is_valid(registered.card_expires_on, now=now), has_biometrics=True, level=level, now=now
        )
    return clocks.days_for(True, has_biometrics=registered.has_biometrics, level=level, now=now)


def _flag_duplicate(
    db: Session, application: Application, registered: Record, known: Person | None, *, now: datetime
) -> None:
    """An earlier number of the applicant's, the same folded name and birth date, or the same phone: an officer rules
    out a second account first; nothing is refused silently."""
    why, other_id = EARLIER_NUMBER, _earlier_holder(db, application, known)
    if other_id is None:
        found = find_namesakes(db, registered.full_name, registered.birth_date)
        namesakes = [person for person in found if known is None or person.id != known.id]
        why, other_id = "same-name", namesakes[0].id if namesakes else _other_namesake(db, application, known)
    if other_id is None and known is None and application.guardian_id is None:
        holder = find_person_by_phone(db, application.phone or "")  # `eligibility` let through a foreign resident alone
        why, other_id = "same-phone", holder.id if holder is not None else None
    if other_id is None:
        return
    application.duplicate_of, application.duplicate_id = why, other_id
    db.flush()
    open_task(db, application, Kind.LINKING, now=now)
    record(db, Event.DUPLICATE_FOUND, SYSTEM, now=now, subject=application.subject, rule=why)


def _earlier_holder(db: Session, application: Application, known: Person | None) -> UUID | None:
    """Whom the number names that the applicant had an account under, where the papers of today name nobody."""
    typed = (application.declared or {}).get("earlier_number")
    if known is not None or not typed:
        return None
    holder = find_by_earlier_number(db, typed, application.nationality or "")
    return holder.id if holder is not None else None


def _other_namesake(db: Session, application: Application, known: Person | None) -> UUID | None:
    """Another file of a namesake under another number; not one's own under the passport before."""
    alike = (row for form in each(application.same_index) for row in _ALIKE.all(db, same_index=form))
    own, mine = application.number_index, known.id if known is not None else None
    others = (row for row in alike if row.id != application.id and not same(row.number_index, own))
    return next((row.id for row in others if mine is None or row.person_id != mine), None)


def _unit_code(db: Session, office: Office) -> str:
    unit = db.get(Unit, office.unit_id)
    return unit.code if unit else "00"


_HAND_OVER = Prepared(
    update(cast(Table, File.__table__))
    .where(File.owner_id == bindparam("draft"))
    .values(owner_id=bindparam("application"))
)
_ALIKE = Prepared(
    select(Application.id, Application.number_index, Application.person_id)
    .where(Application.same_index == bindparam("same_index"))
    .order_by(Application.id)
)
