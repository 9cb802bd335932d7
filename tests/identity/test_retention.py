"""Retention: each rule purges on its day and not before, in batches that survive a crash, and says what went."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Column, Table, func, select, update

import onboarding.retention  # noqa: F401 - as the worker does
from identity import inbox
from identity.account import Account, get_account
from identity.activation.model import Activation
from identity.application import Application, State, break_glass, start_draft
from identity.application.draft import Draft
from identity.application.tasks import Kind, open_task, settle
from identity.audit import AuditEvent, Event
from identity.base import Base, UTC_DateTime
from identity.credentials.otp import OneTimeCode, send_otp
from identity.files import REGISTER_PHOTO, File, store
from identity.inbox import InboxMessage
from identity.jobs import Job
from identity.oidc.meetings import ClientSession, meeting_row
from identity.outbox import Channel, OutboxMessage, delivered, post
from identity.person import Person
from identity.places import Unit
from identity.recovery import contacts_of, end
from identity.recovery.model import CoSignature, Recovery, TrustedContact
from identity.retention import run
from identity.retention.emptying import is_empty
from identity.retention.model import RetentionReport
from identity.retention.rules import RULES
from identity.sealed import add, vault
from identity.session import SignInSession, open_session
from identity.writing import write_together
from onboarding.badge import ScamReport, report_scam
from onboarding.referral import Desk, Referral
from portal.chores import CHORES
from tests.identity.account_scene import make_account, make_issued, make_person
from tests.identity.applicants import a_record, an_officer, submitted
from tests.identity.every_table import Filler
from tests.identity.oidc.making import a_service
from tests.identity.recovery_scene import make_owner, opened

DAY = timedelta(days=1)
BY_NAME = {rule.name: rule for rule in RULES}


def purge(db, now):
    """A whole run, as the worker does it."""
    cursor, steps = None, 0
    while True:
        cursor = run.purge_some(db, cursor, now=now)
        steps += 1
        db.flush()
        db.expire_all()
        if cursor is None:
            return steps


def rows(db, model):
    return db.scalar(select(func.count()).select_from(model))


@pytest.fixture
def account(db, now):
    return make_account(db, now, person_id=make_person(db, now).id)


def ended(db, state, now, person_id=None):
    application, _code = submitted(db, a_record(db), now=now, phone="+84900000077")
    application.state, application.closed_at, application.open_index = state, now, None
    application.person_id = person_id
    store(db, b"a face", "portrait", application.id, now=now)
    store(db, b"a paper", "supplement", application.id, now=now)
    db.flush()
    return application


def test_a_draft_goes_on_the_day_of_its_term_with_its_pictures(db, now):
    draft, young = start_draft(db, now=now), start_draft(db, now=now + DAY)
    for one in (draft, young):
        store(db, b"a face", "portrait", one.id, now=now)
    store(db, b"a paper", "guardianship", draft.id, now=now)
    purge(db, now + 14 * DAY - timedelta(seconds=1))
    assert (rows(db, Draft), rows(db, File)) == (2, 3)
    purge(db, now + 14 * DAY)
    assert db.scalars(select(Draft.id)).all() == db.scalars(select(File.owner_id)).all() == [young.id]


def test_keys_that_nobody_finished_setting_go_when_the_window_closes(db, now):
    account, _code = make_issued(db, now)
    activation = db.scalars(select(Activation).where(Activation.account_id == account.id)).one()
    activation.password_hash, activation.totp_secret = "a hash", "A SECRET"
    activation.recovery = {"codes": []}
    purge(db, account.activate_by - timedelta(seconds=1))
    assert activation.totp_secret == "A SECRET"
    purge(db, account.activate_by)
    assert (activation.password_hash, activation.totp_secret, activation.recovery) == (None, None, None)
    assert not activation.has_second_factor


def test_one_time_codes_go_a_day_after_their_end(db, account, now):
    send_otp(db, "+84912345678", "sign-in", account.id, now=now, locale="vi")
    purge(db, now + DAY)
    assert rows(db, OneTimeCode) == 1
    purge(db, now + DAY + timedelta(minutes=6))
    assert rows(db, OneTimeCode) == 0


@pytest.mark.parametrize("state", ["refused", "withdrawn", "abandoned"])
def test_the_papers_of_an_application_without_account_go_first_and_its_words_later(db, now, state):
    application = ended(db, state, now)
    purge(db, now + 120 * DAY)
    assert rows(db, File) == 2
    purge(db, now + 120 * DAY + timedelta(seconds=1))
    assert rows(db, File) == 0
    purge(db, now + 730 * DAY)
    assert db.get_one(Application, application.id).full_name == "Nguyễn Thị Ánh Thử"
    purge(db, now + 730 * DAY + timedelta(seconds=1))
    emptied = db.get_one(Application, application.id)
    assert (emptied.full_name, emptied.number, emptied.declared, emptied.email) == ("", "", {}, None)
    assert (emptied.state, emptied.dossier_number) == (state, application.dossier_number)


def test_of_an_issued_application_only_the_faces_go(db, account, now):
    application = ended(db, State.ISSUED.value, now, account.person_id)
    store(db, b"the face", REGISTER_PHOTO, application.id, now=now)
    purge(db, now + 90 * DAY)
    assert rows(db, File) == 3
    purge(db, now + 1000 * DAY)
    assert db.scalars(select(File.kind)).all() == ["supplement"]
    assert db.get_one(Application, application.id).full_name == "Nguyễn Thị Ánh Thử"


def test_an_open_application_is_never_touched(db, now):
    application, _code = submitted(db, a_record(db), now=now, phone="+84900000077")
    store(db, b"a face", "portrait", application.id, now=now)
    db.flush()
    purge(db, now + 3000 * DAY)
    assert rows(db, File) == 1
    assert db.get_one(Application, application.id).full_name == "Nguyễn Thị Ánh Thử"


def test_the_words_of_an_inbox_message_go_after_a_year_and_its_line_stays(db, account, now):
    inbox.put(db, account.id, "account-activated", {"at": now}, now=now)
    purge(db, now + 365 * DAY)
    assert db.scalars(select(InboxMessage)).one().values is not None
    purge(db, now + 366 * DAY)
    assert db.scalars(select(InboxMessage)).one().values is None


def test_that_a_message_was_sent_is_forgotten_after_a_year(db, account, now):
    message = post(db, Channel.SMS, "account-activated", "+84912345678", now=now, recipient=account.id)
    waiting = post(db, Channel.SMS, "account-activated", "+84912345678", now=now, expires_at=now + 9999 * DAY)
    delivered(db, message, now=now)
    purge(db, now + 365 * DAY)
    assert rows(db, OutboxMessage) == 2
    purge(db, now + 366 * DAY)
    assert db.scalars(select(OutboxMessage.id)).all() == [waiting]


def test_sign_in_history_is_kept_five_years_to_the_day_with_what_hangs_on_it(db, account, now):
    leap_day = datetime(2028, 2, 29, 5, 0, tzinfo=UTC)
    service = a_service(db, now=now)
    opened = open_session(db, get_account(db, account.id), ("pwd",), 1, now=leap_day)
    write_together(db, meeting_row(vault(db), opened.session_id, service, "sub", now=leap_day))
    purge(db, datetime(2033, 2, 28, 5, 0, tzinfo=UTC))
    assert rows(db, SignInSession) == 1
    purge(db, datetime(2033, 3, 1, 17, 0, tzinfo=UTC))
    assert (rows(db, SignInSession), rows(db, ClientSession)) == (0, 0)


def test_a_recovery_and_whom_somebody_trusted_go_after_five_years(db, now):
    owner = make_owner(db, now - 60 * DAY)
    opened(db, owner, now)
    ended_one, standing = contacts_of(db, owner.id)
    end(db, owner, ended_one.id, now=now)
    purge(db, now + 5 * 365 * DAY)
    assert (rows(db, Recovery), rows(db, CoSignature), rows(db, TrustedContact)) == (1, 2, 2)
    purge(db, now + (5 * 366 + 30) * DAY)
    assert (rows(db, Recovery), rows(db, CoSignature)) == (0, 0)
    assert db.scalars(select(TrustedContact.id)).all() == [standing.id]


def test_what_officers_wrote_about_a_file_goes_and_that_they_looked_stays(db, account, now):
    application = ended(db, "issued", now, person_id=account.person_id)
    task = open_task(db, application, Kind.LINKING, now=now)
    settle(db, task, an_officer(db, "approving_officer", now=now), "same-person", "Cùng khuôn mặt.", now=now)
    glass = break_glass.ask(
        db, application.dossier_number, an_officer(db, "receiving_officer", now=now), "Tìm người mất tích gấp.", now=now
    )
    purge(db, now + 729 * DAY)
    assert task.note == "Cùng khuôn mặt."
    purge(db, now + 731 * DAY)
    assert task.note is None and task.outcome == "same-person"
    assert glass.reason == "Tìm người mất tích gấp."
    purge(db, now + (5 * 365 + 2) * DAY)
    assert glass.reason is None and glass.asked_by_id is not None


def test_what_people_told_of_a_badge_goes_with_its_report_and_a_forgotten_referral_names_nobody(db, account, now):
    told, waits = (report_scam(db, None, "Đòi tiền tôi", "0912 345 678", now=now) for _ in range(2))
    told.handled_at = now
    sent = Referral(
        account_id=account.id, unit_id=db.scalar(select(Unit.id).limit(1)), desk=Desk.HELPLINE, task="t", made_at=now
    )
    sent.state = "sent"
    add(db, sent, note="Máy hỏng", contact="0912 345 678")
    db.flush()
    purge(db, now + 730 * DAY)
    assert (rows(db, ScamReport), sent.contact) == (2, "0912 345 678")
    purge(db, now + 731 * DAY)
    assert db.scalars(select(ScamReport.id)).all() == [waits.id]
    assert (sent.contact, sent.note, sent.state) == (None, None, "sent")


class Over(Filler):
    """Whatever can have happened to a row happened to it."""

    def value(self, table: Table, column: Column, row_id):
        return self.now if isinstance(column.type, UTC_DateTime) else super().value(table, column, row_id)


STAYS = {
    "keys of the portal": {"award_key", "paper_key", "signing_key", "feed_subscription"},
    "who somebody is, and what proves it: for good (Decree 69/2024/ND-CP)": {
        *("person", "document", "evidence", "guardianship", "account", "passkey"),
    },
    "a decision that anybody who holds it can check": {"decision_paper", "lock_request.code_sealed"},
    "ids and days of work done, about nobody": {"job"},
    "who must not work on whose file, declared once and for good": {"conflict_of_interest"},
    "members and staff, for as long as they are": {"staff_record", "badge"},
    "a first name for trainers, until its owner has it erased": {"learner"},
    "never changed, and words that name somebody are refused": {"assistance_event", "assistance_held"},
    "a receipt that names nobody": {"delegation"},
}
"""Why → the tables, or single columns, that no rule reaches."""


def test_everything_sealed_goes_on_its_day_or_stays_for_a_reason(db, account, now):
    filler = Over(db, account, db.get_one(Person, account.person_id), now=now)
    filler.fill()
    sealed = [one for table in Base.metadata.sorted_tables for one in table.columns if one.name.endswith("_sealed")]
    for column in sealed:
        filler.row(column.table)
    db.execute(update(Application).values(state=State.WITHDRAWN.value))
    db.execute(update(File).values(owner_id=filler.made["application"]))
    db.execute(update(Activation).values(finished_at=None))
    db.execute(update(Account).where(Account.id == account.id).values(activate_by=now))
    later = now + 3660 * DAY
    for chore in CHORES:
        if chore.__name__.startswith(("sweep", "expire", "purge", "forget")):
            chore(db, now=later)
    purge(db, later)
    assert is_empty(db.get_one(Application, filler.made["application"]))
    left = [one for one in sealed if db.scalar(select(func.count()).where(one.is_not(None)))]
    names = {column.table.name for column in left} - {Application.__tablename__}
    explained = {name for tables in STAYS.values() for name in tables}
    assert names == {name.partition(".")[0] for name in explained}
    for name in (one for one in explained if "." in one):
        table, _dot, column = name.partition(".")
        assert {one.name for one in left if one.table.name == table} == {column}


def test_a_run_purges_nothing_when_nothing_is_over(db, account, now):
    inbox.put(db, account.id, "account-activated", {}, now=now)
    start_draft(db, now=now)
    assert [due.rows for due in run.due_now(db, now=now)] == [0] * len(RULES)
    purge(db, now)
    assert (rows(db, InboxMessage), rows(db, Draft)) == (1, 1)
    assert db.scalar(select(AuditEvent.id).where(AuditEvent.name == Event.DATA_PURGED)) is None


def test_a_look_says_what_would_go_and_changes_nothing(db, now):
    start_draft(db, now=now)
    found = {due.rule: due.rows for due in run.due_now(db, now=now + 20 * DAY)}
    assert found["drafts"] == 1
    assert (rows(db, Draft), rows(db, RetentionReport)) == (1, 0)


def test_a_run_that_dies_between_batches_goes_on_and_its_report_counts_everything(db, now, monkeypatch):
    monkeypatch.setattr(run, "BATCH", 2)
    for _ in range(5):
        start_draft(db, now=now)
    later = now + 20 * DAY
    cursor = run.purge_some(db, None, now=later)
    db.flush()
    assert (cursor, rows(db, Draft)) == ({"rule": 0, "of": len(RULES)}, 3)
    purge(db, later + timedelta(minutes=5))  # another worker begins anew
    assert rows(db, Draft) == 0
    line = db.scalars(select(RetentionReport).where(RetentionReport.rule == "drafts")).one()
    assert (line.purged, line.before, line.finished_at is not None) == (5, later, True)
    assert db.scalars(select(AuditEvent.facts).where(AuditEvent.name == Event.DATA_PURGED)).all() == [
        {"rule": "drafts", "rows": 5}
    ]


def test_the_nights_run_is_asked_for_once_and_by_night(db, now):
    for hour in (0, 18, 19, 20):
        run.start_the_days_purge(db, now=datetime(2026, 11, 23, hour, 30, tzinfo=UTC))
    assert [job.kind for job in db.scalars(select(Job))] == [run.JOB, run.JOB]


def test_every_rule_has_a_name_of_its_own_and_a_dated_period(now):
    assert len(BY_NAME) == len(RULES)
    assert all(rule.before(now) <= now for rule in RULES)
    assert BY_NAME["sessions"].before(now) == now.replace(year=now.year - 5)


def test_the_command_says_what_would_go_and_takes_it_only_when_told(app, database, clock, now):
    with database.transaction() as db:
        start_draft(db, now=now)
    clock.advance(days=20)
    said = app.test_cli_runner().invoke(args=["retention"])
    assert "drafts" in said.output
    assert "1 would go" in said.output
    with database.session(write=False) as db:
        assert rows(db, Draft) == 1
    said = app.test_cli_runner().invoke(args=["retention", "--purge"])
    assert "1 went" in said.output
    with database.session(write=False) as db:
        assert rows(db, Draft) == 0
