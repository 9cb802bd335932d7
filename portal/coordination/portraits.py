"""The portrait on a member's badge: the coordinator, who knows the face, takes it in."""

from __future__ import annotations

from uuid import UUID

from flask import Response, redirect, url_for
from werkzeug.wrappers import Response as Answer

from identity.account import get_account
from identity.base import Refused
from identity.deadlines import today_in_vietnam
from onboarding.badge import get_badge
from onboarding.portrait import portrait_of, prepare_portrait, set_portrait
from onboarding.team import Member, Team, get_membership, get_team
from portal.coordination import blueprint
from portal.coordination.scope import acting, scope
from portal.database import db
from portal.fields import HouseForm, TickField, UploadField, take_large_files
from portal.language import _l
from portal.pages import page
from portal.picture import data_uri
from portal.security import writes
from portal.services import now

blueprint.before_request(take_large_files("coordination.save_portrait"))


class PortraitForm(HouseForm):
    """A photograph of the face, taken now or brought along."""

    portrait = UploadField(
        _l("Portrait"), hint=_l("The face from the front, without hat or sunglasses. JPEG or PNG."), camera="user"
    )
    known = TickField(_l("I have compared it with the person"), required=_l("Compare it with the person first."))


@blueprint.get("/teams/<uuid:id>/portrait/<uuid:member>")
@writes
def portrait(id: UUID, member: UUID) -> Response:
    return _shown(PortraitForm(), *_member(id, member))


@blueprint.post("/teams/<uuid:id>/portrait/<uuid:member>")
def save_portrait(id: UUID, member: UUID) -> Response | Answer:
    form = PortraitForm()
    if form.validate_on_submit():
        try:
            picture = prepare_portrait(form.portrait.data, now=now())  # slow, so before the transaction
            team, row = _member(id, member)
            badge = get_badge(db, get_membership(db, row.account_id, on=today_in_vietnam(now())), now=now())
            set_portrait(db, badge, picture, acting(), now=now())
            return redirect(url_for("coordination.team", id=team.id), 303)
        except Refused as refusal:
            if refusal.field is None:
                raise
            form.refuse(refusal)
    return _shown(form, *_member(id, member))


def _member(team_id: UUID, member_id: UUID) -> tuple[Team, Member]:
    """A member of one of the visitor's teams; somebody else's is not found."""
    team, row = get_team(db, team_id, scope()), db.get(Member, member_id)
    if row is None or row.team_id != team.id:
        raise Refused("not-found")
    return team, row


def _shown(form: PortraitForm, team: Team, row: Member) -> Response:
    name = get_account(db, row.account_id).display_name or ""
    held = get_badge(db, get_membership(db, row.account_id, on=today_in_vietnam(now())), now=now())
    picture = data_uri(portrait_of(db, held.id))
    return page("coordination/portrait.html", form=form, team=team, row=row, name=name, picture=picture)
