"""The consent page in another language: what was ticked stays ticked, and nothing is agreed to."""

from __future__ import annotations

import html
import re

import pytest
from flask.testing import FlaskClient

from tests.portal.oidc.browsing import authorize

STALE = {"vi": "mở quá lâu", "en": "open for too long"}


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_choices_of_the_consent_page_stay(resident: FlaskClient, language: str) -> None:
    resident.set_cookie("language", "en" if language == "vi" else "vi")
    asked = authorize(resident)
    action = html.unescape(re.findall(r'<form class="consent" id="typing"[^>]* action="([^"]+)"', asked.text)[0])
    again = resident.post(action, data={"once": "yes", "decision": "approve", "in_language": language})
    assert f'<html lang="{language}"' in again.text and STALE[language] not in again.text
    assert 'value="yes" checked' in again.text and 'id="approve"' in again.text
    assert 'id="approve"' in authorize(resident).text, "nothing was agreed to"
