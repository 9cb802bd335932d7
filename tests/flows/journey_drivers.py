"""The same journey driven twice: through the verbs of the domain, and through the pages. Each step is one short method.

A step that is refused ends the journey; its outcome is then the code of the refusal. The pages say it in a sentence,
which is looked up among all sentences.
"""

from __future__ import annotations

import html
import io
import re
from datetime import date
from typing import Any
from uuid import UUID

import pyotp
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from identity import activation as acting
from identity import application as files
from identity.account import Account, AccountState, find_account_of
from identity.application import Application
from identity.application.eligibility import find_registered
from identity.application.lookup import reserve_lookup, settle_lookup
from identity.application.registered import key_of, query_of
from identity.base import Refused, new_id
from identity.credentials.recovery import Sheet
from identity.files import prepare_image, store
from identity.gateways import CitizenRecord, DirectoryUnavailable, MatchResult, RegisterUnavailable
from identity.guardians import answer, ask, check_guardian, wards_of
from identity.guardians.model import Confirmation
from identity.levels import level_of
from identity.outbox import COLUMN, OutboxMessage
from identity.person import Person
from identity.sealed import vault
from portal.chores import run_chores
from portal.refusals import account, enrolment, guardians, recovery, rights
from tests.flows.journey_world import Someone, World
from tests.identity.account_scene import PASSWORD, hashed
from tests.identity.applicants import an_office

PURPOSE = "apply-for-account"


def picture(*, blank: bool = False) -> bytes:
    made = Image.new("RGB", (480, 640), "beige")
    if not blank:
        made.paste("black", (100, 100, 380, 540))
    out = io.BytesIO()
    made.save(out, "JPEG")
    return out.getvalue()


class Driver:
    """What both know of a journey on its way."""

    def __init__(self, world: World, person: Someone) -> None:
        self.world, self.person = world, person
        self.guardian: Someone | None = None
        self.application_id: UUID | None = None
        self.code = ""
        self.receiving: Any = None

    def result(self) -> tuple[str, int, str]:
        """How it ended: state of the last file, level of the person, state of the account."""
        with self.world.database.session(write=False) as db:
            found = self._last(db)
            person = db.get(Person, found.person_id) if found is not None and found.person_id else None
            account = find_account_of(db, person.id) if person is not None else None
            level = level_of(db, person.id, now=self.world.now) if person is not None else 0
            return (found.state if found else "none"), level, (account.state if account else "none")

    def _last(self, db: Session) -> Application | None:
        number = vault(db).blind("application.number", key_of(self.person.record))
        query = select(Application).where(Application.number_index == number)
        return db.scalars(query.order_by(Application.id.desc()).limit(1)).one_or_none()

    def file(self, db: Session) -> Application:
        found = self._last(db)
        assert found is not None
        return found

    def later(self, days: int = 0, hours: int = 0) -> None:
        self.world.clock.advance(days=days, hours=hours)

    def chores(self) -> None:
        run_chores(self.world.writing, self.world.now)

    def account_of(self, db: Session, someone: Someone) -> Account:
        person = find_registered(db, someone.record)
        account = find_account_of(db, person.id) if person is not None else None
        assert account is not None
        return account

    def make_active(self, someone: Someone | None = None) -> None:
        """An account as its activation leaves it, where the activation is not what is looked at."""
        with self.world.writing() as db:
            account = self.account_of(db, someone or self.person)
            account.state, account.activated_at = AccountState.ACTIVE.value, self.world.now

    def secret_code(self, kind: str) -> str:
        """The newest code that was sent in a message of this kind."""
        with self.world.database.session(write=False) as db:
            query = select(OutboxMessage).where(OutboxMessage.kind == kind).order_by(OutboxMessage.id.desc()).limit(1)
            row = db.scalars(query).one()
            opened = vault(db).open(COLUMN, row.id, row.payload_sealed or b"")
        found = re.search(rb'"code":"([^"]+)"', opened)
        assert found is not None
        return found[1].decode()


