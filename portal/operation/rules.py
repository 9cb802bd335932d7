"""Rules with numbers: what holds today, from which day, by which decree; and their change by two people."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from uuid import UUID

import orjson
from flask import Response, abort, redirect, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response as Answer

from identity.account import Account
from identity.base import Refused
from identity.deadlines import amend, coming_rules, newest_rules, today_in_vietnam
from identity.operation import rule_changes
from identity.operation.rule_changes import LONGEST_SOURCE, LONGEST_VALUE, RuleChange
from portal.database import db
from portal.fields import DateField, HouseForm, TextAreaField
from portal.language import _l
from portal.operation import blueprint
from portal.operation.guard import OPERATORS, READERS, acting, may_act
from portal.operation.rule_names import NAMES
from portal.operation.rule_words import UNITS, source_in_our_language
from portal.pages import page
from portal.security import guarded, staff
from portal.services import now

ACTS: dict[str, Callable[..., None]] = {"confirm": rule_changes.confirm, "turn-down": rule_changes.turn_down}


class RuleForm(HouseForm):
    """A new value, from a day on, and what it follows from."""

    value = TextAreaField(
        _l("New value"),
        hint=_l("In the form of the value of today"),
        rows=3,
        mono=True,
        length=LONGEST_VALUE,
        required=_l("Enter the new value"),
    )
    starts_on = DateField(_l("From which day on?"), hint=_l("Tomorrow at the earliest"))
    source = TextAreaField(
        _l("Which decree or decision does it follow from?"),
        rows=2,
        length=LONGEST_SOURCE,
        required=_l("Say which decree or decision this follows from."),
    )


@blueprint.get("/operation/rules")
@guarded(staff(*READERS))
def rules() -> Response:
    """As the database has it now: what was confirmed a moment ago stands under what is coming."""
    amend(rule_changes.confirmed_changes(db))
    today = today_in_vietnam(now())
    changes, coming = rule_changes.open_changes(db), coming_rules(today)
    return page(
        "operation/rules.html",
        rules=sorted(newest_rules(today).items(), key=lambda row: str(NAMES.get(row[0], row[0]))),
        coming=coming,
        replaced={(row["name"], date.fromisoformat(row["from"])): row["value"] for row in coming},
        changes=changes,
        names=_names(changes),
        source_of=source_in_our_language,
        own=acting().account_id,
        may_act=may_act(),
        written=written,
        units=UNITS,
        titles=NAMES,
        date=date.fromisoformat,
    )


@blueprint.route("/operation/rules/<name>", methods=["GET", "POST"])
@guarded(staff(*OPERATORS))
def change_rule(name: str) -> Response | Answer:
    rule = newest_rules(today_in_vietnam(now())).get(name) or abort(404)
    form = RuleForm(value=written(rule["value"]))
    if form.validate_on_submit():
        try:
            rule_changes.propose(db, name, form.value.data, form.starts_on.data, form.source.data, acting(), now=now())
        except Refused as refusal:
            form.refuse(refusal)
        else:
            return redirect(url_for("operation.rules"), 303)
    return page(
        "operation/rule.html",
        form=form,
        name=name,
        rule=rule,
        source_of=source_in_our_language,
        written=written,
        units=UNITS,
        titles=NAMES,
        date=date.fromisoformat,
    )


@blueprint.post("/operation/rules/changes/<uuid:change_id>/<any(confirm, 'turn-down'):act>")
@guarded(staff(*OPERATORS))
def answer_rule_change(change_id: UUID, act: str) -> Answer:
    ACTS[act](db, change_id, acting(), now=now())
    return redirect(url_for("operation.rules"), 303)


def written(value: object) -> str:
    """A value as it is typed."""
    return orjson.dumps(value).decode()


def _names(changes: list[RuleChange]) -> dict[UUID, str]:
    accounts = db.scalars(select(Account).where(Account.id.in_([change.proposed_by for change in changes])))
    return {account.id: account.display_name or "" for account in accounts}
