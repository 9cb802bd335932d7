"""A date in three boxes, in the order in which people here write it: day, month, year."""

from __future__ import annotations

import calendar
import unicodedata
from datetime import date
from typing import Any

from wtforms.utils import unset_value

from portal.fields.base import HouseField
from portal.language import _, _l

PARTS = ("day", "month", "year")
LATEST = 2200


class DateField(HouseField):
    """`.data` is a date or None. A date that cannot be says why, and the boxes keep what was typed."""

    component = "field_date"
    missing = _l("Enter day, month and year")

    def __init__(
        self,
        label: Any = "",
        *,
        birth: bool = False,
        earliest: int = 1900,
        **kwargs: Any,
    ) -> None:
        super().__init__(label, **kwargs)
        self.birth = birth
        self.earliest = earliest
        self.boxes = dict.fromkeys(PARTS, "")

    @property
    def anchor(self) -> str:
        return f"{self.id}-{next((part for part in PARTS if not self.boxes[part]), 'day')}"

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:
        self.boxes = dict.fromkeys(PARTS, "")
        if formdata is not None:
            for part in PARTS:
                typed = formdata.get(f"{self.name}-{part}", "")
                self.boxes[part] = unicodedata.normalize("NFKC", typed).strip()[:10]
        super().process(formdata, data, extra_filters)
        if formdata is None and isinstance(self.data, date):
            self.boxes = {
                "day": str(self.data.day),
                "month": str(self.data.month),
                "year": str(self.data.year),
            }

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = None
        if any(self.boxes.values()):
            self.data = _read(self.boxes, self.earliest)


def _read(boxes: dict[str, str], earliest: int) -> date:
    if not all(boxes.values()):
        raise ValueError(_("Enter day, month and year, all three."))
    if not all(box.isdecimal() for box in boxes.values()):
        raise ValueError(_("Write day, month and year in digits, like 2 9 1958."))
    day, month, year = (int(boxes[part]) for part in PARTS)
    if not 1 <= month <= 12:
        raise ValueError(_("There is no month %(month)s; months go from 1 to 12.", month=month))
    if len(boxes["year"]) != 4:
        raise ValueError(_("Write the year with four digits, like 1958."))
    if not earliest <= year <= LATEST:
        raise ValueError(_("The year must be between %(first)s and %(last)s.", first=earliest, last=LATEST))
    last = calendar.monthrange(year, month)[1]
    if not 1 <= day <= last:
        raise ValueError(
            _(
                "Month %(month)s/%(year)s has %(last)s days.",
                month=month,
                year=year,
                last=last,
            )
        )
    return date(year, month, day)
