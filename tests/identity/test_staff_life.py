"""Staff are invited, work, are looked at each quarter, and are shut out when idle; nobody serves themselves."""

from __future__ import annotations

import itertools
import re
from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import select

from identity import outbox
from identity.account import Act, Ground, check_may, find_account, get_account
from identity.audit import SYSTEM, Actor, AuditEvent, Event, record
from identity.base import Refused, new_id
from identity.credentials.passwords import hash_password
from identity.locks import grounds_of
from identity.outbox import Lane
from identity.places import Unit
from identity.sealed import add
from identity.session import count_open, open_session
from identity.staff import EVERYWHERE, Role, end_role, give_role, hire, roles_of
from identity.staff.confirmation import ask_others, confirm, count_to_answer, count_waiting, turn_down, waiting
from identity.staff.duties import OF_TWO_OPERATORS, conflicting
from identity.staff.idle import lift, reopen, shut_idle, suspend
from identity.staff.invitation import accept, begin, begun, invite, invite_again, invited, renew
from identity.staff.record import StaffRecord
from identity.staff.review import count_due, due, end, keep, overdue, quarter_of
from tests.races.at_once import at_once


@pytest.fixture
def admin(db, now):
    account = hire(db, "quantri", "Ngô Thị Hành", now=now)
    db.flush()
    return Actor(account.id, "operator")


@pytest.fixture
def unit(db):
    return db.scalars(select(Unit.id).where(Unit.kind == "commune", Unit.valid_to.is_(None)).limit(1)).one()


def letter(db, now):
    [message] = outbox.lease(db, Lane.NOTICE, now=now, most=1)
    outbox.delivered(db, message.id, now=now)
    assert message.kind == "staff-invitation"
    return message.facts["code"]


def otp(waiting, now):
    return pyotp.TOTP(waiting.secret).at(int(now.timestamp()))


def newcomer(db, admin, now):
    return invite(db, "canbo.moi", "Lý Thị Mới", "moi@example.vn", admin, now=now)


# the invitation


def test_an_invited_account_opens_with_its_own_password_and_app(db, admin, now):
    account = newcomer(db, admin, now)
    with pytest.raises(Refused, match="account-not-active"):
        check_may(db, account.id, Act.SIGN_IN, now=now)
    code = letter(db, now)
    assert invited(db, code, now=now).id == account.id
    ticket = begin(db, account, hash_password("trâu trắng trên đồi"), now=now)
    waiting = begun(db, code, ticket, now=now)
    assert accept(db, code, ticket, "000000", now=now).code == "app-code-wrong"
    assert accept(db, code, ticket, otp(waiting, now), now=now) is None
    assert check_may(db, account.id, Act.SIGN_IN, now=now).kind == "staff"
    assert account.totp_secret == waiting.secret
    assert accept(db, code, ticket, otp(waiting, now), now=now).code == "invitation-over"


def test_the_letter_is_good_for_seven_days_and_for_its_account_only(db, admin, now):
    account = newcomer(db, admin, now)
    code = letter(db, now)
    assert invited(db, code, now=now + timedelta(days=7)) is None
    other = invite(db, "canbo.khac", "Lý Văn Khác", "khac@example.vn", admin, now=now)
    ticket = begin(db, other, "hash", now=now)
    assert begun(db, code, ticket, now=now) is None
    mine = begin(db, account, "hash", now=now)
    assert begun(db, code, mine, now=now + timedelta(minutes=30)) is None


def test_a_new_letter_makes_the_old_one_worthless(db, admin, clock):
    account = newcomer(db, admin, clock())
    old = letter(db, clock())
    ticket = begin(db, account, "hash", now=clock())
    invite_again(db, account, admin, now=clock())
    assert invited(db, old, now=clock()) is None
    assert begun(db, letter(db, clock()), ticket, now=clock()) is None


def test_a_login_is_given_once(db, admin, now):
    newcomer(db, admin, now)
    with pytest.raises(Refused, match="login-taken"):
        invite(db, " CANBO.MOI ", "Lý Thị Mới", "x@example.vn", admin, now=now)


