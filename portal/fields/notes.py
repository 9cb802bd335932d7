"""What must not stand in words that one person writes to another about a file."""

from __future__ import annotations

import re

from wtforms import Field, Form
from wtforms.validators import ValidationError

from onboarding.free_text import personal_words
from portal.language import _

SUM = r"(?<!\d[., ])(?:[1-9]\d{0,2}([., ])\d{3}(?:\%d\d{3})?|[1-9]\d{0,5}000)"
"""Below a thousand million, and no end of something longer: that may be a number of somebody."""
OF_NOBODY = re.compile(
    r"(?<![\d.])(?:"
    r"(?:0?[1-9]|[12]\d|3[01])([./-])(?:0?[1-9]|1[0-2])\1(?:19|20)\d\d"
    rf"|{SUM % 2}(?=\s*(?:đồng|đ|₫|vnđ|vnd|dong)(?!\w))"
    rf"|(?<!\w)vn[đd]\s*{SUM % 3}"
    r"|1[89]00[ .]?\d{4,6}"
    r")(?!\d)",
    re.IGNORECASE,
)
"""Days, sums of money and numbers of hotlines: long numbers that a message about a file needs."""


def without_numbers(_form: Form, field: Field) -> None:
    """Numbers of documents and phones help nobody here, and would lie in one more place."""
    found = personal_words(OF_NOBODY.sub("|", field.data or ""))
    if found is not None and found.kind == "number":
        raise ValidationError(_("Leave out “%(words)s”: no numbers of documents or phones.", words=found.words))
