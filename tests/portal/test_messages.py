"""Every kind of message that the code posts has words in both languages, and they fit their channel."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from identity.contact import FROM_OLD
from identity.credentials.otp import TO_VOUCH
from identity.credentials.sms_factor import PURPOSE as SIGNING_IN
from identity.recovery.begin import PURPOSE as RECOVERING
from portal import language
from portal.messages import TEMPLATES, Template, worded
from portal.settings import Settings

ROOT = Path(__file__).resolve().parent.parent.parent
SITE = {"host": "localhost", "issuer": "http://localhost", "hotline": "1900 0368"}
A_MOMENT = "2026-11-23T03:00:00+00:00"


@pytest.fixture
def app(settings: Settings) -> Flask:
    app = Flask("messages")
    language.init(app, settings)
    return app


def posted_kinds() -> set[str]:
    """Kinds named in the domain: constants of message modules and literals handed to `post`."""
    found: set[str] = set()
    for path in [*ROOT.glob("identity/**/*.py"), *ROOT.glob("onboarding/**/*.py"), *ROOT.glob("portal/**/*.py")]:
        source = path.read_text()
        if "post(" in source and "outbox" in source and path.name != "outbox.py":
            found |= set(re.findall(r"Channel\.(?:SMS|EMAIL),\s*\"([a-z-]+)\"", source))
            found |= set(re.findall(r"^(?:MESSAGE|NOTICE|REMINDER) = \"([a-z-]+)\"", source, re.MULTILINE))
    notices = (ROOT / "identity/application/notices.py").read_text()
    return found | set(re.findall(r"^[A-Z_]+ = \"([a-z-]+)\"", notices, re.MULTILINE))


def told_kinds() -> set[str]:
    """Kinds handed to `identity.telling.tell`, by the constants of the modules that call it."""
    found: set[str] = set()
    for path in ROOT.glob("identity/**/*.py"):
        names = re.findall(r"\b_?tell(?:_owner)?\(\s*db,.+?, ([A-Z_]+),\s+now", path.read_text())
        if names:
            module = importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
            found |= {getattr(module, name) for name in names}
    return found


def facts_of(template: Template) -> dict[str, Any]:
    names = set(re.findall(r"%\((\w+)\)s", "".join(map(str, (template.sms, template.subject, template.mail)))))
    return {name: A_MOMENT if name.endswith(("_at", "_by", "_on")) or name == "at" else "7" for name in names}


def test_the_kinds_are_found_in_the_code() -> None:
    assert {"otp", "account-issued", "application-submitted"} <= posted_kinds()


def test_every_posted_kind_has_words() -> None:
    assert posted_kinds() - TEMPLATES.keys() == set()


def test_every_kind_that_is_told_has_words() -> None:
    kinds = told_kinds()
    assert {"account-frozen", "recovery-asked", "trusted-contact-asked", "sign-in-way-changed"} <= kinds
    assert kinds - TEMPLATES.keys() == set()


@pytest.mark.parametrize("kind", TEMPLATES)
def test_a_message_reads_differently_in_each_language(app: Flask, kind: str) -> None:
    with app.app_context():
        facts = facts_of(TEMPLATES[kind])
        texts = {}
        for locale in ("vi", "en"):
            with language.force_locale(locale):
                texts[locale] = (worded(kind, "sms", facts, SITE), worded(kind, "email", facts, SITE))
        for vietnamese, english in zip(texts["vi"], texts["en"], strict=True):
            assert vietnamese.text != english.text
            assert "%" not in vietnamese.text + vietnamese.subject + english.text + english.subject


@pytest.mark.parametrize("kind", TEMPLATES)
def test_an_sms_carries_no_link(app: Flask, kind: str) -> None:
    with app.app_context():
        assert "http" not in worded(kind, "sms", facts_of(TEMPLATES[kind]), SITE).text


def test_a_code_names_the_site_it_belongs_to_in_its_last_line(app: Flask) -> None:
    with app.app_context():
        text = worded("otp", "sms", {"code": "123456", "minutes": 5}, SITE).text
    assert text.splitlines()[-1] == "@localhost #123456"


@pytest.mark.parametrize("locale", ["vi", "en"])
@pytest.mark.parametrize("purpose", [FROM_OLD, RECOVERING, TO_VOUCH, SIGNING_IN])
def test_a_code_whose_loss_costs_the_account_says_what_it_does(app: Flask, purpose: str, locale: str) -> None:
    facts = {"code": "123456", "minutes": 5, "purpose": purpose}
    with app.app_context(), language.force_locale(locale):
        said, plain = (worded("otp", "sms", one, SITE).text for one in (facts, {**facts, "purpose": "apply"}))
    assert said != plain and said.splitlines()[-1] == "@localhost #123456" and "http" not in said


def test_moments_and_days_are_written_in_vietnams_time(app: Flask) -> None:
    facts = {"code": "A", "login": "9", "activate_by": "2026-11-29T18:00:00+00:00"}
    with app.app_context(), language.force_locale("vi"):
        assert "30/11/2026" in worded("account-issued", "sms", facts, SITE).text


@pytest.mark.parametrize("locale", ["vi", "en"])
def test_the_receipt_of_an_authorisation_names_the_page_that_takes_its_code(app: Flask, locale: str) -> None:
    """The first page asks for the code of an application: whoever typed this one there was told that it is wrong."""
    with app.app_context(), language.force_locale(locale):
        text = worded("delegation-receipt", "sms", {"code": "ABCD-EFGH-2345", "until_on": "2026-11-29"}, SITE).text
    assert "localhost/verify/receipt" in text and "ABCD-EFGH-2345" in text
