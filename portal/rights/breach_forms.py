"""What is written down about a breach."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any

from wtforms.validators import ValidationError

from identity.base import Refused
from identity.breaches.model import Breach
from identity.breaches.record import LONGEST, Finding
from identity.deadlines import VIETNAM
from portal.fields import ChoiceField, DateField, HouseForm, TextAreaField, TextField, TickField, TicksField
from portal.language import _, _l, amount
from portal.words.breach import CATEGORIES, CAUSES

MOST_PEOPLE = 200_000_000
MOST_NUMBERS = 500


def whole_number(_form: Any, field: Any) -> None:
    """How many, in digits."""
    if not (field.data.isascii() and field.data.isdigit() and int(field.data) <= MOST_PEOPLE):
        raise ValidationError(_("Enter a number in digits; an estimate will do."))


def time_of_day(_form: Any, field: Any) -> None:
    """A time like 14:30."""
    try:
        time.fromisoformat(field.data)
    except ValueError:
        raise ValidationError(_("Enter the time like 14:30.")) from None


def few_enough(form: Any, _field: Any) -> None:
    """Whoever would be left out would never be told."""
    if (count := len(form.lines())) > MOST_NUMBERS:
        most, found = amount(MOST_NUMBERS), amount(count)
        raise ValidationError(
            _(
                "At most %(most)s numbers at once, and there are %(count)s. Name the others after these.",
                most=most,
                count=found,
            )
        )


class FindingForm(HouseForm):
    """What is known so far."""

    found_on = DateField(_l("When was it found?"), hint=_l("The 72 hours run from here"))
    found_time = TextField(_l("At what time?"), hint=_l("Like 14:30"), length=5, rules=[time_of_day])
    happened_on = DateField(_l("When did it happen, as far as is known?"), required=False)
    cause = ChoiceField(_l("How did it come about?"), choices=list(CAUSES.items()))
    categories = TicksField(
        _l("Which data are concerned?"),
        choices=list(CATEGORIES.items()),
        required=_l("Tick at least one kind of data"),
    )
    people = TextField(_l("How many people, about?"), length=9, rules=[whole_number])
    what = TextAreaField(_l("What happened"), length=LONGEST, rows=5)
    measures = TextAreaField(_l("What was done and is being done about it"), length=LONGEST, rows=5)
    advice_vi = TextAreaField(
        _l("What people concerned should do, in Vietnamese"),
        hint=_l(
            "It goes out word by word. Who can sign in gets a hint by SMS and the words by mail and inbox; who cannot, "
            "or has only an application, gets the words by SMS, too: keep them short."
        ),
        required=False,
        length=1000,
    )
    advice_en = TextAreaField(_l("The same in English"), required=False, length=1000)
    why_late = TextAreaField(
        _l("Why is the notice late?"),
        hint=_l("Only when the 72 hours are over: the notice has to say it"),
        required=False,
        length=1000,
        rows=3,
    )

    def finding(self) -> Finding:
        """As the domain takes it."""
        return Finding(
            cause=self.cause.data,
            categories=self.categories.data,
            people=int(self.people.data),
            found_at=at(self.found_on.data, self.found_time.data),
            happened_at=at(self.happened_on.data, "00:00") if self.happened_on.data else None,
            what=self.what.data,
            measures=self.measures.data,
            advice={"vi": self.advice_vi.data or "", "en": self.advice_en.data or ""},
            why_late=self.why_late.data or "",
        )


class AuthorityForm(HouseForm):
    """The notice has left."""

    reference = TextField(_l("Number of the authority's receipt, or how it was sent"), length=60)
    told_on = DateField(_l("When did the notice leave?"), hint=_l("Leave it empty when it leaves now"), required=False)
    told_time = TextField(_l("At what time?"), hint=_l("Like 14:30"), required=False, length=5, rules=[time_of_day])

    def told_at(self) -> datetime | None:
        """None: now. A day goes with a time."""
        if bool(self.told_on.data) != bool(self.told_time.data):
            raise Refused("breach-told-when", field="told_on")
        return at(self.told_on.data, self.told_time.data) if self.told_on.data else None


class PeopleForm(HouseForm):
    """Whom it concerns."""

    numbers = TextAreaField(
        _l("Numbers of people, passports, residence cards or applications"),
        hint=_l("One a line, 500 at most. For a passport, the three letters of the country first: KOR M12345678"),
        length=20_000,
        rows=6,
        rules=[few_enough],
    )

    def lines(self) -> list[str]:
        """Each number once, without the spaces it may be printed with."""
        return list(dict.fromkeys("".join(line.split()) for line in self.numbers.data.splitlines() if line.strip()))


class EverybodyForm(HouseForm):
    """All of them."""

    everybody = TickField(
        _l("Everybody is concerned: every account, and every application without one"),
        required=_l("Tick it when everybody is concerned"),
    )


class CloseForm(HouseForm):
    """The end of the file."""

    conclusion = TextAreaField(_l("What it came to, and what was learned from it"), length=LONGEST, rows=5)


def at(day: date, clock: str) -> datetime:
    """A moment in Vietnam."""
    return datetime.combine(day, time.fromisoformat(clock), VIETNAM).astimezone(UTC)


def filled(row: Breach) -> dict[str, Any]:
    """The form as the file stands."""
    found, advice = row.found_at.astimezone(VIETNAM), row.advice or {}
    return {
        "found_on": found.date(),
        "found_time": f"{found:%H:%M}",
        "happened_on": row.happened_at.astimezone(VIETNAM).date() if row.happened_at else None,
        "cause": row.cause,
        "categories": row.kinds,
        "people": str(row.people),
        "what": row.what,
        "measures": row.measures,
        "advice_vi": advice.get("vi", ""),
        "advice_en": advice.get("en", ""),
        "why_late": row.why_late or "",
    }
