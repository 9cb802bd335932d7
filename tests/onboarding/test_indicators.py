"""Figures come from what happened, with numerator and denominator."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from identity.account import Account
from identity.application.model import Application
from identity.audit import SYSTEM
from identity.deadlines import today_in_vietnam
from identity.helping import new_help_code, withdraw_help
from identity.locks import close
from identity.places import ancestors, offices_for
from onboarding.assistance import take_in
from onboarding.catalogue import Mode, Obstacle, Result, Task
from onboarding.indicators import Funnel, Ratio, assisted_activation, funnel, funnel_by_unit, team_activity, total
from onboarding.overview import waiting_by_unit
from onboarding.records import Standing, get_record
from onboarding.team_figures import team_figures
from tests.onboarding.scene import activate, communes, entry, ids, member_of, resident, team_in


def applied(db, unit, now, *, state="submitted", person=None):
    """A row of the register of applications, of which only state, place and person matter here."""
    secret = uuid4().bytes * 2
    sealed = dict.fromkeys(
        (
            *("full_name_sealed", "number_sealed", "birth_date_sealed"),
            *("phone_sealed", "declared_sealed", "record_sealed"),
        ),
        b"-",
    )
    db.add(
        Application(
            dossier_number=uuid4().hex,
            code_digest=secret,
            draft_id=uuid4(),
            level=2,
            state=state,
            person_kind="citizen",
            full_name_folded="-",
            number_index=secret,
            same_index=secret,
            phone_index=secret,
            locale="vi",
            notify_by="sms",
            office_id=offices_for(db, "citizen", on=today_in_vietnam(now), limit=1)[0].id,
            unit_id=unit.id,
            home_unit_id=unit.id,
            submitted_at=now,
            receipt_due_at=now,
            decision_days=3,
            person_id=None if person is None else person.id,
            **sealed,
        )
    )
    db.flush()


def test_the_funnel_counts_applied_issued_and_activated_by_residence(db, now):
    here, beside, _ = communes(db)
    for state in ("submitted", "refused", "withdrawn"):
        applied(db, here, now, state=state)
    applied(db, here, now, state="issued", person=resident(db, here, now=now))
    applied(db, here, now, state="issued", person=resident(db, here, now=now, active=True))
    applied(db, beside, now)
    assert funnel(db, ids(here)) == Funnel(5, 2, 1, waiting=1)
    assert funnel(db, ids(beside)) == Funnel(1, 0, 0)


def test_an_account_that_was_closed_first_is_issued_and_nobody_waits_for_it(db, now):
    here = communes(db)[0]
    for _ in range(2):
        applied(db, here, now, state="issued", person=(person := resident(db, here, now=now)))
    close(db, db.query(Account).filter(Account.person_id == person.id).one(), SYSTEM, now=now)
    assert funnel(db, ids(here)) == Funnel(2, 2, 0, waiting=1)
    assert [(name, row[0].people) for name, row in waiting_by_unit(db, ids(here), now=now)] == [(here.name, 1)]


def test_a_province_is_the_sum_of_its_communes_not_the_mean_of_shares(db, now):
    here, beside, _ = communes(db)
    for _ in range(3):
        applied(db, here, now, state="issued", person=resident(db, here, now=now))
    applied(db, beside, now, state="issued", person=resident(db, beside, now=now, active=True))
    rows = funnel_by_unit(db, ids(here, beside))
    assert total(rows).activated_of_issued == Ratio(1, 4)
    assert total(rows).activated_of_issued.share == pytest.approx(0.25)
    assert [row.unit_id for row in rows] == [here.id, beside.id]


def test_nothing_to_count_is_missing_and_not_zero(db, now):
    empty = funnel(db, ids(communes(db)[0]))
    assert empty == Funnel(0, 0, 0)
    assert empty.issued_of_applied.share is None
    assert Ratio(0, 5).share == 0


def test_helped_people_are_counted_once_and_confirmed_by_the_system(db, now):
    here = communes(db)[0]
    member = member_of(db, team_in(db, here, now=now), now=now)
    first, second = resident(db, here, now=now), resident(db, here, now=now)
    for person in (first, first, second):
        code = new_help_code(db, person.id, now=now)
        take_in(db, member.account_id, entry(now, help_code=code), now=now)
    take_in(db, member.account_id, entry(now), now=now)
    assert assisted_activation(db, ids(here)) == Ratio(0, 2)
    activate(db, first, now=now + timedelta(hours=1))
    assert assisted_activation(db, ids(here)) == Ratio(1, 2)


def test_a_teams_card_keeps_visits_people_claims_and_confirmations_apart(db, now):
    here, beside, _ = communes(db)
    team = team_in(db, here, now=now)
    member = member_of(db, team, now=now)
    person = resident(db, here, now=now)
    code = new_help_code(db, person.id, now=now)
    entries = [
        entry(now, help_code=code),
        entry(now),
        entry(now, task=Task.LAND, mode=Mode.EXPLAINED),
        entry(now, result=Result.BLOCKED, obstacle=Obstacle.NO_PHONE, mode=Mode.EXPLAINED),
    ]
    for one in entries:
        take_in(db, member.account_id, one, now=now)
    take_in(db, member.account_id, entry(now, supersedes=entries[1].id), now=now)
    activate(db, person, now=now)
    team_in(db, beside, now=now, name="Tổ bên cạnh")
    [card] = team_activity(db, ids(here), since=now - timedelta(days=30))
    assert (card.visits, card.people, card.own_hand) == (4, 1, 2)
    assert (card.claimed, card.checkable, card.confirmed) == (2, 1, 1)
    assert card.confirmed_of_checkable.share == 1
    assert card.last_at == now - timedelta(minutes=15)


@pytest.mark.any_engine
def test_once_the_consent_is_withdrawn_a_record_is_neither_claimed_nor_confirmed_anywhere(db, now):
    """Community 6.13: the cards and the desk say what the indicator says."""
    here = communes(db)[0]
    team = team_in(db, here, now=now)
    member, person = member_of(db, team, now=now), resident(db, here, now=now)
    one = entry(now, help_code=new_help_code(db, person.id, now=now))
    take_in(db, member.account_id, one, now=now)
    since = now - timedelta(days=3)

    def told():
        [card] = team_activity(db, ids(here), since=since)
        today = today_in_vietnam(now)
        return (
            (card.claimed, card.checkable, card.confirmed, card.people),
            assisted_activation(db, ids(here)),
            team_figures(db, team.id, today, today).confirmed,
            get_record(db, one.id, member.account_id).standing,
        )

    assert told() == ((1, 1, 0, 1), Ratio(0, 1), Ratio(0, 1), Standing.WAITING)
    activate(db, person, now=now)
    assert told() == ((1, 1, 1, 1), Ratio(1, 1), Ratio(1, 1), Standing.CONFIRMED)
    withdraw_help(db, person, now=now + timedelta(hours=1), actor=SYSTEM)
    assert told() == ((1, 0, 0, 0), Ratio(0, 0), Ratio(0, 0), Standing.CLAIMED)


def test_a_silent_team_stands_in_the_list_with_zeros(db, now):
    here = communes(db)[0]
    team_in(db, here, now=now)
    [card] = team_activity(db, ids(here), since=now)
    assert (card.visits, card.last_at, card.own_hand_of_visits.share) == (0, None, None)


def test_a_province_team_counts_for_the_province(db, now):
    here = communes(db)[0]
    province = ancestors(db, here.id)[0]
    team_in(db, province, now=now, name="Đội lưu động")
    assert [card.name for card in team_activity(db, ids(province, here), since=now)] == ["Đội lưu động"]
    assert team_activity(db, ids(here), since=now) == []
