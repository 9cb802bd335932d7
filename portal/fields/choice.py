"""Choosing: one of a few, one of many, several, or a single tick."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from wtforms.validators import ValidationError

from portal.fields.base import HouseField
from portal.language import _, _l


@dataclass(frozen=True, slots=True)
class Option:
    """One line of a choice."""

    value: str
    label: Any
    hint: Any
    chosen: bool
    id: str


class Choosing(HouseField):
    """`choices` are (value, label) or (value, label, hint); a form may set them after it is made."""

    missing: Any = _l("Choose an answer for “%(label)s”")

    def __init__(self, label: Any = "", *, choices: Iterable[Sequence[Any]] = (), **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.choices: Sequence[Sequence[Any]] = list(choices)

    def chosen(self, value: str) -> bool:
        return bool(self.data == value)

    def options(self) -> Iterator[Option]:
        for number, (value, label, *hint) in enumerate(self.choices):
            id_ = self.id if number == 0 else f"{self.id}-{number}"
            yield Option(str(value), label, hint[0] if hint else "", self.chosen(str(value)), id_)

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = str(valuelist[0]) if valuelist else ""

    def check(self) -> None:
        if self.data not in {str(choice[0]) for choice in self.choices}:
            raise ValidationError(_("Choose one of the answers shown."))


class ChoiceField(Choosing):
    """Radio buttons, each a large target."""

    component = "field_choice"


class SelectField(Choosing):
    """A list to open; only where there are too many answers for radio buttons."""

    component = "field_select"

    def __init__(self, label: Any = "", *, empty_text: Any = None, **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.empty_text = empty_text or _l("Choose")
        self.autocomplete = ""


class TicksField(Choosing):
    """Several answers; `.data` is a list."""

    component = "field_choice"
    several = True

    def chosen(self, value: str) -> bool:
        return value in (self.data or [])

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = [str(value) for value in valuelist]

    def check(self) -> None:
        if not set(self.data) <= {str(choice[0]) for choice in self.choices}:
            raise ValidationError(_("Choose one of the answers shown."))


class TickField(HouseField):
    """One box to tick. When required it must be ticked, and `required` should say why in a sentence."""

    component = "field_tick"
    missing = _l("Tick “%(label)s” to go on")

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = bool(valuelist) and valuelist[0] not in ("", "false", "0")

    @property
    def optional_mark(self) -> Any:
        return ""
