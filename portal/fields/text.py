"""Words: a line, several lines, an e-mail address, a password."""

from __future__ import annotations

import re
from typing import Any

from wtforms.validators import ValidationError

from portal.fields.base import HouseField, Typed
from portal.language import _, _l


class TextField(Typed):
    """A line of text."""


class EmailField(Typed):
    """An e-mail address. Only what no address can lack is checked; the code sent there proves the rest."""

    input_type = "email"
    input_mode = "email"
    capitals = "none"
    spellcheck = False
    missing = _l("Enter an e-mail address")

    def __init__(self, label: Any = "", **kwargs: Any) -> None:
        super().__init__(label, **{"autocomplete": "email", "length": 254, **kwargs})

    def check(self) -> None:
        if not re.fullmatch(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+", self.data):
            raise ValidationError(_("Enter the whole e-mail address, like name@example.com."))


class PasswordField(HouseField):
    """A password, taken as typed (spaces count) and never sent back to the page."""

    component = "field_password"
    missing = _l("Enter the password")

    def __init__(self, label: Any = "", *, new: bool = False, length: int = 256, **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.autocomplete = "new-password" if new else "current-password"
        self.length = length

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = str(valuelist[0]) if valuelist else ""

    def check(self) -> None:
        if len(self.data) > self.length:
            raise ValidationError(_("Use at most %(length)s characters.", length=self.length))


class NewPasswordField(PasswordField):
    """A password of one's own, with what it must be beside it. The rules: `identity.credentials.passwords`."""

    missing = _l("Enter a new password")

    def __init__(self, **kwargs: Any) -> None:
        hint = _l(
            "12 characters or more; a few words are easy to remember. Or 8 with small letters, capitals, digits, signs."
        )
        super().__init__(_l("New password"), new=True, hint=hint, **kwargs)


class TextAreaField(Typed):
    """Several lines. `mono` for text that a machine prints (the lines of a residence card)."""

    component = "field_area"

    def __init__(self, label: Any = "", *, rows: int = 4, mono: bool = False, **kwargs: Any) -> None:
        super().__init__(label, **{"length": 2000, **kwargs})
        self.rows = rows
        self.mono = mono
        self.capitals = "characters" if mono else "sentences"
        self.spellcheck = not mono

    def clean(self, text: str) -> str:
        return text.replace("\r\n", "\n")
