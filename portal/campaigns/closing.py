"""Closing a campaign: what will be kept, then the one button."""

from __future__ import annotations

from uuid import UUID

from flask import Response, redirect, url_for
from werkzeug.wrappers import Response as Answer

from identity.base import Refused
from onboarding.campaign import Campaign, close_campaign, count_open, progress_of
from onboarding.campaign.planning import check_may_change
from portal.campaigns import blueprint
from portal.campaigns.scope import Visitor, called, seen, visitor
from portal.campaigns.words import STANDINGS, indicator_name
from portal.database import db
from portal.fields import HouseForm
from portal.pages import page
from portal.services import now


@blueprint.get("/<uuid:id>/close")
def closing(id: UUID) -> Response:
    who = visitor()
    found = seen(id, who)
    check_may_change(db, found, who.reach)
    return _shown(who, found, HouseForm(formdata=None))


@blueprint.post("/<uuid:id>/close")
def close(id: UUID) -> Response | Answer:
    who, form = visitor(), HouseForm()
    found = seen(id, who)
    if form.validate_on_submit():
        try:
            close_campaign(db, found, who.acting, who.reach, now=now())
            return redirect(url_for("campaigns.campaign", id=id), 303)
        except Refused as refusal:
            form.refuse(refusal)
    return _shown(who, seen(id, who), form)


def _shown(who: Visitor, found: Campaign, form: HouseForm) -> Response:
    return page(
        "campaigns/close.html",
        campaign=found,
        progress=progress_of(db, found, who.exact(), now=now()),
        open_tasks=count_open(db, found),
        called=called,
        indicator_name=indicator_name,
        standings=STANDINGS,
        form=form,
    )
