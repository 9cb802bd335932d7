"""The form for a record of help. It checks shape; the rules are `onboarding.entry`'s."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID, uuid4

from wtforms.validators import ValidationError

from identity.base import Refused
from identity.deadlines import VIETNAM, today_in_vietnam
from identity.places import Unit
from onboarding.assistance import AssistanceEvent
from onboarding.catalogue import AgeBand, Mode, Obstacle, Result, Sex, Task, Trait
from onboarding.delegation import Delegation
from onboarding.entry import Entry
from portal.errors import sentence
from portal.fields import (
    ChoiceField,
    CodeField,
    DateField,
    HiddenField,
    HouseForm,
    SelectField,
    TextAreaField,
    TextField,
    TicksField,
)
from portal.language import _, _l
from portal.words.assistance import AGE_BANDS, MODES, OBSTACLES, RESULTS, SEXES, STEPS, TASKS, TRAITS

MINUTES = (5, 15, 30, 60, 120)
WHOLE_TASKS = [task for task in TASKS if not task.startswith("activation-")]


class HelpCodeField(CodeField):
    """Eight digits, wider than the box for six. Good all day, so it stays where it was typed, to be compared."""

    def __init__(self, label: Any = "", **kwargs: Any) -> None:
        super().__init__(label, **{"digits": 8, "once": False, "autocomplete": "off", **kwargs})
        self.css = "input--number"


class AssistanceForm(HouseForm):
    """`id` names the record and `opened_at` says when the page was opened: a second click sends the same record."""

    id = HiddenField()
    opened_at = HiddenField()
    task = SelectField(_l("What was it about?"), choices=[(task.value, TASKS[task]) for task in WHOLE_TASKS])
    mode = ChoiceField(_l("How did you help?"), choices=[(mode.value, *MODES[mode]) for mode in MODES])
    delegation_id = SelectField(
        _l("Under which authorisation?"),
        choices=[],
        empty_text=_l("None yet"),
        hint=_l("The person holds the receipt. Without one nothing is done on their behalf."),
        required=False,
    )
    result = ChoiceField(_l("How did it end?"), choices=[(result.value, RESULTS[result]) for result in RESULTS])
    obstacle = SelectField(
        _l("Why did it get stuck?"),
        choices=[(reason.value, OBSTACLES[reason]) for reason in OBSTACLES],
        empty_text=_l("It did not get stuck"),
        required=False,
    )
    minutes = ChoiceField(_l("How many minutes?"), choices=[(str(number), str(number)) for number in MINUTES])
    help_code = HelpCodeField(
        _l("Help code of today"),
        hint=_l("Eight digits that the person reads out. Without it the record counts a visit, not a person."),
        required=False,
    )
    village_id = SelectField(_l("Village"), choices=[], empty_text=_l("Not noted"), required=False)
    age_band = SelectField(
        _l("Age"), choices=[(b.value, AGE_BANDS[b]) for b in AGE_BANDS], empty_text=_l("Not noted"), required=False
    )
    sex = SelectField(
        _l("Sex"), choices=[(sex.value, SEXES[sex]) for sex in SEXES], empty_text=_l("Not noted"), required=False
    )
    traits = TicksField(_l("The person"), choices=[(trait.value, TRAITS[trait]) for trait in TRAITS], required=False)
    step = SelectField(
        _l("Which step of activation?"),
        choices=[(step.value, words.name) for step, words in STEPS.items()],
        empty_text=_l("Several, or another task"),
        required=False,
    )
    procedure = TextField(_l("Name or code of the public service"), length=40, required=False)
    note = TextAreaField(
        _l("Note"), rows=3, length=500, hint=_l("No names, no numbers of phones or documents."), required=False
    )
    happened_on = DateField(_l("Day, if it was not today"), required=False)
    happened_clock = TextField(_l("Time, if it was not just now"), length=5, hint=_l("Like 14:30"), required=False)

    def offer(self, villages: Sequence[Unit], given: Sequence[Delegation]) -> None:
        """What this member can choose from."""
        self.village_id.choices = [(str(village.id), village.name) for village in villages]
        self.delegation_id.choices = [(str(one.id), receipt_name(one)) for one in given]

    def validate_id(self, field: Any) -> None:
        _readable(UUID, field.data)

    def validate_opened_at(self, field: Any) -> None:
        _readable(_moment, field.data)

    def validate_happened_clock(self, field: Any) -> None:
        try:
            field.data and time.fromisoformat(field.data.zfill(5))
        except ValueError:
            raise ValidationError(_("Write the time with hour and minute, like 14:30.")) from None

    def validate_happened_on(self, field: Any) -> None:
        if field.data and not self.happened_clock.data:
            raise ValidationError(_("Give the time of that day too."))

    @property
    def more(self) -> bool:
        """Whether something stands, or is wrong, in the part that opens."""
        fields = (self.step, self.traits, self.procedure, self.note, self.happened_on, self.happened_clock)
        return any(field.data or field.errors for field in fields)

    def entry(self, supersedes: UUID | None = None) -> Entry:
        """The record as typed, in the domain's words."""
        task = self.task.data
        if task == Task.ACTIVATION and self.step.data:
            task = f"{task}-{self.step.data}"
        return Entry(
            id=UUID(self.id.data),
            happened_at=self._happened_at(),
            task=Task(task),
            mode=Mode(self.mode.data),
            result=Result(self.result.data),
            minutes=int(self.minutes.data),
            obstacle=Obstacle(self.obstacle.data) if self.obstacle.data else None,
            procedure=self.procedure.data or "",
            authorised=self.mode.data == Mode.ON_BEHALF and bool(self.delegation_id.data),
            village_id=UUID(self.village_id.data) if self.village_id.data else None,
            delegation_id=self._allowed(),
            age_band=AgeBand(self.age_band.data) if self.age_band.data else None,
            sex=Sex(self.sex.data) if self.sex.data else None,
            traits=frozenset(Trait(trait) for trait in self.traits.data or []),
            note=self.note.data or "",
            help_code=self.help_code.data or "",
            supersedes=supersedes,
            drops_note=supersedes is not None and not self.note.data,  # the page showed the note: it was taken out
        )

    def show(self, refusal: Refused) -> None:
        """Show a refusal that is a result: unlike `refuse` nothing is rolled back, so a wrong code stays counted."""
        field = self._fields.get(refusal.field or "")
        if field is None:
            self.form_errors.append(sentence(refusal))
        else:
            field.errors = [*field.errors, sentence(refusal)]

    def _allowed(self) -> UUID | None:
        chosen = self.delegation_id.data if self.mode.data == Mode.ON_BEHALF else ""
        return UUID(chosen) if chosen else None

    def _happened_at(self) -> datetime:
        opened = _moment(self.opened_at.data)
        day: date = self.happened_on.data or today_in_vietnam(opened)
        if not self.happened_clock.data:
            return opened
        return datetime.combine(day, time.fromisoformat(self.happened_clock.data.zfill(5)), VIETNAM).astimezone(UTC)


