"""The answer to a request: what it is, why, and what the person should know."""

from __future__ import annotations

from identity.rights.model import REASONS
from identity.rights.requests import LONGEST
from portal.fields import ChoiceField, HouseForm, TextAreaField
from portal.language import _l
from portal.words.rights import REASONS as SENTENCES
from portal.words.rights import STATES


class AnswerForm(HouseForm):
    """Outcome and reason are one choice, so that they always fit."""

    answer = ChoiceField(
        _l("Answer"),
        choices=[
            (f"{state}:{reason}", STATES[state][0], SENTENCES[reason])
            for state, reasons in REASONS.items()
            for reason in reasons
        ],
        required=_l("Choose an answer with its reason"),
    )
    words = TextAreaField(
        _l("In your words, for the person"),
        hint=_l("Plain and short: what was done, what they can do next. They read it as it stands."),
        required=False,
        length=LONGEST,
    )
