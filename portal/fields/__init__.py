"""House form fields: each checks its shape, speaks the reader's language and renders through its component.

WTForms brings English messages of its own and no Vietnamese; no message of its is ever shown (form.py, base.py).
"""

from portal.fields.base import Rule, max_length, min_length
from portal.fields.choice import ChoiceField, SelectField, TickField, TicksField
from portal.fields.date import DateField
from portal.fields.form import HiddenField, HouseForm, is_only_shown, is_stale
from portal.fields.notes import without_numbers
from portal.fields.number import (
    CodeField,
    DocumentNumberField,
    IdentityNumberField,
    PhoneField,
)
from portal.fields.text import EmailField, NewPasswordField, PasswordField, TextAreaField, TextField
from portal.fields.upload import UploadField, take_large_files

__all__ = [
    "ChoiceField",
    "CodeField",
    "DateField",
    "DocumentNumberField",
    "EmailField",
    "HiddenField",
    "HouseForm",
    "IdentityNumberField",
    "NewPasswordField",
    "PasswordField",
    "PhoneField",
    "Rule",
    "SelectField",
    "TextAreaField",
    "TextField",
    "TickField",
    "TicksField",
    "UploadField",
    "is_only_shown",
    "is_stale",
    "max_length",
    "min_length",
    "take_large_files",
    "without_numbers",
]
