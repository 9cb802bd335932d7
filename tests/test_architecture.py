"""Rules of the house that no single part can keep alone."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages import pofile
from flask import Flask
from jinja2 import Environment, nodes
from werkzeug.routing import Rule

from portal.errors import SENTENCES
from portal.security.guards import anyone, demonstration_only

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("identity", "onboarding", "portal")
LONGEST_FILE, LONGEST_FUNCTION = 300, 50
PUBLIC = {
    "static",
    "home.*",
    "design.*",
    "enrolment.*",
    "activation.*",
    "account.sign_in",
    "account.second_step",
    "account.sign_out",
    "account.passkey_options",
    "account.sign_in_with_passkey",
    "account.second_step_with_passkey",
    "account.keep_device",
    "account.recovery_device_options",
    "account.take_message",
    "account.freeze",
    "account.not_me",
    "account.disowned",
    "account.freeze_with_code",
    "account.pause",
    "account.paused",
    "account.frozen",
    "account.begin_qr",
    "account.finish_qr",
    "account.go_on_recovering",
    "account.leave_recovery",
    "account.qr_answered",
    "account.qr_picture",
    "account.qr_state",
    "account.recover",
    "account.recover_app",
    "account.recover_done",
    "account.recover_password",
    "account.recover_phone",
    "account.recover_sheet",
    "account.recover_sheet_paper",
    "account.recover_wait",
    "account.recover_with_code",
    "account.recover_with_people",
    "account.recovery_stopped",
    "account.return_to_recovery",
    "account.send_recovery_code",
    "account.send_second_code",
    "account.show_qr",
    "account.stop_recovery",
    "exchange.adx_schema",
    "exchange.facts_schema",
    "exchange.one_code_list",
    "exchange.openapi",
    "exchange.registry_schema",
    "exchange.structure",
    "operation.healthz",
    "operation.readyz",
    "operation.metrics",
    "oidc.*",
    "learn.answer",
    "learn.check_in",
    "learn.greet",
    "learn.home",
    "learn.kept",
    "learn.lesson",
    "learn.scan",
    "learn.sessions",
    "learn.skill",
    "learn.worker",
    "trail.start",
    "trail.check",
    "trail.checkpoint",
    "trail.checkpoint_of",
    "trail.key",
    "verify.*",
    "staff.welcome",
    "staff.choose_password",
    "staff.connect_app",
    "staff.confirm_app",
    "staff.welcomed",
    "team.app",
    "team.app_page",
    "team.manifest",
    "team.worker",
    "training.kept",
    "training.worker",
}
"""Endpoints whose guard is `anyone`: visitors, applicants with their code, relying parties with theirs, and the
pages without network, which name nobody."""


def sources(*packages: str) -> list[Path]:
    return [path for package in packages for path in sorted((ROOT / package).rglob("*.py"))]


def functions(path: Path) -> Iterator[ast.FunctionDef]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef):
            yield node


def is_public(endpoint: str) -> bool:
    return endpoint in PUBLIC or f"{endpoint.partition('.')[0]}.*" in PUBLIC


@pytest.fixture(scope="module")
def rules(app_once: Flask) -> list[Rule]:
    return list(app_once.url_map.iter_rules())


def test_every_route_is_guarded_or_on_the_public_list(app_once: Flask) -> None:
    open_to_all = {name for name, view in app_once.view_functions.items() if view.guard is anyone}
    assert {name for name in open_to_all if not is_public(name)} == set()


def test_the_public_list_names_only_what_exists(app_once: Flask) -> None:
    open_to_all = {name for name, view in app_once.view_functions.items() if view.guard in {anyone, demonstration_only}}
    covered = {entry for entry in PUBLIC for name in open_to_all if entry == name or entry == f"{name.split('.')[0]}.*"}
    assert PUBLIC - covered == set()


def test_every_view_runs_in_the_one_transaction(app_once: Flask) -> None:
    assert all(hasattr(view, "guard") for view in app_once.view_functions.values())


def test_addresses_are_kebab_case(rules: list[Rule]) -> None:
    wrong = [rule.rule for rule in rules if re.search(r"[A-Z_]", re.sub(r"<[^>]*>", "", rule.rule))]
    assert [rule for rule in wrong if not rule.startswith("/.well-known")] == []


def test_no_file_and_no_function_is_too_long() -> None:
    written = [path for path in sources(*PACKAGES) if "versions" not in path.parts]
    long_files = [str(path) for path in written if len(path.read_text().splitlines()) > LONGEST_FILE]
    long_functions = [
        f"{path}:{node.name}"
        for path in written
        for node in functions(path)
        if (node.end_lineno or 0) - node.lineno + 1 > LONGEST_FUNCTION
    ]
    assert (long_files, long_functions) == ([], [])


def test_no_module_is_a_drawer_without_an_owner() -> None:
    drawers = {"utils", "util", "helpers", "helper", "common", "constants", "misc"}
    assert [str(path) for path in sources(*PACKAGES) if path.stem in drawers] == []


def refusal_codes() -> set[str]:
    """Codes of `Refused("…")` in the domain and the portal."""
    found = set()
    for path in sources(*PACKAGES):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Refused":
                first = node.args[0] if node.args else None
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    found.add(first.value)
    return found


def test_every_refusal_has_a_sentence() -> None:
    assert refusal_codes() - SENTENCES.keys() == set()


def test_every_refusal_brings_what_its_sentence_names() -> None:
    short = []
    for path in sources(*PACKAGES):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Refused":
                given = {keyword.arg for keyword in node.keywords}
                code = node.args[0].value if node.args and isinstance(node.args[0], ast.Constant) else None
                named = set(re.findall(r"%\((\w+)\)", str(SENTENCES.get(code, "")))) if None not in given else set()
                short += [f"{path.name}:{node.lineno} {code}: {name}" for name in sorted(named - given)]
    assert short == []


def test_refusals_are_found_in_the_code() -> None:
    assert len(refusal_codes()) > 50


def messages(locale: str) -> dict[str, tuple[str, ...]]:
    with (ROOT / f"translations/{locale}/LC_MESSAGES/messages.po").open("rb") as file:
        catalogue = pofile.read_po(file, locale=locale)
    return {_key(message.id): _strings(message.string) for message in catalogue if message.id}


def _key(message_id: object) -> str:
    return message_id if isinstance(message_id, str) else message_id[0]  # type: ignore[index]


def _strings(value: object) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def extracted(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """What the code says today."""
    pot = tmp_path_factory.mktemp("extracted") / "messages.pot"
    command = [sys.executable, "-m", "babel.messages.frontend", "-q", "extract", "-F", "translations/babel.cfg"]
    command += ["-k", "_l", "-k", "_n:1,2", "--no-location", "-o", str(pot), "."]
    subprocess.run(command, cwd=ROOT, check=True)
    with pot.open("rb") as file:
        return {_key(message.id) for message in pofile.read_po(file) if message.id}


@pytest.mark.parametrize("locale", ["vi", "en"])
def test_a_catalogue_has_every_string_and_no_stale_one(locale: str, extracted: set[str]) -> None:
    there = messages(locale)
    assert extracted - there.keys() == set()
    assert there.keys() - extracted == set()
    assert [key for key, strings in there.items() if not all(strings)] == []


@pytest.mark.parametrize("locale", ["vi", "en"])
def test_a_translation_uses_the_placeholders_of_its_string(locale: str) -> None:
    def names(text: str) -> set[str]:
        return set(re.findall(r"%\((\w+)\)", text))

    translated = [(key, text) for key, strings in messages(locale).items() for text in strings]
    assert [key for key, text in translated if not names(text) <= names(key) | {"num"}] == []


TEMPLATES = {
    path.relative_to(folder).as_posix(): path.read_text()
    for folder in [ROOT / "portal/templates", *ROOT.glob("portal/*/templates")]
    if "demonstration" not in folder.parts
    for path in folder.rglob("*.html")
}
PARENT = re.compile(r'{% extends "([^"]+)" %}')


def has_title(name: str) -> bool:
    """The page or a template between it and the house's layout fills the block."""
    parent = PARENT.search(TEMPLATES[name])
    if parent is None:
        return False
    return "{% block title %}" in TEMPLATES[name] or has_title(parent[1])