def test_one_mailbox_has_one_account(db, admin, now):
    """Whoever had two would receive as one and decide as the other."""
    newcomer(db, admin, now)
    with pytest.raises(Refused, match="mailbox-taken"):
        invite(db, "canbo.hai", "Lý Thị Mới", " MOI@example.vn", admin, now=now)
    assert find_account(db, "canbo.hai") is None


def test_of_sixteen_invitations_of_one_person_one_is_sent(database, now):
    def ask():
        with database.transaction() as db:
            try:
                invite(db, new_id().hex, "Lý Thị Mới", "moi@example.vn", SYSTEM, now=now)
            except Refused as refused:
                return refused.code
            return "sent"

    assert sorted(at_once(ask)) == ["mailbox-taken"] * 15 + ["sent"]


@pytest.mark.parametrize("login", ["079190000001", " 9012 3456 7899 ", "\uff10\uff17\uff19"])
def test_a_login_is_nobodys_personal_number(db, admin, now, login):
    with pytest.raises(Refused, match="login-number"):
        invite(db, login, "Lý Thị Mới", "x@example.vn", admin, now=now)


def test_of_sixteen_answers_one_opens_the_account(database, now):
    with database.transaction() as db:
        hired = hire(db, "quantri", "Ngô Thị Hành", now=now)
        db.flush()
        account = newcomer(db, Actor(hired.id, "operator"), now)
        db.flush()
        code = letter(db, now)
        ticket = begin(db, account, "hash", now=now)
        right = otp(begun(db, code, ticket, now=now), now)

    def answer():
        with database.transaction() as db:
            return accept(db, code, ticket, right, now=now)

    answers = [refusal.code if refusal else "open" for refusal in at_once(answer)]
    assert sorted(answers) == ["invitation-over"] * 15 + ["open"]


# duties


@pytest.mark.parametrize(
    ("held", "wanted", "refusal"),
    [
        ("auditor", "receiving_officer", "role-stands-alone"),
        ("coordinator", "auditor", "role-stands-alone"),
        ("operator", "approving_officer", "role-stands-alone"),
        ("member", "receiving_officer", "roles-kept-apart"),
        ("approving_officer", "lead", "roles-kept-apart"),
    ],
)
def test_roles_that_do_not_go_together_are_refused(db, admin, unit, now, held, wanted, refusal):
    account = hire(db, "canbo", "Phạm Thu", now=now)
    db.flush()
    places = {role: None if role in EVERYWHERE else unit for role in (held, wanted)}
    give_role(db, account.id, held, places[held], admin, now=now)
    with pytest.raises(Refused, match=refusal):
        give_role(db, account.id, wanted, places[wanted], admin, now=now)
    end_role(db, db.scalars(select(Role).where(Role.account_id == account.id)).one(), admin, now=now)
    give_role(db, account.id, wanted, places[wanted], admin, now=now)
    assert conflicting({held, wanted})


def test_of_two_administrators_at_once_none_gives_what_the_other_forbids(database, now):
    """One makes her an auditor, the other an operator: both saw nobody's roles."""
    with database.transaction() as db:
        by, account = hire(db, "quantri", "Ngô Thị Hành", now=now), hire(db, "canbo", "Phạm Thu", now=now)
        db.flush()
        admin, wanted = Actor(by.id, "operator"), account.id
    roles = itertools.cycle(["auditor", "operator"])

    def give():
        try:
            with database.transaction() as db:
                give_role(db, wanted, next(roles), None, admin, now=now)
        except Refused as refusal:
            return refusal.code
        return "given"

    assert at_once(give).count("given") == 1


def test_a_role_for_the_whole_portal_is_not_given_in_one_unit(db, worker, admin, unit, now):
    """The pages of an operator know no unit: the role would reach everything and say that it does not."""
    for role in EVERYWHERE:
        with pytest.raises(Refused, match="role-has-no-unit"):
            give_role(db, worker.id, role, unit, admin, now=now)


# two operators


def an_operator(db, login, now, by=SYSTEM):
    account = hire(db, login, "Tạ Quang Vận", now=now)
    db.flush()
    add(db, StaffRecord(account_id=account.id, invited_at=now), email=f"{login}@example.vn")
    given = give_role(db, account.id, "operator", None, by, now=now)
    db.flush()
    return Actor(account.id, "operator"), given


