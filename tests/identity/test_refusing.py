"""What a refusal says must have happened: nobody reads "did not match" where nobody compared."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from identity.application import REFUSAL_REASONS, acknowledge, decide, possible_reasons
from identity.base import Refused
from identity.deadlines import VIETNAM, today_in_vietnam
from tests.identity.applicants import CITIZEN, FOREIGNER, an_officer, matched, sent_online, submitted

pytestmark = pytest.mark.any_engine
LAST_DAY = date(2026, 11, 25)


def refused(code: str) -> Any:
    return pytest.raises(Refused, match=f"^{code}$")


def test_a_file_that_nobody_saw_is_not_refused_for_what_a_visit_shows(db: Session, now: datetime) -> None:
    file, _code = submitted(db, now=now)
    acknowledge(db, file, an_officer(db, "receiving_officer", now=now), now=now)
    approver = an_officer(db, "approving_officer", now=now)
    for reason in ("identity-not-matched", "document-not-genuine"):
        assert reason not in possible_reasons(file, now=now)
        with refused("reason-needs-visit"):
            decide(db, file, approver, "refused", reason, now=now)
    with refused("visit-missing"):
        decide(db, file, approver, "approved", now=now)
    with refused("reason-does-not-fit"):
        decide(db, file, approver, "refused", "not-appeared", now=now)
    assert file.state == "received"


def test_nobody_has_stayed_away_while_there_is_time_to_come(db: Session, now: datetime) -> None:
    file, _code = submitted(db, now=now)
    acknowledge(db, file, an_officer(db, "receiving_officer", now=now), now=now)
    assert file.decision_due_at is not None
    day = datetime.combine(today_in_vietnam(file.decision_due_at), time(), VIETNAM)
    assert "not-appeared" not in possible_reasons(file, now=day - timedelta(seconds=1))
    decide(db, file, an_officer(db, "approving_officer", now=now), "refused", "not-appeared", now=day)
    assert file.state == "refused"


def test_whom_the_register_recognised_is_not_told_that_nothing_matched(db: Session, now: datetime) -> None:
    approver = an_officer(db, "approving_officer", now=now)
    seen, _receiver = matched(db, now=now)
    online, _code = sent_online(db, FOREIGNER, now=now, phone="+84912345679")
    acknowledge(db, online, an_officer(db, "receiving_officer", now=now), now=now)
    for file in (seen, online):
        assert file.matched and "identity-not-matched" not in possible_reasons(file, now=now)
        with refused("reason-does-not-fit"):
            decide(db, file, approver, "refused", "identity-not-matched", now=now)
        decide(db, file, approver, "refused", "document-not-genuine", now=now)


def test_who_came_is_not_told_to_have_stayed_away(db: Session, now: datetime) -> None:
    file, _receiver = matched(db, now=now, verdict=False)
    approver = an_officer(db, "approving_officer", now=now)
    for reason in ("not-appeared", "guardian-missing", "supplement-not-given", "no-right-of-residence"):
        assert reason not in possible_reasons(file, now=now)
        with refused("reason-does-not-fit"):
            decide(db, file, approver, "refused", reason, now=now)
    decide(db, file, approver, "refused", "identity-not-matched", now=now)
    assert file.state == "refused"


def test_four_eyes_come_before_the_reason(db: Session, now: datetime) -> None:
    file, receiver = matched(db, now=now)
    both = replace(receiver, role="approving_officer")
    with refused("four-eyes"):
        decide(db, file, both, "refused", "not-appeared", now=now)


def test_what_was_sent_online_is_compared_without_a_visit(db: Session, now: datetime) -> None:
    file, _code = sent_online(db, FOREIGNER, now=now, portrait_matched=False)
    acknowledge(db, file, an_officer(db, "receiving_officer", now=now), now=now)
    possible = possible_reasons(file, now=now)
    assert "identity-not-matched" in possible and "not-appeared" not in possible
    decide(db, file, an_officer(db, "approving_officer", now=now), "refused", "identity-not-matched", now=now)
    assert file.state == "refused"


def test_some_reason_is_left_for_every_file(db: Session, now: datetime) -> None:
    file, _code = submitted(db, CITIZEN, now=now)
    possible = possible_reasons(file, now=now)
    assert set(possible) < set(REFUSAL_REASONS) and possible


@pytest.mark.parametrize(
    ("base", "last_day", "reasons"),
    [
        (CITIZEN, {"card_expires_on": LAST_DAY}, {"document-expired"}),
        (FOREIGNER, {"passport_expires_on": LAST_DAY}, {"document-expired"}),
        (FOREIGNER, {"residence_expires_on": LAST_DAY}, {"document-expired", "no-right-of-residence"}),
    ],
)
def test_a_paper_has_ended_only_after_its_last_day(db: Session, base: Any, last_day: Any, reasons: set[str]) -> None:
    sent, after = (datetime.combine(LAST_DAY + timedelta(days=n), time(10), VIETNAM) for n in (0, 1))
    file, _receiver = matched(db, replace(base, **last_day), now=sent)
    of_papers = {"document-expired", "no-right-of-residence"}
    assert not of_papers & set(possible_reasons(file, now=sent))
    approver = an_officer(db, "approving_officer", now=sent)
    with refused("reason-does-not-fit"):
        decide(db, file, approver, "refused", "document-expired", now=sent)
    assert of_papers & set(possible_reasons(file, now=after)) == reasons
    with pytest.raises(Refused, match=r"-expired$"):  # no account that is locked on its first day
        decide(db, file, approver, "approved", now=after)
    for reason in sorted(reasons)[:1]:
        decide(db, file, approver, "refused", reason, now=after)
    assert file.state == "refused"
