"""What an operator types for a new receiver of figures."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session
from wtforms.validators import ValidationError

from identity.base import Refused
from identity.deadlines import today_in_vietnam
from identity.names import fold
from identity.places import COUNTRY, Unit, UnitKind, find_units, unit_by_code
from onboarding.feeds.formats import Format
from onboarding.feeds.model import Access
from onboarding.feeds.subscriptions import new_secret
from onboarding.feeds.wish import KINDS, SECRETS, Wish
from onboarding.figures.periods import PeriodKind
from onboarding.figures.registry import indicators
from portal.fields import ChoiceField, HouseForm, PasswordField, SelectField, TextField, TickField, TicksField
from portal.language import _, _l, in_our_language
from portal.operation.feed_words import ACCESS, FORMATS, PERIODS
from portal.services import now

TYPED = {part for way in (Access.PASSWORD, Access.CLIENT) for part in SECRETS[way]}


class FeedForm(HouseForm):
    """Who gets which figures, of where and when, and how we show who we are."""

    name = TextField(_l("Name of the receiver"), hint=_l("As you know it: IOC of the province"), length=60)
    address = TextField(
        _l("Address of the receiver"),
        hint=_l("Begins with https://. It is tried at once, and nothing is sent yet."),
        length=500,
    )
    format = SelectField(_l("Format"), choices=[(one.value, FORMATS[one]) for one in Format])
    unit = TextField(_l("Place"), hint=_l("VN is the whole country. Else the code or the full name of a unit."))
    with_below = TickField(_l("Also the units right below it"), required=False)
    period_kind = SelectField(_l("Periods"), choices=[(kind.value, PERIODS[kind]) for kind in KINDS])
    periods = TextField(_l("How many periods"), hint=_l("From 1 to 60, the running one too."), length=2)
    locale = ChoiceField(_l("Language of the names"), choices=[("vi", "Tiếng Việt"), ("en", "English")])
    access = ChoiceField(_l("How we show who we are"), choices=[])
    user = TextField(_l("User name"), required=False)
    password = PasswordField(_l("Password there"), required=False, new=True)
    client_id = TextField(_l("Our identifier there"), required=False)
    client_secret = PasswordField(_l("Our secret there"), required=False, new=True)
    token_address = TextField(_l("Address that gives the access"), required=False, length=500)
    indicators = TicksField(_l("Indicators"))

    def __init__(self, **usual: Any) -> None:
        super().__init__(**usual)
        self.indicators.choices = [(one.code, in_our_language(one.name), one.code) for one in indicators()]
        self.access.choices = [(way.value, ACCESS[way], HINTS.get(way, "")) for way in Access]

    def validate_periods(self, field: Any) -> None:
        if not re.fullmatch(r"[0-9]{1,2}", field.data):
            raise ValidationError(_("Enter a number from 1 to 60."))

    def validate(self, extra_validators: Any = None) -> bool:
        """What the chosen way needs is asked for at its own field."""
        valid = super().validate(extra_validators)
        for part in sorted(TYPED.intersection(self._needed())):
            field = self[part]
            if not field.data:
                field.errors = [*field.errors, _("The way that you chose needs this.")]
                valid = False
        return valid

    def wish(self, db: Session) -> Wish:
        """In the domain's words; a shared secret is drawn here. Refused `unit-unknown`."""
        unit = self._unit(db)
        return Wish(
            name=self.name.data,
            address=self.address.data,
            format=self.format.data,
            indicators=self.indicators.data,
            unit_id=unit,
            with_below=bool(self.with_below.data),
            period_kind=self.period_kind.data,
            periods=int(self.periods.data),
            locale=self.locale.data,
            access=self.access.data,
            secret=self._secret(),
        )

    def _needed(self) -> tuple[str, ...]:
        return SECRETS[Access(self.access.data)] if self.access.data in set(Access) else ()

    def _secret(self) -> dict[str, str]:
        if self.access.data == Access.SIGNATURE:
            return {"secret": new_secret()}
        return {part: str(self[part].data) for part in self._needed()}

    def _unit(self, db: Session) -> UUID | None:
        """By its code, else by its name where only one has it."""
        typed, today = self.unit.data, today_in_vietnam(now())
        if typed.upper() == COUNTRY:
            return None
        found = unit_by_code(db, typed, on=today)
        named = (
            [found] if found else [one for one in find_units(db, typed, on=today, limit=3) if _is_called(one, typed)]
        )
        if len(named) != 1:
            raise Refused("unit-unknown", field="unit")
        return named[0].id


HINTS = {
    Access.SIGNATURE: _l("We draw the secret and show it once, to be handed to the receiver."),
    Access.PASSWORD: _l("DHIS2 takes this."),
    Access.CLIENT: _l("OAuth 2.0, client credentials."),
}


def _is_called(unit: Unit, typed: str) -> bool:
    names = {fold(unit.name), fold(unit.title), fold(unit.english_title)}
    return unit.kind != UnitKind.VILLAGE and fold(typed) in names


def usual() -> dict[str, Any]:
    """What stands in the form before anybody types."""
    return {
        "format": Format.CSV.value,
        "unit": COUNTRY,
        "period_kind": PeriodKind.MONTH.value,
        "periods": "2",
        "locale": "vi",
        "access": Access.SIGNATURE.value,
    }