def test_every_page_has_a_title() -> None:
    parents = {found[1] for text in TEMPLATES.values() if (found := PARENT.search(text))}
    pages = [name for name, text in TEMPLATES.items() if PARENT.search(text) and name not in parents]
    assert len(pages) > 30
    assert [name for name in pages if not has_title(name)] == []


INCLUDED = re.compile(r'{% include "([^"]+)"')
TREES = {name: Environment(extensions=["jinja2.ext.i18n"]).parse(text) for name, text in TEMPLATES.items()}


def names_in(name: str) -> set[str]:
    """What a template names, what it includes and what extends it: all of them see what it imports."""
    heirs = {heir for heir, text in TEMPLATES.items() if (parent := PARENT.search(text)) and parent[1] == name}
    own = {node.name for node in TREES[name].find_all(nodes.Name)}
    return own.union(*map(names_in, heirs.union(INCLUDED.findall(TEMPLATES[name]))))


def test_templates_import_only_what_they_use() -> None:
    """With its context a component is drawn anew at each import, also where nobody calls it."""
    for name, tree in TREES.items():
        made = [one for node in tree.find_all(nodes.FromImport) for one in node.names]
        called = {one if isinstance(one, str) else one[1] for one in made}
        assert called <= names_in(name), name


def test_templates_have_no_inline_script_or_style() -> None:
    inline = re.compile(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=\"|href=\"#\"")
    found = [str(path) for path in ROOT.glob("portal/**/*.html") if inline.search(path.read_text())]
    assert found == []


def test_authlibs_web_half_is_used_in_one_place() -> None:
    users = {
        path.relative_to(ROOT).as_posix()
        for path in sources(*PACKAGES)
        if re.search(r"^(from|import) authlib\.integrations", path.read_text(), re.MULTILINE)
    }
    assert {path for path in users if not path.startswith("portal/demonstration/")} <= {"portal/oidc/server.py"}


def test_nothing_imports_the_tests_or_the_entry_point() -> None:
    inward = re.compile(r"^\s*(from|import) (tests|wsgi)\b", re.MULTILINE)
    assert [str(path) for path in sources(*PACKAGES) if inward.search(path.read_text())] == []


UNTYPED = """
import gc
import {entry}
from sqlalchemy.dialects import sqlite
from sqlalchemy.types import NullType
from identity.statements import Prepared
asked = [one.statement.compile(dialect=sqlite.dialect()) for one in gc.get_objects() if isinstance(one, Prepared)]
assert len(asked) > 50
print([(str(one), name) for one in asked for name, value in one.binds.items() if isinstance(value.type, NullType)])
"""


@pytest.mark.parametrize("entry", ["portal.assembly", "portal.commands"])
def test_what_statements_are_given_has_a_type_in_whatever_order_modules_are_imported(entry: str) -> None:
    """Without one SQLite is given what it cannot store. A test has imported every table; a server begins with a few."""
    script = UNTYPED.format(entry=entry)
    told = subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True, capture_output=True, text=True)
    assert told.stdout.strip() == "[]"
