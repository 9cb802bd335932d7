"""The consent page: what would be told, with the actual values, what not, for how long, and how to take it back."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode, urlsplit

import orjson
from babel import Locale
from babel.core import get_global
from flask import Response, request, url_for

from identity.either_key import each
from identity.oidc.claims import ITEMS, values_of
from identity.oidc.clients import Client
from identity.oidc.prompts import Situation, Visitor
from identity.oidc.request import AuthorizationRequest
from portal.database import db
from portal.fields import is_stale
from portal.language import _, current_locale, day, in_our_language, masked_phone
from portal.oidc.asking import SHOWN, parameters
from portal.oidc.logo import logo_address
from portal.pages import page
from portal.security import allow_form_target
from portal.services import now, services
from portal.shared_items import ITEM_NAMES


@dataclass(frozen=True, slots=True)
class Organisation:
    """Who asks. A service that registered itself, on an invitation or in a test, `was_checked` by nobody of ours."""

    name: str
    host: str
    initials: str
    logo: str
    policy: str
    terms: str
    was_checked: bool


def consent_page(
    asking: AuthorizationRequest,
    standing: Situation,
    visitor: Visitor,
    *,
    ticked: Iterable[str] | None = None,
    once: bool = False,
) -> Response:
    """Ask. The forms of this page may lead to the one validated redirect address.

    `ticked` and `once` are what was chosen on a page that was open too long, or is wanted in another language.
    """
    shown = items_to_show(asking, standing)
    client = asking.client
    values = values_of(db, services().vault, visitor.person_id, asking.items, now=now())
    answer = parameters() | {SHOWN: [_mark(asking, shown, visitor).hex()]}
    allow_form_target(asking.way_back.redirect_uri)
    return page(
        "oidc/consent.html",
        action=f"{url_for('oidc.decide')}?{urlencode(answer, doseq=True)}",
        organisation=organisation(client, asking.way_back.redirect_uri),
        purpose=in_our_language(client.purpose),
        required=[_line(client, item, values) for item in shown if not client.is_optional(item)],
        optional=[_line(client, item, values) for item in shown if client.is_optional(item)],
        agreed=standing.given if ticked is None else set(ticked),
        once=once,
        is_stale=is_stale(),
        known=_names((asking.items & standing.given) - set(shown)),
        declined=_names(asking.items - standing.given - set(shown)),
        is_first_time=not standing.given and standing.missing_items >= set(shown),
    )


def organisation(client: Client, redirect_uri: str) -> Organisation:
    """Who asks, in the reader's language."""
    name = in_our_language(client.name) or client.client_id
    return Organisation(
        name=name,
        host=urlsplit(client.home).hostname or urlsplit(redirect_uri).hostname or "",
        initials=initials(name),
        logo=logo_address(client),
        policy=in_our_language(client.policy_uri),
        terms=in_our_language(client.tos_uri),
        was_checked=client.registration_token_digest is None,
    )


def initials(name: str) -> str:
    """Ngân hàng Minh Hoạ as MH: the last two words that begin with a capital, else the first letter."""
    capitals = [word[0] for word in re.findall(r"\w+", name) if word[0].isupper()]
    return "".join(capitals[-2:]) or name[:1].upper()


def items_to_show(asking: AuthorizationRequest, standing: Situation) -> list[str]:
    """New items only; all of them when the service wants the person to be asked (`prompt=consent`)."""
    offline = {"offline_access"} & set(asking.scopes)
    everything = asking.items | offline
    return _in_order(everything if "consent" in asking.prompts else standing.missing_items)


def choices(asking: AuthorizationRequest, shown: Iterable[str], ticked: Collection[str]) -> dict[str, bool]:
    """Agreeing means every required item, and those optional ones that were ticked."""
    return {item: not asking.client.is_optional(item) or item in ticked for item in shown}


def is_what_was_shown(asking: AuthorizationRequest, shown: Iterable[str], visitor: Visitor) -> bool:
    """Whether the answered page showed these items to this very person; another page is no answer."""
    said = request.args.get(SHOWN, "").encode()
    return any(hmac.compare_digest(said, one.hex().encode()) for one in each(_mark(asking, shown, visitor)))


def _mark(asking: AuthorizationRequest, shown: Iterable[str], visitor: Visitor) -> bytes:
    """Of the person, the items and what the service says of them: an answer is to the words that were read."""
    client = asking.client
    needs = {item: client.items.get(item, {}) for item in shown}
    said = [str(visitor.account_id), str(client.id), dict(client.name), dict(client.purpose), needs]
    return services().vault.digest("consent-shown", orjson.dumps(said, option=orjson.OPT_SORT_KEYS).decode())


def words(asking: AuthorizationRequest, shown: Iterable[str]) -> dict[str, dict[str, str]]:
    """What the page says about each item, to be kept with the answer. No value is kept.

    `version` is the same for the same words: it changes when the service, or we, say something else.
    """
    client = asking.client
    said = {
        "language": current_locale(),
        "name": in_our_language(client.name),
        "purpose": in_our_language(client.purpose),
        "policy": in_our_language(client.policy_uri),
        "terms": in_our_language(client.tos_uri),
    }
    return {item: _with_version({**said, **_said_of(client, item)}) for item in shown}


def _said_of(client: Client, item: str) -> dict[str, str]:
    return {"label": str(ITEM_NAMES[item]), "why": in_our_language(client.items.get(item, {}).get("why", {}))}


def _with_version(said: dict[str, str]) -> dict[str, str]:
    text = orjson.dumps(said, option=orjson.OPT_SORT_KEYS)
    return {**said, "version": hashlib.sha256(text).hexdigest()[:12]}


def _in_order(items: Iterable[str]) -> list[str]:
    return [item for item in ITEMS if item in set(items)]


def _names(items: Iterable[str]) -> list[str]:
    return [str(ITEM_NAMES[item]) for item in _in_order(items)]


def _line(client: Client, item: str, values: dict[str, Any]) -> dict[str, str]:
    why, value = in_our_language(client.items.get(item, {}).get("why", {})), _shown(item, values)
    if item == "offline_access" and client.is_optional(item):  # a box to tick says it below its name
        why, value = why or value, ""
    return {"item": item, "key": str(ITEM_NAMES[item]), "value": value, "note": why}


def _shown(item: str, values: dict[str, Any]) -> str:
    """The value as the person recognises it; numbers are masked, for somebody may look over a shoulder."""
    match item:
        case "birthdate":
            return day(date.fromisoformat(values["birthdate"]))
        case "nationality":
            return _country(values["nationality"])
        case "identity_number":
            return _masked_number(values.get("personal_number") or values.get("foreigner_number") or "")
        case "phone_number":
            return masked_phone(values.get("phone_number"))
        case "address":
            return str(values.get("address", {}).get("formatted", ""))
        case "ial":
            return _("Right person, level %(level)s", level=values["ial"].rpartition(":")[2])
        case "offline_access":
            return _("Also while you are not signed in")
    return str(values.get(item, ""))


def _masked_number(number: str) -> str:
    """001158012345 as 001 158 ••• •••."""
    return f"{number[:3]} {number[3:6]} ••• •••" if number else ""


def _country(alpha_3: str) -> str:
    aliases = get_global("territory_aliases").get(alpha_3) or [alpha_3]
    return str(Locale.parse(current_locale(), sep="-").territories.get(aliases[0], alpha_3))
