"""The operator makes, tries, pauses and ends a receiver from the command line, and reads its receipts."""

from __future__ import annotations

import pytest

from identity.outbox import Lane
from tests.feeds.receiver import Receiver, make, publish, worker_of
from tests.remote import Remote

pytestmark = pytest.mark.any_engine


@pytest.fixture
def run(app):
    """Runs `flask feeds …`; gives exit code and text."""
    runner = app.test_cli_runner()

    def run(*words):
        result = runner.invoke(args=["feeds", *words])
        return result.exit_code, result.output

    return run


def test_an_operator_sees_what_was_sent_and_what_came_back(run, database, clock, settings, tmp_path):
    publish(database, clock, ("2026-10-01", 40, 50))
    secret = tmp_path / "secret.json"
    secret.write_text('{"user": "eid", "password": "a password"}')
    with Remote(tmp_path) as remote:
        receiver = Receiver(remote, told=[500], body=b'{"status": "SUCCESS"}')
        words = ["--format", "dhis2.json", "--indicator", "issued-of-applied", "--periods", "3"]
        access = ["--access", "password", "--secret-file", str(secret)]
        assert run("add", "IOC", receiver.address, *words, *access)[0] == 0
        code, shown = run("try", "IOC")
        assert (code, '"value":"40"' in shown, "the receiver is asked" in shown) == (0, True, True)
        worker = worker_of(database, clock, settings, remote.authority)
        make(database, clock)
        while worker.deliver(Lane.FEED):
            pass
        clock.advance(minutes=5)
        while worker.deliver(Lane.FEED):
            pass
    figures, trial = run("receipts", "IOC")[1].splitlines()
    assert "\tfigures\t1\ttaken\t200\t" in figures
    assert "\ttrial\t1\ttaken\t200\t" in trial
    assert "SUCCESS" in trial
    assert "IOC\trunning\tdhis2.json" in run("list")[1]
    assert "a password" not in run("list")[1] + run("receipts", "IOC")[1]
    for verb, said in (("pause", "paused"), ("resume", "resumed"), ("again", "sent again"), ("end", "ended")):
        code, text = run(verb, "IOC")
        assert (code, said in text) == (0, True)
    assert run("list") == (0, "")


def test_a_mistake_is_told_in_words(run, tmp_path):
    assert run("pause", "nobody")[1].startswith("Error: ")
    words = ["--indicator", "issued-of-applied"]
    assert "https://" in run("add", "IOC", "http://receiver.example/", *words)[1]
    assert run("add", "IOC", "https://receiver.example/", *words, "--unit", "99999")[0] == 1
    broken = tmp_path / "secret.json"
    broken.write_text("{")
    code, text = run("add", "IOC", "https://receiver.example/", *words, "--secret-file", str(broken))
    assert (code, "not JSON" in text) == (1, True)
    assert run("list") == (0, "")
