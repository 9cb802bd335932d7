"""The formats that there are: how each is asked for, what it carries, and who writes it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from onboarding.feeds.adx import as_adx
from onboarding.feeds.dhis2 import as_data_values
from onboarding.feeds.message import About
from onboarding.feeds.rows import Row
from onboarding.feeds.sdmx import as_sdmx_csv
from onboarding.feeds.sdmx_json import as_sdmx_json, as_sdmx_json_2
from onboarding.feeds.tables import as_csv, as_json

Write = Callable[[Sequence[Row], About], bytes]


class Format(StrEnum):
    """By the ending of its address."""

    JSON = "json"
    CSV = "csv"
    SDMX_CSV = "sdmx.csv"
    SDMX_JSON = "sdmx.json"
    SDMX_JSON_2 = "sdmx2.json"
    ADX = "adx.xml"
    DHIS2 = "dhis2.json"


@dataclass(frozen=True, slots=True)
class Kind:
    """`carries_status`: whether missing and suppressed can be said. `deletes_apart`: deletions need their own message.

    `dry_run`: the query with which a receiver tries without keeping. `sent_as`: the media type that receivers know.
    """

    media_type: str
    write: Write
    carries_status: bool = True
    deletes_apart: bool = False
    dry_run: str = ""
    sent_as: str = ""


SDMX = "application/vnd.sdmx.data"
KINDS: dict[Format, Kind] = {
    Format.JSON: Kind("application/json", as_json),
    Format.CSV: Kind("text/csv; charset=utf-8", as_csv),
    Format.SDMX_CSV: Kind(f"{SDMX}+csv; version=2.0.0", as_sdmx_csv),
    Format.SDMX_JSON: Kind(f"{SDMX}+json; version=1.0.0", as_sdmx_json),
    Format.SDMX_JSON_2: Kind(f"{SDMX}+json; version=2.0.0", as_sdmx_json_2),
    Format.ADX: Kind("application/adx+xml", as_adx, carries_status=False, deletes_apart=True, dry_run="dryRun=true"),
    Format.DHIS2: Kind(
        "application/vnd.eid.dhis2-data-values+json",
        as_data_values,
        carries_status=False,
        dry_run="dryRun=true",
        sent_as="application/json",
    ),
}
