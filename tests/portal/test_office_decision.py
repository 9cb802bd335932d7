"""The decision: another officer, a look at the notice first, once, and never on an old page."""

# ruff: noqa: F811 - pytest fixtures are asked for by name
from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from identity.account import Account, find_account_of
from identity.application import Application, acknowledge, apply, record_capture, record_match
from identity.audit import AuditEvent, Event
from identity.base import new_id
from identity.gateways import MatchResult
from identity.outbox import OutboxMessage
from tests.identity.applicants import a_draft, a_record, activated, sent_online
from tests.portal.office_scene import (  # noqa: F401 - fixtures
    APPROVING,
    DECIDING,
    RECEIVING,
    register,
    scene,
    services,
)
from tests.statements import heard

APPROVE = {"outcome": "approved", "step": "send"}
MOST = 27
"""Of a decision: 24, and three more where it is drawn for a second look."""


def text_of(response) -> str:
    return response.get_data(as_text=True)


def decide(client, scene, application_id, **data):
    version = scene.read(application_id).version
    return client.post(f"/office/cases/{application_id}/decision", data={"version": version, **data})


@pytest.fixture
def binh(scene):
    return scene.officer("binh", *DECIDING)


def residents(scene) -> int:
    with scene.writing() as db:
        return db.scalar(select(func.count()).select_from(Account).where(Account.kind == "resident"))


def test_another_officer_approves_and_the_account_is_issued(scene, binh):
    application_id = scene.matched(by="lan")
    look = text_of(decide(binh, scene, application_id, outcome="approved", step="check"))
    assert "It cannot be taken back" in look and "••••" in look
    assert scene.read(application_id).state == "matched"
    assert decide(binh, scene, application_id, **APPROVE).status_code == 302
    assert scene.read(application_id).state == "issued" and residents(scene) == 1
    with scene.writing() as db:
        assert "account-issued" in db.scalars(select(OutboxMessage.kind)).all()


def test_who_has_an_account_in_use_is_shown_that_it_rises_and_no_code(scene, binh):
    now = scene.services.clock()
    with scene.writing() as db:
        first, _code = sent_online(db, now=now)
        activated(db, find_account_of(db, first.person_id).id, now=now)
        record = a_record(db)
        file, _code = apply(db, a_draft(db, record, now=now, person_id=str(first.person_id)), record, now=now)
        application_id = file.id
    scene.change(application_id, acknowledge, "lan")
    scene.change(application_id, record_capture, "lan", new_id(), "CAP-0001", None)
    scene.change(application_id, record_match, "lan", MatchResult(92, True))
    look = text_of(decide(binh, scene, application_id, outcome="approved", step="check"))
    assert "đã lên mức độ 2. Đăng nhập như trước" in look and "••••" not in look
    assert "The account that is there counts at once" in look and "Approve and issue" not in look
    assert decide(binh, scene, application_id, **APPROVE).status_code == 302
    with scene.writing() as db:
        assert "account-level-raised" in db.scalars(select(OutboxMessage.kind)).all()


@pytest.mark.parametrize("mode", ["navigate", ""], ids=["shown on the case", "answered at once"])
def test_the_second_button_is_sent_where_the_first_was(scene, binh, mode):
    """The look before it is shown at another address than its own, which takes no form."""
    application_id = scene.matched(by="lan")
    case = f"/office/cases/{application_id}"
    binh.environ_base |= {"HTTP_SEC_FETCH_SITE": "same-origin", "HTTP_SEC_FETCH_MODE": mode}
    answer = decide(binh, scene, application_id, outcome="approved", step="check", form_place=case)
    assert answer.headers.get("Location") == (case if mode else None)
    look = text_of(binh.get(case) if mode else answer)
    assert f'<form action="{case}/decision" method="post"' in look
    assert 'action="/sign-out"' in look, "a form with an address keeps it"


