"""The member's badge: rotating on the phone, with a short code on paper."""

from __future__ import annotations

from flask import Response, url_for

from onboarding.badge import Badge, get_badge, token_of
from onboarding.delegation import grouped
from onboarding.portrait import portrait_of
from portal.database import db
from portal.drawing import qr_svg
from portal.pages import page
from portal.picture import data_uri
from portal.security import me, writes
from portal.services import now, services
from portal.team import blueprint
from portal.team.today import acting_member


@blueprint.get("/badge")
@writes
def badge() -> Response:
    member = acting_member()
    held = get_badge(db, member, now=now())
    token_of(db, held, now=now())
    return page("team/badge.html", member=member, **_face(held))


@blueprint.get("/badge.svg")
def badge_picture() -> Response:
    """The QR code of this half minute; the page asks for it again and again."""
    token = token_of(db, get_badge(db, acting_member(), now=now()), now=now())
    picture = qr_svg(services().settings.issuer + url_for("verify.badge", token=token))
    response = Response(str(picture), mimetype="image/svg+xml")
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/badge/print")
@writes
def print_badge() -> Response:
    member = acting_member()
    found: Badge = get_badge(db, member, now=now())
    words = {"member": member, "code": grouped(found.code or ""), **_face(found)}
    address = services().settings.issuer + url_for("verify.badge_by_code", code=found.code)
    return page("team/badge_print.html", address=address, **words)


def _face(held: Badge) -> dict[str, str]:
    """What the person before the resident is known by."""
    return {"name": _name(), "initials": initials(_name()), "portrait": data_uri(portrait_of(db, held.id))}


def initials(name: str) -> str:
    """First letters of the first and the last word."""
    words = name.split()
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()


def _name() -> str:
    visitor = me()
    return visitor.display_name if visitor else ""
