"""Files are encrypted, limited, and images keep nothing but their pixels."""

from __future__ import annotations

import io
import resource
import time
from datetime import datetime

import pytest
from PIL import Image
from sqlalchemy import text

from identity.base import Refused, new_id
from identity.files import LARGEST_FILE, least_side, prepare_image, read, remove, store
from portal.database import Database


def picture(size: tuple[int, int] = (60, 40), kind: str = "JPEG", mode: str = "RGB", **options: object) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, "red").save(out, kind, **options)
    return out.getvalue()


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


@pytest.mark.parametrize(("kind", "mode"), [("JPEG", "RGB"), ("PNG", "RGBA"), ("PNG", "P")])
def test_every_picture_becomes_a_jpeg(kind: str, mode: str) -> None:
    made = opened(prepare_image(picture(kind=kind, mode=mode)))
    assert (made.format, made.mode, made.size) == ("JPEG", "RGB", (60, 40))


def test_metadata_and_what_was_appended_are_dropped() -> None:
    exif = Image.Exif()
    exif[0x010F] = "Camera of a person"
    made = prepare_image(picture(exif=exif) + b"<script>hidden</script>")
    assert b"Camera" not in made
    assert b"hidden" not in made
    assert not opened(made).getexif()


def test_a_picture_taken_sideways_is_turned_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    assert opened(prepare_image(picture((60, 40), exif=exif))).size == (40, 60)


def test_a_large_picture_is_made_smaller() -> None:
    assert max(opened(prepare_image(picture((4000, 1000)))).size) == 2400


@pytest.mark.parametrize(
    "content", [b"", b"%PDF-1.7 not a picture", b"\xff\xd8\xff\xe0 broken", b"GIF89a" + b"\0" * 50]
)
def test_what_is_no_picture_is_refused(content: bytes) -> None:
    with pytest.raises(Refused) as refusal:
        prepare_image(content, field="portrait")
    assert (refusal.value.code, refusal.value.field) == ("not-an-image", "portrait")


def test_only_what_the_fields_take_and_the_sentence_names_is_read() -> None:
    with pytest.raises(Refused, match="not-an-image"):
        prepare_image(picture(kind="WEBP"))


def test_a_picture_cut_short_is_refused() -> None:
    with pytest.raises(Refused, match="not-an-image"):
        prepare_image(picture((900, 900), "PNG")[:-40])


@pytest.mark.parametrize(("shows", "least"), [("portrait", 240), ("paper", 480)])
def test_a_picture_in_which_nobody_is_recognised_is_refused(now: datetime, shows: str, least: int) -> None:
    for size in ((20, 20), (least - 1, 4000), (4000, least - 1)):
        with pytest.raises(Refused, match="picture-too-small") as refusal:
            prepare_image(picture(size), least_side=least_side(shows, now), field="portrait")
        assert (refusal.value.field, refusal.value.facts["least"]) == ("portrait", least)
    assert opened(prepare_image(picture((least, least)), least_side=least_side(shows, now))).size == (least, least)


def test_twenty_megabytes_are_refused() -> None:
    with pytest.raises(Refused, match="file-too-large"):
        prepare_image(b"\xff\xd8" + b"0" * (20 * 1024 * 1024))


def test_a_small_file_that_unfolds_to_many_pixels_is_refused() -> None:
    bomb = picture((6000, 5000), "PNG", "1")
    assert len(bomb) < 100_000
    with pytest.raises(Refused, match="too-many-pixels"):
        prepare_image(bomb)


def test_a_picture_beyond_what_the_library_opens_is_too_large_and_not_unreadable() -> None:
    with pytest.raises(Refused, match="too-many-pixels") as refusal:
        prepare_image(picture((15_000, 15_000), "PNG", "1"), field="portrait")
    assert refusal.value.field == "portrait"


def test_a_large_picture_is_unfolded_in_a_process_that_ends() -> None:
    def pages_of_children() -> int:
        return resource.getrusage(resource.RUSAGE_CHILDREN).ru_minflt

    before = pages_of_children()
    prepare_image(picture((1000, 1000)))
    assert pages_of_children() == before, "a small one is not worth it"
    assert opened(prepare_image(picture((4000, 3000)))).size == (2400, 1800)
    assert pages_of_children() > before


@pytest.mark.parametrize("segments", [b"\xff" * 4, b"\xff\xe5\x00\x02"], ids=["fill bytes", "empty segments"])
def test_a_long_file_of_nothing_takes_the_time_of_another_process(segments: bytes) -> None:
    began = time.process_time()
    with pytest.raises(Refused, match="not-an-image"):
        prepare_image(b"\xff\xd8" + segments * 750_000)
    assert time.process_time() - began < 0.5, "looking at it takes more than a second"


def test_a_long_file_is_judged_as_a_short_one() -> None:
    behind = b"\0" * 300_000
    with pytest.raises(Refused, match="picture-too-small") as small:
        prepare_image(picture((300, 200)) + behind, least_side=240, field="portrait")
    assert small.value.facts == {"width": 300, "height": 200, "least": 240}
    with pytest.raises(Refused, match="too-many-pixels"):
        prepare_image(picture((6000, 5000), "PNG", "1") + behind)
    assert opened(prepare_image(picture((300, 240)) + behind, least_side=240)).size == (300, 240)


def test_a_large_picture_that_cannot_be_read_ends_only_that_process() -> None:
    with pytest.raises(Refused, match="not-an-image"):
        prepare_image(picture((2000, 2000), "PNG")[:-40])


def test_a_large_picture_leaves_what_is_written_into_it_behind() -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "a camera"
    made = prepare_image(picture((1800, 1200), exif=exif, comment=b"at home"))
    assert opened(made).size == (1200, 1800)
    assert b"a camera" not in made and b"at home" not in made


def test_what_is_seen_through_becomes_white() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (20, 20), (255, 0, 0, 0)).save(out, "PNG")
    made = opened(prepare_image(out.getvalue()))
    assert made.getpixel((5, 5)) == (255, 255, 255)


def test_the_database_holds_no_readable_picture(bare_database: Database, now: datetime) -> None:
    content = prepare_image(picture())
    with bare_database.transaction() as db:
        file = store(db, content, "portrait", new_id(), now=now)
    with bare_database.session(write=False) as db:
        raw = bytes(db.scalar(text("SELECT content_sealed FROM stored_file")))
        assert content[:20] not in raw
        assert read(db, file.id) == content


def test_a_sealed_file_moved_to_another_row_cannot_be_read(bare_database: Database, now: datetime) -> None:
    from identity.vault import Unsealable

    with bare_database.transaction() as db:
        one, two = (store(db, content, "portrait", new_id(), now=now) for content in (b"one", b"two"))
        db.flush()
        two.content_sealed = one.content_sealed
    with bare_database.session(write=False) as db, pytest.raises(Unsealable):
        read(db, two.id)


def test_a_stored_file_has_the_same_limit(bare_database: Database, now: datetime) -> None:
    with bare_database.transaction() as db, pytest.raises(Refused, match="file-too-large"):
        store(db, b"0" * (LARGEST_FILE + 1), "supplement", new_id(), now=now)


def test_removed_files_are_gone_and_others_stay(bare_database: Database, now: datetime) -> None:
    owner, other = new_id(), new_id()
    with bare_database.transaction() as db:
        gone = store(db, b"gone", "portrait", owner, now=now)
        stays = store(db, b"stays", "portrait", other, now=now)
    with bare_database.transaction() as db:
        remove(db, owner)
    with bare_database.session(write=False) as db:
        assert read(db, gone.id) is None
        assert read(db, stays.id) == b"stays"
