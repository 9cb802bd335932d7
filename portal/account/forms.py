"""Forms of signing in and of the account; ids equal names, because scripts and test tools rely on them."""

from __future__ import annotations

from portal.device_lock import DeviceAnswerForm
from portal.fields import CodeField, EmailField, HouseForm, NewPasswordField, PasswordField, PhoneField, TextField
from portal.language import _l


class SignInForm(HouseForm):
    """Login and password on one form, so that password managers fill both."""

    login = TextField(
        _l("Personal number"),
        hint=_l("Foreign residents: the identification number from the message of approval"),
        autocomplete="username webauthn",
        required=_l("Enter your personal number"),
        length=100,
    )
    password = PasswordField(_l("Password"), required=_l("Enter your password"))


class SecondStepForm(HouseForm):
    """The code of the app, or a recovery code; the browser offers the device's own lock beside it."""

    otp = CodeField(
        _l("Code from your authenticator app"),
        hint=_l("6 digits. Or one of your recovery codes."),
        digits=None,
        autocomplete="one-time-code webauthn",
        required=_l("Enter the code that your app shows"),
    )


class PasswordForm(HouseForm):
    """A new password, after the old one."""

    password = PasswordField(_l("Current password"), required=_l("Enter your current password"))
    new_password = NewPasswordField()


class SmsStepForm(HouseForm):
    """The code that was sent by SMS."""

    otp = CodeField(_l("Code from the SMS"), hint=_l("6 digits"), required=_l("Enter the code from the message"))


class LoginForm(HouseForm):
    """Whose account it is about."""

    login = TextField(
        _l("Personal number"), autocomplete="username", required=_l("Enter your personal number"), length=100
    )


class RecoverByCodeForm(LoginForm):
    """A code of the sheet, when password or app are gone."""

    code = CodeField(
        _l("Recovery code"),
        hint=_l("On the sheet that you kept when you activated: 12 letters and digits"),
        digits=None,
        required=_l("Enter the code from your sheet"),
    )


class ReturnForm(HouseForm):
    """The code that leads back to a recovery."""

    code = CodeField(
        _l("Code"),
        hint=_l("From the slip of the office, or from the page where you asked: 12 letters and digits"),
        digits=None,
        required=_l("Enter the code"),
    )


class StopForm(HouseForm):
    """The code of a notice."""

    code = CodeField(
        _l("Code from the message"), digits=None, required=_l("Enter the code from the message"), length=40
    )


class PhoneCodeForm(HouseForm):
    """The code sent to the phone on file."""

    otp = CodeField(_l("Confirmation code"), required=_l("Enter the code from the message"))


class NewPasswordForm(HouseForm):
    """A password of one's own."""

    password = NewPasswordField()


class TrustForm(HouseForm):
    """Somebody to trust, by number."""

    number = TextField(
        _l("Their personal number"),
        hint=_l("Ask them for it. Foreign residents: the identification number"),
        required=_l("Enter their personal number"),
        length=100,
    )


class WordForm(HouseForm):
    """What the person says to the contact."""

    word = CodeField(
        _l("The word that they told you"),
        hint=_l("8 letters and digits, said by voice or face to face"),
        digits=None,
        required=_l("Enter the word that they told you"),
    )


class EmptyForm(HouseForm):
    """Only the form token: a button."""


class PasskeyForm(DeviceAnswerForm):
    """A new device, and what the person calls it."""

    name = TextField(
        _l("Name of this device"),
        hint=_l("So that you know it in the list, for example Mother's phone"),
        required=_l("Enter a name for this device"),
        length=60,
    )


class PasskeyNameForm(HouseForm):
    """Another name for a device."""

    name = TextField(_l("Name of this device"), required=_l("Enter a name for this device"), length=60)


class NewCodesForm(HouseForm):
    """One code of the new set, typed back."""

    recovery = CodeField(
        _l("One of the codes above"),
        hint=_l("So that we know they were written down. It stays good."),
        digits=None,
        required=_l("Type one of the codes above"),
    )


class NewAppForm(HouseForm):
    """The first code of the new app."""

    otp = CodeField(_l("Code that the app shows"), required=_l("Enter the code that your app shows"))


class FreezeForm(HouseForm):
    """The sheet's freeze code."""

    login = TextField(
        _l("Personal number"), autocomplete="username", required=_l("Enter your personal number"), length=100
    )
    code = CodeField(
        _l("Freeze code"),
        hint=_l("On the sheet with your recovery codes"),
        digits=None,
        required=_l("Enter the code from your sheet"),
    )


class PauseForm(HouseForm):
    """Whose sign-ins are to stop; no proof is asked."""

    login = TextField(
        _l("Personal number"), autocomplete="username", required=_l("Enter your personal number"), length=100
    )


class PhoneForm(HouseForm):
    """A new phone number."""

    value = PhoneField(_l("New phone number"), required=_l("Enter the new phone number"))


class EmailForm(HouseForm):
    """A new mail address."""

    value = EmailField(_l("New mail address"), required=_l("Enter the new mail address"))


class ContactCodeForm(HouseForm):
    """The code that takes the mail address out."""

    old_code = CodeField(
        _l("Code sent to the phone we have"),
        autocomplete="one-time-code",
        required=_l("Enter the code from the phone we have"),
    )


class ContactCodesForm(HouseForm):
    """The two codes of a change."""

    old_code = CodeField(
        _l("Code sent to the phone we have"), autocomplete="off", required=_l("Enter the code from the phone we have")
    )
    new_code = CodeField(
        _l("Code sent to the new one"), autocomplete="one-time-code", required=_l("Enter the code from the new one")
    )
