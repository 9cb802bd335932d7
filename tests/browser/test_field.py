"""The pages of teams, coordinators and of residents who check a helper: readable by everybody, in both languages."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from PIL import Image
from sqlalchemy.orm import Session

from identity.account import find_account
from identity.audit import SYSTEM
from identity.deadlines import today_in_vietnam
from identity.guardians import Basis, Shown, begin
from identity.helping import agree_to_help, new_help_code
from identity.person import Person
from identity.places import unit_by_code
from identity.staff import hire
from onboarding.badge import get_badge, token_of
from onboarding.catalogue import Task
from onboarding.delegation import delegate
from onboarding.team import appoint, found_team, get_membership, release
from portal.demo.population import WARD_CODE
from tests.browser.conftest import Demo
from tests.browser.held import hold_session, in_database
from tests.browser.phone import wait, while_fresh
from tests.browser.visitor import Visitor
from tests.identity.recovery_scene import make_contact

Visit = Callable[..., Visitor]
TEAM = ("", "badge", "badge/print", "shifts", "referrals", "behalf", "card", "people", "assistance/new")
DESK = ("desk", "teams", "calls", "shifts", "units", "units?q=da+nang")
PUBLIC = ("badge", "badge?code=ZZZZZZZZ", "badge-report", "badge-reported", "receipt")


@pytest.mark.parametrize("locale", ["vi", "en"])
def test_the_members_pages(visit: Visit, demo: Demo, locale: str) -> None:
    member = hold_session(visit(locale=locale), demo, demo.person("member", skip=1))
    for path in TEAM:
        member.go(f"/team/{path}").check()


@pytest.mark.parametrize("locale", ["vi", "en"])
def test_the_coordinators_pages(visit: Visit, demo: Demo, locale: str) -> None:
    coordinator = hold_session(visit(width=1280, locale=locale), demo, demo.person("coordinator"))
    for path in DESK:
        coordinator.go(f"/coordination/{path}").check()
    coordinator.go("/coordination/teams").click("main table a >> nth=0").check()


@pytest.mark.parametrize("locale", ["vi", "en"])
def test_the_pages_for_residents(visit: Visit, locale: str) -> None:
    resident = visit(locale=locale)
    for path in PUBLIC:
        resident.checked.clear()
        resident.go(f"/verify/{path}").check()


@pytest.mark.parametrize("locale", ["vi", "en"])
def test_what_a_resident_allowed_and_the_end_of_a_guardianship(visit: Visit, demo: Demo, locale: str) -> None:
    login, given, ward = in_database(demo, lambda db: an_authorisation_and_a_ward(db, demo.person("member")["login"]))
    holder = hold_session(visit(locale=locale), demo, {"login": login})
    holder.go("/account/authorisations").check()
    assert holder.page.locator(f"form[action$='/{given}/end']").count() == 1
    officer = hold_session(visit(width=1280, locale=locale), demo, demo.person("officer_approving"))
    officer.go("/office/guardianship").check().answer(number=ward).check()
    officer.click("#submit")
    assert officer.page.locator(".error-summary").is_visible()
    officer.checked.clear()
    officer.check()
    shoot(locale, holder, officer)


def an_authorisation_and_a_ward(db: Session, helper: str) -> tuple[str, str, str]:
    """Somebody who allowed a member one matter: their number and the receipt; and the number of a ward."""
    moment, serial = datetime.now(UTC), uuid4().int % 10**7
    member_account = find_account(db, helper)
    assert member_account is not None
    member = get_membership(db, member_account.id, on=today_in_vietnam(moment))
    holder, ward, guardian = (make_contact(db, moment, f"0011{place}{serial:07d}") for place in (1, 2, 3))
    agree_to_help(db, db.get_one(Person, holder.person_id), now=moment)
    db.flush()
    code = new_help_code(db, holder.person_id, now=moment)
    given = delegate(db, member, Task.LAND, 3, SYSTEM, now=moment, agreed=True, help_code=code)
    assert guardian.person_id is not None
    begin(db, ward, guardian.person_id, Shown(Basis.PAPER, date(2099, 1, 1)), now=moment)
    return str(holder.login), str(given.id), str(ward.login)


def shoot(locale: str, *visitors: Visitor) -> None:
    """Pictures to look at, where somebody wants them."""
    if folder := os.environ.get("SHOTS"):
        for visitor in visitors:
            name = visitor.path.strip("/").split("/")[1]
            visitor.page.screenshot(path=Path(folder) / f"{name}-{locale}.png", full_page=True)


@pytest.mark.parametrize("locale", ["vi", "en"])
def test_the_coordinators_forms(visit: Visit, demo: Demo, tmp_path: Path, locale: str) -> None:
    desk = hold_session(visit(width=390, locale=locale), demo, demo.person("coordinator"))
    desk.go("/coordination/teams")
    desk.click(desk.page.get_by_role("link", name="Tổ công nghệ số cộng đồng Ba Đình").first)
    desk.click(desk.page.locator("a[href*='/portrait/']").last)
    face = tmp_path / "face.png"
    Image.new("RGB", (600, 800), "peru").save(face)
    desk.page.locator("input[type='file']").set_input_files(face)
    desk.check().send("portrait").check()  # the tick was forgotten
    desk.page.locator("input[type='file']").set_input_files(face)
    desk.page.locator("input[name='known']").check(force=True)
    desk.send("portrait")
    assert "/portrait/" not in desk.path, desk.text
    ward = in_database(demo, lambda db: unit_by_code(db, WARD_CODE, on=datetime.now(UTC).date()).id)
    desk.go(f"/coordination/units/{ward}").check().go(f"/coordination/units/{ward}/villages").check()
    desk.click(desk.page.locator("a[href$='/end']").first)
    desk.check().go("/coordination/calls?show=free").check()


def drawn(demo: Demo, login: str, *, seconds_ago: int = 0) -> str:
    """The address in the QR code that stood on the member's phone so long ago."""

    def token(db: Session) -> str:
        account, moment = find_account(db, login), datetime.now(UTC)
        assert account is not None
        member = get_membership(db, account.id, on=today_in_vietnam(moment))
        return token_of(db, get_badge(db, member, now=moment), now=moment - timedelta(seconds=seconds_ago))

    return f"/verify/badge/{in_database(demo, token)}"


