"""Forms of training; they check shape, the rules are `onboarding.training`'s."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

from wtforms.validators import ValidationError

from identity.deadlines import VIETNAM
from onboarding.catalogue import AgeBand
from onboarding.skills import Skill, current_skills
from onboarding.training import Course, Language, Plan, TargetGroup
from portal.fields import (
    ChoiceField,
    CodeField,
    DateField,
    HouseForm,
    SelectField,
    TextField,
    TickField,
    TicksField,
)
from portal.language import _, _l, current_locale, of_two
from portal.words.assistance import AGE_BANDS
from portal.words.training import GROUPS, LANGUAGES, REVOKED_FOR

MOST_PLACES = 200


class CourseForm(HouseForm):
    """What a team teaches."""

    name = TextField(_l("Name of the course"), length=120)
    skills = TicksField(_l("Which skills?"), choices=[])

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        self.skills.choices = [(skill.code, skill.name(current_locale())) for skill in current_skills().skills]


class SessionForm(HouseForm):
    """When, where and for whom."""

    course = SelectField(_l("Course"), choices=[])
    day = DateField(_l("Day"))
    starts = TextField(_l("Begins at"), length=5, hint=_l("Like 14:30"))
    ends = TextField(_l("Ends at"), length=5, hint=_l("Like 14:30"))
    place = TextField(_l("Place"), length=160, hint=_l("So that everybody in the village finds it"))
    capacity = TextField(_l("How many people?"), length=3)
    language = SelectField(
        _l("Language that is spoken"), choices=[(language.value, LANGUAGES[language]) for language in LANGUAGES]
    )
    groups = TicksField(_l("For whom?"), choices=[(group.value, GROUPS[group]) for group in GROUPS], required=False)

    def offer(self, courses: list[Course]) -> None:
        self.course.choices = [(str(course.id), course.name) for course in courses]

    def validate_starts(self, field: Any) -> None:
        _clock(field.data)

    def validate_ends(self, field: Any) -> None:
        _clock(field.data)

    def validate_capacity(self, field: Any) -> None:
        if not field.data.isdecimal() or not 1 <= int(field.data) <= MOST_PLACES:
            raise ValidationError(_("Give a number between 1 and %(most)s.", most=MOST_PLACES))

    def plan(self) -> Plan:
        """The session in the domain's words."""
        day: date = self.day.data
        return Plan(
            course_id=UUID(self.course.data),
            place=self.place.data,
            starts_at=datetime.combine(day, _clock(self.starts.data), VIETNAM).astimezone(UTC),
            ends_at=datetime.combine(day, _clock(self.ends.data), VIETNAM).astimezone(UTC),
            capacity=int(self.capacity.data),
            language=Language(self.language.data),
            groups=tuple(TargetGroup(group) for group in self.groups.data or [TargetGroup.ANYBODY]),
        )


class HelpCodeForm(HouseForm):
    """Somebody with an account who came without signing up."""

    help_code = CodeField(
        _l("Help code of today"), digits=8, hint=_l("Eight digits from the person's account."), autocomplete="off"
    )


class SlipForm(HouseForm):
    """Somebody without an account."""

    age_band = SelectField(
        _l("Age"),
        choices=[(band.value, AGE_BANDS[band]) for band in AgeBand],
        empty_text=_l("Not noted"),
        required=False,
    )


class SlipAgainForm(HouseForm):
    """Somebody who got a slip earlier today."""

    slip = CodeField(_l("Code on the slip"), digits=None, required=_l("Enter the code on the slip"))


class CheckForm(HouseForm):
    """What the witness saw."""

    tasks = TicksField(_l("What did the person do by their own hand?"), choices=[], required=False)
    not_family = TickField(
        _l("The person is neither me nor of my family"), required=_l("Say that this is neither you nor your family")
    )

    def offer(self, skill: Skill) -> None:
        words = of_two()
        self.tasks.choices = [(task.code, task.words[words]) for task in skill.tasks]


class RevokeForm(HouseForm):
    """Why an award shall no longer count."""

    why = ChoiceField(_l("Why?"), choices=[(why.value, REVOKED_FOR[why]) for why in REVOKED_FOR])


class PlatformForm(HouseForm):
    """What a place fills the fifth slot with."""

    name = TextField(_l("Name of the platform"), length=80)


def _clock(text: str) -> time:
    try:
        return time.fromisoformat((text or "").zfill(5))
    except ValueError:
        raise ValidationError(_("Write the time with hour and minute, like 14:30.")) from None
