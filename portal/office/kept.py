"""What an officer typed about a case stands in the form again when they go back from a look or reload a refusal.

It waits sealed for the same sign-in, form and version of the case, for an hour at most: once the case has changed, the
words are for another moment. What confirms something is ticked anew, and files are chosen anew.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid5

from identity.application import Application
from identity.once import issue, waiting
from portal.database import db
from portal.fields import ChoiceField, SelectField, TextAreaField, TextField, TicksField
from portal.office.access import officer
from portal.office.forms import CaseForm
from portal.services import now

PURPOSE = "office-typed"
WAITS = timedelta(hours=1)
TYPED = (ChoiceField, SelectField, TextAreaField, TextField, TicksField)


def keep(form: CaseForm, application: Application) -> None:
    """Remember what stands in the form; the newest counts."""
    moment, typed = now(), {field.name: field.data for field in form if isinstance(field, TYPED)}
    issue(db, PURPOSE, _place(form, application), now=moment, expires_at=moment + WAITS, payload=typed)


def put_back(form: CaseForm, application: Application) -> None:
    """What was typed here before, into the fresh form."""
    found = waiting(db, PURPOSE, _place(form, application), now=now())
    for name, typed in (found.payload if found else {}).items():
        if name in form:
            form[name].data = typed


def _place(form: CaseForm, application: Application) -> UUID:
    return uuid5(officer().session_id, f"{type(form).__name__} {application.id} {application.version}")
