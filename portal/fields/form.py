"""The house form: one error summary, refusals of the domain at their field, no sentence that is not ours."""

from __future__ import annotations

from typing import Any

import wtforms
from flask_wtf import FlaskForm

from identity.base import Refused
from portal.database import roll_back
from portal.errors import sentence


class HiddenField(wtforms.HiddenField):
    """A value carried along; written by `form.hidden_tag()`."""


class HouseForm(FlaskForm):
    """Parent of all forms. The token is checked by CSRFProtect for every request, also for those without a form."""

    class Meta(FlaskForm.Meta):
        def get_translations(self, form: Any) -> None:
            """None of WTForms' sentences is used, so there is nothing to translate."""
            return None

    def refuse(self, refusal: Refused) -> None:
        """Show what the domain refused, at its field or on top, and undo what the view has written so far."""
        roll_back()
        text = sentence(refusal)
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