class Domain(Driver):
    """Through the verbs."""

    def apply(self, level: int, *, blank: bool = False, **claims: Any) -> None:
        world, record, now = self.world, self.person.record, self.world.now
        with world.writing() as db:
            draft = files.start_draft(db, now=now)
            files.save_step(db, draft, self._answers(db, level) | claims, now=now)
            lookup, query = reserve_lookup(db, draft, f"192.0.2.{new_id().int % 250}", now=now), query_of(draft)
        refusal = None
        with world.writing() as db:
            draft = db.merge(draft)
            draft.token = "a token of this test"
            found, is_own = self._ask(query, level)
            refusal = settle_lookup(db, lookup, draft, found, is_own, now=now)
            if refusal is None and self.guardian is not None and not draft.answer("guardian_basis"):
                files.save_step(db, draft, {"guardian_basis": "paper"}, now=now)
            if refusal is None and level == 1:
                self._portrait(db, draft, blank)
        if refusal is not None:
            raise refusal
        with world.writing() as db:
            draft = db.merge(draft)
            draft.token = new_id().hex
            sent, self.code = files.apply(db, draft, record, now=now)
            self.application_id = sent.id

    def _answers(self, db: Session, level: int) -> dict[str, Any]:
        record, person = self.person.record, self.person
        office = an_office(db, "commune_police" if person.kind == "citizen" else "immigration")
        typed: dict[str, Any] = {
            "level": level,
            "person_kind": person.kind,
            "phone": person.phone,
            "phone_proved_at": self.world.now.isoformat(),
            "full_name": record.full_name,
            "birth_date": record.birth_date.isoformat(),
            "notify_by": "sms",
        } | ({"office_id": str(office.id)} if level == 2 else {})
        if isinstance(record, CitizenRecord):
            typed |= {"personal_number": record.personal_number, "document_number": record.card_number}
        else:
            typed |= {
                "passport_number": record.passport_number,
                "nationality": record.nationality,
                "residence_card": record.residence_card,
            }
        if self.guardian is not None:
            holder = check_guardian(db, self.account_of(db, self.guardian).id, now=self.world.now)
            typed |= {"guardian_id": str(holder.person_id), "phone": self.guardian.phone}
        return typed | self.person.facts

    def _ask(self, query: Any, level: int) -> tuple[Any, bool | None]:
        services = self.world.services
        register = services.population if self.person.kind == "citizen" else services.immigration
        try:
            found = register.confirm(query, PURPOSE)
        except RegisterUnavailable:
            return None, None
        if level == 2 or self.guardian is not None or not hasattr(found, "full_name"):
            return found, None
        try:
            return found, services.subscribers.is_owner(self.person.phone, key_of(found), PURPOSE)
        except DirectoryUnavailable:
            return found, None

    def _portrait(self, db: Session, draft: Any, blank: bool) -> None:
        services, record = self.world.services, self.person.record
        made = prepare_image(picture(blank=blank))
        if isinstance(record, CitizenRecord):
            match = services.population.match_portrait(record.personal_number, made, PURPOSE)
        else:
            match = services.immigration.match_portrait(record.residence_card, made, PURPOSE)
        kept = store(db, made, "portrait", draft.id, now=self.world.now)
        found = {"portrait_file_id": str(kept.id), "portrait_matched": match.matched, "portrait_score": match.score}
        files.save_step(db, draft, found, now=self.world.now)

    def _officer(self, role: str) -> Any:
        with self.world.database.session(write=False) as db:
            unit = self.file(db).unit_id
        return self.world.officer(role, unit)[0]

    def acknowledge(self) -> None:
        self.receiving = self._officer("receiving_officer")
        with self.world.writing() as db:
            files.acknowledge(db, self.file(db), self.receiving, now=self.world.now)

    def visit(self, *, matched: bool = True, guardian: bool = False) -> None:
        with self.world.writing() as db:
            file = self.file(db)
            portrait, now = new_id(), self.world.now
            files.record_capture(
                db, file, self.receiving, portrait, "CAP-1", "ABCDE-FGHJK", now=now, guardian_present=guardian
            )
            files.record_match(db, file, self.receiving, MatchResult(92 if matched else 9, matched), now=now)

    def decide(self, outcome: str) -> None:
        officer = self._officer("approving_officer")
        reason = "document-not-genuine" if outcome == "refused" else None
        with self.world.writing() as db:
            files.decide(db, self.file(db), officer, outcome, reason, now=self.world.now)

    def supplement(self) -> None:
        officer = self._officer("receiving_officer")
        with self.world.writing() as db:
            files.request_supplement(db, self.file(db), officer, ["phone-proof"], "", now=self.world.now)

    def reply(self) -> None:
        with self.world.writing() as db:
            files.resubmit(db, self.file(db), {"phone-proof": files.Given("Here")}, now=self.world.now)

    def withdraw(self) -> None:
        with self.world.writing() as db:
            files.withdraw(db, self.file(db), now=self.world.now)

    def rise(self) -> None:
        with self.world.database.session(write=False) as db:
            self.person.facts["person_id"] = str(self.account_of(db, self.person).person_id)
        self.apply(2)

    def raise_ward(self) -> None:
        self.rise()

    def activate(self, *, proof: str = "", guardian_says: bool | None = None) -> None:
        now, code = self.world.now, self.secret_code("account-issued")
        with self.world.writing() as db:
            begun = acting.begin(db, code, address="192.0.2.9", now=now)
            assert not isinstance(begun, Refused), begun.code
            token = begun.token
        otp = self.secret_code("otp")
        refusal = None
        with self.world.writing() as db:
            journey = acting.find_journey(db, token, now=now)
            assert journey is not None
            assert acting.prove_phone(db, journey, otp, now=now) is None
            refusal = self._prove(db, journey, proof, guardian_says)
            if refusal is None:
                self._secrets(db, journey)
        if refusal is not None:
            raise refusal

    def _prove(self, db: Session, journey: Any, proof: str, guardian_says: bool | None) -> Refused | None:
        now = self.world.now
        if guardian_says is None:
            kind = "citizen_card" if self.person.kind == "citizen" else "passport"
            return acting.prove_identity(db, journey, kind, proof or self.proof(), now=now)
        assert self.guardian is not None
        question = ask(db, journey.account, acting.proof.Purpose.ACTIVATE, journey.visit.id, now=now)
        guardian = self.account_of(db, self.guardian)
        db.flush()
        answer(db, question.id, guardian, question.number if guardian_says else None, now=now)
        return acting.proof.take_guardians_yes(db, journey, now=now)

    def _secrets(self, db: Session, journey: Any) -> None:
        now = self.world.now
        acting.set_password(db, journey, hashed(PASSWORD), now=now)
        code = pyotp.TOTP(journey.activation.totp_secret).at(int(now.timestamp()))
        assert acting.confirm_totp(db, journey, code, now=now) is None
        sheet = Sheet.read(journey.activation.recovery)
        assert isinstance(acting.confirm_recovery(db, journey, sheet.codes[0], now=now), Account)

    def proof(self) -> str:
        return proof_of(self.person)