@pytest.mark.parametrize("role", sorted(OF_TWO_OPERATORS))
def test_what_one_operator_gives_counts_once_a_second_has_confirmed_it(db, worker, unit, now, role):
    first, second = (an_operator(db, login, now)[0] for login in ("quantri", "quantri.hai"))
    given = give_role(db, worker.id, role, None if role in EVERYWHERE else unit, first, now=now)
    db.flush()
    assert roles_of(db, worker.id, now.date()) == []
    assert [one.id for one in waiting(db, now=now)] == [given.id]
    for by, refusal in ((first, "role-second"), (Actor(worker.id, role), "own-role")):
        with pytest.raises(Refused, match=refusal) as caught:
            confirm(db, given.id, by, now=now)
        assert caught.value.audited
    later = now + timedelta(days=2)
    confirm(db, given.id, second, now=later)
    db.flush()
    assert [held.role for held in roles_of(db, worker.id, later.date())] == [role]
    assert roles_of(db, worker.id, now.date()) == [], "nobody is given rights for days that are over"
    assert (given.confirmed_by_id, count_waiting(db, now=later)) == (second.account_id, 0)
    names = db.scalars(select(AuditEvent.name).where(AuditEvent.subject_id == worker.id)).all()
    assert {Event.ROLE_GIVEN, Event.ROLE_CONFIRMED} <= set(names)
    [told] = outbox.lease(db, Lane.NOTICE, now=later, most=5)
    assert (told.kind, told.address) == ("role-confirmed", "quantri@example.vn")


def test_the_operators_who_may_confirm_a_role_are_written_to_once(db, worker, unit, now):
    """Neither the giver, nor whom that one made an operator alone; and of nothing that counts at once."""
    first, second, third = (an_operator(db, login, now)[0] for login in ("quantri", "quantri.hai", "quantri.ba"))
    puppet, made = an_operator(db, "canbo.ba", now, by=first)
    made.confirmed_at = now  # as the migration left those that one operator had given
    given = give_role(db, worker.id, "approving_officer", unit, first, now=now)
    at_once_counting = give_role(db, worker.id, "coordinator", unit, first, now=now)
    db.flush()
    assert (ask_others(db, given, now=now), ask_others(db, at_once_counting, now=now)) == (2, 0)
    letters = outbox.lease(db, Lane.NOTICE, now=now, most=9)
    assert {(one.kind, one.address) for one in letters} == {
        ("role-waits", "quantri.hai@example.vn"),
        ("role-waits", "quantri.ba@example.vn"),
    }
    assert len(letters) == 2 and letters[0].facts["name"] == "Phạm Thu"
    counts = [count_to_answer(db, one, now=now) for one in (first, second, third, puppet)]
    assert counts == [0, 1, 1, 0]
    confirm(db, given.id, second, now=now)
    db.flush()
    assert count_to_answer(db, third, now=now) == 0


def test_an_operator_whom_one_operator_made_is_no_second_pair_of_eyes(db, worker, unit, now):
    """Not while that role waits, and not where it is older than the rule."""
    first, _own = an_operator(db, "quantri", now)
    puppet, made = an_operator(db, "canbo.ba", now, by=first)
    given = give_role(db, worker.id, "approving_officer", unit, first, now=now)
    db.flush()
    made_itself = (made.id, puppet, "own-role")
    for role_id, by, refusal in ((given.id, puppet, "role-second"), made_itself):
        with pytest.raises(Refused, match=refusal):
            confirm(db, role_id, by, now=now)
    made.confirmed_at = now  # as the migration left those that one operator had given
    db.flush()
    with pytest.raises(Refused, match="role-second"):
        confirm(db, given.id, puppet, now=now)
    assert roles_of(db, worker.id, now.date()) == []
    made.confirmed_by_id = an_operator(db, "quantri.hai", now)[0].account_id
    db.flush()
    confirm(db, given.id, puppet, now=now)
    db.flush()
    assert [held.role for held in roles_of(db, worker.id, now.date())] == ["approving_officer"]


