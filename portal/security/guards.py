"""Guards: each route says who may pass. A slice has one guard; `guarded` changes it for a view.

A guard returns None to let pass, a response (sign in first), or raises `Refused`. It runs inside the wrapped view, so
that it can never be skipped and never writes.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

from flask import Blueprint, abort, redirect, request, url_for
from werkzeug.wrappers import Response as WerkzeugResponse

from identity.base import Refused
from identity.staff.duties import conflicting
from portal.form_place import place_of_form
from portal.security.visitor import me
from portal.services import now, services

Guard = Callable[[], Any]
View = TypeVar("View", bound=Callable[..., Any])


class Slice(Blueprint):
    """One part of the site for one kind of actor: a blueprint with its guard."""

    def __init__(self, name: str, import_name: str, *, guard: Guard, **options: Any) -> None:
        super().__init__(name, import_name, **options)
        self.guard = guard


def guarded(guard: Guard) -> Callable[[View], View]:
    """Give one view a guard that differs from its slice's."""

    def mark(view: View) -> View:
        view.guard = guard  # type: ignore[attr-defined]
        return view

    return mark


def writes(view: View) -> View:
    """Say that a GET view writes (authorize, audited case views); POST views always may."""
    view.writes = True  # type: ignore[attr-defined]
    return view


def unprotected(view: View) -> View:
    """Say that a POST view takes no form token because no cookie speaks for its caller (token endpoint …)."""
    view.unprotected = True  # type: ignore[attr-defined]
    return view


def for_programs(view: View) -> View:
    """Say that programs call this view: its failures are JSON in the shape of OAuth (RFC 6749 section 5.2)."""
    view.for_programs = True  # type: ignore[attr-defined]
    return view


def anyone() -> None:
    """Public: on the short list that a test keeps."""


def demonstration_only() -> None:
    """Exists in the demonstration only."""
    if not services().settings.is_demonstration:
        abort(404)


def resident() -> WerkzeugResponse | None:
    """A signed-in resident."""
    visitor = me()
    if visitor is None:
        return _sign_in_first()
    if visitor.is_staff:
        raise Refused("not-allowed")
    return None


def staff(*roles: str) -> Guard:
    """A staff account that holds one of `roles` today and signed in with two factors (level 2).

    Duties kept apart are refused when a role is given; here too, for roles that are older than the rule.
    """

    def guard() -> WerkzeugResponse | None:
        visitor = me()
        if visitor is None:
            return _sign_in_first()
        if not visitor.is_staff or not visitor.has_role(*roles):
            raise Refused("not-allowed", audited=True)
        if conflicting([held.role for held in visitor.roles]):
            raise Refused("roles-held-together", audited=True)
        if visitor.aal < 2:
            raise Refused("second-factor-needed")
        return None

    guard.roles = roles  # type: ignore[attr-defined]
    return guard


def in_a_unit(*roles: str) -> Guard:
    """The same, held in a unit: work with teams and people is not that of the whole country."""
    passing = staff(*roles)

    def guard() -> WerkzeugResponse | None:
        answer, visitor = passing(), me()
        if answer is None and visitor is not None and not visitor.units_for(*roles):
            raise Refused("not-allowed", audited=True)
        return answer

    guard.roles = roles  # type: ignore[attr-defined]
    return guard


def fresh(minutes: int) -> Guard:
    """A resident who proved who they are within the last `minutes`."""

    def guard() -> WerkzeugResponse | None:
        answer = resident()
        visitor = me()
        if answer is None and visitor is not None and now() - visitor.auth_time > timedelta(minutes=minutes):
            return redirect(url_for("account.sign_in", next=_here(), again=1))
        return answer

    return guard


def _sign_in_first() -> WerkzeugResponse:
    return redirect(url_for("account.sign_in", next=_here()))


def _here() -> str:
    """The address to come back to; of a form that was posted the page on which it stands."""
    if request.method in {"GET", "HEAD"}:
        return request.full_path.rstrip("?")
    return place_of_form() or url_for("home.index")
