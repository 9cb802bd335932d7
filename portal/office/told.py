"""What the applicant is told, in the applicant's language: before it is sent, and afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from identity.application import Application
from identity.application.notices import ISSUED, RAISED, REFUSED, SUPPLEMENT_REQUESTED
from identity.application.review import supplements_of
from identity.deadlines import activate_by, end_of_term, rule, today_in_vietnam
from portal.language import _, force_locale, moment
from portal.messages import worded
from portal.reasons import REFUSALS, SUPPLEMENTS
from portal.services import services

HIDDEN_CODE = "••••-••••-••••"
HIDDEN_LOGIN = "••• ••• ••• •••"


@dataclass(frozen=True, slots=True)
class Told:
    """One message, paragraph by paragraph. `when` is empty for a preview."""

    when: str
    locale: str
    paragraphs: list[str]


def supplement_preview(application: Application, reasons: Sequence[str], note: str, now: datetime) -> Told:
    """The short message and what the status page adds to it."""
    today = today_in_vietnam(now)
    until = end_of_term(today, int(rule("supplement_open_days", today)))
    with force_locale(application.locale):
        sms = _sms(application, SUPPLEMENT_REQUESTED, supplement_due_at=until.isoformat())
        return Told("", application.locale, [sms, *_asked(reasons, note)])


def decision_preview(
    application: Application, outcome: str, reason: str | None, now: datetime, *, raised_to: int | None = None
) -> Told:
    """The notice of an approval without its code, or the refusal with its rule and what to do.

    `raised_to` is the level of an account that is in use and needs no code.
    """
    with force_locale(application.locale):
        if outcome == "approved" and raised_to is not None:
            return Told("", application.locale, [_sms(application, RAISED, level=raised_to)])
        if outcome == "approved":
            until = activate_by(now).isoformat()
            words = _sms(application, ISSUED, code=HIDDEN_CODE, login=HIDDEN_LOGIN, activate_by=until)
            return Told("", application.locale, [words])
        return Told("", application.locale, [_sms(application, REFUSED), *_refusal(reason)])


def told_so_far(application: Application) -> list[Told]:
    """What was asked and decided, as the applicant reads it on the status page."""
    found = []
    for asked in supplements_of(application):
        when = moment(datetime.fromisoformat(asked["asked_at"]))
        with force_locale(application.locale):
            found.append(Told(when, application.locale, _asked(asked["reasons"], asked["note"])))
    if application.refusal_reason:
        when = moment(application.decided_at)
        with force_locale(application.locale):
            found.append(Told(when, application.locale, _refusal(application.refusal_reason)))
    return found


def _asked(reasons: Sequence[str], note: str) -> list[str]:
    texts = [str(SUPPLEMENTS[reason]) for reason in reasons if reason in SUPPLEMENTS]
    return [*texts, note] if note else texts


def _refusal(reason: str | None) -> list[str]:
    words = REFUSALS.get(reason or "")
    if words is None:
        return []
    rule_line = _("Rule: %(rule)s", rule=words.rule)
    return [
        str(words.reason),
        rule_line,
        str(words.bring),
        _(
            "If you do not agree, you may appeal within %(days)s days: another officer looks again.",
            days=_appeal_days(),
        ),
    ]


def _appeal_days() -> int:
    return int(rule("appeal_days", today_in_vietnam(services().clock())))


def _sms(application: Application, kind: str, **facts: Any) -> str:
    settings = services().settings
    site = {"host": settings.host_name, "issuer": settings.issuer}
    return worded(kind, "sms", {"dossier_number": application.dossier_number, **facts}, site).text
