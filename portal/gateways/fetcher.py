"""Fetches what relying parties name: https, public addresses, no redirects, five seconds, 64 KB.

A relying party chooses these addresses, so each is a way to reach what stands behind our firewall. The name is looked
up once, every answer is checked, and the connection goes to an address that was checked: a second look-up could answer
differently (DNS rebinding). The time limit covers the whole exchange, also with a server that sends a byte a second.
"""

from __future__ import annotations

import io
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPException, HTTPResponse
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlencode, urlsplit

from identity.gateways import Fetched, FetchRefused
from identity.oidc.addresses import is_remote_address

SECONDS = 5.0
MOST_BYTES = 64 * 1024
MOST_ADDRESSES = 8
CHUNK = 16 * 1024
TUNNELS = tuple(map(IPv6Network, ("64:ff9b::/96", "64:ff9b:1::/48", "2001::/32", "2002::/16")))
"""Prefixes that carry an IPv4 address inside: NAT64, Teredo, 6to4."""
GLOBAL_UNICAST = IPv6Network("2000::/3")
Address = IPv4Address | IPv6Address


def is_public(address: Address) -> bool:
    """Whether this is a host of the public internet, and no way round to one that is not."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if address not in GLOBAL_UNICAST or any(address in tunnel for tunnel in TUNNELS):
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def look_up(host: str, port: int) -> list[str]:
    """The addresses of a host, as the system's resolver tells them."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


@dataclass(slots=True)
class Fetcher:
    """`loopback` lets addresses of this machine through and `authority` is trusted too: test settings only."""

    loopback: bool = False
    authority: Path | None = None
    look_up: Callable[[str, int], list[str]] = look_up
    seconds: float = SECONDS
    _trusted: ssl.SSLContext | None = field(default=None, init=False)
    _lookers: ThreadPoolExecutor = field(init=False)

    def __post_init__(self) -> None:
        self._lookers = ThreadPoolExecutor(4, "look-up")

    @property
    def _tls(self) -> ssl.SSLContext:
        """Read at the first connection: the machine's authorities take 26 ms and memory that few processes need."""
        if self._trusted is None:
            trusted = ssl.create_default_context()
            trusted.minimum_version = ssl.TLSVersion.TLSv1_2
            if self.authority is not None:
                trusted.load_verify_locations(self.authority)
            self._trusted = trusted
        return self._trusted

    def get(self, url: str, *, accept: str) -> Fetched:
        """What the address answers, in one of the media types of `accept`."""
        answer = self._exchange("GET", url, {"Accept": accept}, b"")
        if answer.status == 200 and answer.media_type not in [kind.strip() for kind in accept.split(",")]:
            raise FetchRefused("media-type")
        return answer

    def post(self, url: str, form: Mapping[str, str]) -> int:
        """The status with which the address took the form."""
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "*/*"}
        return self._exchange("POST", url, headers, urlencode(form).encode()).status

    def send(self, url: str, body: bytes, headers: Mapping[str, str], *, seconds: float) -> Fetched:
        """What the address answers to a document of ours. A header of several lines is refused."""
        if any(not value.isascii() or not value.isprintable() for value in headers.values()):
            raise FetchRefused("header")
        return self._exchange("POST", url, dict(headers), body, seconds, reads=True)

    def reach(self, url: str) -> None:
        """Whether a trusted connection to the address can be had; nothing is asked of it."""
        with self._line(url, time.monotonic() + self.seconds):
            pass

    def _exchange(
        self, method: str, url: str, headers: dict[str, str], body: bytes, seconds: float = 0, *, reads: bool = False
    ) -> Fetched:
        until = time.monotonic() + (seconds or self.seconds)
        with self._line(url, until) as line:
            line.sendall(_message(method, urlsplit(url), headers, body))
            return _answer(line, method, until, reads=reads or method == "GET")

    @contextmanager
    def _line(self, url: str, until: float) -> Iterator[ssl.SSLSocket]:
        """A connection to it; whatever goes wrong on it is told by one word."""
        if not is_remote_address(url):
            raise FetchRefused("not-https")
        try:
            with self._connect(urlsplit(url), until) as line:
                yield line
        except TimeoutError:
            raise FetchRefused("too-slow") from None
        except ssl.SSLError:
            raise FetchRefused("not-trusted") from None
        except (OSError, HTTPException, ValueError):
            raise FetchRefused("unreachable") from None

    def _connect(self, parts: SplitResult, until: float) -> ssl.SSLSocket:
        host, port = str(parts.hostname), parts.port or 443
        addresses = self._checked(host, port, until)
        for address in addresses:
            try:
                plain = socket.create_connection((address, port), _left(until))
            except TimeoutError:
                raise
            except OSError:
                continue
            try:
                return self._tls.wrap_socket(plain, server_hostname=host)
            except BaseException:
                plain.close()
                raise
        raise FetchRefused("unreachable")

    def _checked(self, host: str, port: int, until: float) -> list[str]:
        """The addresses of the host; one that may not be reached spoils all of them."""
        try:
            found = self._lookers.submit(self.look_up, host, port).result(_left(until))
        except TooLate:
            raise FetchRefused("too-slow") from None
        addresses = list(dict.fromkeys(found))[:MOST_ADDRESSES]
        if not all(self._may_reach(ip_address(address)) for address in addresses):
            raise FetchRefused("not-public")
        return addresses

    def _may_reach(self, address: Address) -> bool:
        return is_public(address) or (self.loopback and address.is_loopback)


class _Timed(io.RawIOBase):
    """Reads from a socket until a moment, and not more than fits."""

    def __init__(self, line: ssl.SSLSocket, until: float) -> None:
        self.line, self.until, self.room = line, until, 2 * MOST_BYTES  # headers and the framing of chunks beside it

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self.line.settimeout(_left(self.until))
        count = self.line.recv_into(buffer)
        self.room -= count
        if self.room < 0:
            raise FetchRefused("too-big")
        return count


class _Line:
    """What the standard library's response reads from instead of a socket."""

    def __init__(self, raw: _Timed) -> None:
        self.raw = raw

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(self.raw, CHUNK)


def _message(method: str, parts: SplitResult, headers: dict[str, str], body: bytes) -> bytes:
    """The request. The address is printable ASCII without spaces, so no line can be smuggled into it."""
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    lines = {"Host": parts.netloc, "User-Agent": "eid-portal", "Accept-Encoding": "identity", "Connection": "close"}
    length = {"Content-Length": str(len(body))} if method == "POST" else {}
    told = "".join(f"{name}: {value}\r\n" for name, value in {**lines, **headers, **length}.items())
    return f"{method} {target} HTTP/1.1\r\n{told}\r\n".encode("ascii") + body


def _answer(line: ssl.SSLSocket, method: str, until: float, *, reads: bool) -> Fetched:
    response = HTTPResponse(_Line(_Timed(line, until)), method=method)  # type: ignore[arg-type]
    response.begin()
    if 300 <= response.status < 400:
        raise FetchRefused("redirected")
    if reads and response.getheader("Content-Encoding", "identity") != "identity":
        raise FetchRefused("media-type")
    body = response.read(MOST_BYTES + 1) if reads else b""
    if len(body) > MOST_BYTES and method == "GET":
        raise FetchRefused("too-big")
    return Fetched(response.status, body[:MOST_BYTES], response.headers.get_content_type())


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
