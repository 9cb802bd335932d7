"""A bad portrait at the counter: its sentence in both languages, what was typed stays, nothing is written."""

# ruff: noqa: F811 - pytest fixtures are asked for by name
from __future__ import annotations

import ast
import io
import re
import struct
import threading
from zlib import crc32

import pytest
import requests
from sqlalchemy import func, select
from werkzeug.datastructures import FileStorage
from werkzeug.serving import make_server
from werkzeug.test import encode_multipart

from identity.files import File
from portal.security.cookies import SESSION
from tests.portal.office_scene import RECEIVING, register, scene, services  # noqa: F401 - fixtures
from tests.servers import ROOT


def png_that_says(width: int, height: int) -> bytes:
    """A picture of a few bytes that claims to be so large."""
    parts = [(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)), (b"IDAT", b""), (b"IEND", b"")]
    chunks = [
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", crc32(kind + data)) for kind, data in parts
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


SAID = {
    "20 MB": (b"\xff\xd8\xff" + b"\0" * 20 * 1024 * 1024, "larger than 10 MB", "lớn hơn 10 MB"),
    "60 MB": (b"\xff\xd8\xff" + b"\0" * 60 * 1024 * 1024, "larger than 10 MB", "lớn hơn 10 MB"),
    "a letter": (b"%PDF-1.7 not a picture", "must be one of", "phải thuộc loại"),
    "30 million pixels": (png_that_says(6000, 5000), "at most 25 million", "nhiều nhất 25 triệu"),
    "225 million pixels": (png_that_says(15_000, 15_000), "at most 25 million", "nhiều nhất 25 triệu"),
    "a stamp": (png_that_says(239, 2000), "239 by 2000 pixels", "239 × 2000 điểm ảnh"),
    "no picture": (b"\xff\xd8\xff but no picture", "not a picture", "không phải ảnh"),
    "empty": (b"", "is empty", "không có nội dung"),
}


@pytest.mark.parametrize("name", SAID)
def test_a_bad_portrait_is_explained(scene, name):
    content, *words = SAID[name]
    officer, application_id = scene.officer("lan", RECEIVING), scene.received()
    for language, sentence in zip(("en", "vi"), words, strict=True):
        officer.set_cookie("language", language)
        data = {"version": "2", "capture_reference": "CAP-2026-0001", "confirmed": "1"}
        data["portrait"] = FileStorage(io.BytesIO(content), "portrait.jpg")
        boundary, body = encode_multipart(data)
        kind = f'multipart/form-data; boundary="{boundary}"'
        response = officer.post(f"/office/cases/{application_id}/counter", data=body, content_type=kind)
        page = response.get_data(as_text=True)
        said = re.findall(r'class="error" id="portrait-error">.*?</span>(.*?)</span>', page)
        assert response.status_code == 422 and "CAP-2026-0001" in page
        assert len(said) == 1 and sentence in said[0], said
    assert scene.read(application_id).state == "received"
    with scene.writing() as db:
        assert db.scalar(select(func.count()).select_from(File)) == 0


def test_every_place_where_people_send_pictures_asks_for_large_enough_ones():
    asked = {}
    for folder in ("portal/enrolment", "portal/office", "onboarding"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "prepare_image":
                    asked[f"{path.parent.name}/{path.stem}"] = "least_side" in {given.arg for given in node.keywords}
    papers = {"enrolment/guardianship", "enrolment/supplement"}
    portraits = {"enrolment/portrait", "office/counter", "onboarding/portrait"}
    assert asked == dict.fromkeys(papers | portraits, True)


@pytest.fixture
def address(app):
    """The portal behind a real socket."""
    server = make_server("localhost", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.any_engine
def test_sixty_megabytes_over_http_are_answered_on_the_form(scene, address):
    officer, application_id = scene.officer("lan", RECEIVING), scene.received()
    cookies = {SESSION: officer.get_cookie(SESSION).value, "language": "vi"}
    data = {"version": "2", "capture_reference": "CAP-2026-0001", "confirmed": "1"}
    files = {"portrait": ("portrait.jpg", SAID["60 MB"][0], "image/jpeg")}
    path = f"{address}/office/cases/{application_id}/counter"
    answer = requests.post(path, data=data, files=files, cookies=cookies, timeout=60)
    assert answer.status_code == 422 and "lớn hơn 10 MB" in answer.text and "CAP-2026-0001" in answer.text


@pytest.mark.any_engine
@pytest.mark.parametrize("language", ["vi", "en"])
def test_sixty_megabytes_where_no_file_is_asked_for_are_refused_with_the_limit(client, language):
    client.set_cookie("language", language)
    data = {"code": "DD2", "portrait": FileStorage(io.BytesIO(SAID["60 MB"][0]), "portrait.jpg")}
    boundary, body = encode_multipart(data)
    answer = client.post("/status", data=body, content_type=f'multipart/form-data; boundary="{boundary}"')
    said = {"vi": "Gửi tệp không quá 10 MB.", "en": "Send a file of at most 10 MB."}
    assert answer.status_code == 413 and said[language] in answer.text