def test_a_role_that_a_second_operator_refuses_never_counts(db, worker, now):
    first, second = (an_operator(db, login, now)[0] for login in ("quantri", "quantri.hai"))
    given = give_role(db, worker.id, "auditor", None, first, now=now)
    db.flush()
    turn_down(db, given.id, second, now=now + timedelta(days=1))
    db.flush()
    assert roles_of(db, worker.id, now.date()) == []
    with pytest.raises(Refused, match="role-answered"):
        confirm(db, given.id, second, now=now + timedelta(days=1))
    [told] = outbox.lease(db, Lane.NOTICE, now=now + timedelta(days=1), most=5)
    assert (told.kind, told.address) == ("role-turned-down", "quantri@example.vn")
    assert count_due(db, now=now + timedelta(days=60)) == 2, "the operators' own"


def test_a_role_that_ended_before_its_first_day_stands_in_nobody_s_way(db, worker, now):
    first, second = (an_operator(db, login, now)[0] for login in ("quantri", "quantri.hai"))
    later = now.date() + timedelta(days=90)
    for role in ("operator", "auditor"):
        turned = give_role(db, worker.id, role, None, first, now=now, valid_from=later)
        db.flush()
        turn_down(db, turned.id, second, now=now)
        db.flush()
    given = give_role(db, worker.id, "auditor", None, first, now=now)
    assert given.valid_from == now.date()


# a lost phone


def opened(db, admin, now):
    account = newcomer(db, admin, now)
    code = letter(db, now)
    ticket = begin(db, account, hash_password("trâu trắng trên đồi"), now=now)
    accept(db, code, ticket, otp(begun(db, code, ticket, now=now), now), now=now)
    return account


def test_whoever_lost_the_phone_sets_password_and_app_anew_and_keeps_the_roles(db, admin, unit, now):
    account = opened(db, admin, now)
    give_role(db, account.id, "coordinator", unit, admin, now=now)
    open_session(db, account, ("pwd", "otp"), 2, now=now)
    db.flush()
    assert count_open(db, account.id, now=now) == 1
    renew(db, account, admin, now=now)
    db.flush()
    assert (account.password_hash, account.totp_secret, account.totp_step) == (None, None, None)
    assert count_open(db, account.id, now=now) == 0
    with pytest.raises(Refused, match="account-not-active"):
        check_may(db, account.id, Act.SIGN_IN, now=now)
    [message] = outbox.lease(db, Lane.NOTICE, now=now, most=1)
    assert message.kind == "staff-renewal"
    code = message.facts["code"]
    ticket = begin(db, account, hash_password("trâu đen dưới suối"), now=now)
    assert accept(db, code, ticket, otp(begun(db, code, ticket, now=now), now), now=now) is None
    assert check_may(db, account.id, Act.SIGN_IN, now=now)
    assert [held.role for held in roles_of(db, account.id, now.date())] == ["coordinator"]


def test_nobody_renews_their_own_way_in_nor_one_that_was_never_opened_or_has_no_address(db, worker, admin, now):
    own = get_account(db, admin.account_id)
    for account, refusal in ((own, "own-role"), (newcomer(db, admin, now), "not-accepted"), (worker, "no-work")):
        with pytest.raises(Refused, match=refusal):
            renew(db, account, admin, now=now)


def test_nobody_gives_keeps_ends_or_opens_anything_of_their_own(db, admin, unit, now):
    with pytest.raises(Refused, match="own-role") as caught:
        give_role(db, admin.account_id, "coordinator", unit, admin, now=now)
    assert caught.value.audited
    own = give_role(db, admin.account_id, "operator", None, SYSTEM, now=now)
    db.flush()
    for act in (keep, end):
        with pytest.raises(Refused, match="own-role"):
            act(db, own.id, admin, now=now)
    for act in (suspend, lift, reopen):
        with pytest.raises(Refused, match="own-role"):
            act(db, get_account(db, admin.account_id), admin, now=now)


# idle


@pytest.fixture
def worker(db, now):
    account = hire(db, "canbo", "Phạm Thu", now=now)
    db.flush()
    record(
        db, Event.SIGNED_IN, Actor(account.id, "staff"), now=now + timedelta(days=10), subject=("account", account.id)
    )
    return account


