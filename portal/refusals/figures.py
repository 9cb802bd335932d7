"""Refusals of figures, and of papers with numbers (`flask figures denominators import`)."""

from portal.language import _l

SENTENCES = {
    "figures-no-place": _l(
        "There is no such unit, or it is a village. Figures are published of wards, communes, special zones, provinces "
        "and the country; search the name among the units of the country."
    ),
    "reference-measure": _l("Line %(line)s: no indicator takes this measure from a paper."),
    "reference-number": _l("Line %(line)s: write a whole number from 0 on, or nothing to take the number back."),
    "reference-source": _l("Line %(line)s: name the paper (up to 200 letters) and its edition (up to 40)."),
    "reference-day": _l("Line %(line)s: this day is still to come."),
    "reference-double": _l("Line %(line)s: the paper says this twice."),
    "reference-contradicts": _l("On %(day)s the units sum up to %(sum)s, and the unit above says %(own)s."),
    "reference-columns": _l("The first line must be: measure, unit, day, number, source, vintage."),
    "reference-line": _l("Line %(line)s: write the day like 2026-12-31 and the code of a unit of that day, or VN."),
}
STATUS = {"figures-no-place": 404}
