"""`live`: the running portal behind https, one a process. All tests that ask for it go to one process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.live.portal import Live, live_portal


@pytest.fixture(scope="session")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with live_portal(tmp_path_factory.mktemp("live")) as running:
        yield running


def keep_together(items: list[pytest.Item]) -> None:
    """Mark them for `--dist loadgroup`."""
    for item in items:
        if "live" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("live"))
