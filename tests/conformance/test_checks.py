"""Every check, against the live portal."""

from __future__ import annotations

import re

import pytest

from tests.conformance.conftest import Proving
from tests.conformance.registry import GROUPS, Check, all_checks

pytestmark = pytest.mark.slow
CHECKS = all_checks()
SECTION = re.compile(r"(\d+\.\d|RFC \d+|Form Post|Multiple Response|Unmet Authentication).*section", re.DOTALL)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: f"{check.group}-{check.name}")
def test_the_provider_passes(check: Check, proving: Proving) -> None:
    check.work(proving.at)


def test_each_check_names_the_section_that_demands_it() -> None:
    assert [check.name for check in CHECKS if not SECTION.search(check.section)] == []


def test_there_are_enough_of_them_and_no_group_is_empty() -> None:
    assert len(CHECKS) >= 90
    assert {check.group for check in CHECKS} == set(GROUPS)
