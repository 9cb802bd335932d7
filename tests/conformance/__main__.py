"""`python -m tests.conformance ISSUER --person LOGIN PASSWORD OTP`: all checks against a running provider.

The provider must register clients dynamically. A second `--person` lets checks tell two people apart. With `--at URL`,
`--certificate` and `--key` these checks serve documents at URL, which the provider must be able to reach and to trust;
without them what needs it is left out, and said.
"""

from __future__ import annotations

import argparse
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson

from tests.conformance.receiver import Receiver
from tests.conformance.registry import GROUPS, Check, all_checks
from tests.conformance.subject import Credentials, NotOffered, Subject


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.conformance", description=__doc__)
    parser.add_argument("issuer")
    parser.add_argument("--person", nargs=3, action="append", required=True, metavar=("LOGIN", "PASSWORD", "OTP"))
    parser.add_argument("--trust", default=True, help="file of certificate authorities")
    parser.add_argument("--group", action="append", choices=GROUPS, help="only these groups")
    parser.add_argument("--fapi2", type=Path, help="JSON list of clients with client_id, redirect_uri, private jwks")
    parser.add_argument("--at", default="", help="our own https address")
    parser.add_argument("--certificate", type=Path)
    parser.add_argument("--key", type=Path)
    return parser.parse_args()


def judged(check: Check, at: Subject) -> str:
    """`passed`, or why not."""
    try:
        check.work(at)
    except NotOffered as reason:
        return f"not offered: {reason}"
    except AssertionError as failure:
        return f"FAILED: {failure}"
    except Exception as failure:
        return f"FAILED: {type(failure).__name__} {failure}"
    return "passed"


def main() -> int:
    given = _arguments()
    people = tuple(Credentials(*person) for person in given.person)
    place: Any = nullcontext()
    receiver = Receiver(given.at) if given.at else None
    if receiver:
        from tests.live.authority import Pair
        from tests.live.front import over_https

        port = urlsplit(given.at).port or 443
        place = over_https(receiver, port, Pair(given.certificate, given.key))
    known = tuple(orjson.loads(given.fapi2.read_bytes())) if given.fapi2 else ()
    at = Subject(given.issuer.rstrip("/"), given.trust, people * 2, receiver, known)
    with place:
        failed = sum(_said(check, at) for check in all_checks() if not given.group or check.group in given.group)
    return 1 if failed else 0


def _said(check: Check, at: Subject) -> bool:
    result = judged(check, at)
    print(f"{check.group:16} {check.name:70} {result}", flush=True)
    return result.startswith("FAILED")


if __name__ == "__main__":
    sys.exit(main())
