"""What is pushed arrives once, says what changed and nothing else, and leaves a receipt; whatever the receiver does."""

from __future__ import annotations

import base64
import csv
import hmac
import io
import re
from datetime import date
from hashlib import sha256
from itertools import pairwise

import orjson
import pytest

from identity import outbox
from identity.audit import SYSTEM
from identity.base import Refused, new_id
from identity.outbox import LEASE, Lane, OutboxMessage
from identity.places import Unit
from onboarding.feeds.deliveries import begin_passes, try_out
from onboarding.feeds.model import FeedDelivery, FeedFigure
from onboarding.feeds.subscriptions import (
    end,
    get_subscription,
    pause,
    periods_of,
    resume,
    send_all_again,
    subscribe,
)
from onboarding.feeds.wish import Wish
from portal.gateways.fetcher import Fetcher
from tests.feeds.receiver import (
    CODE,
    DROP,
    Receiver,
    feed,
    make,
    next_day,
    publish,
    receipts,
    subscribed,
    worker_of,
)
from tests.remote import Remote

pytestmark = pytest.mark.any_engine
MONTHS = ("2026-08-01", 12, 30), ("2026-09-01", 0, 25), ("2026-10-01", 40, 50)


@pytest.fixture(scope="module")
def remote(tmp_path_factory):
    with Remote(tmp_path_factory.mktemp("remote")) as running:
        yield running


@pytest.fixture
def receiver(remote):
    return Receiver(remote)


@pytest.fixture
def worker(bare_database, clock, settings, remote):
    return worker_of(bare_database, clock, settings, remote.authority)


@pytest.fixture
def world(bare_database, clock, worker):
    """Database, clock and worker of a portal that has published three months."""
    publish(bare_database, clock, *MONTHS)
    return bare_database, clock, worker


def lines(body):
    return list(csv.DictReader(io.StringIO(body.decode())))


def told(body):
    return {line["period"]: (line["numerator"], line["action"], line["revision"]) for line in lines(body)}


def act(world, verb, name="IOC"):
    database, clock, _worker = world
    with database.transaction() as db:
        return verb(db, get_subscription(db, name), SYSTEM, now=clock.now)


def test_the_figures_arrive_once_with_zeros_a_key_and_a_digest(world, receiver):
    subscribed(world[0], world[1], receiver.address)
    assert feed(*world) == 1
    [(_path, headers, body)] = receiver.asked
    assert told(body) == {
        "2026-10": ("40", "replace", "0"),
        "2026-09": ("0", "replace", "0"),
        "2026-08": ("12", "replace", "0"),
    }
    [receipt] = receipts(world[0])
    assert headers["Idempotency-Key"] == str(receipt.id)
    assert headers["Content-Type"] == "text/csv; charset=utf-8"
    digest = base64.b64encode(sha256(body).digest()).decode()
    assert headers["Content-Digest"] == f"sha-256=:{digest}:"
    assert (receipt.status, receipt.attempts, receipt.taken_at) == (200, 1, world[1].now)
    assert receipt.digest == sha256(body).hexdigest()


def test_only_what_was_restated_goes_again_and_says_so(world, receiver):
    database, clock, _worker = world
    subscribed(database, clock, receiver.address)
    feed(*world)
    assert feed(*world) == 0
    next_day(clock)
    publish(database, clock)
    assert feed(*world) == 0, "a new publication of the same figures is no news"
    next_day(clock)
    publish(database, clock, ("2026-09-01", 11, 25))
    assert feed(*world) == 1
    assert told(receiver.asked[-1][2]) == {"2026-09": ("11", "replace", "1")}


