"""Forms of the activation; one question a page."""

from __future__ import annotations

from portal.fields import ChoiceField, CodeField, HouseForm, NewPasswordField, TextField
from portal.language import _l

PROOFS = {
    "counter_secret": (
        _l("The slip from the counter"),
        _l("The secret that the officer handed over: ten letters and digits"),
    ),
    "passport": (_l("My passport"), _l("The last 6 characters of its number")),
    "residence_card": (_l("My residence card"), _l("The last 6 characters of its number")),
    "citizen_card": (
        _l("My identity card"),
        _l("The day until which it is valid, like 31/12/2030; without one, the day of issue"),
    ),
}


class CodeForm(HouseForm):
    """The code from the notice."""

    code = CodeField(
        _l("Activation code"),
        hint=_l(
            "12 letters and digits, in the message that your account is ready. Large or small letters are the same."
        ),
        digits=None,
        required=_l("Enter the code from the message"),
    )


class PhoneForm(HouseForm):
    """The code sent to the phone on file."""

    otp = CodeField(_l("Confirmation code"), required=_l("Enter the code from the message"))


class ProofForm(HouseForm):
    """A second proof that is not the SIM."""

    kind = ChoiceField(_l("What do you have at hand?"), required=_l("Choose what you have at hand"))
    proof = TextField(
        _l("What it says"),
        hint=_l("As described beside your choice"),
        length=40,
        required=_l("Enter what the slip or document says"),
    )


class NewPasswordForm(HouseForm):
    """A password of one's own."""

    password = NewPasswordField()


class AppForm(HouseForm):
    """The first code of the authenticator app."""

    otp = CodeField(_l("Code that the app shows"), required=_l("Enter the code that your app shows"))


class RecoveryForm(HouseForm):
    """One recovery code, typed back."""

    recovery = CodeField(
        _l("One of the codes above"),
        hint=_l("So that we know they were written down. It stays good."),
        digits=None,
        required=_l("Type one of the codes above"),
    )


class EmptyForm(HouseForm):
    """A button that acts."""
