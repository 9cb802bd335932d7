"""Every format gives back the same numbers to the readers of others, and keeps zero, missing and suppressed apart."""

from __future__ import annotations

import csv
import io

import orjson
import pytest
import sdmx
from lxml import etree
from sdmx.model import v30

from identity.base import Refused
from onboarding.feeds.adx import as_adx, schema_of
from onboarding.feeds.dhis2 import as_data_values
from onboarding.feeds.formats import KINDS, Format
from onboarding.feeds.period_codes import interval, sdmx_period
from onboarding.feeds.rows import ASKED, Action, plain
from onboarding.feeds.sdmx import ATTRIBUTES, DIMENSIONS, MEASURES, VALUE, as_sdmx_csv
from onboarding.feeds.sdmx_json import as_sdmx_json, as_sdmx_json_2
from onboarding.feeds.structure import definition
from onboarding.feeds.tables import as_csv, as_json
from onboarding.figures.registry import indicators
from tests.feeds.table import ABOUT, AS_OF, PERIODS, row, table

NAMESPACE = {"adx": "urn:ihe:qrph:adx:2015"}


def numbers(rows):
    """What the rows say, by SDMX key."""
    found = {}
    for one in rows:
        for measure, value in zip(MEASURES, (one.numerator, one.denominator, one.value), strict=True):
            found[one.indicator.code, one.place.code, measure, sdmx_period(one.period)] = value
    return found


def read(observation):
    key = {part: observation.dimension[part].value for part in DIMENSIONS[1:]}
    value = observation.value
    return tuple(key.values()), None if value in (None, "") else float(value)


def the_structure():
    """The structure that we publish, as sdmx1 holds one."""
    parts = definition("https://portal.example", AS_OF.date())["data"]["dataStructures"][0]["dataStructureComponents"]
    made = v30.DataStructureDefinition(id="DSD_INDICATORS")
    ids = [one["id"] for one in parts["dimensionList"]["dimensions"]]
    for id_ in (*ids, parts["dimensionList"]["timeDimension"]["id"]):
        made.dimensions.append(v30.Dimension(id=id_))
    made.measures.append(v30.Measure(id=parts["measureList"]["measures"][0]["id"]))
    for one in parts["attributeList"]["attributes"]:
        made.attributes.append(v30.DataAttribute(id=one["id"]))
    return made


def test_sdmx1_reads_our_json_back_to_the_same_numbers():
    message = sdmx.read_sdmx(io.BytesIO(as_sdmx_json(table(), ABOUT)))
    found = dict(read(one) for one in message.data[0].obs)
    assert found == numbers(table())
    statuses = {one.attached_attribute["OBS_STATUS"].value.id for one in message.data[0].obs}
    assert statuses == {"A", "O", "Q"}


def test_sdmx1_reads_our_csv_back_to_the_same_numbers():
    reader = sdmx.reader.csv.Reader()
    message = reader.convert(io.BytesIO(as_sdmx_csv(table(), ABOUT)), structure=the_structure())
    assert dict(read(one) for one in message.data[0].obs) == numbers(table())
    assert reader.options.custom_columns == []


def test_the_newer_json_says_the_same_in_its_own_envelope():
    older, newer = orjson.loads(as_sdmx_json(table(), ABOUT)), orjson.loads(as_sdmx_json_2(table(), ABOUT))
    assert newer["data"]["dataSets"][0]["observations"] == older["dataSets"][0]["observations"]
    structure = newer["data"]["structures"][0]
    assert [one["id"] for one in structure["dimensions"]["observation"]] == list(DIMENSIONS)
    for one in (*structure["dimensions"]["observation"], *structure["attributes"]["observation"]):
        assert all(("id" in value) != ("value" in value) for value in one["values"]), "a code or a value, never both"
    assert newer["meta"]["prepared"] == AS_OF.isoformat()


def test_every_code_of_a_message_is_in_the_published_lists():
    data = definition("https://portal.example", AS_OF.date())["data"]
    lists = {one["id"]: {code["id"] for code in one["codes"]} for one in data["codelists"]}
    rows = list(csv.DictReader(io.StringIO(as_sdmx_csv(table(), ABOUT).decode())))
    for column, name in (("FREQ", "CL_FREQ"), ("INDICATOR", "CL_INDICATOR"), ("MEASURE", "CL_MEASURE")):
        assert {one[column] for one in rows} <= lists[name]
    assert {one["OBS_STATUS"] for one in rows} == lists["CL_OBS_STATUS"]
    concepts = {one["id"] for one in data["conceptSchemes"][0]["concepts"]}
    assert set(rows[0]) - {"STRUCTURE", "STRUCTURE_ID", "ACTION"} == concepts - {"DF_INDICATORS"}
    assert {VALUE, *ATTRIBUTES, *DIMENSIONS} <= set(rows[0])


def test_adx_keeps_to_the_schema_that_comes_from_the_same_lists():
    schema = etree.XMLSchema(etree.fromstring(schema_of((one.code for one in indicators()), ["VN", "66", "66_X"])))
    document = etree.fromstring(as_adx(table(), ABOUT))
    schema.assertValid(document)
    found = {
        (group.get("orgUnit"), group.get("period"), value.get("dataElement")): int(value.get("value"))
        for group in document.iterfind("adx:group", NAMESPACE)
        for value in group.iterfind("adx:dataValue", NAMESPACE)
    }
    told = [one for one in table() if one.numerator is not None]
    wanted = {
        (one.place.code, interval(one.period), f"{one.indicator.code}.{measure}"): number
        for one in told
        for measure, number in one.counts
    }
    assert found == wanted
    assert len(document) == len({(one.place.code, one.period.code) for one in told})


