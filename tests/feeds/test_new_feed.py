"""An operator makes a receiver on a form: its address is tried, its secret shown once, and a dry run comes first."""

from __future__ import annotations

import dataclasses
import html
import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from identity.audit import AuditEvent
from identity.outbox import Lane
from onboarding.feeds.model import FeedDelivery, FeedSubscription
from onboarding.feeds.subscriptions import get_subscription
from portal.assembly import create_app
from portal.gateways.fetcher import Fetcher
from tests.feeds.receiver import CODE, Receiver, feed, make, publish, worker_of
from tests.portal.test_operation_pages import employed
from tests.remote import Remote

pytestmark = pytest.mark.any_engine
NEW = "/operation/feeds/new"


@pytest.fixture
def remote(tmp_path):
    with Remote(tmp_path) as server:
        yield server


@pytest.fixture
def operator(settings, services, database, clock, remote):
    fetcher = Fetcher(loopback=True, authority=remote.authority)
    application = create_app(settings, dataclasses.replace(services, fetcher=fetcher), database)
    application.testing = True
    application.config["WTF_CSRF_ENABLED"] = False
    client = application.test_client()
    employed(client, database, clock, "operator")
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def typed(address, **said):
    usual = {"name": "IOC", "address": address, "format": "csv", "unit": "VN", "period_kind": "month", "periods": "4"}
    return {**usual, "locale": "vi", "access": "signature", "indicators": [CODE], **said}


def kept(database):
    with database.session(write=False) as db:
        return list(db.scalars(select(FeedSubscription)))


def page_of(database, name="IOC"):
    with database.session(write=False) as db:
        return f"/operation/feeds/{get_subscription(db, name).id}"


def secret_in(page):
    return html.unescape(re.search(r'class="code-block"[^>]*>([^<]+)<', page)[1])


def test_the_secret_is_shown_once_and_signs_the_messages(operator, database, remote):
    answer = operator.post(NEW, data=typed(Receiver(remote).address))
    assert answer.status_code == 303, answer.text
    shown = operator.get(answer.headers["Location"])
    (one,) = kept(database)
    assert shown.status_code == 200
    with database.session(write=False) as db:
        assert db.get(FeedSubscription, one.id).secret == {"secret": secret_in(shown.text)}
    again = operator.get(answer.headers["Location"])
    assert again.status_code == 409
    assert "shown only once" in again.text
    assert secret_in(shown.text) not in operator.get(page_of(database)).text


def test_a_lost_secret_is_replaced_and_the_tickets_of_the_old_one_show_nothing(operator, database, remote):
    first = operator.post(NEW, data=typed(Receiver(remote).address)).headers["Location"]
    second = operator.post(f"{page_of(database)}/secret").headers["Location"]
    assert operator.get(first).status_code == 409
    fresh = secret_in(operator.get(second).text)
    with database.session(write=False) as db:
        assert get_subscription(db, "IOC").secret == {"secret": fresh}
        assert "feed:secret-renewed" in set(db.scalars(select(AuditEvent.name)))


def test_nothing_is_sent_before_a_dry_run_and_the_word_to_start(operator, database, clock, settings, remote):
    receiver = Receiver(remote)
    publish(database, clock, ("2026-10-01", 40, 50))
    operator.post(NEW, data=typed(receiver.address))
    page, worker = page_of(database), worker_of(database, clock, settings, remote.authority)
    assert "Not started yet" in operator.get(page).text
    assert "Start sending" not in operator.get(page).text
    assert operator.post(f"{page}/resume").status_code == 409
    assert make(database, clock) == 0
    assert operator.post(f"{page}/try").status_code == 303
    assert "issued-of-applied" in operator.get(page).text
    assert make(database, clock) == 0
    assert "Start sending" in operator.get(page).text
    assert operator.post(f"{page}/resume").status_code == 303
    assert not receiver.asked
    feed(database, clock, worker)
    assert len(receiver.kept) == 1
    assert "Running" in operator.get(page).text


