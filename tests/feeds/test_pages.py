"""Operators see what other systems were sent and what they said, and hold the feeds in hand; auditors only read."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from identity.audit import AuditEvent
from identity.outbox import Lane
from onboarding.feeds.subscriptions import get_subscription
from tests.feeds.receiver import Receiver, feed, publish, subscribed, worker_of
from tests.portal.test_operation_pages import employed
from tests.remote import Remote

pytestmark = pytest.mark.any_engine


@pytest.fixture
def operator(client, database, clock):
    employed(client, database, clock, "operator")
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def address(database, name="IOC"):
    with database.session(write=False) as db:
        return f"/operation/feeds/{get_subscription(db, name).id}"


def test_without_a_receiver_the_page_leads_to_the_form_that_adds_one(operator):
    assert 'href="/operation/feeds"' in operator.get("/operation/outbox").text
    assert 'href="/operation/feeds/new"' in operator.get("/operation/feeds").text


def test_an_operator_reads_the_receipts_and_holds_the_feed_in_hand(operator, database, clock, settings, tmp_path):
    publish(database, clock, ("2026-10-01", 40, 50))
    with Remote(tmp_path) as remote:
        receiver = Receiver(remote, told=[200, 422], body=b'{"status": "<b>odd</b>"}')
        subscribed(database, clock, receiver.address, format="dhis2.json", periods=3)
        worker = worker_of(database, clock, settings, remote.authority)
        page = address(database)
        assert "Nothing was sent yet" in operator.get(page).text
        assert operator.post(f"{page}/try").status_code == 303
        while worker.deliver(Lane.FEED):
            pass
        feed(database, clock, worker)
    shown = operator.get(page).text
    for said in (
        "Dry run",
        "&#34;value&#34;:&#34;40&#34;",
        "Refused",
        "Answered 422",
        "&lt;b&gt;odd",
        "DHIS2",
        "Months",
    ):
        assert said in shown, said
    assert "Viet Nam" in shown
    assert 'class="is-bad"' in operator.get("/operation/feeds").text
    for verb, then in (("pause", "Resume"), ("resume", "Pause"), ("again", "Running")):
        assert operator.post(f"{page}/{verb}").headers["Location"] == page
        assert then in operator.get(page).text
    assert operator.post(f"{page}/resume").status_code == 409
    assert operator.post(f"{page}/other").status_code == 404
    assert operator.post(f"{page}/end").headers["Location"] == "/operation/feeds"
    assert operator.get(page).status_code == 404
    with database.session(write=False) as db:
        told = set(db.scalars(select(AuditEvent.name).where(AuditEvent.subject_kind == "feed")))
    assert told == {"feed:made", "feed:paused", "feed:resumed", "feed:sent-again", "feed:ended"}


def test_auditors_read_and_others_see_nothing(client, database, clock):
    subscribed(database, clock, "https://receiver.example/")
    page = address(database)
    assert client.get(page).status_code == 302
    employed(client, database, clock, "auditor", "kiemtoan")
    assert client.get("/operation/feeds").status_code == 200
    assert "IOC" in client.get(page).text
    assert f"{page}/pause" not in client.get(page).text
    assert client.post(f"{page}/pause").status_code == 403
    employed(client, database, clock, "hotline_agent", "tongdai")
    assert client.get(page).status_code == 403