class PhoneForm(AssistanceForm):
    """The same questions as buttons to tap, for the page that works without network (its script reads them)."""

    task = ChoiceField(_l("What was it about?"), choices=[(task.value, TASKS[task]) for task in WHOLE_TASKS])
    result = ChoiceField(_l("How did it end?"), choices=[(result.value, RESULTS[result]) for result in RESULTS])
    mode = ChoiceField(_l("How did you help?"), choices=[(mode.value, MODES[mode].name) for mode in MODES])
    age_band = ChoiceField(_l("Age"), choices=[(b.value, AGE_BANDS[b]) for b in AGE_BANDS], required=False)
    sex = ChoiceField(_l("Sex"), choices=[(sex.value, SEXES[sex]) for sex in SEXES], required=False)


def receipt_name(given: Delegation) -> str:
    """What tells one authorisation from another; nothing of the person."""
    return _("%(task)s · receipt …%(end)s", task=TASKS[Task(given.task)], end=(given.code or "")[-4:])


def fresh(now: datetime, **values: Any) -> dict[str, Any]:
    """What a new form starts with."""
    return {"id": str(uuid4()), "opened_at": now.isoformat(timespec="seconds"), **values}


def corrected(event: AssistanceEvent, now: datetime) -> dict[str, Any]:
    """What the form for a correction starts with: everything as it was but the help code, which is not kept."""
    whole, _dash, step = event.task.partition("-") if event.task.startswith("activation-") else (event.task, "", "")
    local = event.happened_at.astimezone(VIETNAM)
    return fresh(
        now,
        task=whole,
        step=step,
        mode=event.mode,
        delegation_id=str(event.delegation_id or ""),
        village_id=str(event.village_id or ""),
        result=event.result,
        obstacle=event.obstacle,
        minutes=str(event.minutes),
        age_band=event.age_band,
        sex=event.sex,
        traits=event.traits,
        procedure=event.procedure,
        note=event.note,
        happened_on=local.date(),
        happened_clock=local.strftime("%H:%M"),
    )


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("no zone")
    return moment


def _readable(read: Any, text: Any) -> None:
    try:
        read(text or "")
    except ValueError:
        raise ValidationError(_("This page is damaged. Open it again from the start.")) from None