def test_what_is_no_longer_published_is_deleted_in_words(world, receiver):
    database, clock, _worker = world
    subscribed(database, clock, receiver.address)
    feed(*world)
    next_day(clock)
    publish(database, clock, cut=False)
    feed(*world)
    body = receiver.asked[-1][2]
    assert told(body) == {"2026-10": ("40", "delete", "1"), "2026-11": ("", "replace", "0")}
    assert {line["status"] for line in lines(body)} == {"suppressed"}
    next_day(clock)
    publish(database, clock)
    feed(*world)
    body = receiver.asked[-1][2]
    assert told(body) == {"2026-10": ("40", "replace", "2"), "2026-11": ("", "replace", "1")}
    assert {line["period"]: line["status"] for line in lines(body)} == {"2026-10": "value", "2026-11": "missing"}


def test_what_the_receiver_has_of_older_times_is_restated_and_withdrawn_too(world, receiver):
    database, clock, _worker = world
    subscribed(database, clock, receiver.address, periods=2)
    feed(*world)
    clock.advance(days=40)
    publish(database, clock)
    feed(*world)
    asked = len(receiver.asked)
    next_day(clock)
    publish(database, clock)
    feed(*world)
    assert len(receiver.asked) == asked, "the same figures are no news"
    next_day(clock)
    publish(database, clock, ("2026-10-01", 41, 50))
    feed(*world)
    assert told(receiver.asked[-1][2]) == {"2026-10": ("41", "replace", "1")}
    next_day(clock)
    publish(database, clock, cut=False)
    feed(*world)
    assert told(receiver.asked[-1][2])["2026-10"] == ("41", "delete", "2")
    with database.transaction() as db:
        send_all_again(db, get_subscription(db, "IOC"), SYSTEM, now=clock.now)
    feed(*world)
    assert "2026-10" in told(receiver.asked[-1][2]), "all is all"


def test_what_is_in_no_unit_below_is_sent_where_there_is_any_and_until_it_is_none(world, receiver):
    database, clock, _worker = world
    with database.transaction() as db:
        units = [a_province(code) for code in ("01", "79")]
        db.add_all(units)
    subscribed(database, clock, receiver.address, with_below=True)
    feed(*world)
    sent = {(line["unit"], line["period"]): line["numerator"] for line in lines(receiver.asked[-1][2])}
    assert {period for unit, period in sent if unit == "VN_X"} == {"2026-08", "2026-09", "2026-10"}
    assert all(sent["VN", period] == number for (unit, period), number in sent.items() if unit == "VN_X")
    next_day(clock)
    publish(database, clock)
    publish(database, clock, *MONTHS, unit=units[0].id)
    feed(*world)
    sent = {
        (line["unit"], line["period"]): (line["numerator"], line["revision"]) for line in lines(receiver.asked[-1][2])
    }
    assert {key: told for key, told in sent.items() if key[0] != "01"} == {
        ("VN_X", period): ("0", "1") for period in ("2026-08", "2026-09", "2026-10")
    }
    subscribed(database, clock, receiver.address, name="B", with_below=True)
    feed(*world)
    assert {line["unit"] for line in lines(receiver.asked[-1][2])} == {"VN", "01"}, "nothing is no news"
    clock.advance(days=200)
    publish(database, clock)
    feed(*world)
    next_day(clock)
    publish(database, clock, ("2026-10-01", 60, 90))
    feed(*world)
    for _path, _headers, body in receiver.asked[-2:]:
        assert {(one["unit"], one["numerator"]) for one in lines(body)} == {("VN", "60"), ("VN_X", "20")}, (
            "of older times"
        )


def a_province(code):
    said = {"kind": "province", "type": "province", "name": code, "name_folded": code, "search_folded": code}
    return Unit(id=new_id(), code=code, valid_from=date(2025, 7, 1), **said)


def test_adx_deletes_in_a_message_of_its_own(world, receiver):
    database, clock, _worker = world
    subscribed(database, clock, receiver.address, format="adx.xml")
    feed(*world)
    next_day(clock)
    publish(database, clock, ("2026-08-01", 13, 30), cut=False)
    assert feed(*world) == 2
    bodies = {path: body.decode() for path, _headers, body in receiver.asked[1:]}
    assert set(bodies) == {"/figures", "/figures?importStrategy=DELETE"}
    assert 'value="40"' in bodies["/figures?importStrategy=DELETE"]
    assert 'value="13"' in bodies["/figures"] and "revision 1" in bodies["/figures"]


