"""What the second step offers beside the app and the device: a code by SMS, where the operator allows it."""

from __future__ import annotations

from typing import Any

from flask import request

from identity.credentials import sign_in as domain
from identity.credentials import sms_factor
from portal.database import db
from portal.services import now, services


def second_ways(ticket: str) -> dict[str, Any]:
    """Whether a code by SMS is offered, or shown already."""
    if not services().settings.sms_second_factor:
        return {}
    account = domain.waiting_for(db, ticket, now=now())
    is_on = account is not None and sms_factor.is_on(db, account.id)
    return {"sms_offered": is_on, "by_sms": request.args.get("by") == "sms", "problem": request.args.get("problem")}
