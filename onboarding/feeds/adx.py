"""ADX of IHE (Aggregate Data Exchange): tuples of numerator and denominator, grouped by unit and period.

The schema is made from the same code lists as the data structure definition (section "derivation of the schema"). ADX
knows numbers only: missing and suppressed figures are left out, a zero is a value, and what is to be deleted travels in
a message of its own (`importStrategy=DELETE`), with its last value.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from xml.etree import ElementTree as ET

from onboarding.feeds.dhis2 import element
from onboarding.feeds.message import About
from onboarding.feeds.period_codes import interval
from onboarding.feeds.rows import DENOMINATOR, NUMERATOR, Row

NAMESPACE, XS = "urn:ihe:qrph:adx:2015", "http://www.w3.org/2001/XMLSchema"
DATA_SET = "eid-indicators"
ET.register_namespace("xs", XS)


def as_adx(rows: Sequence[Row], about: About) -> bytes:
    """One document; where nothing has a number, one without groups."""
    top = ET.Element("adx", {"xmlns": NAMESPACE, "exported": about.prepared.isoformat()})
    telling = sorted((row for row in rows if row.counts), key=_group)
    for (unit, period), members in groupby(telling, key=_group):
        group = ET.SubElement(top, "group", {"orgUnit": unit, "period": period, "dataSet": DATA_SET})
        for row in members:
            _put(group, row)
    return bytes(ET.tostring(top, encoding="utf-8", xml_declaration=True))


def schema_of(indicators: Iterable[str], units: Iterable[str]) -> bytes:
    """XML Schema of our messages: the data elements and units that there are, and no others."""
    top = ET.Element(f"{{{XS}}}schema", {"targetNamespace": NAMESPACE, "elementFormDefault": "qualified"})
    top.set("xmlns", NAMESPACE)
    measures = (NUMERATOR, DENOMINATOR)
    _enumeration(top, "CL_DATA_ELEMENT", [element(one, measure) for one in indicators for measure in measures])
    _enumeration(top, "CL_AREA", units)
    _pattern(top, "PeriodType", r"\d{4}-\d{2}-\d{2}/P\d+[DMY]")
    value = _complex(top, "DataValueType", [("annotation", "xs:string", "0", "1")])
    _attributes(value, dataElement="CL_DATA_ELEMENT", value="xs:nonNegativeInteger")
    group = _complex(top, "GroupType", [("dataValue", "DataValueType", "1", "unbounded")])
    _attributes(group, orgUnit="CL_AREA", period="PeriodType", dataSet="xs:token")
    message = _complex(top, "AdxType", [("group", "GroupType", "0", "unbounded")])
    _attributes(message, exported="xs:dateTime")
    _node(top, "element", name="adx", type="AdxType")
    return bytes(ET.tostring(top, encoding="utf-8", xml_declaration=True))


def _group(row: Row) -> tuple[str, str]:
    return row.place.code, interval(row.period)


def _put(group: ET.Element, row: Row) -> None:
    for measure, number in row.counts:
        told = {"dataElement": element(row.indicator.code, measure), "value": str(number)}
        value = ET.SubElement(group, "dataValue", told)
        if row.remark:
            ET.SubElement(value, "annotation").text = row.remark


def _node(parent: ET.Element, tag: str, **attributes: str) -> ET.Element:
    return ET.SubElement(parent, f"{{{XS}}}{tag}", attributes)


def _restriction(top: ET.Element, name: str) -> ET.Element:
    return _node(_node(top, "simpleType", name=name), "restriction", base="xs:token")


def _enumeration(top: ET.Element, name: str, codes: Iterable[str]) -> None:
    restriction = _restriction(top, name)
    for code in codes:
        _node(restriction, "enumeration", value=code)


def _pattern(top: ET.Element, name: str, pattern: str) -> None:
    _node(_restriction(top, name), "pattern", value=pattern)


def _complex(top: ET.Element, name: str, elements: Iterable[tuple[str, str, str, str]]) -> ET.Element:
    type_ = _node(top, "complexType", name=name)
    sequence = _node(type_, "sequence")
    for named, of, least, most in elements:
        _node(sequence, "element", name=named, type=of, minOccurs=least, maxOccurs=most)
    return type_


def _attributes(type_: ET.Element, **types: str) -> None:
    for name, of in types.items():
        _node(type_, "attribute", name=name, type=of, use="required")