def test_a_receiver_in_trouble_is_tried_again_with_the_same_key_and_the_same_bytes(world, receiver):
    database, clock, worker = world
    receiver.told = [DROP, 500, 409, 503]
    subscribed(database, clock, receiver.address)
    feed(*world)
    for _ in range(4):
        clock.advance(hours=2)
        worker.deliver(Lane.FEED)
    assert len(receiver.asked) == 5
    assert len({headers["Idempotency-Key"] for _path, headers, _body in receiver.asked}) == 1
    assert len({body for _path, _headers, body in receiver.asked}) == 1
    assert len(receiver.kept) == 1, "a receiver that honours the key has it once"
    [receipt] = receipts(database)
    assert (receipt.attempts, receipt.status, receipt.taken_at) == (5, 200, clock.now)


def test_a_worker_that_died_after_the_answer_sends_the_same_again(world, receiver):
    database, clock, worker = world
    subscribed(database, clock, receiver.address)
    make(database, clock)
    with database.transaction() as db:
        [message] = outbox.lease(db, Lane.FEED, now=clock.now)
    worker.ways[message.channel](message, None)  # taken, and never marked
    assert worker.deliver(Lane.FEED) == 0
    clock.advance(seconds=LEASE.total_seconds() + 1)
    assert worker.deliver(Lane.FEED) == 1
    assert (len(receiver.asked), len(receiver.kept)) == (2, 1)
    assert feed(*world) == 0


def test_figures_wait_for_those_before_them_and_never_overtake(world, receiver):
    database, clock, worker = world
    receiver.told = [500]
    subscribed(database, clock, receiver.address)
    feed(*world)
    next_day(clock)
    publish(database, clock, ("2026-08-01", 14, 30))
    assert make(database, clock) == 0, "the first message is still on its way"
    worker.deliver(Lane.FEED)
    assert feed(*world) == 1
    assert told(receiver.asked[-1][2]) == {"2026-08": ("14", "replace", "1")}


def test_what_was_refused_for_good_goes_with_the_next_publication_and_not_after_it(world, receiver):
    database, clock, worker = world
    receiver.told = [422]
    subscribed(database, clock, receiver.address)
    feed(*world)
    [refused] = receipts(database)
    assert (refused.status, refused.refused_at is None, refused.taken_at) == (422, False, None)
    next_day(clock)
    publish(database, clock, ("2026-08-01", 14, 30))
    assert feed(*world) == 1
    assert len(lines(receiver.asked[-1][2])) == 3
    with database.transaction() as db:
        assert outbox.send_again(db, refused.message_id, now=clock.now)
    worker.deliver(Lane.FEED)
    assert len(receiver.asked) == 2, "older figures would replace newer ones"


def test_a_dry_run_asks_the_receiver_and_changes_nothing(world, receiver):
    database, clock, worker = world
    receiver.body = b'{"status": "SUCCESS", "importCount": {"imported": 6}}'
    subscribed(database, clock, receiver.address, format="dhis2.json")
    with database.transaction() as db:
        try_out(db, get_subscription(db, "IOC"), now=clock.now)
    worker.deliver(Lane.FEED)
    [(path, headers, body)] = receiver.asked
    assert (path, headers["Content-Type"]) == ("/figures?dryRun=true", "application/json")
    assert len(orjson.loads(body)["dataValues"]) == 6
    with database.session(write=False) as db:
        [receipt] = db.query(FeedDelivery).all()
        assert "imported" in receipt.answer
        assert db.query(FeedFigure).count() == 0
    assert feed(*world) == 1


