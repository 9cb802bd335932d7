"""What follows an application, looked at by axe: supplement, decision, appeal, complaint, data rights, wards."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest
from sqlalchemy.orm import Session

from identity.application import acknowledge, appeal, decide, record_capture, record_match
from identity.application import request_supplement as ask_for_more
from identity.base import new_id
from identity.gateways import MatchResult
from tests.browser.conftest import TEST_OTP, Demo
from tests.browser.held import in_database
from tests.browser.test_main_journeys import Resident
from tests.browser.visitor import Visitor
from tests.identity.account_scene import PASSWORD
from tests.identity.applicants import CITIZEN, an_officer, submitted

Visit = Callable[..., Visitor]


@dataclass(frozen=True)
class Applicants:
    """The codes of three: asked for more, refused, and refused with an appeal under way."""

    asked: str
    refused: str
    appealed: str

    @classmethod
    def settle(cls, db: Session) -> Applicants:
        now, codes = datetime.now(UTC), []
        receiver, approver = (an_officer(db, f"{kind}_officer", now=now) for kind in ("receiving", "approving"))
        for ends in (None, "refused", "appealed"):
            serial = f"{secrets.randbelow(10**6):06d}"
            who = replace(CITIZEN, personal_number=f"001190{serial}", card_number=f"001190{serial}")
            file, code = submitted(db, replace(who, full_name=f"Nguyễn Thị {serial}"), now=now, phone=f"+84971{serial}")
            codes.append(code)
            acknowledge(db, file, receiver, now=now)
            if ends is None:
                ask_for_more(db, file, receiver, ["card-photo"], "", now=now)
                continue
            record_capture(db, file, receiver, new_id(), "CAP-0001", "ABCDE-FGHJK", now=now)
            record_match(db, file, receiver, MatchResult(10, False), now=now)
            decide(db, file, approver, "refused", reason="identity-not-matched", now=now)
            if ends == "appealed":
                appeal(db, file, "Xin xem lại.", now=now)
        return cls(*codes)


def look(visitor: Visitor, *paths: str) -> None:
    for path in paths:
        visitor.go(path)
        assert visitor.path == path, f"{path} led to {visitor.path}"
        visitor.check()


def opened(visitor: Visitor, code: str) -> None:
    visitor.go("/status").check().answer(code=code)
    assert visitor.path == "/status/application", visitor.text
    visitor.check().send().check().answer(otp=TEST_OTP)
    assert visitor.path == "/status/application", visitor.text
    visitor.checked.clear()
    visitor.check()


@pytest.mark.parametrize("locale", ["vi", "en"])
def test_whoever_was_asked_refused_or_appeals_meets_sound_pages(demo: Demo, visit: Visit, locale: str) -> None:
    who = in_database(demo, Applicants.settle)
    visitor = visit(width=390, locale=locale)
    opened(visitor, who.asked)
    look(visitor, "/status/supplement", "/status/withdraw", "/status/appointment/office")
    opened(visitor, who.refused)
    look(visitor, "/status/decision", "/status/appeal", "/status/complaint", "/status/data", "/status/data/copy")
    for kind, said in (("access", {}), ("rectify", {"words": "Thiếu chữ Thị"}), ("erase", {})):
        look(visitor, f"/status/data/new/{kind}")
        visitor.send()
        visitor.checked.clear()  # with its errors
        visitor.check()
        if said:
            visitor.page.locator("main [name='about']").first.check(force=True)
            visitor.answer(**said)
            assert visitor.path == "/status/data", visitor.text
    visitor.go("/status/data").click(visitor.page.locator("main a[href^='/status/data/requests/']").first)
    visitor.check()
    opened(visitor, who.appealed)
    look(visitor, "/status/appeal/take-back")


def test_a_guardian_and_a_holder_who_complains_meet_sound_pages(demo: Demo, visit: Visit) -> None:
    resident = in_database(demo, Resident.settle)
    visitor = visit(width=390, locale="vi")
    visitor.sign_in({"login": resident.login, "password": PASSWORD}, TEST_OTP)
    look(visitor, "/account/wards", "/account/wards/add", "/complaints", "/status/mine", "/account/help")
    look(visitor, "/account/recover", "/verify/receipt", "/verify/lock-decision", "/verify/badge-report")
