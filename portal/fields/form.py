"""The house form: one error summary, refusals of the domain at their field, no sentence that is not ours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import wtforms
from flask import g
from flask_wtf import FlaskForm
from markupsafe import Markup

from identity.base import Refused
from portal.another_look import is_only_redrawn
from portal.database import roll_back
from portal.errors import sentence
from portal.pages import csrf_field
from portal.transactions import audit_refusal
from portal.worries import worries_of


class HiddenField(wtforms.HiddenField):
    """A value carried along; written by `form.hidden_tag()`."""


class HouseForm(FlaskForm):
    """Parent of all forms. The form token is checked for every request before the view (portal.transactions)."""

    class Meta(FlaskForm.Meta):
        csrf = False

        def get_translations(self, form: Any) -> None:
            """None of WTForms' sentences is used, so there is nothing to translate."""
            return

    worries: Sequence[tuple[str, Any]] = ()
    """Pages of help about what was refused."""

    def hidden_tag(self, *fields: Any) -> Markup:
        """The form token and the fields that are carried along."""
        return csrf_field() + super().hidden_tag(*fields)

    def validate(self, extra_validators: Any = None) -> bool:
        """A page that was open for too long keeps what was typed and says so; sent once more it counts."""
        if is_only_shown() and not is_stale():
            return False
        valid = bool(super().validate(extra_validators))
        if is_stale():
            self.form_errors.append(sentence(Refused("page-stale")))
        return valid and not self.form_errors

    def refuse(self, refusal: Refused) -> None:
        """Show what the domain refused, at its field or on top, and undo what the view has written so far.

        An attempt that must be on record is, whether it is told beside the form or on a page of its own.
        """
        roll_back()
        self.show(refusal)
        if refusal.audited:
            audit_refusal(refusal)

    def show(self, refusal: Refused) -> None:
        """Show a refusal that is a result (a wrong code that was counted): what was written stays."""
        text = sentence(refusal)
        self.worries = list(dict.fromkeys([*self.worries, *worries_of(refusal.code)]))
        field = self._fields.get(refusal.field or "")
        if field is None:
            self.form_errors.append(text)
        else:
            field.errors = [*field.errors, text]

    def problems(self) -> list[tuple[str, str]]:
        """(anchor, sentence) of every error in the order of the page; those of no field first, without anchor."""
        found = [("", str(text)) for text in self.form_errors]
        for field in self:
            anchor = "" if isinstance(field, wtforms.HiddenField) else getattr(field, "anchor", field.id)
            found += [(anchor, str(text)) for text in list(field.errors)[:1]]
        return found


def is_stale() -> bool:
    """Whether this post came from a page that was open too long."""
    return bool(g.get("stale"))


def is_only_shown() -> bool:
    """Whether this form is to come again and do nothing: its page is too old, or is wanted in another language or size.

    Whoever asks shows it, and does nothing else.
    """
    if is_stale() or is_only_redrawn():
        g.form_shown = True
    return bool(g.get("form_shown"))