def test_who_received_a_case_cannot_decide_it_and_the_attempt_is_recorded(scene):
    application_id = scene.matched(by="lan")
    lan = scene.officer("lan", RECEIVING, *DECIDING)
    page = text_of(lan.get(f"/office/cases/{application_id}"))
    assert "Another officer decides" in page and 'id="check-decision"' not in page
    for step in ("check", "send"):
        response = decide(lan, scene, application_id, outcome="approved", step=step)
        assert response.status_code in (403, 409) and "Error" not in text_of(response)[:300]
    assert scene.read(application_id).state == "matched" and residents(scene) == 0
    with scene.writing() as db:
        refused = db.scalars(select(AuditEvent).where(AuditEvent.name == Event.ATTEMPT_REFUSED)).all()
    assert {event.facts["code"] for event in refused} == {"four-eyes"}
    assert {event.actor_id for event in refused} == {scene.accounts["lan"]}
    assert {event.subject_id for event in refused} == {application_id}
    assert "An attempt was refused" in text_of(lan.get(f"/office/cases/{application_id}"))


def test_who_handed_over_a_new_slip_knows_the_secret_and_cannot_decide(scene):
    application_id = scene.matched(by="lan")
    binh = scene.officer("binh", RECEIVING, *DECIDING)
    version = scene.read(application_id).version
    assert binh.post(f"/office/cases/{application_id}/slip/new", data={"version": version}).status_code == 302
    assert decide(binh, scene, application_id, **APPROVE).status_code == 403
    assert scene.read(application_id).state == "matched" and residents(scene) == 0


def test_a_receiving_officer_cannot_decide(scene):
    application_id = scene.matched(by="lan")
    hoa = scene.officer("hoa", RECEIVING)
    assert decide(hoa, scene, application_id, **APPROVE).status_code == 403
    assert scene.read(application_id).state == "matched"


def test_a_refusal_needs_its_reason(scene, binh):
    application_id = scene.matched()
    response = decide(binh, scene, application_id, outcome="refused", step="send")
    assert response.status_code == 422 and "Choose the reason; the applicant will read it" in text_of(response)
    assert scene.read(application_id).state == "matched"


def test_a_refusal_names_rule_and_appeal_before_it_is_sent(scene, binh):
    application_id = scene.matched()
    data = {"outcome": "refused", "reason": "document-not-genuine"}
    look = text_of(decide(binh, scene, application_id, **data, step="check"))
    assert '<blockquote class="stack" lang="vi">' in look and "69/2024" in look
    assert scene.read(application_id).state == "matched"
    assert decide(binh, scene, application_id, **data, step="send").status_code == 302
    application = scene.read(application_id)
    assert application.state == "refused" and application.refusal_reason == "document-not-genuine"
    page = text_of(binh.get(f"/office/cases/{application_id}"))
    assert "Told to the applicant" in page and "69/2024" in page


def test_a_person_whom_the_register_did_not_recognise_is_not_approved(scene, binh):
    application_id = scene.matched(verdict=False)
    response = decide(binh, scene, application_id, **APPROVE)
    assert response.status_code == 422 and scene.read(application_id).state == "matched"
    assert residents(scene) == 0


def test_a_double_click_issues_one_account(scene, binh):
    application_id = scene.matched()
    version = scene.read(application_id).version
    data = {"version": version, **APPROVE}
    answers = [binh.post(f"/office/cases/{application_id}/decision", data=data).status_code for _click in range(2)]
    assert answers[0] == 302 and answers[1] in (409, 422)
    assert residents(scene) == 1


def test_of_many_who_decide_at_once_one_wins_and_nobody_gets_an_error(scene):
    application_id = scene.matched()
    version = scene.read(application_id).version
    officers = [scene.officer(f"duyet{number}", *DECIDING) for number in range(6)]
    data = {"version": version, **APPROVE}

    def click(client):
        return client.post(f"/office/cases/{application_id}/decision", data=data).status_code

    with ThreadPoolExecutor(len(officers)) as pool:
        answers = sorted(pool.map(click, officers))
    assert answers[0] == 302 and set(answers[1:]) <= {409, 422}
    assert residents(scene) == 1


def test_an_old_page_decides_nothing_and_keeps_what_was_chosen(scene, binh):
    application_id = scene.matched()
    data = {"version": 1, "outcome": "refused", "reason": "document-not-genuine", "step": "send"}
    response = binh.post(f"/office/cases/{application_id}/decision", data=data)
    page = text_of(response)
    assert response.status_code == 422 and 'value="refused" checked' in page
    assert '<option value="document-not-genuine" selected' in page
    assert scene.read(application_id).state == "matched"


