"""The guarded fetcher against a real https server: where it goes, where it does not, and when it gives up."""

from __future__ import annotations

import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from ipaddress import ip_address
from pathlib import Path

import pytest

from identity.gateways import FetchRefused
from portal.gateways.fetcher import MOST_BYTES, Fetcher, is_public
from tests.remote import Remote, reply

JSON = "application/json"


@pytest.fixture
def remote(tmp_path: Path) -> Iterator[Remote]:
    with Remote(tmp_path) as server:
        yield server


@pytest.fixture
def fetcher(remote: Remote) -> Fetcher:
    """As a test setting has it."""
    return Fetcher(loopback=True, authority=remote.authority, seconds=2)


def refusal(fetcher: Fetcher, url: str) -> str:
    with pytest.raises(FetchRefused) as caught:
        fetcher.get(url, accept=JSON)
    return caught.value.reason


def test_an_answer_is_fetched_over_https(remote: Remote, fetcher: Fetcher) -> None:
    fetched = fetcher.get(remote.offer("/keys", b'{"keys": []}') + "?a=1", accept=f"application/jwk-set+json, {JSON}")
    assert (fetched.status, fetched.body, fetched.media_type) == (200, b'{"keys": []}', JSON)
    assert remote.asked == ["/keys?a=1"]


def test_a_form_is_posted_and_its_status_told(remote: Remote, fetcher: Fetcher) -> None:
    address = remote.offer("/logout", b"", status=204)
    assert fetcher.post(address, {"logout_token": "a b&c"}) == 204
    assert remote.forms == [b"logout_token=a+b%26c"]


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.0.0.1", "172.16.9.9", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0"),
        *("224.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1", "240.0.0.1"),
        *("::1", "::", "fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1", "2001:db8::1"),
        *("::ffff:10.0.0.1", "::ffff:127.0.0.1", "::10.0.0.1"),
        *("64:ff9b::a00:1", "2002:a00:1::", "2001:0:a00:1::1"),
    ],
)
def test_what_is_not_the_public_internet_is_not_reached(address: str) -> None:
    assert not is_public(ip_address(address))
    host = f"[{address}]" if ":" in address else address
    assert refusal(Fetcher(), f"https://{host}/") == "not-public"
    assert refusal(Fetcher(look_up=lambda _host, _port: [address]), "https://service.example/") == "not-public"


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:4700::1111", "::ffff:93.184.216.34"])
def test_the_public_internet_may_be_reached(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "0177.0.0.1", "127.1", "localhost", "[::ffff:7f00:1]"])
def test_other_ways_to_write_this_machine_lead_nowhere(remote: Remote, host: str) -> None:
    assert refusal(Fetcher(authority=remote.authority), remote.address("/", host)) == "not-public"
    assert not remote.asked


def test_one_private_address_among_public_ones_spoils_the_name() -> None:
    both = Fetcher(look_up=lambda _host, _port: ["93.184.216.34", "10.0.0.1"])
    assert refusal(both, "https://service.example/") == "not-public"


def test_the_name_is_looked_up_once_so_that_it_cannot_be_bound_anew(remote: Remote) -> None:
    answers = [["127.0.0.1"], ["10.0.0.1"]]
    once = Fetcher(loopback=True, authority=remote.authority, look_up=lambda _host, _port: answers.pop(0))
    remote.offer("/", b"{}")
    assert once.get(remote.address("/", "service.example"), accept=JSON).status == 200
    assert answers == [["10.0.0.1"]]


@pytest.mark.parametrize(
    "url",
    [
        "http://service.example/",
        "file:///etc/passwd",
        "ftp://service.example/",
        "https:///nowhere",
        "https://user@service.example/",
        "https://service.example/\r\nHost: inside",
        "https://service.example/a b",
        "https://service.example\\@inside/",
        "https://dịch-vụ.example/",
        "https://service.example:0/",
        "gopher://service.example",
        "",
    ],
)
def test_only_plain_https_addresses_are_taken(url: str) -> None:
    assert refusal(Fetcher(look_up=lambda _host, _port: pytest.fail("looked up")), url) == "not-https"


