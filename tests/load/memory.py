"""`python -m tests.load.memory`: what one portal process takes when everybody comes to it, and a picture besides.

One person of each role of the demonstration follows every link of the portal, twice; then pictures of 12 megapixels
are sent as an online application's portrait. Prints megabytes resident after each, and the highest ever.
Sizes are arguments: `--pages 80 --pictures 4`.
"""

from __future__ import annotations

import argparse
import io
import random
import re
import tempfile
from pathlib import Path
from urllib.parse import urldefrag, urljoin, urlsplit

import requests
from PIL import Image

from tests.browser.conftest import TEST_OTP, Demo, running_demo
from tests.browser.held import token_of
from tests.load.bench import Meter

LINK = re.compile(r'href="([^"]+)"')
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
NEVER = ("/static", "/sign-out", "/oauth")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=80, help="pages a role")
    parser.add_argument("--pictures", type=int, default=4)
    sizes = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, running_demo(Path(folder)) as demo:
        meter = Meter.of_portal(urlsplit(demo.portal).port or 80)
        _say("at the start", meter)
        for turn in (1, 2):
            for role in sorted({person["role"] for person in demo.known["people"]}):
                _say(f"{turn}: {_crawl(demo, role, sizes.pages)} pages as {role}", meter)
        for number in range(sizes.pictures):
            _say(f"picture {number + 1}: {_send_picture(demo, number)}", meter)
        _say("at the end", meter)


def _say(what: str, meter: Meter) -> None:
    print(f"{meter.resident():7.1f} MB, highest {_highest(meter):7.1f}  {what}", flush=True)


def _highest(meter: Meter) -> float:
    found = (re.search(r"VmHWM:\s+(\d+)", (process / "status").read_text()) for process in meter.find())
    return max(int(one[1]) for one in found if one) * 1024 / 1e6


def _crawl(demo: Demo, role: str, most: int) -> int:
    visitor, person = requests.Session(), demo.person(role)
    visitor.cookies.set("eid_session", token_of(demo, person))
    waiting, seen = ["/", "/account", "/office", "/team", "/figures", "/operation", "/staff"], set[str]()
    while waiting and len(seen) < most:
        path = waiting.pop(0)
        if path in seen or path.startswith(NEVER):
            continue
        seen.add(path)
        answer = visitor.get(demo.portal + path, timeout=60)
        if answer.url.startswith(demo.portal) and "text/html" in answer.headers.get("Content-Type", ""):
            waiting += [_local(demo, answer.url, link) for link in LINK.findall(answer.text)]
        waiting = [one for one in waiting if one]
    return len(seen)


def _local(demo: Demo, base: str, link: str) -> str:
    address = urldefrag(urljoin(base, link.replace("&amp;", "&"))).url
    return address.removeprefix(demo.portal) if address.startswith(f"{demo.portal}/") else ""


def _send_picture(demo: Demo, number: int) -> str:
    """Up to the portrait of an application for level 1, then 12 megapixels."""
    visitor, person = requests.Session(), demo.person("citizen", "none")
    papers = person["documents"]

    def send(path: str, files: dict[str, tuple[str, bytes]] | None = None, **fields: str) -> requests.Response:
        token = TOKEN.search(visitor.get(demo.portal + path, timeout=60).text)
        fields = {"csrf_token": token[1] if token else "", **fields}
        return visitor.post(demo.portal + path, data=fields, files=files, timeout=60)

    send("/apply", person_kind="citizen", level="1")
    send("/apply/language", locale="en")
    send("/apply/phone", phone=f"0903 555 1{number:02}")
    send("/apply/code", otp=TEST_OTP)
    send("/apply/personal-number", personal_number=papers["personal_number"])
    send("/apply/name", full_name=papers["full_name"])
    year, month, day = papers["birth_date"].split("-")
    send("/apply/birth-date", **{"birth_date-year": year, "birth_date-month": month, "birth_date-day": day})
    send("/apply/register")
    answer = send("/apply/portrait", files={"portrait": ("portrait.jpg", _picture(number))})
    return answer.url.removeprefix(demo.portal)


def _picture(number: int) -> bytes:
    small = Image.frombytes("RGB", (400, 300), random.Random(number).randbytes(400 * 300 * 3))
    out = io.BytesIO()
    small.resize((4000, 3000)).save(out, "JPEG", quality=85)
    return out.getvalue()


if __name__ == "__main__":
    main()