def proof_of(person: Someone) -> str:
    """What the document says: the last day of a card, the end of a passport number."""
    if isinstance(person.record, CitizenRecord):
        day = person.record.card_expires_on or person.record.card_issued_on or date.min
        return f"{day:%d/%m/%Y}"
    return person.record.passport_number[-6:]


class Pages(Driver):
    """Through the pages, as a person at a browser."""

    client: Any = None
    page = path = ""

    # reading

    def open(self, path: str, client: Any = None) -> Pages:
        return self._took((client or self.client).get(path, follow_redirects=True))

    def send(self, path: str = "", client: Any = None, **fields: Any) -> Pages:
        names = {name.replace("__", "-"): value for name, value in fields.items()}
        kind = None
        if any(isinstance(value, FileStorage) for value in names.values()):
            boundary, names = encode_multipart(names)
            kind = f'multipart/form-data; boundary="{boundary}"'
        target = path or self.path
        return self._took((client or self.client).post(target, data=names, content_type=kind, follow_redirects=True))

    def _took(self, response: Any) -> Pages:
        self.html, self.path = response.text, response.request.full_path.rstrip("?")
        text = re.sub(r"<(script|style|svg).*?</\1>|<[^>]+>", " ", self.html, flags=re.S)
        self.page = " ".join(html.unescape(text).split())
        assert response.status_code < 500, self.page
        refused = refusal_on(self.page) if response.status_code in (200, 403, 404, 409, 422, 429) else None
        if refused is not None:
            raise refused
        return self

    # the applicant

    def apply(self, level: int, *, blank: bool = False, **claims: Any) -> None:
        if self.guardian is not None:
            with self.world.database.session(write=False) as db:
                account = self.account_of(db, self.guardian).id
            self.client = self.world.signed_in(account)
            self.send("/account/wards/add", person_kind=self.person.kind)
        else:
            self.client = self.world.browser()
            if self.code:
                self.later(hours=1)  # a code a minute to one phone
            self.open("/apply").send(person_kind=self.person.kind, level=str(level)).send(locale="en")
            self.send(phone=self.person.phone).send(otp=self.secret_code("otp"))
        self._type(claims)
        self._register_and_send(level, blank)

    def _type(self, claims: dict[str, Any]) -> None:
        record, name = self.person.record, claims.get("full_name", self.person.record.full_name)
        born = record.birth_date
        birth = {"birth_date__day": born.day, "birth_date__month": born.month, "birth_date__year": born.year}
        if isinstance(record, CitizenRecord):
            self.send(personal_number=record.personal_number).send(full_name=name).send(**birth)
            return
        self.send(passport_number=record.passport_number).send(nationality=record.nationality)
        self.send(full_name=name).send(**birth).send(residence_card=record.residence_card)

    def _register_and_send(self, level: int, blank: bool = False) -> None:
        assert self.path == "/apply/register", self.page
        self.send()
        self.open("/apply/later")  # wherever the journey stands, its page leads on
        onward = re.search(r'href="(/apply/(?:guardianship|portrait|office))"', self.html)
        assert onward is not None, self.page
        self.open(onward[1])
        if self.path == "/apply/guardianship":
            self.send(paper=FileStorage(io.BytesIO(picture()), "paper.jpg"))
        if level == 1:
            self.send("/apply/portrait", portrait=FileStorage(io.BytesIO(picture(blank=blank)), "me.jpg"))
            if self.path == "/apply/portrait":
                self.open(re.search(r'id="go-on"[^>]*href="([^"]+)"|href="([^"]+)"[^>]*id="go-on"', self.html)[2])
        else:
            self.open("/apply/office?q=hoan" if self.person.kind == "citizen" else "/apply/office")
            choice = re.search(r'name="office_id" value="([^"]+)"', self.html)
            assert choice is not None, self.page
            self.send(office_id=choice[1])
        if self.path == "/apply/messages":
            self.send(notify_by="sms").send(agreed_to_help="1")
        assert self.path == "/apply/check", (self.path, self.page)
        self.send()
        assert self.path == "/apply/receipt", self.page
        self.code = re.search(r"DD\d(?:-\w{4}){3}", self.page)[0]

    def rise(self) -> None:
        with self.world.database.session(write=False) as db:
            account = self.account_of(db, self.person).id
        self.client = self.world.signed_in(account)
        self.send("/account/level-2")
        self._register_and_send(2)

    def raise_ward(self) -> None:
        assert self.guardian is not None
        with self.world.database.session(write=False) as db:
            guardian = self.account_of(db, self.guardian)
            ward = next(row.ward_id for row in wards_of(db, guardian.person_id, now=self.world.now))
        self.client = self.world.signed_in(guardian.id)
        self.open("/account/wards").send(f"/account/wards/{ward}/level-2")
        self._register_and_send(2)

    def withdraw(self) -> None:
        self._unlock().send("/status/withdraw")

    def reply(self) -> None:
        self._unlock().open("/status/supplement")
        field = re.search(r'<textarea[^>]*name="([^"]+)"', self.html)
        assert field is not None, self.page
        self.send(**{field[1]: "Here"})

    def _unlock(self) -> Pages:
        self.client = self.world.browser()
        self.later(hours=1)  # a code a minute to one phone
        self.open("/status").send(code=self.code)
        self.send("/status/phone").send(otp=self.secret_code("otp"))
        return self

    # the office

    def _at_desk(self, role: str) -> tuple[Any, str]:
        with self.world.database.session(write=False) as db:
            file = self.file(db)
            unit, address = file.unit_id, f"/office/cases/{file.id}"
        return self.world.officer(role, unit)[1], address

    def _at_counter(self) -> tuple[Any, str]:
        """An officer before whom the applicant stands: nobody opens a file that they were not given."""
        desk, address = self._at_desk("receiving_officer")
        with self.world.database.session(write=False) as db:
            number = self.file(db).number or ""
        self.send(f"{address}/take-here", desk, shown=number[-4:])
        return desk, address

    def _version(self) -> str:
        found = re.search(r'name="version"[^>]*value="(\d+)"', self.html)
        assert found is not None, self.page
        return found[1]

    def acknowledge(self) -> None:
        self.receiving, address = self._at_counter()
        self.open(address, self.receiving).send(f"{address}/acknowledge", self.receiving, version=self._version())

    def visit(self, *, matched: bool = True, guardian: bool = False) -> None:
        _other, address = self._at_desk("receiving_officer")
        desk = self.receiving
        self.open(f"{address}/counter", desk)
        here = {"guardian_present": "1"} if guardian else {}
        portrait = FileStorage(io.BytesIO(picture()), "portrait.jpg")
        reference = "CAP-1" if matched else "CAP-NOMATCH-1"
        self.send(
            f"{address}/counter", desk, version=self._version(), capture_reference=reference, confirmed="1",
            portrait=portrait, **here,
        )  # fmt: skip

    def decide(self, outcome: str) -> None:
        desk, address = self._at_desk("approving_officer")
        self.open(address, desk)
        answer = {"outcome": outcome, "reason": "document-not-genuine" if outcome == "refused" else ""}
        version = self._version()
        self.send(f"{address}/decision", desk, version=version, step="check", **answer)
        self.send(f"{address}/decision", desk, version=version, step="send", **answer)

    def supplement(self) -> None:
        desk, address = self._at_counter()
        self.open(f"{address}/supplement", desk)
        asked = {"version": self._version(), "reasons": "phone-proof", "note": ""}
        self.send(f"{address}/supplement", desk, step="check", **asked)
        self.send(f"{address}/supplement", desk, step="send", **asked)

    # activating

    def activate(self, *, proof: str = "", guardian_says: bool | None = None) -> None:
        self.client = self.world.browser()
        self.later(hours=1)
        self.send("/activate", code=self.secret_code("account-issued")).send(otp=self.secret_code("otp"))
        if guardian_says is not None:
            self._guardian_answers(guardian_says)
        else:
            kind = "citizen_card" if self.person.kind == "citizen" else "passport"
            self.send("/activate/proof", kind=kind, proof=proof or proof_of(self.person))
        self.send("/activate/password", password=PASSWORD)
        secret = re.search(r"\b(?:[A-Z2-7]{4} ?){8}\b", self.page)
        assert secret is not None, self.page
        code = pyotp.TOTP(secret[0].replace(" ", "")).at(int(self.world.now.timestamp()))
        self.send("/activate/app", otp=code)
        found = re.findall(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}(?:-[0-9A-Z]{4})*\b", self.page)
        self.send("/activate/recovery", recovery=found[0])

    def _guardian_answers(self, says_yes: bool) -> None:
        assert self.guardian is not None and self.path == "/activate/guardian", self.page
        ward = self.client
        self.send("/activate/guardian/ask")
        shown = re.search(r'id="number"><span class="num">(\d\d)<', self.html)[1]
        with self.world.database.session(write=False) as db:
            account = self.account_of(db, self.guardian).id
            question = db.scalars(select(Confirmation).order_by(Confirmation.id.desc()).limit(1)).one().id
        self.client = self.world.signed_in(account)
        self.open("/account/wards")
        assert f"/account/wards/questions/{question}" in self.html
        self.open(f"/account/wards/questions/{question}")
        assert shown in re.findall(r'name="number" value="(\d\d)"', self.html)
        self.send(number=shown if says_yes else "")
        self.client = ward
        self.send("/activate/guardian")


def refusal_on(page: str) -> Refused | None:
    """The refusal that a page shows, if it shows one."""
    for code, sentence in PATTERNS:
        if sentence.search(page):
            return Refused(code)
    return None


LOOKED_FOR = (
    "register-mismatch", "register-unavailable", "too-young", "guardian-needed", "card-expired", "passport-expired",
    "residence-card-expired", "residence-document-kind", "account-exists", "application-open", "phone-used",
    "sim-not-own",
    "guardian-level", "guardian-absent", "guardian-said-no", "level-held", "not-matched", "activation-proof-wrong",
    "application-state", "recover-wrong", "recover-over", "otp-wrong", "rights-already-open", "rights-over",
)  # fmt: skip


def _pattern(code: str) -> re.Pattern[str]:
    """The sentence in English: these tests read English pages, and the catalogue's ids are English."""
    (words,) = {str(part[code]) for part in PARTS if code in part}
    return re.compile(re.sub(r"%\\\((\w+)\\\)s", ".+?", re.escape(words)))


PARTS = [part.SENTENCES for part in (account, enrolment, guardians, recovery, rights)]
PATTERNS = [(code, _pattern(code)) for code in LOOKED_FOR]
