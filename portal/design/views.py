"""The catalogue."""

from __future__ import annotations

from flask import Response, url_for

from portal.assets import icon_names
from portal.design import blueprint
from portal.design.forms import SpecimenForm
from portal.pages import page


def specimen_page(number: int) -> str:
    return url_for("design.work", page=number)


@blueprint.get("")
def catalogue() -> Response:
    return page("design/catalogue.html", icon_names=icon_names(), specimen_page=specimen_page)


@blueprint.route("/form", methods=["GET", "POST"])
def form() -> Response:
    """The form as a page: send it empty or wrong to see every error."""
    specimen = SpecimenForm()
    sent = specimen.validate_on_submit()
    return page("design/form.html", form=specimen, sent=sent)


@blueprint.get("/work")
def work() -> Response:
    return page("design/work.html", page_number=2, specimen_page=specimen_page)


@blueprint.get("/field")
def field() -> Response:
    return page("design/field.html")
