"""Shapes of what is typed for a campaign."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from wtforms.validators import ValidationError

from onboarding.campaign import AimKind
from portal.campaigns.words import KINDS
from portal.fields import DateField, HouseForm, SelectField, TextAreaField, TextField, TicksField
from portal.language import _, _l

AMOUNT = re.compile(r"\d{1,9}([.,]\d)?")
LONGEST_NOTE = 200


class PlanForm(HouseForm):
    """A campaign and the document that orders it."""

    name = TextField(_l("Name of the campaign"), length=120)
    source = TextField(_l("Document that orders it"), length=160, hint=_l("Like 12/KH-UBND of 5 March 2026"))
    first_day = DateField(_l("First day"), earliest=2020)
    last_day = DateField(_l("Last day"), earliest=2020)
    units = TicksField(_l("Where it takes place"), choices=[])
    groups = TextAreaField(_l("Working groups"), required=False, length=1000, hint=_l("One on a line."))

    @property
    def group_names(self) -> tuple[str, ...]:
        lines = (line.strip()[:120] for line in (self.groups.data or "").splitlines())
        return tuple(line for line in lines if line)


class TargetForm(HouseForm):
    """A figure to be reached."""

    indicator = SelectField(_l("Indicator"))
    unit = SelectField(_l("Unit"))
    kind = SelectField(_l("What is aimed at"), choices=[(kind.value, words) for kind, words in KINDS.items()])
    amount = TextField(_l("How much"), length=12, hint=_l("A share in percent, like 76.5; people as a number."))
    deadline = DateField(_l("Until"), earliest=2020)
    target_source = TextField(_l("Document that says so"), length=160)

    @property
    def tenths_or_number(self) -> int:
        """As targets are kept; zero for what cannot be one."""
        typed = _bare(self.amount.data).replace(",", ".")
        is_share = self.kind.data == AimKind.SHARE
        if not is_share and "." in typed:
            return 0
        return round(float(typed) * 10) if is_share else int(typed)

    def validate_amount(self, field: Any) -> None:
        if not AMOUNT.fullmatch(_bare(field.data)):
            raise ValidationError(_("Enter a number, with at most one digit after the comma."))


class TaskForm(HouseForm):
    """What somebody is to do."""

    title = TextField(_l("What is to be done"), length=160, hint=_l("No names and no numbers of people."))
    task_unit = SelectField(_l("Unit"))
    owner = SelectField(_l("Who does it"))
    due_on = DateField(_l("Last day"), earliest=2020)


class StepForm(HouseForm):
    """A word on a step of a task."""

    note = TextAreaField(_l("Note"), required=False, length=LONGEST_NOTE, hint=_l("Needed when a task is dropped."))


class TimeForm(HouseForm):
    """More time for a task: asked for, given or not."""

    until = DateField(_l("New last day"), earliest=2020)
    reason = TextAreaField(_l("Why"), length=LONGEST_NOTE, hint=_l("It stays on record. No names of people."))


class OwnerForm(HouseForm):
    """Another one who does a task."""

    owner = SelectField(_l("Who does it from now on"), choices=[])
    reason = TextAreaField(_l("Why"), length=LONGEST_NOTE, hint=_l("It stays on record. No names of people."))


def _bare(typed: str | None) -> str:
    """Without spaces and the sign of percent, in plain digits."""
    return re.sub(r"[\s%]", "", unicodedata.normalize("NFKC", typed or ""))
