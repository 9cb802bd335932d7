"""Keys of rows: they sort as they were made, whatever the clock does, and never repeat."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from identity.base import new_id


def test_keys_of_one_process_sort_as_they_were_made() -> None:
    made = [new_id() for _ in range(20_000)]
    assert made == sorted(made)


def test_keys_made_side_by_side_never_repeat() -> None:
    with ThreadPoolExecutor(8) as pool:
        made = [key for keys in pool.map(lambda _: [new_id() for _ in range(2_000)], range(8)) for key in keys]
    assert len(set(made)) == len(made)


def test_a_key_is_a_version_7_uuid() -> None:
    assert (new_id().version, new_id().variant) == (7, "specified in RFC 4122")
