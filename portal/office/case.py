"""One case as an officer sees it, and the page around every form about it. Each look is recorded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Response, request
from sqlalchemy.orm import Session

from identity.application import OPEN, Application, may, view_case
from identity.application.by_hand import HandMatch, hand_match_of
from identity.application.review import supplements_of
from identity.audit import Actor
from identity.files import FACES
from portal.database import db
from portal.language import _, masked_phone, moment
from portal.office import blueprint
from portal.office.access import case_for, roles_on
from portal.office.actions import actions_for, by_hand_actions, earlier_actions, has_to_be_activated, next_step
from portal.office.comparison import Row, comparison
from portal.office.due import Due, due
from portal.office.family import guardian_of, why_an_officer
from portal.office.forms import CaseForm, DecisionForm
from portal.office.kept import keep, put_back
from portal.office.papers import Paper, papers_of
from portal.office.people import names_of
from portal.office.photos import Match, Photo, match_of, photos_of
from portal.office.summary import summary_of
from portal.office.task_words import tasks_about
from portal.office.timeline import Line, events_of, timeline
from portal.office.told import Told, told_so_far
from portal.office.words import STATES, who
from portal.pages import page
from portal.reasons import SUPPLEMENTS
from portal.security import writes
from portal.services import now

LANGUAGES = {"vi": "Tiếng Việt", "en": "English", "ko": "한국어", "zh-Hans": "简体中文", "ja": "日本語"}


@dataclass(frozen=True, slots=True)
class Clock:
    """One term of the case. `due` is None when it is over."""

    name: str
    at: str
    due: Due | None


@dataclass(frozen=True, slots=True)
class CasePage:
    """All that the templates of a case show."""

    id: UUID
    version: int
    name: str
    dossier_number: str
    who: str
    state_text: str
    state_kind: str
    due: Due | None
    flags: list[str]
    photos: list[Photo]
    match: Match | None
    register_name: str
    comparison: list[Row]
    contact: list[dict[str, Any]]
    summary: list[dict[str, Any]]
    guardian: str | None
    files: list[Paper]
    messages: list[Told]
    timeline: list[Line]
    clocks: list[Clock]
    officer: str
    tasks: list[str]
    actions: frozenset[str]
    next_step: str


@blueprint.get("/cases/<uuid:application_id>")
@writes
def case(application_id: UUID) -> Response:
    application, officer = case_for(db, application_id)
    return show_case("office/case.html", application, officer, DecisionForm(version=str(application.version)))


def show_case(template: str, application: Application, officer: Actor, form: CaseForm, **more: Any) -> Response:
    """A page about the case; the look is recorded (the resident sees who opened the file)."""
    view_case(db, application.id, officer, now=now())
    (keep if request.method == "POST" else put_back)(form, application)
    form.offer(application, now())
    return page(template, case=case_page(db, application, officer, now()), form=form, **more)


def show_again(template: str, application_id: UUID, form: CaseForm, *roles: str, **more: Any) -> Response:
    """The page with what was typed and what is wrong. A case that changed meanwhile is shown as it is now."""
    application, officer = case_for(db, application_id, *roles)
    if form.outdated:
        form.version.data = str(application.version)
    response = show_case(template, application, officer, form, **more)
    response.status_code = 422 if form.problems() else 200
    return response


def case_page(look: Session, application: Application, officer: Actor, at: datetime) -> CasePage:
    """Everything about the application, put into words."""
    state, kind = STATES[application.state]
    papers, roles = papers_of(look, application), roles_on(look, application)
    is_waiting = has_to_be_activated(look, application, at)
    hand, events = hand_match_of(look, application), events_of(look, application.id)
    names = names_of(look, {application.held_by_id, *(event.actor_id for event in events)})
    acts = {event.name for event in events if event.actor_id == officer.account_id}
    return CasePage(
        id=application.id,
        version=application.version,
        name=application.full_name or "",
        dossier_number=application.dossier_number,
        who=who(application),
        state_text=str(state),
        state_kind=kind,
        due=due(application.due_at, at) if application.state in OPEN and application.due_at else None,
        flags=_flags(application, hand),
        photos=photos_of(application, papers),
        match=match_of(application, hand),
        register_name=_("Population register") if application.person_kind == "citizen" else _("Immigration register"),
        comparison=comparison(application, at),
        contact=_contact(application),
        summary=summary_of(application),
        guardian=guardian_of(look, application),
        files=[paper for paper in papers if paper.kind not in FACES],
        messages=told_so_far(application),
        timeline=timeline(events, names),
        clocks=_clocks(application, at),
        officer=names.get(application.held_by_id, ""),
        tasks=tasks_about(look, application, officer),
        actions=actions_for(look, application, roles, officer, acts, is_waiting=is_waiting)
        | by_hand_actions(look, application, hand, roles, officer)
        | earlier_actions(look, application, roles),
        next_step=next_step(application, roles, officer, hand, acts, is_waiting=is_waiting),
    )


def _flags(application: Application, hand: HandMatch | None) -> list[str]:
    found = {
        "same-name": _("Another person or application has the same name and birth date. Rule out a second account."),
        "same-phone": _(
            "A foreign resident of the same birth date has this mobile number, under other papers and another name. "
            "Rule out a second account."
        ),
        "earlier-number": _(
            "The applicant had an account under earlier papers: the number names one. Another officer says whether "
            "they are one person."
        ),
        "same-document": _("Another person holds the same document. Rule out a second account."),
    }
    flags = [found[application.duplicate_of]] if application.duplicate_of in found else []
    if hand is not None and hand.confirmed_at is not None:
        flags.append(_("Compared by hand by two officers, because the register was away. It is asked afterwards."))
    if application.matched is False:
        flags.append(_("The register did not recognise the person. Repeat the visit, or refuse."))
    return [*flags, *why_an_officer(application), *_answers(application)]


def _answers(application: Application) -> list[str]:
    """What was given for each thing that was asked for."""
    return [
        _("%(wanted)s – %(answer)s", wanted=SUPPLEMENTS[reason], answer=answer["text"] or _("a picture, see the files"))
        for asked in supplements_of(application)
        for reason, answer in asked.get("answers", {}).items()
        if reason in SUPPLEMENTS
    ]


def _contact(application: Application) -> list[dict[str, Any]]:
    phone = _("Proved by a code. Shown whole on the summary at the counter only.")
    return [
        {"key": _("Phone"), "value": masked_phone(application.phone), "note": phone},
        {"key": _("E-mail"), "value": application.email},
        {"key": _("Language of messages"), "value": LANGUAGES.get(application.locale, application.locale)},
        {"key": _("Agreed to be helped"), "value": _("Yes") if application.agreed_to_help else _("No")},
        {"key": _("Sent"), "value": moment(application.submitted_at)},
    ]


def _clocks(application: Application, at: datetime) -> list[Clock]:
    decided = application.decided_at
    running = application.state in OPEN
    receipt = _("Receipt or supplement (8 working hours)")
    clocks = [Clock(receipt, *_term(*_first_look(application), running, at))]
    if application.decision_due_at or decided:
        clocks.append(Clock(_("Decision"), *_term(application.decision_due_at, decided, running, at)))
    elif application.days_left is not None:
        clocks.append(
            Clock(_("Decision"), _("%(days)s working days are left", days=application.days_left), due(None, at))
        )
    if application.supplement_due_at:
        clocks.append(Clock(_("Answer of the applicant"), moment(application.supplement_due_at), None))
    return clocks


def _first_look(application: Application) -> tuple[datetime | None, datetime | None]:
    """Until when, and when it was had: asking for a supplement is one, and its answer is looked at anew."""
    asked = supplements_of(application)
    if asked and application.received_at is None and may(application, "acknowledge"):
        return application.due_at, None
    return application.receipt_due_at, application.received_at or next(
        (datetime.fromisoformat(one["asked_at"]) for one in asked), None
    )


def _term(until: datetime | None, done: datetime | None, running: bool, at: datetime) -> tuple[str, Due | None]:
    if done is not None:
        return _("Done %(when)s", when=moment(done)), None
    left = due(until, at) if running else None
    return moment(until), left if left and left.kind != "plain" else None
