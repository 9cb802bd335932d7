"""An applicant at the browser: opens pages, reads them, answers them."""

from __future__ import annotations

import html
import re
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.outbox import Lane, OutboxMessage
from identity.registers.synthetic.papers import card_qr, passport_mrz
from identity.registers.tables import Citizen, Foreigner
from identity.sealed import vault

CITIZEN = Citizen(
    personal_number="001190123456", full_name="Nguyễn Thị Ánh Thử", birth_date=date(1990, 9, 2), sex="female",
    nationality="VNM", address="Số 12, phố Kín Đáo", unit_code="00004", card_number="001190123456",
    card_issued_on=date(2020, 9, 2), card_expires_on=date(2030, 9, 2), has_biometrics=True,
)  # fmt: skip
FOREIGNER = Foreigner(
    residence_card="TRC100200", residence_kind="TRC", residence_category="LD", residence_expires_on=date(2028, 6, 30),
    passport_number="M12345678", passport_expires_on=date(2031, 1, 1), nationality="KOR", surname="KIM",
    given_names="TEST MINJI", original_name="김민지", birth_date=date(1988, 3, 15), sex="female", has_biometrics=True,
    address="Số 34, phố Kín Đáo", unit_code="00004",
)  # fmt: skip


def copied(row: Any, **changes: Any) -> Any:
    """A fresh row like `row`, with changes."""
    kind = type(row)
    held = {column.key: getattr(row, column.key) for column in kind.__table__.columns}
    return kind(**{**held, **changes})


class Applicant:
    """One browser. `page` is the last page as text without tags."""

    def __init__(self, client: Any, db: Session, language: str = "en") -> None:
        self.client, self.db = client, db
        client.set_cookie("language", language)
        self.html, self.path, self.status = "", "", 0

    def open(self, path: str) -> Applicant:
        return self._took(self.client.get(path, follow_redirects=True))

    def send(self, path: str = "", **fields: Any) -> Applicant:
        """Answer the form of the page (or of `path`)."""
        names = {name.replace("__", "-"): value for name, value in fields.items()}
        return self._took(self.client.post(path or self.path, data=names, follow_redirects=True))

    def _took(self, response: Any) -> Applicant:
        self.html, self.path, self.status = response.text, response.request.full_path.rstrip("?"), response.status_code
        return self

    @property
    def page(self) -> str:
        text = re.sub(r"<(script|style|svg).*?</\1>|<[^>]+>", " ", self.html, flags=re.S)
        return " ".join(html.unescape(text).split())

    @property
    def errors(self) -> list[str]:
        summary = re.search(r'class="error-summary".*?</div>', self.html, re.S)
        items = re.findall(r"<li>(.*?)</li>", summary[0], re.S) if summary else []
        return [html.unescape(re.sub(r"<[^>]+>", "", item)).strip() for item in items]

    def typed(self, name: str) -> str | None:
        """What stands in a field."""
        found = re.search(rf'<input[^>]*name="{name}"[^>]*value="([^"]*)"', self.html)
        return html.unescape(found[1]) if found else None

    def last_code(self) -> str:
        """The code of the last message on the phone."""
        self.db.rollback()
        row = self.db.scalars(
            select(OutboxMessage).where(OutboxMessage.lane == Lane.CODE).order_by(OutboxMessage.id.desc()).limit(1)
        ).one()
        opened = vault(self.db).open("outbox_message.payload_sealed", row.id, row.payload_sealed or b"")
        found = re.search(rb'"code":"(\d{6})"', opened)
        assert found is not None
        return found[1].decode()

    # the journey, in pieces

    def prove_phone(self, kind: str, phone: str = "0912 345 678") -> Applicant:
        self.open("/apply").send(person_kind=kind).send(locale="en").send(phone=phone)
        assert self.path == "/apply/code", self.page
        return self.send(otp=self.last_code())

    def type_citizen(self, row: Citizen = CITIZEN) -> Applicant:
        self.send(personal_number=row.personal_number).send(full_name=row.full_name)
        return self.send(**birth(row.birth_date))

    def type_foreigner(self, row: Foreigner = FOREIGNER) -> Applicant:
        self.send(passport_number=row.passport_number).send(nationality=row.nationality)
        self.send(full_name=row.full_name).send(**birth(row.birth_date))
        return self.send(residence_card=row.residence_card)

    def finish(self, search: str = "") -> Applicant:
        """From the register's yes to the check page."""
        self.open("/apply/office?q=" + search)
        choice = re.search(r'name="office_id" value="([^"]+)"', self.html)
        assert choice is not None, self.page
        self.send(office_id=choice[1]).send(notify_by="sms").send(agreed_to_help="1")
        assert self.path == "/apply/check", self.page
        return self


def birth(day: date) -> dict[str, str]:
    return {"birth_date__day": str(day.day), "birth_date__month": str(day.month), "birth_date__year": str(day.year)}


__all__ = ["CITIZEN", "FOREIGNER", "Applicant", "birth", "card_qr", "copied", "passport_mrz"]
