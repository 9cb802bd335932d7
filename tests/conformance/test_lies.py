"""A broken provider is noticed: every lie by each check that it names, and every group of checks by some lie."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.conformance.__main__ import judged
from tests.conformance.broken import all_lies
from tests.conformance.conftest import Proving
from tests.conformance.registry import CHECKS, GROUPS, all_checks
from tests.live.front import Front

pytestmark = pytest.mark.slow
NAMES = list(all_lies(Front("", "")))
all_checks()


@pytest.mark.parametrize("name", NAMES)
def test_a_lie_is_noticed(name: str, proving: Proving) -> None:
    at = replace(proving.at)
    at.friend(), at.party(), at.other(), at.public(), at.with_key(), at.fapi2(), at.fapi2(1)  # while it is honest
    at.place().patience = 2
    lie = all_lies(proving.live.front)[name]
    proving.live.front.lies.append(lie)
    try:
        results = {check: judged(CHECKS[check], at) for check in lie.noticed_by}
    finally:
        proving.live.front.lies.remove(lie)
        at.place().patience = 20
    assert {check: result for check, result in results.items() if not result.startswith("FAILED")} == {}


def test_each_group_has_a_lie_that_it_notices() -> None:
    noticing = {check for lie in all_lies(Front("", "")).values() for check in lie.noticed_by}
    assert {CHECKS[check].group for check in noticing} == set(GROUPS)
