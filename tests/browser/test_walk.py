"""The whole walk, as four people take it: from an application to a service that knows the person, and to the figures.

Each kind of person goes at each width and in each language, and each way of giving papers is gone: typed, the lines of
a passport, the QR text of a card. They take turns, stage by stage, so that a phone's minute between two codes passes
while the others act.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest

from tests.browser.conftest import Demo
from tests.browser.walk import Resident, Staff, Visit

SKIP = int(os.environ.get("WALKED", "0"))
"""How many people of a running demonstration have been used up."""
WALKS = (
    ("foreigner", 390, "vi", "pastes"),
    ("citizen", 1280, "vi", "types"),
    ("foreigner", 1280, "en", "types"),
    ("citizen", 390, "en", "pastes"),
)


@pytest.mark.slow
@pytest.mark.timeout(900)  # four people at once, each page looked at by axe
def test_from_an_application_to_a_service(demo: Demo, visit: Visit) -> None:
    residents, staff = _residents(demo, visit), Staff(demo, visit)
    before = staff.funnel(residents[0])
    _in_turn(residents, Resident.apply, staff.receive, staff.approve)
    assert staff.funnel(residents[1]) == _moved(before, applied=4, issued=4)
    _in_turn(residents, Resident.ask_for_help, staff.help, Resident.activate)
    for resident in residents:
        assert resident.arrive().go("/operation/messages").check().page.locator("main article").count() >= len(WALKS)
    services_know_them_as = {resident.use_a_service() for resident in residents}
    assert len(services_know_them_as) == len(residents)
    _in_turn(residents, staff.see_confirmed)
    for resident in residents:
        assert staff.funnel(resident) == _moved(before, applied=4, issued=4, activated=4)
    logs = {path.stem: path.read_text() for path in (demo.folder / "logs").glob("*.log")}
    assert '"route":"/apply/<name>","status":303' in logs["portal"] and '"event": "sent"' in logs["worker"]
    for resident in residents:
        assert [secret for secret in resident.secrets if secret in "".join(logs.values())] == []


def _residents(demo: Demo, visit: Visit) -> list[Resident]:
    used: dict[str, int] = {}
    looked_at: dict[str, set[str]] = {}
    residents = []
    for role, width, locale, way in WALKS:
        person = demo.person(role, "none", SKIP + used.setdefault(role, 0))
        used[role] += 1
        residents.append(Resident(demo, visit, width, locale, way == "pastes", person, looked_at))
    return residents


def _in_turn(residents: list[Resident], *stages: Callable[[Resident], Any]) -> None:
    """A failure says whose turn it was."""
    for stage in stages:
        for resident in residents:
            try:
                stage(resident)
            except BaseException as error:
                error.add_note(f"{stage.__name__}: {resident}")
                raise


def _moved(before: tuple[int, int, int], *, applied: int, issued: int, activated: int = 0) -> tuple[int, int, int]:
    return before[0] + applied, before[1] + issued, before[2] + activated
