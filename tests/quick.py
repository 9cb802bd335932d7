"""What makes a run of the tests short and changes nothing that they see.

A run writes some ten thousand small databases and assembles the portal as often. Where the machine has a folder in
memory with room, they lie there; routes and templates are compiled and sentences read once a process, not once for
each portal.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from babel.support import Translations
from jinja2.bccache import Bucket, BytecodeCache
from werkzeug.routing import Rule

from portal.frame import Portal

MEMORY = Path("/dev/shm")
ROOM = 2 * 1024**3  # bytes; a run was seen to hold 1.1 GB


def write_to_memory() -> None:
    """Temporary files of this process and of those it starts go to memory, unless TMPDIR says where."""
    if "TMPDIR" in os.environ or not os.access(MEMORY, os.W_OK | os.X_OK):
        return
    if shutil.disk_usage(MEMORY).free >= ROOM:
        os.environ["TMPDIR"] = str(MEMORY)
        tempfile.tempdir = None  # look again


def compile_routes_once() -> None:
    """The builder of an address is made of the rule's text alone, so the portals of one process share it.

    Compiling those of 500 routes takes 0.14 of the 0.18 s in which the portal is assembled.
    """
    compiled: dict[object, Callable[..., Any]] = {}
    compile_builder = Rule._compile_builder

    def once(rule: Rule, append_unknown: bool = True) -> Callable[..., Any]:
        if rule.defaults:
            return compile_builder(rule, append_unknown)
        key = (rule.rule, tuple(rule._trace), append_unknown)
        if key not in compiled:
            compiled[key] = compile_builder(rule, append_unknown)
        return compiled[key]

    Rule._compile_builder = once  # type: ignore[method-assign]


class _Compiled(BytecodeCache):
    """Templates that a portal of this process has compiled, by name and by the checksum of what is written in them."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], Any] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self.kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.kept[bucket.key, bucket.checksum] = bucket.code


def compile_templates_once() -> None:
    """All portals of one process share the templates they compile."""
    Portal.jinja_options = {**Portal.jinja_options, "bytecode_cache": _Compiled()}


def read_catalogues_once() -> None:
    """All portals of one process share the catalogues they read; Babel copies what it changes."""
    load = Translations.load.__func__  # type: ignore[attr-defined]

    @cache
    def once(kind: type[Translations], folder: str, language: str, domain: str) -> Any:
        return load(kind, folder, [language], domain)

    def shared(kind: type[Translations], folder: str, locales: list[Any], domain: str) -> Any:
        return once(kind, folder, str(locales[0]), domain)

    Translations.load = classmethod(shared)  # type: ignore[assignment]