@pytest.mark.parametrize(
    ("old", "new"), [('orgUnit="66"', 'orgUnit="99"'), (".NUMERATOR", ".OTHER"), ('value="0"', 'value="-1"')]
)
def test_the_schema_of_adx_refuses_what_is_not_ours(old, new):
    schema = etree.XMLSchema(etree.fromstring(schema_of((one.code for one in indicators()), ["VN", "66", "66_X"])))
    text = as_adx(table(), ABOUT).decode()
    assert old in text
    assert not schema.validate(etree.fromstring(text.replace(old, new).encode()))


def test_dhis2_gets_its_own_codes_and_every_number_once():
    rows = [one for one in table() if one.period.kind != "state-month"]
    document = orjson.loads(as_data_values(rows, ABOUT))
    assert (document["dataElementIdScheme"], document["orgUnitIdScheme"]) == ("CODE", "CODE")
    values = document["dataValues"]
    country = {one["period"] for one in values if one["orgUnit"] == "VN"}
    assert country == {"2025", "2025S2", "2025Q3", "202507", "2025W27", "20250701"}
    assert {"dataElement", "period", "orgUnit", "value", "lastUpdated"} == set(values[0])
    assert all(isinstance(one["value"], str) for one in values)
    assert len(values) == sum(len(one.counts) for one in rows)
    assert [one["value"] for one in values if one["orgUnit"] == "66" and one["period"] == "202506"] == ["0", "0"]


def test_dhis2_has_no_word_for_a_month_of_state_reporting():
    with pytest.raises(Refused, match="period-not-in-format"):
        as_data_values([row(period="S2025-07")], ABOUT)


def test_json_and_csv_say_the_same_in_the_columns_of_the_schema():
    facts = orjson.loads(as_json(table(), ABOUT))["facts"]
    lines = list(csv.DictReader(io.StringIO(as_csv(table(), ABOUT).decode())))
    assert list(lines[0]) == list(ASKED)
    assert facts == [plain(one, "vi") for one in table()]
    for fact, line in zip(facts, lines, strict=True):
        assert {name: "" if value is None else str(value) for name, value in fact.items()} == line
    assert {line["status"] for line in lines} == {"value", "zero", "missing", "suppressed"}
    assert {line["numerator"] for line in lines if line["status"] == "zero"} == {"0"}


def test_the_same_figures_make_the_same_bytes():
    for kind in KINDS.values():
        rows = [one for one in table() if one.period.kind != "state-month"]
        assert kind.write(rows, ABOUT) == kind.write(list(rows), ABOUT)


@pytest.mark.parametrize("format_", [Format.SDMX_CSV, Format.SDMX_JSON, Format.SDMX_JSON_2, Format.CSV, Format.DHIS2])
def test_what_is_withdrawn_is_said_and_what_was_restated_is_numbered(format_):
    rows = [row(12, 38, action=Action.REPLACE, revision=2), row(11, 30, period="2025-06", action=Action.DELETE)]
    text = KINDS[format_].write(rows, ABOUT).decode()
    said = {
        Format.SDMX_CSV: (",D,M,issued-of-applied,66,NUMERATOR,2025-06,,", ",R,M,issued-of-applied,66,NUMERATOR"),
        Format.SDMX_JSON: ('"action":"Delete"', '"action":"Replace"'),
        Format.SDMX_JSON_2: ('"action":"Delete"', '"action":"Replace"'),
        Format.CSV: (",delete,0", ",replace,2"),
        Format.DHIS2: ('"deleted":true', '"comment":"revision 2"'),
    }[format_]
    assert all(part in text for part in said), text


def test_the_reader_of_others_sees_what_is_deleted_apart():
    rows = [row(12, 38, action=Action.REPLACE), row(11, 30, period="2025-06", action=Action.DELETE)]
    reader = sdmx.reader.csv.Reader()
    message = reader.convert(io.BytesIO(as_sdmx_csv(rows, ABOUT)), structure=the_structure())
    sets = {one.action.name: [read(observation) for observation in one.obs] for one in message.data}
    assert {key[3] for key, _value in sets["delete"]} == {"2025-06"}
    assert {value for _key, value in sets["delete"]} == {None}
    assert dict(sets["replace"]) == numbers(rows[:1])
    older = sdmx.read_sdmx(io.BytesIO(as_sdmx_json(rows, ABOUT)))
    assert sorted(one.action.name for one in older.data) == ["delete", "replace"]


def test_no_number_stands_in_any_format_for_what_is_suppressed():
    hidden = [row(None, None)]
    older = sdmx.read_sdmx(io.BytesIO(as_sdmx_json(hidden, ABOUT)))
    lines = list(csv.DictReader(io.StringIO(as_sdmx_csv(hidden, ABOUT).decode())))
    assert {one.value for one in older.data[0].obs} == {None}
    assert {(line[VALUE], line["OBS_STATUS"]) for line in lines} == {("", "Q")}
    assert orjson.loads(as_json(hidden, ABOUT))["facts"][0]["numerator"] is None
    assert orjson.loads(as_data_values(hidden, ABOUT))["dataValues"] == []
    assert len(etree.fromstring(as_adx(hidden, ABOUT))) == 0


def test_every_kind_of_period_has_a_word_in_sdmx():
    words = {code: sdmx_period(row(period=code).period) for code in PERIODS}
    assert words == {
        **{code: code for code in ("2025", "2025-Q3", "2025-07", "2025-W27", "2025-07-01")},
        **{"2025-H2": "2025-S2", "S2025-07": "2025-06-15/P30D"},
    }
