"""No page of a member or a trainer asks for a resident's password or codes: every address, both languages."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from sqlalchemy import select

from identity.deadlines import today_in_vietnam
from identity.person import Person
from onboarding.assistance import take_in
from onboarding.delegation import Delegation
from onboarding.learner import learner_of
from onboarding.roster import attend_by_roster
from onboarding.skill_check import check_skill
from onboarding.team import get_membership
from onboarding.training import add_course
from tests.onboarding.scene import entry
from tests.onboarding.training_scene import seen, session_of
from tests.portal import field_scene
from tests.portal.work_scene import write

place, browser = field_scene.place, field_scene.browser


class Asked(HTMLParser):
    """The questions of a page: each control by name, kind and what the browser is told to fill in, and each label."""

    def __init__(self, text):
        super().__init__()
        self.controls, self.labels, self.reading = [], [], False
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        known = dict(attributes)
        if tag in {"input", "textarea", "select"}:
            words = (known.get(name) or "" for name in ("name", "type", "autocomplete", "placeholder", "aria-label"))
            self.controls.append(" ".join(words))
        self.reading = tag in {"label", "legend"} or (self.reading and tag in {"span", "b"})

    def handle_data(self, text):
        if self.reading:
            self.labels.append(text.strip())
            self.reading = False


SECRET_NAMES = re.compile(r"password|passw|otp|passcode|one-time|\bpin\b|totp|secret|recovery", re.IGNORECASE)
SECRET_LABELS = re.compile(r"password|passcode|\bOTP\b|one-time code|mật khẩu|mã khoá|mã xác thực", re.IGNORECASE)


def secrets_asked(text):
    asked = Asked(text)
    return [name for name in asked.controls if SECRET_NAMES.search(name)] + [
        label for label in asked.labels if SECRET_LABELS.search(label)
    ]


def pages_of_members(app, place, made):
    """Every address of the member's slices that shows a page."""
    known = {"handle": place.handle, "language": "en", "skill": "payment", **made}
    found = []
    for rule in app.url_map.iter_rules():
        if not rule.endpoint.startswith(("team.", "training.")) or "GET" not in rule.methods:
            continue
        wanted = {name: known[name if name != "id" else rule.endpoint] for name in rule.arguments}
        found.append(rule.build(wanted)[1])
    return found


@pytest.mark.parametrize("locale", ["vi", "en"])
def test_no_page_of_a_member_asks_for_a_secret(browser, app, database, place, clock, locale):
    member = browser("member")
    member.post("/team/behalf", data={"task": "land", "days": "3", "agreed": "1"})
    record = entry(clock.now)

    def build(db):
        who = get_membership(db, place.member, on=today_in_vietnam(clock.now))
        course = add_course(db, who, "Kỹ năng số", ["payment"], now=clock.now)
        db.flush()
        session = session_of(db, who, course.id, now=clock.now)
        learner = learner_of(db, db.scalars(select(Person)).first().id, now=clock.now)
        attend_by_roster(db, who, session, [learner.id], now=clock.now)
        check = check_skill(db, who, seen("payment", learner.id, clock.now), now=clock.now)
        take_in(db, place.member, record, now=clock.now)
        given = db.scalars(select(Delegation)).one().id
        made = {"session_id": session.id, "learner_id": learner.id, "check_id": check.id, "course_id": course.id}
        one_record = dict.fromkeys(("team.record", "team.correction", "team.newest"), record.id)
        return {**made, **one_record, "team.receipt": given}

    made = write(database, build)
    member.set_cookie("language", locale)
    addresses = pages_of_members(app, place, made)
    assert len(addresses) > 20
    for address in addresses:
        answer = member.get(address, follow_redirects=True)
        assert answer.status_code == 200, address
        if answer.mimetype == "text/html":
            assert secrets_asked(answer.text) == [], address


@pytest.mark.parametrize(
    "question",
    [
        '<input name="password">',
        '<input type="password" name="x">',
        '<input name="x" autocomplete="one-time-code">',
        "<label for='x'>Mật khẩu của người dân</label>",
        "<label>The person's OTP</label>",
        "<legend><span>Passcode</span></legend>",
    ],
)
def test_a_question_for_a_secret_would_be_seen(question):
    assert secrets_asked(f"<form>{question}</form>")