def test_an_account_is_shut_after_45_days_without_a_sign_in(db, worker, admin, now):
    assert shut_idle(db, now=now + timedelta(days=54)) == 1  # the administrator, who never signed in
    assert check_may(db, worker.id, Act.SIGN_IN, now=now + timedelta(days=54))
    assert shut_idle(db, now=now + timedelta(days=56)) == 1
    with pytest.raises(Refused, match="account-locked"):
        check_may(db, worker.id, Act.SIGN_IN, now=now + timedelta(days=56))
    assert shut_idle(db, now=now + timedelta(days=57)) == 0


def test_an_administrator_opens_it_and_the_days_begin_anew(db, worker, admin, now):
    account = newcomer(db, admin, now)
    account.state, account.activated_at = "active", now
    late = now + timedelta(days=60)
    shut_idle(db, now=late)
    reopen(db, account, admin, now=late)
    assert shut_idle(db, now=late + timedelta(days=44)) == 0
    assert shut_idle(db, now=late + timedelta(days=46)) == 1
    with pytest.raises(Refused, match="not-idle"):
        reopen(db, hire(db, "canbo.2", "Vũ", now=now), admin, now=now)


def test_an_account_older_than_records_comes_back_too(db, worker, admin, now):
    late = now + timedelta(days=60)
    assert shut_idle(db, now=late) == 2
    reopen(db, worker, admin, now=late)
    assert shut_idle(db, now=late + timedelta(minutes=1)) == 0
    assert shut_idle(db, now=late + timedelta(days=46)) == 1


def test_whoever_is_suspended_is_out_until_that_is_lifted(db, worker, admin, now):
    suspend(db, worker, admin, now=now)
    assert [one.ground for one in grounds_of(db, worker, now=now)] == [Ground.SUSPENDED]
    lift(db, worker, admin, now=now)
    assert grounds_of(db, worker, now=now) == []
    with pytest.raises(Refused, match="not-suspended"):
        lift(db, worker, admin, now=now)


# the review


def test_each_role_is_looked_at_once_a_quarter(db, worker, admin, unit, now):
    role = give_role(db, worker.id, "coordinator", unit, admin, now=now)
    db.flush()
    assert count_due(db, now=now) == 0  # given in this quarter
    january = now + timedelta(days=45)
    assert [one.id for one in due(db, now=january)] == [role.id]
    keep(db, role.id, admin, now=january)
    keep(db, role.id, admin, now=january)
    assert due(db, now=january) == []
    april = january + timedelta(days=90)
    assert [one.id for one in due(db, now=april)] == [role.id]
    end(db, role.id, admin, now=april)
    assert count_due(db, now=april) == 0
    names = db.scalars(select(AuditEvent.name).where(AuditEvent.subject_id == worker.id)).all()
    assert names.count(Event.ROLE_REVIEWED) == 1


def test_what_nobody_looked_at_in_its_quarter_is_overdue_in_the_next(db, worker, admin, unit, now):
    forgotten = give_role(db, worker.id, "coordinator", unit, admin, now=now)
    seen = give_role(db, worker.id, "leader", unit, admin, now=now)
    db.flush()
    january, april = now + timedelta(days=45), now + timedelta(days=135)
    keep(db, seen.id, admin, now=january)
    given_in_january = give_role(db, hire(db, "canbo.2", "Vũ", now=january).id, "leader", unit, admin, now=january)
    db.flush()
    assert (quarter_of(january.date()), quarter_of(april.date())) == ("2027-Q1", "2027-Q2")
    assert overdue(db, now=january) == set(), "their first quarter to be looked at runs still"
    assert overdue(db, now=april) == {forgotten.id}
    assert [one.id for one in due(db, now=april)] == [forgotten.id, seen.id, given_in_january.id], "overdue first"
    keep(db, forgotten.id, admin, now=april)
    assert overdue(db, now=april) == set(), "it was looked at, though late"


def test_quarters_are_those_of_the_calendar(now):
    days = {month: quarter_of(now.date().replace(month=month, day=1)) for month in range(1, 13)}
    assert [re.sub(".*-", "", days[month]) for month in (1, 3, 4, 6, 7, 9, 10, 12)] == [
        "Q1", "Q1", "Q2", "Q2", "Q3", "Q3", "Q4", "Q4",
    ]  # fmt: skip
