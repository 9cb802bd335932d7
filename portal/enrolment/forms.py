"""What applicants fill in, one thing a page. Shape only: the rules are in `identity`."""

from __future__ import annotations

from datetime import date
from typing import Any

from wtforms.validators import ValidationError

from identity.application.earlier import LONGEST_NUMBER
from identity.deadlines import today_in_vietnam
from portal.enrolment.countries import nationalities
from portal.fields import (
    ChoiceField,
    CodeField,
    DateField,
    DocumentNumberField,
    EmailField,
    HouseForm,
    IdentityNumberField,
    PhoneField,
    SelectField,
    TextAreaField,
    TextField,
    TickField,
    UploadField,
)
from portal.language import NAMES, _, _l
from portal.services import now, services


class LevelField(ChoiceField):
    """Which way; a form that was sent without it means the visit, as it did before there was a choice."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = str(valuelist[0]) if valuelist else "2"


class WhoForm(HouseForm):
    level = LevelField(
        _l("How would you like to apply?"),
        choices=[
            (
                "1",
                _l("Online, for level 1"),
                _l(
                    "Now, with this phone and a portrait; as a rule ready at once. It opens your own data and simple "
                    "services. Level 2 can follow at any time."
                ),
            ),
            (
                "2",
                _l("In person, for level 2"),
                _l(
                    "One visit to an office, for portrait and fingerprints. It opens all public services and takes "
                    "the place of your papers."
                ),
            ),
        ],
        required=_l("Choose how you would like to apply."),
    )
    person_kind = ChoiceField(
        _l("Who is the account for?"),
        choices=[
            ("citizen", _l("A Vietnamese citizen"), _l("With a valid identity card")),
            ("foreigner", _l("A foreign resident"), _l("With a passport and a permanent or temporary residence card")),
        ],
        required=_l("Choose who the account is for."),
    )


class LanguageForm(HouseForm):
    locale = ChoiceField(
        _l("In which language should we write to you?"),
        hint=_l("Messages and the decision come in this language."),
        required=_l("Choose a language."),
    )

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.locale.choices = [(tag, NAMES[tag]) for tag in services().settings.locales]


class PhoneForm(HouseForm):
    phone = PhoneField(
        _l("Your mobile number"),
        hint=_l("Registered in your own name. We send a confirmation code to it now, and the result later."),
    )


class PhoneCodeForm(HouseForm):
    otp = CodeField(_l("Confirmation code"))


class PersonalNumberForm(HouseForm):
    personal_number = IdentityNumberField(
        _l("Your personal number"), hint=_l("12 digits on the front of the identity card")
    )


class PassportNumberForm(HouseForm):
    passport_number = DocumentNumberField(
        _l("Your passport number"), hint=_l("At the top right of the page with your photograph"), longest=15
    )


class NationalityForm(HouseForm):
    nationality = SelectField(
        _l("Your nationality"),
        hint=_l("As in the passport you use in Viet Nam"),
        required=_l("Choose your nationality."),
    )

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.nationality.choices = nationalities()


class NameForm(HouseForm):
    full_name = TextField(
        _l("Your full name"),
        hint=_l("Exactly as on the document, in the same order. Capitals do not matter."),
        autocomplete="name",
        required=_l("Enter your full name."),
    )


def _not_in_the_future(_form: Any, field: Any) -> None:
    if isinstance(field.data, date) and field.data > today_in_vietnam(now()):
        raise ValidationError(_("This day has not come yet. Check the year."))


class BirthDateForm(HouseForm):
    birth_date = DateField(
        _l("Your date of birth"), hint=_l("For example 2 9 1958"), birth=True, rules=[_not_in_the_future]
    )


class ResidenceCardForm(HouseForm):
    residence_card = TextField(
        _l("The number of your residence card"),
        hint=_l("On the front of the permanent or temporary residence card, after “Số / No.”"),
        length=20,
        required=_l("Enter the number of the residence card."),
    )
    earlier_number = TextField(
        _l("An earlier number, if you have had an account under other papers"),
        hint=_l(
            "Of the old passport or residence card, or your identification number. An officer then looks for that "
            "account, so that you keep it."
        ),
        length=LONGEST_NUMBER,
        required=False,
    )


class MrzForm(HouseForm):
    mrz = TextAreaField(
        _l("The lines at the foot of the document"),
        hint=_l("Two lines of 44 signs in a passport, three lines of 30 on a card. The < signs belong to them."),
        rows=3,
        mono=True,
        required=_l("Paste or type the lines."),
    )


class CardForm(HouseForm):
    card_qr = TextAreaField(
        _l("The text of the card's QR code"),
        hint=_l("Read the QR code on the card with your phone's camera, copy the text and paste it here."),
        rows=3,
        required=_l("Paste the text of the QR code."),
    )


class PortraitForm(HouseForm):
    portrait = UploadField(
        _l("Portrait"),
        camera="user",
        hint=_l("Face straight on, even light, no hat or dark glasses, plain background. JPEG or PNG, at most 10 MB."),
    )


class GuardianshipForm(HouseForm):
    paper = UploadField(
        _l("The paper that shows the guardianship"),
        hint=_l("A clear picture of the birth certificate, or of the decision that names the guardian. JPEG or PNG."),
    )
    until = DateField(
        _l("Until when it holds"),
        hint=_l("Leave empty if the paper names no day. Over a child it ends on the 14th birthday in any case."),
        required=False,
    )


class AddWardForm(HouseForm):
    person_kind = ChoiceField(
        _l("Whom do you add?"),
        choices=[
            ("citizen", _l("A Vietnamese citizen"), _l("A child with an identity card, or a ward")),
            ("foreigner", _l("A foreign resident"), _l("With a passport and a permanent or temporary residence card")),
        ],
        required=_l("Choose whom you add."),
    )


class OfficeForm(HouseForm):
    office_id = ChoiceField(_l("Choose an office"), required=_l("Choose an office from the list."))


class MessagesForm(HouseForm):
    notify_by = ChoiceField(
        _l("How should we tell you the result?"),
        choices=[
            ("sms", _l("By text message (SMS)")),
            ("both", _l("By text message and e-mail")),
            ("email", _l("By e-mail only")),
        ],
        required=_l("Choose how we should tell you."),
    )
    email = EmailField(_l("E-mail address"), hint=_l("Needed only if you chose e-mail."), required=False)

    def validate(self, extra_validators: Any = None) -> bool:
        valid = super().validate(extra_validators)
        if self.notify_by.data in ("both", "email") and not self.email.data and not self.email.errors:
            self.email.errors = [_("Enter the e-mail address to write to, or choose text message.")]
            return False
        if self.notify_by.data == "sms" and self.email.errors:  # typed before they chose: nobody writes there
            self.email.errors, self.email.data = [], None
            return True
        return valid


class HelpForm(HouseForm):
    agreed_to_help = TickField(
        _l("I would like help with activating the account"),
        hint=_l(
            "The digital technology team of your area then sees your first name and part of your phone number, nothing "
            "else. You can take this back at any time."
        ),
        required=False,
    )


class CodeForm(HouseForm):
    """The application code of the receipt."""

    code = CodeField(
        _l("Application code"),
        hint=_l("It is on the receipt and in the message you got after sending. It looks like DD2-7K4P-09RT-5XQ2."),
        digits=None,
        required=_l("Enter the application code."),
    )


class DayForm(HouseForm):
    """Which day's times are shown; sent by GET."""

    day = SelectField(_l("Day"))


class TimeForm(HouseForm):
    """One of the times with room."""

    starts_at = ChoiceField(_l("Time"), required=_l("Choose a time."))


class EmptyForm(HouseForm):
    """A button that acts."""
