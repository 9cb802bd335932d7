"""My certificate: a page to print, and the signed credential to take along."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import orjson
from flask import Response, request

from identity.base import Refused
from identity.places import Unit
from onboarding.award import ALL_FIVE, Award, get_own_award
from onboarding.credential import award_address, describe_award, sign_award
from onboarding.skills import current_skills
from portal.database import db
from portal.language import current_locale
from portal.learn import blueprint
from portal.learn.visitor import known_learner, own_ids
from portal.pages import page
from portal.printing.paper import paper
from portal.security import guarded, limiter, resident
from portal.words.training import issuer


@blueprint.get("/awards/<uuid:award_id>/certificate")
@guarded(resident)
def certificate(award_id: UUID) -> Response:
    return page("learn/certificate.html", **_facts(_own_award(award_id)))


@blueprint.get("/awards/<uuid:award_id>/certificate/paper")
@guarded(resident)
@limiter.limit("20 per minute")
def certificate_paper(award_id: UUID) -> Response:
    """The same on a sheet, in the language asked for: an employer may read another one than its holder."""
    language = request.args.get("in", "")
    language = language if language in ("vi", "en") else current_locale()
    return paper("learn/certificate_paper.html", "certificate", language=language, **_facts(_own_award(award_id)))


@blueprint.get("/awards/<uuid:award_id>/credential.json")
@guarded(resident)
def credential(award_id: UUID) -> Response:
    """The credential as JSON, and the same signed (VC-JWT), which is what other systems take."""
    award, locale = _own_award(award_id), current_locale()
    content = {
        "credential": describe_award(award, issuer(), locale),
        "jwt": sign_award(db, award, issuer(), locale),
    }
    response = Response(orjson.dumps(content, option=orjson.OPT_INDENT_2), mimetype="application/json")
    response.headers["Content-Disposition"] = f'attachment; filename="{award.achievement}.json"'
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/awards/<uuid:award_id>/credential.jwt")
@guarded(resident)
def signed_credential(award_id: UUID) -> Response:
    award = _own_award(award_id)
    response = Response(sign_award(db, award, issuer(), current_locale()) or "", mimetype="application/vc+jwt")
    response.headers["Content-Disposition"] = f'attachment; filename="{award.achievement}.jwt"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _facts(award: Award) -> dict[str, Any]:
    """What the certificate says."""
    skills = [skill for skill in current_skills().skills if award.achievement in (ALL_FIVE, skill.code)]
    unit, own = db.get_one(Unit, award.unit_id), issuer()
    return {
        "award": award, "skills": skills, "unit": unit, "issuer": own, "address": award_address(award, own.base),
    }  # fmt: skip


def _own_award(award_id: UUID) -> Award:
    """An award that stands and is the reader's own."""
    award = get_own_award(db, award_id, own_ids(known_learner()))
    if award.revoked_at is not None:
        raise Refused("award-revoked")
    return award
