"""What officers fill in. Shape only; the rules are in `identity.application`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from wtforms import Field, Form
from wtforms.validators import ValidationError

from identity.application import Application, possible_reasons, possible_supplements, was_seen
from identity.application.counter import CAPTURE_REFERENCE
from identity.base import Refused
from portal.errors import sentence
from portal.fields import (
    ChoiceField,
    HiddenField,
    HouseForm,
    SelectField,
    TextAreaField,
    TextField,
    TickField,
    TicksField,
    UploadField,
    without_numbers,
)
from portal.language import _l
from portal.reasons import REFUSALS, SUPPLEMENTS


class CaseForm(HouseForm):
    """Parent of the forms about a case: each carries the version that the officer saw."""

    version = HiddenField()
    outdated = False
    """Set when somebody else changed the case: the page is shown again as it is now, with what was typed."""

    @property
    def seen(self) -> int:
        """The version that the officer saw; 0, which no case has, when it is missing."""
        typed = str(self.version.data or "")
        return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else 0

    def offer(self, application: Application, now: datetime) -> None:
        """Leave only what fits this file; a parent's choices fit all."""

    def refuse(self, refusal: Refused) -> None:
        super().refuse(refusal)
        self.outdated = refusal.code == "application-changed"


class StepForm(CaseForm):
    """A single step (acknowledge, ask the register again, new slip)."""


class SupplementForm(CaseForm):
    """What the applicant must bring or send. `step` tells the preview from the sending."""

    reasons = TicksField(
        _l("What is missing"),
        choices=list(SUPPLEMENTS.items()),
        hint=_l("Tick all that apply: the applicant is asked once."),
    )
    note = TextAreaField(
        _l("Note to the applicant"),
        required=False,
        length=500,
        rows=3,
        hint=_l("In words the applicant understands. No numbers of documents."),
        rules=[without_numbers],
    )

    def offer(self, application: Application, now: datetime) -> None:
        """Only what this person can have."""
        possible = possible_supplements(application)
        self.reasons.choices = [choice for choice in self.reasons.choices if choice[0] in possible]


def shaped_like_a_reference(_form: Form, field: Field) -> None:
    """The device's reference is checked before the register is asked for nothing."""
    if not CAPTURE_REFERENCE.fullmatch(field.data):
        raise ValidationError(sentence(Refused("capture-reference")))


class CounterForm(CaseForm):
    """The visit: portrait, fingerprints as a reference of the device (never the prints), summary confirmed."""

    portrait = UploadField(_l("Portrait"), camera="user", hint=_l("Face straight on, no hat, plain background."))
    capture_reference = TextField(
        _l("Capture reference of the fingerprint device"),
        length=80,
        rules=[shaped_like_a_reference],
        hint=_l("The device shows it when the capture is done. The prints themselves are not kept here."),
    )
    guardian_present = TickField(
        _l("The guardian is here and showed their own document"),
        required=False,
    )
    confirmed = TickField(
        _l("The applicant checked the summary and confirmed it"),
        required=_l("The applicant must confirm the summary before you go on"),
    )


class DecisionForm(CaseForm):
    """Approve, or refuse with one reason from the list."""

    outcome = ChoiceField(
        _l("Decision"),
        choices=[
            ("approved", _l("Approve and issue the account")),
            ("refused", _l("Refuse"), _l("The applicant gets the reason, what to bring, and how to appeal.")),
        ],
    )
    reason = SelectField(
        _l("Reason for the refusal"),
        required=False,
        optional_text=_l("only for a refusal"),
        choices=[(code, words.reason) for code, words in REFUSALS.items()],
    )

    def offer(self, application: Application, now: datetime) -> None:
        """Only what can be true of this file; the page says what is missing for the rest."""
        if not was_seen(application):
            self.outcome.choices = [choice for choice in self.outcome.choices if choice[0] != "approved"]
            self.outcome.description = _l(
                "Approving level 2 takes a visit: the receiving officer records it, "
                "with portrait, fingerprints and match."
            )
        possible = possible_reasons(application, now=now)
        self.reason.choices = [choice for choice in self.reason.choices if choice[0] in possible]

    def validate(self, extra_validators: Any = None) -> bool:
        """A refusal needs its reason."""
        fine = super().validate(extra_validators)
        if fine and self.outcome.data == "refused" and not self.reason.data:
            self.reason.errors = [_l("Choose the reason; the applicant will read it")]
            return False
        return fine
