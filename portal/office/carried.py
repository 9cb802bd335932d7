"""What was typed, carried through the look at the message as hidden fields."""

from __future__ import annotations

from markupsafe import Markup

from portal.fields import HouseForm
from portal.pages import csrf_field

HIDDEN = Markup('<input type="hidden" name="{}" value="{}">')


def carried(form: HouseForm) -> Markup:
    """The form token and every value of `form`, to be sent again by the next button."""
    values = [(field.name, value) for field in form for value in _values(field.data) if field.name != "csrf_token"]
    return csrf_field() + Markup("").join(HIDDEN.format(name, value) for name, value in values)


def _values(data: object) -> list[object]:
    return data if isinstance(data, list) else [data] if data else []