def test_a_format_without_a_dry_run_shows_and_sends_nothing(world, receiver):
    database, clock, worker = world
    subscribed(database, clock, receiver.address)
    with database.transaction() as db:
        shown = try_out(db, get_subscription(db, "IOC"), now=clock.now)
        assert len(shown.rows) == 3
    assert (worker.deliver(Lane.FEED), receiver.asked) == (0, [])


@pytest.mark.parametrize(("status", "said"), [(409, "ERROR"), (200, "ERROR"), (409, "WARNING")])
def test_dhis2_that_did_not_import_has_not_taken_it(world, receiver, status, said):
    database, clock, _worker = world
    receiver.told, receiver.body = [status], orjson.dumps({"response": {"status": said}})
    subscribed(database, clock, receiver.address, format="dhis2.json")
    feed(*world)
    [receipt] = receipts(database)
    assert (receipt.taken_at, receipt.refused_at) == (None, clock.now)


def test_while_paused_nothing_leaves_and_later_only_the_difference(world, receiver):
    database, clock, _worker = world
    subscribed(database, clock, receiver.address)
    feed(*world)
    act(world, pause)
    next_day(clock)
    publish(database, clock, ("2026-08-01", 14, 30))
    assert feed(*world) == 0
    act(world, resume)
    feed(*world)
    assert told(receiver.asked[-1][2]) == {"2026-08": ("14", "replace", "1")}
    with pytest.raises(Refused, match="feed-stands"):
        act(world, resume)


def test_what_is_on_its_way_waits_while_paused(world, receiver):
    database, clock, worker = world
    subscribed(database, clock, receiver.address)
    make(database, clock)
    act(world, pause)
    worker.deliver(Lane.FEED)
    assert receiver.asked == []
    act(world, resume)
    clock.advance(hours=1)
    worker.deliver(Lane.FEED)
    assert len(receiver.asked) == 1


def test_everything_can_be_sent_again_and_keeps_its_revision(world, receiver):
    database, clock, _worker = world
    subscribed(database, clock, receiver.address)
    feed(*world)
    act(world, send_all_again)
    assert feed(*world) == 1
    assert {line["revision"] for line in lines(receiver.asked[-1][2])} == {"0"}
    assert len(receiver.kept) == 2


def test_after_the_end_nothing_is_sent_and_the_name_is_free(world, receiver):
    database, clock, worker = world
    subscribed(database, clock, receiver.address)
    make(database, clock)
    act(world, end)
    worker.deliver(Lane.FEED)
    assert receiver.asked == []
    with pytest.raises(Refused, match="feed-unknown"):
        act(world, pause)
    subscribed(database, clock, receiver.address)


def test_a_message_is_signed_with_the_shared_secret(world, receiver):
    database, clock, _worker = world
    subscribed(database, clock, receiver.address, access="signature", secret={"secret": "a long shared secret"})
    feed(*world)
    [(_path, headers, _body)] = receiver.asked
    parameters = headers["Signature-Input"].removeprefix("feed=")
    values = {"@method": "POST", "@target-uri": receiver.address, **{n.lower(): v for n, v in headers.items()}}
    names = re.findall(r'"([^"]+)"', parameters.partition(")")[0])
    base = "\n".join([*(f'"{name}": {values[name]}' for name in names), f'"@signature-params": {parameters}'])
    wanted = hmac.digest(b"a long shared secret", base.encode(), "sha256")
    assert headers["Signature"] == f"feed=:{base64.b64encode(wanted).decode()}:"
    assert {"content-digest", "idempotency-key", "@target-uri"} <= set(names)


def test_a_password_goes_in_the_header(world, receiver):
    database, clock, _worker = world
    subscribed(database, clock, receiver.address, access="password", secret={"user": "eid", "password": "d:1"})
    feed(*world)
    assert receiver.asked[0][1]["Authorization"] == f"Basic {base64.b64encode(b'eid:d:1').decode()}"