def test_a_dry_run_that_the_receiver_refused_starts_nothing(operator, database, clock, settings, remote):
    receiver = Receiver(remote, told=[422])
    publish(database, clock, ("2026-10-01", 40, 50))
    said = {"access": "password", "user": "admin", "password": "district 1"}
    operator.post(NEW, data=typed(receiver.address, format="dhis2.json", **said))
    page, worker = page_of(database), worker_of(database, clock, settings, remote.authority)
    for answered in (422, 200):
        operator.post(f"{page}/try")
        assert operator.post(f"{page}/resume").status_code == 409, "its answer is not here yet"
        while worker.deliver(Lane.FEED):
            pass
        assert operator.post(f"{page}/resume").status_code == (409 if answered == 422 else 303)
        clock.now += timedelta(minutes=1)


WRONG = (
    ({"address": "http://receiver.example/"}, "begins with https://", "address"),
    ({"address": "https://localhost:1/"}, "Nobody answers at this address", "address"),
    ({"address": "https://10.0.0.1/figures"}, "does not lead to the public internet", "address"),
    ({"unit": "Atlantis"}, "unit", "unit"),
    ({"periods": "0"}, "from 1 to 60", "periods"),
    ({"periods": "²"}, "from 1 to 60", "periods"),
    ({"indicators": []}, "Choose an answer", "indicators"),
    ({"format": "dhis2.json", "period_kind": "state-month"}, "period", "period_kind"),
    ({"access": "password", "user": "admin"}, "needs this", "password"),
    ({"access": "client", "client_id": "a", "client_secret": "b"}, "needs this", "token_address"),
    ({"name": ""}, "Fill in", "name"),
)
"""What is typed, what is said of it, and at which field."""


def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(operator, database, remote):
    address = Receiver(remote).address
    for said, told, field in WRONG:
        answer = operator.post(NEW, data=typed(**{"address": address, "name": "IOC <b>", **said}))
        assert answer.status_code == 200, said
        error = re.search(rf'id="{field}-error".*?</p>', answer.text, re.DOTALL)
        assert error and told in html.unescape(error[0]), said
        assert said.get("name") == "" or "IOC &lt;b&gt;" in answer.text
        assert "selected>Months" in answer.text or "period_kind" in said
        assert not kept(database)


def test_a_certificate_that_nobody_trusts_is_told(operator, database, remote, monkeypatch):
    address = Receiver(remote).address
    monkeypatch.setattr(operator.application.extensions["services"].fetcher, "_trusted", Fetcher()._tls)
    assert "certificate of this address is not trusted" in operator.post(NEW, data=typed(address)).text
    assert not kept(database)
    assert remote.asked == [], "the trial of an address asks nothing"


def test_a_unit_is_taken_by_code_or_by_its_whole_name(operator, database, remote):
    address = Receiver(remote).address
    for name, unit in (("One", "66"), ("Two", "Đắk Lắk"), ("Three", "dak lak"), ("Four", "vn")):
        assert operator.post(NEW, data=typed(address, name=name, unit=unit)).status_code == 303, unit
    units = {one.name: one.unit_id for one in kept(database)}
    assert units["One"] == units["Two"] == units["Three"] is not None
    assert units["Four"] is None
    taken = operator.post(NEW, data=typed(address, name="One"))
    assert "Another receiver has this name already" in taken.text


def test_ending_is_asked_once_more(operator, database, remote):
    operator.post(NEW, data=typed(Receiver(remote).address))
    page = page_of(database)
    asked = operator.get(f"{page}/end")
    assert "cannot be undone" in asked.text
    assert operator.get(page).status_code == 200
    assert operator.post(f"{page}/end").headers["Location"] == "/operation/feeds"
    (one,) = kept(database)
    assert one.ended_at and one.secret_sealed is None


def test_auditors_and_others_make_no_receiver(client, database, clock):
    for role, login in (("auditor", "kiemtoan"), ("hotline_agent", "tongdai")):
        employed(client, database, clock, role, login)
        assert client.get(NEW).status_code == 403, role
        assert client.post(NEW, data=typed("https://receiver.example/")).status_code == 403, role
    with database.session(write=False) as db:
        assert not list(db.scalars(select(FeedDelivery)))
