"""The portrait of the counter beside the photo of the register, and what the machine makes of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import url_for

from identity.application import Application
from identity.application.by_hand import HandMatch
from identity.files import REGISTER_PHOTO
from portal.language import _, day, moment
from portal.office.papers import Paper


@dataclass(frozen=True, slots=True)
class Photo:
    """One picture; without `href` there is none yet."""

    href: str
    alt: str
    caption: str


@dataclass(frozen=True, slots=True)
class Match:
    """The register's score, a hint for the officer."""

    text: str
    kind: str
    icon: str


def photos_of(application: Application, papers: Sequence[Paper]) -> list[Photo]:
    """The portrait of the last visit and the register's photo."""
    return [_portrait(application, papers), _registered(application, papers)]


def match_of(application: Application, hand: HandMatch | None) -> Match | None:
    """What the register said, once it was asked; or that two officers compared, while it is away."""
    if application.matched is None:
        return None if hand is None or hand.confirmed_at is None else Match(_("Compared by hand"), "waiting", "eye")
    if application.level == 1:
        text = _("Portrait: %(score)s of 100", score=application.match_score)
    else:
        text = _("Fingerprints: %(score)s of 100", score=application.match_score)
    return Match(text, "good", "check") if application.matched else Match(text, "bad", "triangle-alert")


def _portrait(application: Application, papers: Sequence[Paper]) -> Photo:
    paper = next((paper for paper in papers if paper.id == application.portrait_file_id), None)
    if paper is None:
        return Photo("", _("No portrait yet"), _("No portrait yet"))
    href = url_for("office.file", application_id=application.id, file_id=paper.id)
    if application.captured_at is None:
        return Photo(href, _("Portrait sent online"), _("Sent, %(when)s", when=moment(application.submitted_at)))
    return Photo(href, _("Portrait taken at the counter"), _("Counter, %(when)s", when=moment(application.captured_at)))


def _registered(application: Application, papers: Sequence[Paper]) -> Photo:
    paper = next((paper for paper in papers if paper.kind == REGISTER_PHOTO), None)
    if paper is None:
        missing = _("The register sends no photo")
        return Photo("", missing, missing)
    href = url_for("office.file", application_id=application.id, file_id=paper.id)
    return Photo(href, _("Photo of the register"), _("Register, asked %(when)s", when=day(application.submitted_at)))