def test_an_unknown_outcome_is_refused(scene, binh):
    application_id = scene.matched()
    assert decide(binh, scene, application_id, outcome="maybe", step="send").status_code == 422
    assert decide(binh, scene, application_id, outcome="refused", reason="x", step="send").status_code == 422
    assert scene.read(application_id).state == "matched"


# a file that nobody has seen in person


def test_without_a_visit_approving_is_not_offered_and_the_page_says_what_is_missing(scene, binh):
    application_id = scene.received()
    page = text_of(binh.get(f"/office/cases/{application_id}"))
    assert 'value="approved"' not in page and "Approving level 2 takes a visit" in page
    for step in ("check", "send"):
        response = decide(binh, scene, application_id, outcome="approved", step=step)
        assert response.status_code == 422 and "Nobody has seen this person yet" in text_of(response)
    assert scene.read(application_id).state == "received" and residents(scene) == 0


def test_after_the_visit_approving_is_offered(scene, binh):
    seen = text_of(binh.get(f"/office/cases/{scene.matched()}"))
    assert 'value="approved"' in seen and "Approving level 2 takes a visit" not in seen


def test_without_a_visit_no_reason_that_rests_on_one_is_offered_or_taken(scene, binh):
    application_id = scene.received()
    page = text_of(binh.get(f"/office/cases/{application_id}"))
    assert 'value="identity-not-matched"' not in page and 'value="second-account"' in page
    for step in ("check", "send"):
        data = {"outcome": "refused", "reason": "identity-not-matched", "step": step}
        response = decide(binh, scene, application_id, **data)
        assert response.status_code == 422 and "This reason rests on a visit" in text_of(response)
        assert 'value="refused" checked' in text_of(response)
    assert scene.read(application_id).state == "received"


# going back from the look


def test_what_was_typed_stands_in_the_form_again_until_the_case_changes(scene, binh):
    application_id = scene.matched(by="lan")
    case = f"/office/cases/{application_id}"
    data = {"version": scene.read(application_id).version, "reasons": ["phone-proof"], "note": "Mang thẻ <gốc>"}
    assert "Mang thẻ &lt;gốc&gt;" in text_of(binh.post(f"{case}/supplement", data={**data, "step": "check"}))
    again = text_of(binh.get(f"{case}/supplement"))
    assert "Mang thẻ &lt;gốc&gt;</textarea>" in again and 'value="phone-proof" checked' in again
    other = scene.officer("cuong", *DECIDING)
    assert "Mang thẻ" not in text_of(other.get(f"{case}/supplement")), "what another officer typed is theirs"
    decide(binh, scene, application_id, outcome="refused", reason="document-not-genuine", step="check")
    page = text_of(binh.get(case))
    assert 'value="refused" checked' in page and '<option value="document-not-genuine" selected' in page
    binh.post(f"{case}/supplement", data={**data, "note": "Khác", "reasons": [], "step": "check"})
    assert "Khác</textarea>" in text_of(binh.get(f"{case}/supplement")), "also what was refused, the newest first"
    with scene.writing() as db:
        db.get_one(Application, application_id).version += 1
    assert "Khác" not in text_of(binh.get(f"{case}/supplement"))
    assert '" checked' not in text_of(binh.get(case))


def test_what_confirms_something_is_ticked_anew(scene, services):
    application_id = scene.received(by="lan")
    lan, case = scene.officer("lan", RECEIVING), f"/office/cases/{application_id}/counter"
    data = {"version": scene.read(application_id).version, "capture_reference": "CAP-77", "confirmed": "y"}
    assert lan.post(case, data=data).status_code == 422
    again = text_of(lan.get(case))
    assert 'value="CAP-77"' in again and '" checked' not in again


def test_a_decision_takes_few_statements_and_writes_the_account_once(scene, binh, database, monkeypatch):
    """A person, an account, evidence and a signed paper, each row in one go; a second look is drawn by chance."""
    monkeypatch.setattr("identity.application.tasks.is_drawn", lambda *_given, **_named: False)
    application_id = scene.matched(by="lan")
    scene.hold(application_id, "binh")
    with heard(database) as statements:
        assert decide(binh, scene, application_id, **APPROVE).status_code == 302
    made = " ".join(statements)
    assert "INSERT INTO account" in made and "UPDATE account" not in made and "FROM activation" not in made
    assert len(statements) <= MOST, statements