def test_the_certificate_must_be_of_the_host(remote: Remote, fetcher: Fetcher) -> None:
    address = remote.offer("/", b"{}")
    assert refusal(Fetcher(loopback=True), address) == "not-trusted"
    fetcher.look_up = lambda _host, _port: ["127.0.0.1"]
    assert refusal(fetcher, remote.address("/", "another.example")) == "not-trusted"
    assert not remote.asked


def test_redirects_are_not_followed(remote: Remote, fetcher: Fetcher) -> None:
    there = remote.offer("/there", b"{}")
    remote.answers["/here"] = lambda handler: reply(handler, b"", JSON, 302, Location=there)
    assert refusal(fetcher, remote.address("/here")) == "redirected"
    assert remote.asked == ["/here"]


def test_too_much_is_not_read(remote: Remote, fetcher: Fetcher) -> None:
    assert refusal(fetcher, remote.offer("/", b" " * (MOST_BYTES + 1))) == "too-big"
    remote.answers["/endless"] = _endless
    assert refusal(fetcher, remote.address("/endless")) == "too-big"
    remote.answers["/headers"] = lambda handler: _headers_without_end(handler)
    assert refusal(fetcher, remote.address("/headers")) in {"too-big", "unreachable"}


def test_a_server_that_drips_is_given_up_in_time(remote: Remote, fetcher: Fetcher) -> None:
    for path, drip in (("/body", _drip_body), ("/header", _drip_header)):
        remote.answers[path] = drip
        began = time.monotonic()
        assert refusal(fetcher, remote.address(path)) == "too-slow"
        assert time.monotonic() - began < 4


def test_a_resolver_that_sleeps_is_given_up_in_time() -> None:
    began = time.monotonic()
    asleep = Fetcher(look_up=lambda _host, _port: time.sleep(3) or [], seconds=0.3)
    assert refusal(asleep, "https://service.example/") == "too-slow"
    assert time.monotonic() - began < 1


def test_another_media_type_or_a_packed_answer_is_not_taken(remote: Remote, fetcher: Fetcher) -> None:
    assert refusal(fetcher, remote.offer("/", b"{}", "text/html; charset=utf-8")) == "media-type"
    remote.answers["/packed"] = lambda handler: reply(handler, b"x", JSON, Content_Encoding="gzip")
    assert refusal(fetcher, remote.address("/packed")) == "media-type"


def test_a_packed_answer_to_a_form_is_an_answer(remote: Remote, fetcher: Fetcher) -> None:
    """Only its status counts: a service that packs whatever it says has taken the message all the same."""
    remote.answers["/packed"] = lambda handler: reply(handler, b"x", JSON, Content_Encoding="gzip")
    assert fetcher.post(remote.address("/packed"), {"logout_token": "x"}) == 200


def test_a_host_that_does_not_answer_is_told_apart(fetcher: Fetcher) -> None:
    assert refusal(fetcher, "https://localhost:1/") == "unreachable"
    assert refusal(Fetcher(), "https://no-such-host.invalid/") in {"unreachable", "too-slow"}


def test_what_is_no_http_is_refused(remote: Remote, fetcher: Fetcher) -> None:
    remote.answers["/"] = lambda handler: handler.wfile.write(b"220 mail.example ESMTP\r\n")  # type: ignore[assignment]
    assert refusal(fetcher, remote.address("/")) == "unreachable"


def _start(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", JSON)
    handler.end_headers()


def _endless(handler: BaseHTTPRequestHandler) -> None:
    _start(handler)
    try:
        while True:
            handler.wfile.write(b" " * 10_000)
    except OSError:
        handler.close_connection = True


def _headers_without_end(handler: BaseHTTPRequestHandler) -> None:
    try:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        while True:
            handler.wfile.write(b"X: " + b"x" * 60_000 + b"\r\n")
    except OSError:
        handler.close_connection = True


def _drip_body(handler: BaseHTTPRequestHandler) -> None:
    _start(handler)
    _drip(handler)


def _drip_header(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
    _drip(handler)


def _drip(handler: BaseHTTPRequestHandler) -> None:
    try:
        for _second in range(20):
            handler.wfile.write(b"x")
            handler.wfile.flush()
            time.sleep(0.2)
    except OSError:
        handler.close_connection = True