def test_an_access_token_is_fetched_for_the_client(world, receiver, remote):
    database, clock, _worker = world
    given = remote.offer("/token", b'{"access_token": "one", "token_type": "Bearer"}')
    secret = {"client_id": "eid", "client_secret": "shh", "token_address": given}
    subscribed(database, clock, receiver.address, access="client", secret=secret)
    feed(*world)
    assert receiver.asked[0][1]["Authorization"] == "Bearer one"
    remote.offer("/token", b"{}", status=401)
    act(world, send_all_again)
    feed(*world)
    assert receipts(database)[0].error == "no-access-401"


def test_an_address_within_our_walls_is_never_reached(world, receiver):
    database, clock, worker = world
    next(iter(worker.ways.values())).fetcher = Fetcher()
    subscribed(database, clock, receiver.address)
    feed(*world)
    assert (receipts(database)[0].error, receiver.asked) == ("not-public", [])


def test_two_workers_begin_one_pass(world, receiver):
    database, clock, _worker = world
    subscribed(database, clock, receiver.address)
    with database.transaction() as db:
        assert begin_passes(db, now=clock.now) == 1
    with database.transaction() as db:
        assert begin_passes(db, now=clock.now) == 0


def test_the_secret_is_sealed_and_ends_with_the_feed(world, receiver):
    database, clock, _worker = world
    subscribed(database, clock, receiver.address, access="signature", secret={"secret": "a long shared secret"})
    with database.session(write=False) as db:
        assert b"shared" not in get_subscription(db, "IOC").secret_sealed
        assert db.query(OutboxMessage).count() == 0


WRONG = [
    ({"name": " "}, "feed-name"),
    ({"address": "http://receiver.example/"}, "feed-address"),
    ({"address": "https://user@receiver.example/"}, "feed-address"),
    ({"format": "xlsx"}, "feed-format"),
    ({"indicators": []}, "feed-indicators"),
    ({"indicators": ["invented"]}, "indicator-unknown"),
    ({"period_kind": "span"}, "feed-period-kind"),
    ({"format": "dhis2.json", "period_kind": "state-month"}, "period-not-in-format"),
    ({"periods": 0}, "feed-periods"),
    ({"access": "signature"}, "feed-secret"),
    ({"access": "signature", "secret": {"secret": "two\r\nlines"}}, "feed-secret"),
    ({"access": "card"}, "feed-access"),
]


def test_what_cannot_be_meant_is_refused(bare_database, now):
    right = {"name": "IOC", "address": "https://receiver.example/", "format": "csv", "indicators": [CODE]}
    with bare_database.transaction() as db:
        for wrong, code in WRONG:
            with pytest.raises(Refused, match=f"^{code}$"):
                subscribe(db, Wish(**{**right, **wrong}), SYSTEM, now=now)
        subscribe(db, Wish(**right), SYSTEM, now=now)
        with pytest.raises(Refused, match="feed-name-taken"):
            subscribe(db, Wish(**right), SYSTEM, now=now)


PERIODS = {
    "day": ["2026-11-23", "2026-11-22", "2026-11-21"],
    "week": ["2026-W48", "2026-W47", "2026-W46"],
    "month": ["2026-11", "2026-10", "2026-09"],
    "state-month": ["S2026-12", "S2026-11", "S2026-10"],
    "quarter": ["2026-Q4", "2026-Q3", "2026-Q2"],
    "half-year": ["2026-H2", "2026-H1", "2025-H2"],
    "year": ["2026", "2025", "2024"],
}


def test_the_newest_periods_of_a_kind_follow_one_another(bare_database, clock):
    for kind, codes in PERIODS.items():
        subscribed(bare_database, clock, "https://receiver.example/", name=kind, period_kind=kind, periods=3)
        with bare_database.session(write=False) as db:
            found = periods_of(get_subscription(db, kind), now=clock.now)
        assert [one.code for one in found] == codes
        assert all(later.first == earlier.end for later, earlier in pairwise(found))
