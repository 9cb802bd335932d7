"""After a day's work nothing that stays behind names a resident: phone, logs, searches, exports, badges, awards.

Acceptance test 14 of the field (complaints about comparable systems): "Search results, logs, exports and badge evidence
contain no ID number, phone or OTP; free-text fields run a detector."
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from identity.account import find_account
from identity.helping import agree_to_help, new_help_code
from identity.learner_key import learner_key
from identity.person import Person
from onboarding.award import Award
from onboarding.learner import Learner
from tests.browser.conftest import Demo
from tests.browser.held import hold_session, in_database
from tests.browser.phone import DUMP, log_by_hand, open_app, send_all, unsent
from tests.browser.scanner import Scanner, everything
from tests.browser.visitor import Visitor

Visit = Callable[..., Visitor]
NOTE = "bà cụ ở cuối xóm, tay run"


@pytest.fixture(scope="module")
def scanner(demo: Demo) -> Scanner:
    people = [person for person in demo.known["people"] if person["documents"]]
    return in_database(demo, lambda db: Scanner.of_everybody(db, [person["name"] for person in people]))  # type: ignore[no-any-return]


def waiting_person(demo: Demo) -> tuple[dict[str, Any], str]:
    """Somebody issued and not active, who agrees to be helped, and the code of today."""
    person = demo.person("citizen", state="issued")

    def agree(db: Any) -> str:
        account = find_account(db, person["login"])
        row = db.get_one(Person, account.person_id)
        agree_to_help(db, row, now=datetime.now(UTC))
        db.flush()
        return new_help_code(db, row.id, now=datetime.now(UTC))

    return person, in_database(demo, agree).replace(" ", "")


@pytest.fixture
def worked(visit: Visit, demo: Demo) -> Iterator[tuple[Visitor, dict[str, Any], str]]:
    """A member who looked at the list, guided somebody, logged it with the code and sent it; and who else was there."""
    person, code = waiting_person(demo)
    member = hold_session(visit(), demo, demo.person("member"))
    member.go("/team/people")
    assert person["name"].split()[-1] in member.text
    member.click(member.page.locator("main .records a").first)
    open_app(member)
    log_by_hand(member.page, note=NOTE, code=code)
    send_all(member.page)
    log_by_hand(member.page, note=NOTE)
    send_all(member.page)
    yield member, person, code


def left_on(phone: Visitor) -> str:
    """Everything that the browser keeps but the session's own cookies."""
    return everything([str(each) for each in phone.page.evaluate(DUMP).values()])


def test_the_phone_keeps_nobody(worked: tuple[Visitor, dict[str, Any], str], scanner: Scanner, tmp_path: Path) -> None:
    member, person, code = worked
    kept = left_on(member)
    assert scanner.found_in(kept) == []
    assert code not in kept and NOTE not in kept
    member.context.set_offline(True)
    log_by_hand(member.page, note=NOTE, code=code)
    assert unsent(member.page) == 1
    with member.page.expect_download() as taken:
        member.page.locator("#export").click()
    exported = Path(taken.value.path()).read_text("utf-8")
    assert NOTE in exported  # the file is a real one
    assert scanner.found_in(exported) == [] and code not in exported
    member.context.set_offline(False)
    send_all(member.page)
    # a leak is seen where it would stand
    member.page.evaluate("text => team.outbox.learn('leak', text)", f"gọi {person['phone'].replace('+84', '0')}")
    assert scanner.found_in(left_on(member)) == [person["phone"].removeprefix("+84")]
    member.page.evaluate("team.outbox.learn('leak', '')")


def test_logs_searches_exports_and_awards_name_nobody(
    worked: tuple[Visitor, dict[str, Any], str], visit: Visit, demo: Demo, scanner: Scanner
) -> None:
    member, person, _code = worked
    coordinator = hold_session(visit(width=1280), demo, demo.person("coordinator"))
    shown = {}
    for words in (person["name"], person["phone"], person["login"], person["documents"]["personal_number"]):
        for visitor, address in ((coordinator, "/coordination/units?q="), (member, "/learn/sessions?q=")):
            visitor.page.goto(f"{visitor.portal}{address}{words.replace('+', '%2B')}")
            shown[address + words] = visitor.text
    for address in ("/coordination", "/coordination/desk", "/coordination/teams"):
        shown[address] = coordinator.go(address).text
    shown["pay"] = coordinator.context.request.get(f"{coordinator.portal}/coordination/pay.csv").text()
    holder = demo.person("citizen")
    for address, content in awards_of(visit, demo, holder).items():
        shown[address] = content
    assert {address: scanner.found_in(content) for address, content in shown.items() if scanner.found_in(content)} == {}
    logs = {path.name: path.read_bytes() for path in (demo.folder / "logs").iterdir() if path.suffix == ".log"}
    assert len(logs["portal.log"]) > 1000
    assert {name: found for name, content in logs.items() if (found := scanner.found_in(content))} == {}


def awards_of(visit: Visit, demo: Demo, holder: dict[str, Any]) -> dict[str, str]:
    """What stands in a signed award and before whoever checks it."""

    def own(db: Any) -> list[tuple[str, str]]:
        account = find_account(db, holder["login"])
        key = learner_key(db, account.person_id)
        learner = db.scalars(select(Learner).where(Learner.key == key)).one()
        return [
            (str(award.id), award.code) for award in db.scalars(select(Award).where(Award.learner_id == learner.id))
        ]

    browser, found = hold_session(visit(), demo, holder), {}
    awards = in_database(demo, own)
    assert awards
    for id_, code in awards:
        for address in (f"/learn/awards/{id_}/credential.json", f"/verify/award/{code}"):
            found[address] = browser.context.request.get(browser.portal + address).text()
    for address in ("/verify/issuer", "/verify/keys", "/verify/status/1"):
        found[address] = browser.context.request.get(browser.portal + address).text()
    assert all(code in found[f"/verify/award/{code}"].replace(" ", "") for _id, code in awards)
    return found


@pytest.mark.parametrize(
    "leak",
    [
        "gọi 0900 000 004 nhé",
        "+84900000004",
        "84.900.000.004",
        '{"phone": "0900000004"}',
        "số 045168990621",
        "nguyen ngoc ngan",
        "Nguyễn_Ngọc-Ngân",
        '"Nguy\\u1ec5n Ng\\u1ecdc Ng\\u00e2n"',
        "ZZ 9506172",
        "gọi 0900000004".encode("utf-16-le"),
        b"\x00" + "Nguyễn Ngọc Ngân".encode("utf-16-le"),
        "Nguyễn Ngọc Ngân".encode(),
    ],
)
def test_the_scanner_sees_a_person_however_it_is_written(scanner: Scanner, leak: str | bytes) -> None:
    assert scanner.found_in(leak), leak


@pytest.mark.parametrize(
    "plain", ["018f3a2c-7b1e-7c3d-9f00-900000004abc", "2026-11-22T08:29:00Z", "Ngân hàng Quân đội", ""]
)
def test_the_scanner_takes_ids_times_and_words_for_what_they_are(scanner: Scanner, plain: str) -> None:
    assert scanner.found_in(plain) == []
