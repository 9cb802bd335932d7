"""Where a worker of ours fetches the page for the browser, what was wrong with a form is told there too."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.conftest import Demo
from tests.browser.phone import wait
from tests.browser.test_training import session_of_today, signed_in
from tests.browser.visitor import Visitor

Visit = Callable[..., Visitor]


@pytest.mark.parametrize("locale", ["vi", "en"])
def test_a_wrong_spoken_code_is_told(visit: Visit, demo: Demo, locale: str) -> None:
    session = session_of_today(signed_in(visit, demo, "member", locale))
    learner = signed_in(visit, demo, "citizen", locale)
    learner.go(session.replace("/training/", "/learn/") + "/code")
    wait(learner.page, "navigator.serviceWorker.ready.then(() => navigator.serviceWorker.controller !== null)")
    learner.answer(code="000000")
    assert learner.page.locator("main .error-summary").is_visible()
    learner.answer(code="000000")
    assert learner.page.locator("main .error-summary").is_visible()
