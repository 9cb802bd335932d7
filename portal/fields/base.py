"""What all house fields share: label, hint, required or not, one error at a time, a component that renders them."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from typing import Any

from flask import current_app
from markupsafe import Markup
from wtforms import Field, Form
from wtforms.validators import StopValidation, ValidationError

from portal.language import _, _l

Rule = Callable[[Form, Field], None]
"""A check of one field; raises wtforms.ValidationError with a finished sentence."""


class Component:
    """WTForms widget that renders a field through the macro `field` of one template."""

    def __init__(self, template: str) -> None:
        self.template = f"components/{template}.html"

    def __call__(self, field: Field, heading: bool = False, picture: Any = "", **options: Any) -> Markup:
        macro = current_app.jinja_env.get_template(self.template).module.field  # type: ignore[attr-defined]
        return Markup(macro(field, heading=heading, picture=picture, **options))  # noqa: S704 - a template escaped it


class HouseField(Field):
    """A field with a label, a hint and at most one error.

    `required` is True, False, or the sentence to show when nothing was entered. `rules` run after the field's own
    check of its shape. Optional fields say so beside the label; required ones carry no mark.
    """

    component = "field_text"
    missing: Any = _l("Fill in “%(label)s”")

    def __init__(
        self,
        label: Any = "",
        *,
        hint: Any = "",
        required: Any = True,
        rules: Sequence[Rule] = (),
        optional_text: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(label, list(rules), description=hint, **kwargs)
        self.widget = Component(self.component)
        self.required = required
        self.optional_text = optional_text or _l("optional")

    @property
    def hint(self) -> Any:
        return self.description

    @property
    def optional_mark(self) -> Any:
        return "" if self.required else self.optional_text

    @property
    def error(self) -> str:
        """The one sentence to show; only the first is of use to the reader."""
        return str(self.errors[0]) if self.errors else ""

    @property
    def anchor(self) -> str:
        """Where the error summary leads."""
        return str(self.id)

    @property
    def described_by(self) -> str:
        parts = [
            f"{self.id}-hint" if self.hint else "",
            f"{self.id}-error" if self.errors else "",
        ]
        return " ".join(part for part in parts if part)

    @property
    def typed(self) -> str:
        """What stands in the control: what the person typed, as typed, else the value in its written form."""
        if self.raw_data:
            return str(self.raw_data[0])
        return self.written(self.data) if self.data else ""

    def written(self, value: Any) -> str:
        return str(value)

    def is_empty(self) -> bool:
        return not self.data

    def check(self) -> None:
        """The field's own rule of shape; raises ValidationError."""

    def pre_validate(self, form: Any) -> None:
        if self.process_errors:
            raise StopValidation()
        if self.is_empty():
            if self.required:
                raise StopValidation(self.sentence_when_missing())
            raise StopValidation()
        self.check()

    def sentence_when_missing(self) -> str:
        chosen = self.missing if self.required is True else self.required
        return str(chosen) % {"label": self.label.text} if chosen is self.missing else str(chosen)


class Typed(HouseField):
    """One line of text. Trimmed and put into Unicode NFC, because some phones send Vietnamese letters decomposed."""

    input_type = "text"
    input_mode = ""
    css = ""
    capitals = "sentences"
    spellcheck = True
    wide_characters = False
    """Number fields also take the wide digits and letters of East Asian keyboards."""

    def __init__(
        self,
        label: Any = "",
        *,
        autocomplete: str = "off",
        length: int = 200,
        **kwargs: Any,
    ) -> None:
        super().__init__(label, **kwargs)
        self.autocomplete = autocomplete
        self.length = length

    def process_formdata(self, valuelist: list[Any]) -> None:
        if valuelist:
            form = "NFKC" if self.wide_characters else "NFC"
            self.data = self.clean(unicodedata.normalize(form, str(valuelist[0])).replace("\x00", "").strip())

    def clean(self, text: str) -> str:
        return text

    def pre_validate(self, form: Any) -> None:
        super().pre_validate(form)
        if len(self.data) > self.length:
            raise StopValidation(
                _(
                    "“%(label)s” may have at most %(length)s characters; there are %(count)s.",
                    label=self.label.text,
                    length=self.length,
                    count=len(self.data),
                )
            )


def max_length(length: int) -> Rule:
    """At most `length` characters."""

    def rule(_form: Form, field: Field) -> None:
        if len(field.data) > length:
            raise ValidationError(_("Use at most %(length)s characters.", length=length))

    return rule


def min_length(length: int) -> Rule:
    """At least `length` characters."""

    def rule(_form: Form, field: Field) -> None:
        if len(field.data) < length:
            raise ValidationError(_("Use at least %(length)s characters.", length=length))

    return rule