@pytest.mark.parametrize("locale", ["vi", "en"])
def test_a_resident_scans_a_badge_a_copied_screenshot_and_that_of_somebody_who_left(
    visit: Visit, demo: Demo, locale: str
) -> None:
    member = demo.person("lead")
    resident, real = visit(locale=locale), {"vi": "Thẻ này là thật", "en": "This badge is real"}[locale]
    while_fresh(lambda: resident.go(drawn(demo, member["login"])), lambda: real in resident.text)
    resident.check()
    assert member["name"] in resident.text
    copied = visit(locale=locale).go(drawn(demo, member["login"], seconds_ago=60)).check()
    assert {"vi": "Ảnh chụp thẻ không phải là thẻ", "en": "A picture of a badge is no badge"}[locale] in copied.text
    assert member["name"] not in copied.text
    code, login = in_database(demo, somebody_who_left)
    gone = visit(locale=locale).go(f"/verify/badge?code={code}").check()
    assert {"vi": "Thẻ này không còn hiệu lực", "en": "This badge is no longer valid"}[locale] in gone.text
    assert login not in gone.text
    gone.go("/verify/badge?code=ZZZZZZZZ")
    assert {"vi": "Không có thẻ này trong hệ thống", "en": "We do not know this badge"}[locale] in gone.text


def somebody_who_left(db: Session) -> tuple[str, str]:
    """The printed code of a badge whose member was released, and their name."""
    moment = datetime.now(UTC)
    ward = unit_by_code(db, WARD_CODE, on=moment.date())
    assert ward is not None
    name = f"Người Đi {uuid4().hex[:6]}"
    team = found_team(db, ward.id, name, SYSTEM, now=moment)
    account = hire(db, f"di-{uuid4().hex[:8]}", name, now=moment)
    db.flush()
    row = appoint(db, team, account.id, SYSTEM, now=moment)
    db.flush()
    badge = get_badge(db, get_membership(db, account.id, on=today_in_vietnam(moment)), now=moment)
    release(db, row, SYSTEM, now=moment)
    return badge.code or "", name


def test_the_badge_on_the_phone_changes_and_a_scan_of_it_is_good(visit: Visit, demo: Demo) -> None:
    member = hold_session(visit(), demo, demo.person("member"))
    member.page.clock.install()
    member.go("/team/badge").page.wait_for_selector("img[data-refresh]")
    picture = member.page.locator("img[data-refresh]")
    first = picture.get_attribute("src")
    member.page.clock.run_for(16_000)
    assert picture.get_attribute("src") != first
    wait(member.page, "document.querySelector('img[data-refresh]').naturalWidth > 0")
