"""One form with each kind of field, empty, filled and wrong."""

from __future__ import annotations

from portal.fields import (
    ChoiceField,
    CodeField,
    DateField,
    DocumentNumberField,
    EmailField,
    HouseForm,
    IdentityNumberField,
    PasswordField,
    PhoneField,
    SelectField,
    TextAreaField,
    TextField,
    TickField,
    TicksField,
    UploadField,
)
from portal.language import _l

CHANNELS = [
    ("sms", _l("Text message"), _l("Arrives without internet")),
    ("email", _l("E-mail"), ""),
    ("inbox", _l("On this site only"), _l("You must look by yourself")),
]


class SpecimenForm(HouseForm):
    """Nothing in it is kept."""

    number = IdentityNumberField(_l("Personal number"), hint=_l("12 digits on the front of the identity card"))
    passport = DocumentNumberField(_l("Passport number"))
    full_name = TextField(_l("Full name"), hint=_l("As printed on your document"), autocomplete="name")
    born_on = DateField(_l("Date of birth"), hint=_l("For example 2 9 1958"), birth=True)
    phone = PhoneField(_l("Mobile phone"), hint=_l("We send a confirmation code to it"))
    email = EmailField(_l("E-mail address"), required=False)
    code = CodeField(_l("Confirmation code"))
    password = PasswordField(_l("Password"))
    channel = ChoiceField(_l("How shall we tell you the result?"), choices=CHANNELS)
    ward = SelectField(
        _l("Commune or ward"),
        choices=[("1", "Phường Minh Hoạ"), ("2", "Xã Mường Lát Thượng")],
    )
    skills = TicksField(
        _l("Skills practised"),
        choices=[("1", _l("Cashless payment")), ("2", _l("Online shopping"))],
    )
    lines = TextAreaField(_l("Lines at the foot of the card"), mono=True, rows=3)
    note = TextAreaField(_l("Note"), required=False)
    portrait = UploadField(_l("Portrait"), hint=_l("Face from the front, eyes open, plain ground"))
    agreed = TickField(
        _l("I want a team to call me and help"),
        required=_l("Tick the box so that a team may call you"),
    )
