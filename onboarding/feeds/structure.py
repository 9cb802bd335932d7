"""The registry as SDMX structures: concepts, code lists, data structure definition, dataflow (SDMX-JSON 2.0.0)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.base import Refused
from identity.places import COUNTRY, Unit, UnitKind
from onboarding.feeds.period_codes import frequency
from onboarding.feeds.rows import COUNTRY_NAMES, Rest, place_of
from onboarding.feeds.sdmx import (
    AGENCY,
    ATTRIBUTES,
    DIMENSIONS,
    FLOW,
    MEASURES,
    STRUCTURE,
    VALUE,
    VERSION,
)
from onboarding.figures.periods import PeriodKind
from onboarding.figures.registry import indicators

Names = Mapping[str, str]
SCHEMA = "https://json.sdmx.org/2.0.0/sdmx-json-structure-schema.json"
SCHEME = "CS_INDICATORS"
LISTS = {
    "FREQ": "CL_FREQ",
    "INDICATOR": "CL_INDICATOR",
    "AREA": "CL_AREA",
    "MEASURE": "CL_MEASURE",
    "OBS_STATUS": "CL_OBS_STATUS",
}
CONCEPTS: dict[str, dict[str, str]] = {
    "FREQ": {"vi": "Loại kỳ", "en": "Kind of period"},
    "INDICATOR": {"vi": "Chỉ tiêu", "en": "Indicator"},
    "AREA": {"vi": "Đơn vị hành chính", "en": "Administrative unit"},
    "MEASURE": {"vi": "Tử số, mẫu số hay tỷ lệ", "en": "Numerator, denominator or share"},
    "TIME_PERIOD": {"vi": "Kỳ", "en": "Period"},
    VALUE: {"vi": "Giá trị", "en": "Value"},
    "OBS_STATUS": {"vi": "Tình trạng số liệu", "en": "Status of the figure"},
    "INDICATOR_VERSION": {"vi": "Phiên bản chỉ tiêu", "en": "Version of the indicator"},
    "THROUGH": {"vi": "Số liệu tính đến hết ngày", "en": "Last day that is counted"},
    "AS_OF": {"vi": "Thời điểm công bố", "en": "Moment of publication"},
    "VINTAGE": {"vi": "Nguồn và năm của mẫu số", "en": "Vintage of the denominator"},
    "REVISION": {"vi": "Lần điều chỉnh", "en": "Number of the revision"},
    "RESTATED_AT": {"vi": "Thời điểm sửa lại sau khi hết kỳ", "en": "Moment of the restatement, after the period"},
    FLOW: {"vi": "Chỉ tiêu đã công bố", "en": "Published indicators"},
}
FREQUENCY_NAMES = {
    PeriodKind.DAY: {"vi": "Ngày", "en": "Day"},
    PeriodKind.WEEK: {"vi": "Tuần ISO", "en": "ISO week"},
    PeriodKind.MONTH: {"vi": "Tháng", "en": "Month"},
    PeriodKind.STATE_MONTH: {"vi": "Tháng báo cáo", "en": "Month of state reporting"},
    PeriodKind.STATE_QUARTER: {"vi": "Quý báo cáo", "en": "Quarter of state reporting"},
    PeriodKind.STATE_HALF_YEAR: {"vi": "Nửa năm báo cáo", "en": "Half-year of state reporting"},
    PeriodKind.STATE_NINE_MONTHS: {"vi": "Chín tháng báo cáo", "en": "Nine months of state reporting"},
    PeriodKind.STATE_YEAR: {"vi": "Năm báo cáo", "en": "Year of state reporting"},
    PeriodKind.QUARTER: {"vi": "Quý", "en": "Quarter"},
    PeriodKind.HALF_YEAR: {"vi": "Nửa năm", "en": "Half-year"},
    PeriodKind.YEAR: {"vi": "Năm", "en": "Year"},
}
CODES: dict[str, dict[str, Names]] = {
    "MEASURE": dict(
        zip(
            MEASURES,
            (
                {"vi": "Tử số", "en": "Numerator"},
                {"vi": "Mẫu số", "en": "Denominator"},
                {"vi": "Tỷ lệ", "en": "Share"},
            ),
            strict=True,
        )
    ),
    "OBS_STATUS": {
        "A": {"vi": "Bình thường", "en": "Normal value"},
        "O": {"vi": "Chưa có số liệu", "en": "Missing value"},
        "Q": {"vi": "Không công bố vì số quá nhỏ", "en": "Missing value; suppressed"},
    },
}


def codes_of(component: str) -> Mapping[str, Names]:
    """The codes of a dimension or attribute with their names; none where it is not coded, or is the area."""
    if component == "INDICATOR":
        return {one.code: one.name for one in indicators()}
    if component == "FREQ":
        kinds = (kind for kind in PeriodKind if kind is not PeriodKind.SPAN)
        return {frequency(kind): FREQUENCY_NAMES[kind] for kind in kinds}
    return CODES.get(component, {})


def area_codes(db: Session) -> dict[str, tuple[Names, str | None]]:
    """The country, provinces and communes, also ended ones, each with what it lies in; and what is in none of them."""
    kinds = (UnitKind.PROVINCE, UnitKind.COMMUNE)
    units = list(db.scalars(select(Unit).where(Unit.kind.in_(kinds)).order_by(Unit.code, Unit.valid_from)))
    by_id = {unit.id: unit.code for unit in units}
    areas: dict[str, tuple[Names, str | None]] = {COUNTRY: (COUNTRY_NAMES, None)}
    for unit in units:
        above = by_id.get(unit.parent_id) if unit.parent_id else None
        areas[unit.code] = ({"vi": unit.title, "en": unit.english_title}, above or COUNTRY)
    for whole in (None, *(unit for unit in units if unit.kind == UnitKind.PROVINCE)):
        rest, above = place_of(Rest(whole)), place_of(whole).code
        areas[rest.code] = (rest.names, above)
    return areas


def definition(issuer: str, on: date) -> dict[str, Any]:
    """Concepts, data structure, dataflow and every code list but the areas, which have an address of their own."""
    lists = [_list(component, _flat(codes_of(component))) for component in LISTS if component != "AREA"]
    return _message(
        issuer,
        on,
        conceptSchemes=[{**_made(SCHEME, CONCEPTS[FLOW]), "concepts": [_concept(id_) for id_ in _components()]}],
        codelists=lists,
        dataStructures=[{**_made(STRUCTURE, CONCEPTS[FLOW]), "dataStructureComponents": _parts()}],
        dataflows=[
            {**_made(FLOW, CONCEPTS[FLOW]), "structure": urn("datastructure.DataStructure", STRUCTURE, VERSION)}
        ],
    )


def code_list(db: Session, list_id: str, issuer: str, on: date) -> dict[str, Any]:
    """One code list. Refused `code-list-unknown`."""
    for component, name in LISTS.items():
        if name == list_id:
            codes = area_codes(db) if component == "AREA" else _flat(codes_of(component))
            return _message(issuer, on, codelists=[_list(component, codes)])
    raise Refused("code-list-unknown")


def urn(kind: str, id_: str, version: str) -> str:
    """How SDMX refers to a thing of ours."""
    return f"urn:sdmx:org.sdmx.infomodel.{kind}={AGENCY}:{id_}({version})"


def _components() -> tuple[str, ...]:
    return (*DIMENSIONS, VALUE, *ATTRIBUTES)


def _flat(codes: Mapping[str, Names]) -> dict[str, tuple[Names, str | None]]:
    return {code: (names, None) for code, names in codes.items()}


def _made(id_: str, names: Names) -> dict[str, Any]:
    return {"id": id_, "agencyID": AGENCY, "version": VERSION, "name": names["en"], "names": dict(names)}


def _concept(id_: str) -> dict[str, Any]:
    return {"id": id_, "name": CONCEPTS[id_]["en"], "names": CONCEPTS[id_]}


def _list(component: str, codes: Mapping[str, tuple[Names, str | None]]) -> dict[str, Any]:
    written: Iterable[dict[str, Any]] = (
        {"id": code, "name": names["en"], "names": dict(names), **({"parent": above} if above else {})}
        for code, (names, above) in codes.items()
    )
    return {**_made(LISTS[component], CONCEPTS[component]), "codes": list(written)}


def _parts() -> dict[str, Any]:
    dimensions = [{**_part(id_), "position": place} for place, id_ in enumerate(DIMENSIONS[:-1])]
    time = {**_part("TIME_PERIOD"), "localRepresentation": {"format": {"dataType": "ObservationalTimePeriod"}}}
    value = {**_part(VALUE), "localRepresentation": {"format": {"dataType": "Double"}}}
    attributes = [{**_part(id_), "attributeRelationship": {"observation": {}}} for id_ in ATTRIBUTES]
    return {
        "dimensionList": {"id": "DimensionDescriptor", "dimensions": dimensions, "timeDimension": time},
        "measureList": {"id": "MeasureDescriptor", "measures": [value]},
        "attributeList": {"id": "AttributeDescriptor", "attributes": attributes},
    }


def _part(id_: str) -> dict[str, Any]:
    coded = {"enumeration": urn("codelist.Codelist", LISTS[id_], VERSION)} if id_ in LISTS else None
    return {
        "id": id_,
        "conceptIdentity": f"{urn('conceptscheme.Concept', SCHEME, VERSION)}.{id_}",
        "localRepresentation": coded or {"format": {"dataType": "String"}},
    }


def _message(issuer: str, on: date, **data: Any) -> dict[str, Any]:
    meta = {"id": STRUCTURE, "prepared": on.isoformat(), "sender": {"id": AGENCY, "name": issuer}}
    return {"$schema": SCHEMA, "meta": {**meta, "contentLanguages": ["en", "vi"]}, "data": data}
