"""The whole way of a figure to its receiver, on SQLite and on PostgreSQL."""

from __future__ import annotations

from datetime import timedelta

from identity.outbox import LEASE, Lane
from onboarding.feeds.deliveries import forget_old
from onboarding.feeds.model import FeedDelivery, FeedFigure
from onboarding.feeds.moves import note_moves
from portal.chores import run_chores
from tests.feeds.receiver import Receiver, feed, make, next_day, publish, receipts, subscribed, worker_of
from tests.remote import Remote


def test_a_figure_goes_its_way_is_restated_and_its_receipt_is_forgotten(bare_database, clock, settings, tmp_path):
    publish(bare_database, clock, ("2026-10-01", 40, 50))
    with Remote(tmp_path) as remote:
        receiver = Receiver(remote, told=[503])
        worker = worker_of(bare_database, clock, settings, remote.authority)
        subscribed(bare_database, clock, receiver.address, format="sdmx.csv")
        assert make(bare_database, clock) == 1
        worker.deliver(Lane.FEED)
        clock.advance(seconds=LEASE.total_seconds())
        worker.deliver(Lane.FEED)
        next_day(clock)
        publish(bare_database, clock, ("2026-10-01", 41, 50))
        assert feed(bare_database, clock, worker) == 1
    assert (len(receiver.asked), len(receiver.kept)) == (3, 2)
    assert [one.status for one in receipts(bare_database)] == [200, 200]
    with bare_database.transaction() as db:
        assert (note_moves(db, now=clock.now), note_moves(db, now=clock.now)) == (1, 0)
        figure = db.query(FeedFigure).filter(FeedFigure.period == "2026-10").one()
        assert (figure.numerator, figure.revision, figure.is_due) == (41, 1, False)
    with bare_database.transaction() as db:
        forget_old(db, now=clock.now + timedelta(days=800))
        assert db.query(FeedDelivery).count() == 0


def test_the_chores_run_where_nobody_gets_figures(bare_database, clock):
    run_chores(bare_database.transaction, clock.now)
